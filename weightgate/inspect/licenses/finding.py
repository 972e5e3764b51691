"""The licence under which a model is published: what its card names, held against the texts beside the weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from weightgate.inspect.documents.card import Card
from weightgate.inspect.licenses.link import leads_to, linked_file
from weightgate.inspect.licenses.phrases import narrowing
from weightgate.inspect.licenses.table import Grant, Grants, all_of, operands
from weightgate.inspect.licenses.text import LicenseText
from weightgate.inspect.names import identifier
from weightgate.records import record

_FAMILIES = frozenset({"bsd", "gpl", "lgpl"})
_SUFFIX = re.compile(r"(?:-only|-or-later|\+)\Z")


@record
class LicenseFinding:
    """What card and texts together say.

    Attributes:
        name: The licence, or several joined by ``AND``; empty when it is not established.
        grants: What it lets anyone do.
        reason: Why, in a sentence that quotes what disagrees.
        evidence: Files behind it, each with its digest.
        sources: Where the licence can be read.
        contradicted: Whether card and text cannot both be right.
        notes: What was not established about it, in sentences.
    """

    name: str
    grants: Grants
    reason: str
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    contradicted: bool = False
    notes: tuple[str, ...] = ()


def license_of(card: Card | None, texts: Sequence[LicenseText]) -> LicenseFinding:
    """Combine what the card names with the texts that lie beside the weights, and with the one that it links to.

    A licence that is open by name stays so only while every text is recognised as that licence: a name is one word, and
    the text is what binds.
    """
    found = _combined(card, texts)
    if card is not None and found.grants is Grants.OPEN:
        if _links_elsewhere(card, found, texts):
            reason = (
                f"{found.reason}, but the card links to a text that was not read, {card.license_link[:200]!r}"
            )
            found = _unknown(reason, found.evidence, contradicted=True)
        elif phrase := narrowing(card.prose):
            note = f"Whether {found.name} holds without more: {card.where} speaks of {phrase!r}."
            found = replace(found, notes=(note,))
    if found.contradicted:
        found = replace(found, notes=(f"Which licence binds: {found.reason}.",))
    return found


def _links_elsewhere(card: Card, found: LicenseFinding, texts: Sequence[LicenseText]) -> bool:
    """Whether a card links to other than the named licence, or a text beside the weights, all of which are recognised."""
    link = card.license_link
    if not link or any(leads_to(link, name) for name in _parts(tuple(found.name.split(" AND ")))):
        return False
    return linked_file(link) not in {text.file for text in texts}


def _combined(card: Card | None, texts: Sequence[LicenseText]) -> LicenseFinding:
    named = card.license_names if card is not None else ()
    evidence = tuple(f"{text.where} ({text.digest or 'not read'})" for text in texts)
    if card is not None and named:
        evidence = (f"{card.where} ({card.digest})", *evidence)
    strange = [text for text in texts if not text.name]
    if not named and not texts:
        return _unknown("no licence is published", evidence)
    if strange:
        return _unrecognised(named, strange, evidence)
    recognised = tuple(dict.fromkeys(text.name for text in texts))
    # A text in a folder below may be of code that lies there; it adds its conditions.
    own = tuple(dict.fromkeys(text.name for text in texts if "/" not in text.file))
    if named and own and not _agree(named, own):
        quoted = ", ".join(f"{text.file} is the text of {text.name}" for text in texts)
        return _unknown(f"the card names {' and '.join(named)}, and {quoted}", evidence, contradicted=True)
    # Another recognised text beside the card's own adds its conditions, and is no contradiction.
    further = [name for name in recognised if not any(same_license(name, part) for part in _parts(named))]
    names = (*named, *further)
    return _named(names, all_of(names), evidence)


def _unrecognised(
    named: tuple[str, ...], strange: list[LicenseText], evidence: tuple[str, ...]
) -> LicenseFinding:
    quoted = ", ".join(f"{t.file} ({t.digest or 'not read'}) begins {t.opening!r}" for t in strange)
    reason = f"the text of the licence is not recognised: {quoted}"
    if not named:
        return _unknown(reason, evidence)
    grant = all_of(named)
    if grant.grants is Grants.RESTRICTED:
        return _named(named, grant, evidence)
    reason = f"the card names {' and '.join(named)}, but {reason}"
    return _unknown(reason, evidence, contradicted=grant.grants is Grants.OPEN)


def _named(names: tuple[str, ...], grant: Grant, evidence: tuple[str, ...]) -> LicenseFinding:
    return LicenseFinding(" AND ".join(names), grant.grants, grant.reason, evidence, grant.sources)


def _unknown(reason: str, evidence: tuple[str, ...], *, contradicted: bool = False) -> LicenseFinding:
    return LicenseFinding("", Grants.UNKNOWN, reason, evidence, contradicted=contradicted)


def _agree(named: tuple[str, ...], recognised: tuple[str, ...]) -> bool:
    """Whether each name, or one of a choice, has its text."""
    return all(
        any(same_license(text, part) for text in recognised for part in operands(name)[1]) for name in named
    )


def _parts(names: tuple[str, ...]) -> list[str]:
    return [part for name in names for part in operands(name)[1]]


def same_license(a: str, b: str) -> bool:
    """Whether two identifiers name one licence as far as its text can tell; a family's name is each of its members."""
    left, right = (_SUFFIX.sub("", identifier(name)) for name in (a, b))
    return left == right or any(
        one in _FAMILIES and other.startswith(f"{one}-") for one, other in ((left, right), (right, left))
    )
