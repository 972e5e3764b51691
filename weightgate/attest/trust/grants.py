"""The lists of grants: one table of what each may limit, which reader, schema and documentation are made from."""

from __future__ import annotations

from collections.abc import Callable, Collection

from weightgate.attest.trust.model import Grant
from weightgate.attest.trust.node import Node, quoted
from weightgate.destinations.footprint import resolve
from weightgate.facts.registry import ACTIVITIES, FACTS, nearest
from weightgate.policy.verdicts import INDETERMINATE, VERDICTS
from weightgate.records import record

MAX_GRANTS = 500
"""Entries of one list of grants."""
VERDICT_NAMES = (*VERDICTS, INDETERMINATE)

DECIDE, DECLARE, REVOKE, SIGN_MODELS, SIGN_PACKS = "decide", "declare", "revoke", "sign_models", "sign_packs"


@record
class Names:
    """The names that a file's grants may use.

    Attributes:
        identities: Those of the file.
        packs: Shipped packs, and those that the file has rules for.
    """

    identities: Collection[str]
    packs: Collection[str]


def _verdict(node: Node, _: Names) -> str:
    return node.one_of(VERDICT_NAMES, "a verdict", "unknown_verdict")


def _activity(node: Node, _: Names) -> str:
    return node.one_of(ACTIVITIES, "an activity", "unknown_activity")


def _fact(node: Node, _: Names) -> str:
    return node.one_of(FACTS, "a fact", "unknown_fact")


def _pack(node: Node, names: Names) -> str:
    raw = node.text("the name of a pack")
    if raw not in names.packs:
        near = nearest(raw, tuple(names.packs), 1)
        # More packs exist than are shipped: what makes one known here is a rule for it.
        hint = (
            f"did you mean {near[0]}?"
            if near
            else f"a pack of your own needs an entry under packs: {raw[:80]}: {{…}}"
        )
        raise node.fail(f"{quoted(raw)} is not a pack", "unknown_pack", hint)
    return raw


def _destination(node: Node, _: Names) -> str:
    return resolve(node.text("a destination, such as DE or aws/eu-central-1"), node.where).name


def _identity(node: Node, names: Names) -> str:
    return node.one_of(names.identities, "an identity of this file", "unknown_identity")


def _digest(node: Node, _: Names) -> str:
    return node.digest()


@record
class Limit:
    """One key of a grant that limits it.

    Attributes:
        meaning: What it limits, in a few words.
        read: Reads one entry.
    """

    meaning: str
    read: Callable[[Node, Names], str]


LIMITS: dict[str, Limit] = {
    "verdicts": Limit("the verdicts that it may give", _verdict),
    "destinations": Limit("where everything that was decided must lie", _destination),
    "packs": Limit("the packs, all of which must be among these", _pack),
    "activities": Limit("the activities that it may decide", _activity),
    "facts": Limit("the facts that it may declare", _fact),
    "models": Limit("the models, by digest", _digest),
    "signers": Limit("whose attestations it may revoke", _identity),
}

KINDS: dict[str, tuple[str, ...]] = {
    DECIDE: ("verdicts", "destinations", "packs", "activities"),
    DECLARE: ("facts", "models"),
    REVOKE: ("signers",),
    SIGN_MODELS: ("models",),
    SIGN_PACKS: ("packs",),
}
"""Each list of grants, with the limits that its entries may have."""

COMMON = ("identities", "threshold", "from", "until", "notes")
"""Keys that an entry of every list may have."""


def grant_keys(kind: str) -> tuple[str, ...]:
    """The keys that an entry of a list may have."""
    return (*COMMON, *KINDS[kind], *(("verifier_id",) if kind == DECIDE else ()))


def read_grants(top: Node, kind: str, names: Names) -> tuple[Grant, ...]:
    """The grants of one list; none where the file has no such list.

    Raises:
        InputError: With the place of the mistake.
    """
    if not top.has(kind):
        return ()
    return tuple(
        _grant(node, kind, index, names) for index, node in enumerate(top.child(kind).entries(MAX_GRANTS))
    )


def _grant(node: Node, kind: str, index: int, names: Names) -> Grant:
    node.mapping(grant_keys(kind), "a mapping with identities: […] and what limits them")
    identities = read_identities(node, names.identities)
    limits = {
        key: node.child(key).each(lambda entry, key=key: LIMITS[key].read(entry, names))  # type: ignore[misc]
        for key in KINDS[kind]
        if node.has(key)
    }
    start, until = read_window(node)
    return Grant(
        kind=kind,
        index=index,
        identities=identities,
        threshold=node.child("threshold").count() if node.has("threshold") else 1,
        start=start,
        until=until,
        limits=limits,
        places=tuple(resolve(name, node.where) for name in limits.get("destinations", ())),
        verifier_id=_verifier_id(node.child("verifier_id")) if node.has("verifier_id") else "",
        notes=node.child("notes").prose() if node.has("notes") else "",
    )


def read_identities(node: Node, known: Collection[str]) -> tuple[str, ...]:
    """The ``identities`` of a mapping.

    Raises:
        InputError: There are none, or one is not among those known.
    """
    listed = node.needs("identities", "[NAME]")
    return listed.each(lambda entry: entry.one_of(known, "an identity of this file", "unknown_identity"))


def read_window(node: Node) -> tuple[str, str]:
    """``from`` and ``until``, each empty where it is absent.

    Raises:
        InputError: Not a day, or the end lies before the beginning (``bad_date``).
    """
    start = node.child("from").day() if node.has("from") else ""
    until = node.child("until").day() if node.has("until") else ""
    if start and until and until < start:
        problem, hint = f"until {until} is before from {start}", "both days are inclusive"
        raise node.child("until").fail(problem, "bad_date", hint)
    return start, until


def _verifier_id(node: Node) -> str:
    from urllib.parse import urlsplit

    needed = "a URI, such as https://example.com/weightgate"
    text = node.text(needed, 500)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if (
        parts is None
        or not parts.scheme
        or not (parts.netloc or parts.path)
        or not text.isascii()
        or " " in text
    ):
        raise node.fail(f"verifier_id is {quoted(text)}, needed {needed}", "verifier_id")
    return text
