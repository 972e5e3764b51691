"""Reading a trust file: YAML through the one loader, each mistake with its line, its column and what to write instead."""

from __future__ import annotations

import hashlib
from pathlib import Path

from weightgate.attest.trust.grants import KINDS, VERDICT_NAMES, Names, read_grants, read_identities
from weightgate.attest.trust.identities import read_all_identities, read_roots
from weightgate.attest.trust.logs import read_logs
from weightgate.attest.trust.model import SCHEMA, Identity, PackRule, Root, Version, parse_version
from weightgate.attest.trust.node import Node
from weightgate.attest.trust.trust import Trust
from weightgate.files import bounded
from weightgate.files.yaml import MAX_BYTES, Document, parse_yaml
from weightgate.policy.source import shipped_packs
from weightgate.signing.certificates import Authority

KEYS = (
    "schema",
    "version",
    "from",
    "expires",
    "root",
    "identities",
    *KINDS,
    "max_age_days",
    "packs",
    "timestamp_authorities",
    "logs",
    "notes",
)
ROOT_KEYS = ("identities", "threshold")
PACK_KEYS = ("digests", "minimum_version", "signed", "notes")

MAX_PACKS = 1_000
MAX_TIMESTAMP_AUTHORITIES = 16
MAX_AGE_DAYS = 36_500


def read_trust(path: Path) -> Trust:
    """Read a trust file.

    Args:
        path: YAML, or JSON, which is YAML too.

    Raises:
        InputError: It cannot be read, or is no trust file; with file, line and column (exit 4).
        SignatureError: The statement of a succession does not hold (code ``succession``, exit 6).
    """
    return parse_trust(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """The bytes of a trust file, to be parsed and digested as they are.

    Raises:
        InputError: It cannot be read (code ``unreadable``), or is too large.
    """
    return bounded.read_bytes(path, MAX_BYTES)


def parse_trust(raw: bytes, source: str) -> Trust:
    """Read the bytes of a trust file.

    Args:
        raw: The file.
        source: Its name, for messages.

    Raises:
        InputError: As for :func:`read_trust`.
        SignatureError: As for :func:`read_trust`.
    """
    return _trust(parse_yaml(raw, source), "sha256:" + hashlib.sha256(raw).hexdigest())


def _trust(document: Document, digest: str) -> Trust:
    top = Node(document, (), document.data).mapping(None, "a mapping that begins with schema: " + SCHEMA)
    schema = top.needs("schema", SCHEMA)
    if schema.value != SCHEMA:
        raise schema.wrong(SCHEMA, "trust_schema")
    top.mapping(KEYS)
    version = top.needs("version", "1").count()
    start = top.child("from").day() if top.has("from") else ""
    expires = top.needs("expires", "YYYY-MM-DD").day()
    if expires < start:
        raise top.child("expires").fail(f"expires {expires} is before from {start}", "bad_date")
    if top.has("notes"):
        top.child("notes").prose()
    identities = read_all_identities(top)
    packs = _packs(top)
    names = Names(identities, dict.fromkeys((*shipped_packs(), *packs)))
    return Trust(
        source=document.source,
        digest=digest,
        version=version,
        start=start,
        expires=expires,
        root=_root(top, identities),
        identities=identities,
        grants={kind: read_grants(top, kind, names) for kind in KINDS},
        max_ages=_ages(top),
        packs=packs,
        timestamp_authorities=_timestamp_authorities(top),
        logs=read_logs(top),
    )


def _root(top: Node, identities: dict[str, Identity]) -> Root | None:
    if not top.has("root"):
        return None
    node = top.child("root").mapping(ROOT_KEYS)
    listed = read_identities(node, identities)
    for index, name in enumerate(listed):
        if identities[name].key is None:
            hint = "what vouches for everything else must not rest on somebody else's word"
            raise node.child("identities").child(index).fail(f"{name} is no key", "bad_root", hint)
    threshold = node.needs("threshold", "2").count()
    if threshold > len(listed):
        problem = f"threshold {threshold} of {len(listed)} identities can never be met"
        raise node.child("threshold").fail(problem, "bad_root")
    return Root(listed, threshold)


def _packs(top: Node) -> dict[str, PackRule]:
    if not top.has("packs"):
        return {}
    return {name: _pack(node.mapping(PACK_KEYS), name) for name, node in top.child("packs").named(MAX_PACKS)}


def _pack(node: Node, name: str) -> PackRule:
    if node.has("notes"):
        node.child("notes").prose()
    return PackRule(
        name,
        node.child("digests").each(Node.digest) if node.has("digests") else None,
        _version(node.child("minimum_version")) if node.has("minimum_version") else None,
        node.child("signed").truth() if node.has("signed") else False,
    )


def _version(node: Node) -> Version:
    found = parse_version(node.value) if isinstance(node.value, str) else None
    if found is None:
        raise node.wrong('a version in quotes, such as "1.2.0"', "bad_version")
    return found


def _timestamp_authorities(top: Node) -> tuple[Authority, ...]:
    if not top.has("timestamp_authorities"):
        return ()
    named = top.child("timestamp_authorities").named(MAX_TIMESTAMP_AUTHORITIES)
    return tuple(Authority(name, read_roots(node)) for name, node in named)


def _ages(top: Node) -> dict[str, float]:
    if not top.has("max_age_days"):
        return {}
    node = top.child("max_age_days").mapping(VERDICT_NAMES)
    return {verdict: _age(node.child(verdict)) for verdict in node.value}


def _age(node: Node) -> float:
    raw = node.value
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw <= MAX_AGE_DAYS:
        raise node.wrong(f"a number of days above 0, at most {MAX_AGE_DAYS}", "bad_age")
    return float(raw)
