"""What a model was made from, as its files name it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from weightgate.facts.registry import RELATIONS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Unknown, Value
from weightgate.inspect.names import plain_name
from weightgate.inspect.source import ModelSource
from weightgate.inspect.weights.tensors import WeightsSummary
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.inspect.documents.adapter import Adapter
    from weightgate.inspect.documents.card import Card

BASE = "model.base"
RELATION = "model.base_relation"
MAX_GGUF_BASES = 64

_LOCAL = r"[./~\\]|[A-Za-z]:[\\/]|.*\\|[^/]+/[^/]+/"
"""What a path on somebody's machine looks like, and ``owner/name`` does not."""


@record
class Base:
    """One model that this one was made from.

    Attributes:
        name: As the files name it; a URL on the Hub is cut to ``owner/name``.
        revision: Its commit, branch or tag; empty when it is not pinned.
    """

    name: str
    revision: str = ""

    @property
    def local(self) -> bool:
        """Whether the name is a path on somebody's machine, so that nobody else can look it up."""
        return re.match(_LOCAL, self.name, re.DOTALL) is not None


@record
class Origin:
    """Everything said of a model's origin.

    Attributes:
        bases: The models named, without repetition, the adapter's own first.
        relation: How the model was made from them; empty when nobody said, or nobody said it in words we know.
        statements: Who said so.
        notes: What is left open.
    """

    bases: tuple[Base, ...] = ()
    relation: str = ""
    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()


def origin_of(
    source: ModelSource, adapter: Adapter | None, card: Card | None, weights: tuple[WeightsSummary, ...]
) -> Origin:
    """Collect what adapter configuration, card and GGUF metadata say of a model's origin."""
    statements = [*_from_adapter(adapter), *_from_card(card), *_from_gguf(source, weights)]
    bases: dict[str, Base] = {}
    if adapter is not None and adapter.base:
        base = Base(plain_name(adapter.base), adapter.revision)
        bases[base.name] = base
    for name in map(plain_name, card.bases if card else ()):
        bases.setdefault(name, Base(name))
    for statement in statements:
        if statement.fact == BASE and isinstance(statement.value, Known):
            name = str(statement.value.value)
            bases.setdefault(name, Base(name))
    relations = [str(s.value.value) for s in statements if s.fact == RELATION and isinstance(s.value, Known)]
    if not bases:
        reason = "no file names a model that this one was made from"
        if not any(s.fact == BASE for s in statements):
            statements.append(Statement(BASE, Unknown(reason), Grade.CLAIMED, source.reference))
    return Origin(
        tuple(bases.values()),
        relations[0] if relations else "",
        tuple(statements),
        tuple(_notes(adapter, bases)),
    )


def _notes(adapter: Adapter | None, bases: dict[str, Base]) -> Iterator[str]:
    if adapter is not None:
        yield from adapter.notes
    for base in bases.values():
        if base.local:
            yield f"The base {base.name!r} is a path on somebody's machine, and cannot be looked up."
    if len(bases) > 1:
        yield "Several bases are named: " + ", ".join(bases) + "."


def _from_adapter(adapter: Adapter | None) -> Iterator[Statement]:
    if adapter is None:
        return
    value: Value = Known(plain_name(adapter.base)) if adapter.base else Unknown("the adapter names no base")
    key = "base_model_name_or_path"
    yield Statement(BASE, value, Grade.CLAIMED, adapter.where, key, adapter.digest)
    kind = f"peft_type {adapter.kind}" if adapter.kind else "adapter_config.json"
    yield Statement(RELATION, Known("adapter"), Grade.CLAIMED, adapter.where, kind, adapter.digest)


def _from_card(card: Card | None) -> Iterator[Statement]:
    if card is None:
        return
    if card.bases:
        names = tuple(dict.fromkeys(map(plain_name, card.bases)))
        value: Value = (
            Known(names[0]) if len(names) == 1 else Unknown("made from several: " + ", ".join(names)[:400])
        )
        yield Statement(BASE, value, Grade.CLAIMED, card.where, card.locator("base_model"), card.digest)
    if card.relation:
        relation = card.relation.lower()
        value = (
            Known(relation)
            if relation in RELATIONS
            else Unknown(f"the card says {card.relation[:60]!r}, which is none of " + ", ".join(RELATIONS))
        )
        locator = card.locator("base_model_relation")
        yield Statement(RELATION, value, Grade.CLAIMED, card.where, locator, card.digest)


def _from_gguf(source: ModelSource, weights: tuple[WeightsSummary, ...]) -> Iterator[Statement]:
    for summary in weights:
        count = summary.metadata.get("general.base_model.count")
        if summary.format != "gguf" or not isinstance(count, int) or count < 1:
            continue
        keys = [f"general.base_model.{i}" for i in range(min(count, MAX_GGUF_BASES))]
        named = {key: _gguf_base(summary, key) for key in keys}
        names = tuple(dict.fromkeys(name for name in named.values() if name))
        if len(names) == 1 and count == 1:
            value: Value = Known(names[0])
        elif names:
            value = Unknown("made from several: " + ", ".join(names)[:400])
        else:
            # A GGUF names a base for people; without its URL that is no name to look it up by.
            shown = str(summary.metadata.get(f"{keys[0]}.name", ""))[:100]
            value = Unknown(f"the GGUF file gives no address of its base {shown!r}".rstrip())
        yield Statement(BASE, value, Grade.CLAIMED, source.locate(summary.files[0]), f"{keys[0]}.*")


def _gguf_base(summary: WeightsSummary, key: str) -> str:
    url = summary.metadata.get(f"{key}.repo_url")
    return plain_name(url.strip()) if isinstance(url, str) else ""
