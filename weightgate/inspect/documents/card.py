"""The model card: what the front matter of ``README.md`` says of licence and origin."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any, NamedTuple

from weightgate.errors import InputError, ModelError
from weightgate.files.yaml import Document, parse_yaml
from weightgate.inspect.documents.json_file import as_model_error, sha256
from weightgate.inspect.names import identifier
from weightgate.inspect.source import ModelSource, read_small
from weightgate.records import record

CARD = "README.md"
MAX_CARD = 4 * 1024 * 1024

_FENCE = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_UNNAMED = frozenset({"other", "unknown"})


@record
class Card:
    """What a card says, none of it vouched for.

    Attributes:
        where: Path or URL of the card.
        digest: ``sha256:…`` of the card's bytes.
        licenses: Identifiers under ``license``, as written.
        license_name: Name of a licence that has no identifier on the Hub.
        license_link: Where that licence is.
        bases: Models under ``base_model``.
        relation: How the model was made from them, in the Hub's words; empty when not said.
        tags: Tags that are text.
        co2_grams: Emissions in grams; kept, and no rule depends on it.
        places: Key to ``line:column`` in the card.
        note: Why there is no front matter, when there is none.
        prose: The card without its front matter.
    """

    where: str
    digest: str
    licenses: tuple[str, ...] = ()
    license_name: str = ""
    license_link: str = ""
    bases: tuple[str, ...] = ()
    relation: str = ""
    tags: tuple[str, ...] = ()
    co2_grams: float | None = None
    places: tuple[tuple[str, str], ...] = ()
    note: str = ""
    prose: str = field(default="", repr=False)

    @property
    def license_names(self) -> tuple[str, ...]:
        """Licences that the card names, as they are compared, all of which apply.

        ``other`` gives way to the name given for it. Alone it names nothing; beside a licence it is one more, unknown.
        """
        names = [identifier(name) for name in self.licenses]
        own = identifier(self.license_name)
        if own:
            names = [*(name for name in names if name not in _UNNAMED), own]
        return tuple(dict.fromkeys(names)) if set(names) - _UNNAMED else ()

    def locator(self, key: str) -> str:
        """``key (line:column)``, for evidence."""
        place = dict(self.places).get(key)
        return f"{key} ({place})" if place else key


def read_card(source: ModelSource) -> Card | None:
    """Read the card of a model; ``None`` when it has none.

    Raises:
        ModelError: Too long, not UTF-8, front matter that the YAML loader refuses, or a value of another type.
        UnreachableError: The host did not answer.
    """
    if CARD not in source.entries:
        return None
    return parse_card(read_small(source, CARD, MAX_CARD), source.locate(CARD))


def parse_card(raw: bytes, where: str) -> Card:
    """Read a card from its bytes.

    Raises:
        ModelError: As for :func:`read_card`.
    """
    digest = sha256(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(
            f"the card is not UTF-8: byte 0x{raw[error.start]:02x}",
            where=f"{where}: offset {error.start}",
            hint="save the card as UTF-8",
            code="not_utf8",
        ) from None
    front = _front_matter(text)
    if isinstance(front, _Absent):
        return Card(where, digest, note=front.why, prose=text)
    try:
        document = parse_yaml(front.matter, where)
    except InputError as error:
        raise as_model_error(error) from None
    if document.data is None:
        return Card(where, digest, note="the card's front matter is empty", prose=front.prose)
    if not isinstance(document.data, dict):
        raise ModelError("the front matter is not a mapping", where=document.where(), code="bad_type")
    return _card(document, digest, front.prose)


@record
class _Absent:
    why: str


class _Parts(NamedTuple):
    matter: str  # behind as many empty lines as stand before it, so that its line numbers are the card's
    prose: str


def _front_matter(text: str) -> _Parts | _Absent:
    body = text.removeprefix("\ufeff")
    start = len(body) - len(body.lstrip())
    opening = _FENCE.match(body, start)
    if opening is None:
        return _Absent("the card has no front matter")
    closing = _CLOSING.search(body, opening.end())
    if closing is None:
        return _Absent("the card's front matter is not closed by a line '---'")
    blank = "\n" * body.count("\n", 0, opening.end())
    return _Parts(blank + body[opening.end() : closing.start()], body[closing.end() :])


def _card(document: Document, digest: str, prose: str) -> Card:
    keys = ("license", "license_name", "license_link", "base_model", "base_model_relation")
    places = tuple(
        (key, document.where(key).removeprefix(f"{document.source}:"))
        for key in keys
        if document.data.get(key) is not None
    )
    tags = document.data.get("tags")
    return Card(
        where=document.source,
        digest=digest,
        licenses=_texts(document, "license"),
        license_name=_text(document, "license_name"),
        license_link=_text(document, "license_link"),
        bases=_texts(document, "base_model"),
        relation=_text(document, "base_model_relation"),
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        co2_grams=_grams(document.data.get("co2_eq_emissions")),
        places=places,
        prose=prose,
    )


def _text(document: Document, key: str) -> str:
    value = document.data.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    raise _wrong(document, value, "text", key)


def _texts(document: Document, key: str) -> tuple[str, ...]:
    value = document.data.get(key)
    if not isinstance(value, list):
        text = _text(document, key)
        return (text,) if text else ()
    for index, item in enumerate(value):
        if item is not None and not isinstance(item, str):
            raise _wrong(document, item, "text", key, index)
    return tuple(dict.fromkeys(item.strip() for item in value if item and item.strip()))


def _wrong(document: Document, found: Any, needed: str, *path: str | int) -> ModelError:
    shown = repr(found)[:60]
    return ModelError(
        f"{path[0]} is {shown}, needed {needed}",
        where=document.where(*path),
        hint="put it in quotes if it is a name",
        code="bad_type",
    )


def _grams(value: Any) -> float | None:
    """Cards give a bare number or a mapping with ``emissions``, in grams of CO2-equivalent; anything else is prose."""
    if isinstance(value, dict):
        value = value.get("emissions")
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e300:
        return float(value)
    return None
