"""Reads one entry of an operator file's lists, each mistake with its place and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from weightgate.errors import InputError
from weightgate.facts.encode import parse_country, parse_day
from weightgate.facts.registry import ACTIVITIES, AUTHORIZATIONS, PROVIDERS, STANDARDS, nearest
from weightgate.files.digests import is_digest
from weightgate.files.yaml import Document, Path_
from weightgate.operators.profile import EVERY, NO_LIMIT, Authorization, Compute, Day, Scope, Standard

ORDER_VERDICTS = ("license_required", "deny")
"""What an ORDER may demand, the first unless it says otherwise."""

_STANDARD_KEYS = ("name", "attested", "until", "reference", "notes")
_AUTHORIZATION_KEYS = (
    "kind", "countries", "from", "until", "activities", "models", "sites", "reference", "holder", "verdict", "terms",
    "conditions", "caps", "evidence", "notes",
)  # fmt: skip
_COMPUTE_KEYS = ("country", "tpp")

MAX_QUOTED = 80
"""Characters of a wrong value that a message shows."""

STANDARD_ENTRY = "{name: supp10-14, attested: 2026-02-01}"
"""An entry of ``security_standards``, to be copied and filled in."""

AUTHORIZATION_ENTRY = "{kind: NVEU, countries: [NO], from: 2026-01-01, until: 2027-12-31, reference: …}"
"""An entry of ``authorizations``, to be copied and filled in."""

_EXAMPLES = {"security_standards": STANDARD_ENTRY, "authorizations": AUTHORIZATION_ENTRY}

_T = TypeVar("_T")


def read_standard(document: Document, path: Path_) -> Standard:
    """Read one entry of ``security_standards``.

    Raises:
        InputError: With the place of the mistake.
    """
    raw = _at(document, path)
    hint = _entry_hint(raw, STANDARD_ENTRY, "supp10-14", STANDARDS)
    data = needs_mapping(document, path, raw, "a security standard", hint)
    refuse_unknown(document, path, data, _STANDARD_KEYS)
    attested = None if "attested" not in data else _day(document, (*path, "attested"))
    until = _day(document, (*path, "until"))
    _refuse_reversed(document, path, attested, until, "attested")
    return Standard(
        _text(document, (*path, "name"), "a name, such as supp10-14"),
        attested,
        until,
        optional_text(document, (*path, "reference")),
        optional_text(document, (*path, "notes")),
    )


def read_authorization(document: Document, path: Path_) -> Authorization:
    """Read one entry of ``authorizations``.

    Raises:
        InputError: With the place of the mistake.
    """
    raw = _at(document, path)
    hint = _entry_hint(raw, AUTHORIZATION_ENTRY, "NVEU", AUTHORIZATIONS)
    data = needs_mapping(document, path, raw, "an authorisation", hint)
    refuse_unknown(document, path, data, _AUTHORIZATION_KEYS)
    kind = _one_of(document, (*path, "kind"), AUTHORIZATIONS, "kind of authorisation")
    start, until = _day(document, (*path, "from")), _day(document, (*path, "until"))
    _refuse_reversed(document, path, start, until, "from")
    countries = _scope(document, (*path, "countries"), parse_country)
    return Authorization(
        kind=kind,
        countries=None if countries == EVERY else countries,
        start=start,
        until=until,
        activities=_scope(document, (*path, "activities"), _activity),
        models=_scope(document, (*path, "models"), _digest),
        sites=_scope(document, (*path, "sites"), _site),
        reference=optional_text(document, (*path, "reference")),
        holder=optional_text(document, (*path, "holder")),
        verdict=_verdict(document, path, kind),
        terms=_texts(document, (*path, "terms")),
        conditions=_texts(document, (*path, "conditions")),
        caps=data.get("caps"),
        evidence=data.get("evidence"),
        notes=optional_text(document, (*path, "notes")),
    )


def read_compute(document: Document, path: Path_) -> Compute:
    """Read one entry of ``fleet``.

    Raises:
        InputError: With the place of the mistake.
    """
    data = needs_mapping(document, path, _at(document, path), "computing power in a country")
    refuse_unknown(document, path, data, _COMPUTE_KEYS)
    country, tpp = data.get("country"), data.get("tpp")
    if country is not None:
        country = parse_country(country, document.where(*path, "country"))
    if tpp is not None:
        tpp = _number(document, (*path, "tpp"), tpp)
    return Compute(country, tpp)


def entries(document: Document, path: Path_, read: Callable[[Document, Path_], _T]) -> tuple[_T, ...] | None:
    """Read every entry of the list at ``path``; ``None`` when it is absent or null, which is unknown.

    Raises:
        InputError: Not a list, or an entry is wrong.
    """
    raw = _at(document, path)
    if raw is None:
        return None
    if not isinstance(raw, list):
        entry = _EXAMPLES.get(str(path[-1]))
        hint = "write [] for none" + (f", or entries such as - {entry}" if entry else "")
        raise fail(document, path, f"{path[-1]} is {quoted(raw)}, needed a list", "bad_type", hint)
    return tuple(read(document, (*path, index)) for index in range(len(raw)))


def needs_mapping(document: Document, path: Path_, raw: Any, what: str, hint: str = "") -> dict[str, Any]:
    """Refuse anything but a mapping.

    Raises:
        InputError: ``raw`` is none; ``hint`` says what to write.
    """
    if not isinstance(raw, dict):
        said = "is empty" if raw is None else f"is {quoted(raw)}"
        raise fail(document, path, f"{what} {said}, needed a mapping of keys to values", "bad_type", hint)
    return raw


def _entry_hint(raw: Any, entry: str, sample: str, known: tuple[str, ...]) -> str:
    """What to write instead of a bare name: the name in an entry, where it is a known one."""
    named = raw if isinstance(raw, str) and raw in known else sample
    return f"write - {entry.replace(sample, named)}"


def refuse_unknown(document: Document, path: Path_, data: dict[str, Any], known: tuple[str, ...]) -> None:
    """Refuse keys that are not known: a misspelt key would silently be a fact left out.

    Raises:
        InputError: Names the nearest known key.
    """
    for key in data:
        if key not in known:
            near = nearest(str(key), known)
            hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(known)
            where = document.where_key(*path, key)
            raise InputError(f"unknown key {quoted(key)}", where=where, hint=hint, code="unknown_key")


def optional_text(document: Document, path: Path_) -> str:
    """The text at ``path``; empty when it is absent or null.

    Raises:
        InputError: Something else than text.
    """
    return "" if _at(document, path) is None else _text(document, path, "text")


def fail(document: Document, path: Path_, problem: str, code: str, hint: str = "") -> InputError:
    """An error about the value at ``path``."""
    return InputError(problem, where=document.where(*path), hint=hint, code=code)


def quoted(raw: Any) -> str:
    """``raw`` as a message shows it, cut short so that what was needed is still read."""
    text = repr(raw)
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…"


def _at(document: Document, path: Path_) -> Any:
    value = document.data
    for step in path:
        value = value.get(step) if isinstance(value, dict) else value[step]
    return value


def _text(document: Document, path: Path_, needed: str) -> str:
    raw = _at(document, path)
    if not isinstance(raw, str) or not raw.strip():
        name = path[-1] if isinstance(path[-1], str) else f"entry {path[-1] + 1} of {path[-2]}"
        raise fail(document, path, f"{name} is {quoted(raw)}, needed {needed}", "bad_type")
    return raw


def _texts(document: Document, path: Path_) -> tuple[str, ...]:
    """A text or a list of texts, as a list."""
    raw = _at(document, path)
    if raw is None:
        return ()
    if isinstance(raw, str):
        return (raw,)
    if not isinstance(raw, list):
        raise fail(document, path, f"{path[-1]} is {quoted(raw)}, needed text or a list of texts", "bad_type")
    return tuple(_text(document, (*path, index), "text") for index in range(len(raw)))


def _day(document: Document, path: Path_) -> Day:
    """No limit when the key is absent, unknown when it is null."""
    parent = _at(document, path[:-1])
    if path[-1] not in parent:
        return NO_LIMIT
    raw = parent[path[-1]]
    return None if raw is None else parse_day(raw, document.where(*path))


def _refuse_reversed(document: Document, path: Path_, start: Day, until: Day, key: str) -> None:
    if start and until and until < start:
        message = f"until {until} is before {key} {start}"
        raise fail(document, (*path, "until"), message, "bad_date", "both days are inclusive")


def _one_of(document: Document, path: Path_, known: tuple[str, ...], what: str) -> str:
    raw = _text(document, path, "one of " + ", ".join(known))
    if raw not in known:
        near = nearest(raw, known)
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(known)
        raise fail(document, path, f"{quoted(raw)} is no {what}", "bad_value", hint)
    return raw


def _scope(document: Document, path: Path_, check: Callable[[Any, str], str]) -> Scope:
    """Every when the key is absent, unknown when it is null, else the checked values without repetition."""
    parent = _at(document, path[:-1])
    if path[-1] not in parent:
        return EVERY
    raw = parent[path[-1]]
    if raw is None:
        return None
    if not isinstance(raw, list):
        hint = f"write [{raw}]" if isinstance(raw, str) and len(raw) <= MAX_QUOTED else ""
        raise fail(document, path, f"{path[-1]} is {quoted(raw)}, needed a list", "bad_type", hint)
    checked: Iterable[str] = (check(value, document.where(*path, i)) for i, value in enumerate(raw))
    return tuple(dict.fromkeys(checked))


def _activity(raw: Any, where: str) -> str:
    if raw in ACTIVITIES:
        return str(raw)
    near = nearest(str(raw), ACTIVITIES)
    hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(ACTIVITIES)
    raise InputError(f"{quoted(raw)} is no activity", where=where, hint=hint, code="bad_value")


def _digest(raw: Any, where: str) -> str:
    text = raw.lower() if isinstance(raw, str) else ""
    if not is_digest(text):
        hint = "write sha256: and 64 hexadecimal digits, as weightgate model digest prints them"
        raise InputError(f"{quoted(raw)} is no model digest", where=where, hint=hint, code="bad_value")
    return text


def _site(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InputError(f"site is {quoted(raw)}, needed text", where=where, code="bad_type")
    if "/" not in raw:
        return raw
    provider = raw.partition("/")[0].lower()
    if provider not in PROVIDERS:
        near = nearest(provider, PROVIDERS)
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(PROVIDERS)
        raise InputError(f"unknown provider in site {quoted(raw)}", where=where, hint=hint, code="bad_value")
    return raw.lower()


def _verdict(document: Document, path: Path_, kind: str) -> str:
    where = (*path, "verdict")
    stated = _at(document, where)
    if kind != "ORDER":
        if stated is not None:
            raise fail(document, where, f"{kind} has no verdict; only an ORDER has one", "bad_value")
        return ""
    return (
        ORDER_VERDICTS[0]
        if stated is None
        else _one_of(document, where, ORDER_VERDICTS, "verdict of an order")
    )


def _number(document: Document, path: Path_, raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise fail(document, path, f"{path[-1]} is {quoted(raw)}, needed a number of TPP", "bad_type")
    try:
        number = float(raw)
    except OverflowError:
        number = float("inf")
    if not 0 <= number < float("inf"):
        raise fail(
            document, path, f"{path[-1]} is {quoted(raw)}, needed a finite number of at least 0", "bad_value"
        )
    return number + 0.0
