"""Reading who there is: keys, certificate authorities with a subject, Sigstore identities.

Keys and certificates stand in the file itself and are never fetched from beside it: a file that refers to others can
change without its version, its digest or its signatures noticing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weightgate.attest.trust.model import Identity, Succession
from weightgate.attest.trust.node import MAX_TEXT, Node, quoted
from weightgate.attest.trust.succession import Statement, read_statement
from weightgate.errors import InputError
from weightgate.signing.accepted import Keyless
from weightgate.signing.certificates import Authority, read_certificates
from weightgate.signing.keys import PublicKey, public_from_pem

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_IDENTITIES = 256
"""Identities of one file: each is tried on each signature that does not say whose it is."""
MAX_CHAIN = 32
"""Keys that succeed one another."""

FORMS = ("key", "certificate_authority", "sigstore")
IDENTITY_KEYS = (*FORMS, "subject", "succeeds", "notes")
SUCCEEDS_KEYS = ("identity", "statement")
SIGSTORE_KEYS = ("identity", "issuer")


def read_all_identities(top: Node) -> dict[str, Identity]:
    """Every identity of the file by its name.

    Raises:
        InputError: With the place of the mistake; two identities that one signature would speak for are one.
        SignatureError: The statement of a succession does not hold (code ``succession``).
    """
    listed = top.needs("identities", "{NAME: {key: …}}")
    found: dict[str, Identity] = {}
    same: dict[Any, str] = {}
    for name, node in listed.named(MAX_IDENTITIES):
        found[name] = identity = _identity(node, name)
        for mark in _marks(identity):
            if mark in same:
                problem = f"{name} and {same[mark]} are one: whoever signs as one signs as the other"
                raise node.fail(problem, "same_key", "keep one of them, or give each a key of its own")
            same[mark] = name
    if not found:
        raise listed.fail("there is nobody in it", "bad_value", "name at least one identity")
    return _with_successions(listed, found)


def _identity(node: Node, name: str) -> Identity:
    node.mapping(IDENTITY_KEYS, "a mapping with key, certificate_authority or sigstore")
    forms = [form for form in FORMS if node.has(form)]
    if len(forms) != 1:
        said = " and ".join(forms) or "none of these"
        raise node.fail(f"{name} has {said}, needed one of {', '.join(FORMS)}", "bad_identity")
    if node.has("subject") != (forms[0] == "certificate_authority"):
        hint = "a certificate authority vouches for many: subject says for whom of them"
        raise node.fail(f"{name}: certificate_authority and subject go together", "bad_identity", hint)
    if node.has("succeeds") and forms[0] != "key":
        raise node.child("succeeds").fail("only a key can succeed another", "bad_identity")
    form = node.child(forms[0])
    return Identity(
        name=name,
        key=_key(form) if forms[0] == "key" else None,
        authority=_authority(name, form, node.child("subject")) if node.has("subject") else None,
        keyless=_keyless(form) if forms[0] == "sigstore" else None,
        notes=node.child("notes").prose() if node.has("notes") else "",
    )


def _key(node: Node) -> PublicKey:
    try:
        return public_from_pem(_pem(node, "a public key as PEM"), node.where)
    except InputError as error:
        raise node.fail(error.message, error.code, error.hint) from None


def _pem(node: Node, needed: str) -> bytes:
    text = node.value
    if not isinstance(text, str) or "-----BEGIN" not in text:
        hint = f"write {node.name}: | and the lines of the PEM file under it, indented"
        if isinstance(text, dict):
            hint = "a trust file holds its keys, so that its signatures are over them too"
        raise node.wrong(needed, "bad_key", hint)
    if len(text) > 16 * MAX_TEXT or not text.isascii():
        raise node.wrong(needed, "bad_key")
    return text.encode()


def _authority(name: str, node: Node, subject: Node) -> Authority:
    return Authority(name, read_roots(node), subject.text("whom it vouches for"))


def read_roots(node: Node) -> tuple[Certificate, ...]:
    """The certificates of an authority.

    Raises:
        InputError: They are not PEM text in the file itself, or damaged.
    """
    try:
        return read_certificates(_pem(node, "a certificate as PEM"), node.where)
    except InputError as error:
        raise node.fail(error.message, error.code, error.hint) from None


def _keyless(node: Node) -> Keyless:
    node.mapping(SIGSTORE_KEYS, "a mapping with identity and issuer")
    issuer = node.needs("issuer", "https://…").text("a URL")
    if not issuer.startswith("https://"):
        raise node.child("issuer").fail(f"issuer is {quoted(issuer)}, needed a URL with https://")
    return Keyless(node.needs("identity").text("an address or a workflow's URI"), issuer)


def _marks(identity: Identity) -> list[Any]:
    """What must not be another identity's too."""
    if identity.key is not None:
        return [identity.key.keyid]
    if identity.keyless is not None:
        return [(identity.keyless.identity, identity.keyless.issuer)]
    if identity.authority is None:
        return []
    return [(_spki(root), identity.authority.subject) for root in identity.authority.roots]


def _spki(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw: bytes = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return raw


def _with_successions(listed: Node, found: dict[str, Identity]) -> dict[str, Identity]:
    """The identities with their successions: each statement holds, and they form chains that end."""
    from dataclasses import replace

    successors: dict[str, str] = {}
    for name, identity in list(found.items()):
        if not listed.child(name).has("succeeds"):
            continue
        node = listed.child(name).child("succeeds").mapping(SUCCEEDS_KEYS)
        old = node.needs("identity", "NAME").one_of(found, "an identity of this file", "unknown_identity")
        if old in successors:
            problem = f"{old} has two successors, {successors[old]} and {name}"
            raise node.child("identity").fail(problem, "bad_succession", "one key is taken over by one")
        successors[old] = name
        stated = _stated(node.needs("statement", "'{…}'"), found[old], identity)
        found[name] = replace(identity, succeeds=Succession(old, stated.start))
    for name in found:
        _check_chain(listed, found, name)
    return found


def _stated(node: Node, old: Identity, new: Identity) -> Statement:
    if old.key is None or new.key is None:
        raise node.fail(f"{old.name} has no key that could name another", "bad_succession")
    raw = node.value
    if not isinstance(raw, str):
        raise node.wrong("the statement of weightgate trust succeed, in single quotes")
    return read_statement(raw.encode(), old.key, new.key, node.where)


def _check_chain(listed: Node, found: dict[str, Identity], name: str) -> None:
    """Refuse a chain that comes back to itself, is too long, or whose days do not follow one another."""
    seen, identity = [name], found[name]
    while identity.succeeds is not None:
        before = found[identity.succeeds.identity]
        node = listed.child(identity.name).child("succeeds")
        if before.name in seen or len(seen) > MAX_CHAIN:
            what = "comes back to itself" if before.name in seen else f"is longer than {MAX_CHAIN}"
            raise node.fail(f"the succession of {name} {what}", "bad_succession")
        if before.succeeds is not None and before.succeeds.start >= identity.succeeds.start:
            problem = (
                f"{identity.name} takes over from {before.name} on {identity.succeeds.start}, "
                f"and that one only on {before.succeeds.start}"
            )
            raise node.fail(problem, "bad_succession", "each takes over after the one before it")
        seen.append(before.name)
        identity = before
