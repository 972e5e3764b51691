"""Declarations: what a developer knows of a model, signed over the model's digest. docs/declarations.md specifies them.

A signature says who spoke. Whether the word counts is said by the verifier's own trust file, fact by fact; without it a
declaration is a claim, which may only tighten (DESIGN.md, Facts and evidence).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.declarations.declarable import facts_of
from weightgate.errors import InputError, SignatureError
from weightgate.facts.factfile import stated
from weightgate.facts.statements import SIGNED, Statement
from weightgate.files.digests import is_hex
from weightgate.files.shapes import EVERY, Shape, misfit
from weightgate.files.yaml import Document
from weightgate.records import record
from weightgate.signing.accepted import Accepted, Sealed, SignedBy, hinted, read_sealed, signed_by
from weightgate.signing.statement import (
    MAX_AHEAD,
    InTotoStatement,
    parse_statement,
    read_time,
    write_time,
)

PREDICATE_TYPE = "https://weightgate.dev/declaration/v1"

SUBJECT = "model"

MAX_BYTES = 1024 * 1024

_SHAPE: Shape = {
    "facts": {EVERY: {"source": str, "by?": str, "on?": str, "until": str}},
    "createdOn": str,
}


@record
class Declaration:
    """A declaration whose shape and signatures have been checked; whether its signers may say it has not.

    Attributes:
        source: Its file, for messages.
        text: The envelope or bundle, byte for byte.
        signers: Who of those that the reader accepts signed it.
        model: ``sha256:…`` of the model that it is about.
        facts: What it says: facts by name, each as a facts file spells it.
        created: When the signer says that it was signed; UTC.
    """

    source: str
    text: bytes
    signers: tuple[SignedBy, ...]
    model: str
    facts: Mapping[str, Mapping[str, Any]]
    created: datetime

    @property
    def digest(self) -> str:
        """``sha256:…`` of the envelope's bytes."""
        return "sha256:" + hashlib.sha256(self.text).hexdigest()

    def statements(self, as_of: str) -> list[Statement]:
        """What it says at a day, as the facts file would have it that holds the same: of grade declared.

        Args:
            as_of: Day of the decision; what does not hold then (``on``, ``until``) is unknown, with the reason.
        """
        said = (stated(Document(self.facts, self.source, {}), name, as_of) for name in self.facts)
        return [
            replace(
                one,
                source=self.source,
                locator=f"predicate.facts.{one.fact}",
                digest=self.digest,
                method=f"{SIGNED}, from {self.facts[one.fact]['source']}",
            )
            for one in said
        ]


def is_sealed(raw: bytes) -> bool:
    """Whether a file given for facts is an envelope or a bundle, sound or not, rather than a facts file."""
    if raw.lstrip()[:1] != b"{" or len(raw) > MAX_BYTES:
        return False
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and bool({"payload", "payloadType", "dsseEnvelope"} & set(document))


def read(raw: bytes, source: str, *, accepted: Accepted, now: datetime) -> Declaration:
    """Read a declaration, whoever signed it: signatures first, then what it says.

    Args:
        raw: The bytes of the envelope or Sigstore bundle.
        source: Its file, for messages.
        accepted: Whose signatures the reader looks for. One that names an accepted key and is not by it is an error;
            one by a key that is not accepted says nothing.
        now: The reader's clock, with its offset.

    Raises:
        InputError: It is no envelope at all, or too large (exit 4).
        SignatureError: It is malformed, of another type, about no model, or signed in the future, or a signature does
            not hold (exit 6); the code names the check: ``envelope``, ``signature``, ``statement``,
            ``predicate_type``, ``predicate``, ``time``.
    """
    if len(raw) > MAX_BYTES:
        raise InputError(f"a declaration of more than {MAX_BYTES} bytes", where=source, code="too_large")
    sealed = read_sealed(raw, source)
    signers = signed_by(sealed, accepted, now) if accepted else ()
    try:
        _refuse_bad_signatures(sealed, accepted, signers)
        return _parsed(sealed, source, signers, now)
    except SignatureError as error:
        raise SignatureError(
            error.message, where=error.where or source, hint=error.hint, code=error.code
        ) from None


def _refuse_bad_signatures(sealed: Sealed, accepted: Accepted, signers: Sequence[SignedBy]) -> None:
    """A signature that names a key which did not make it was altered, or is a forgery: no claim, but an error."""
    hint = sealed.material.hint if sealed.material else ""
    holding = {signer.keyid for signer in signers}
    for key in accepted.keys:
        named = any(s.keyid == key.keyid for s in sealed.envelope.signatures) or (hint and hinted(hint, key))
        if named and key.keyid not in holding:
            raise SignatureError(f"the signature that names key {key.keyid} does not hold", code="signature")


def _parsed(sealed: Sealed, source: str, signers: tuple[SignedBy, ...], now: datetime) -> Declaration:
    statement = parse_statement(sealed.envelope.payload, source)
    if statement.predicate_type != PREDICATE_TYPE:
        raise SignatureError(
            f"it is {statement.predicate_type[:120]!r}, needed {PREDICATE_TYPE!r}",
            hint="--facts takes facts files and declarations: weightgate declare writes one",
            code="predicate_type",
        )
    subject, predicate = statement.only_subject(), statement.predicate
    if not is_hex(subject.sha256) or set(subject.digest) != {"sha256"}:
        raise SignatureError("statement.subject[0].digest: needed one SHA-256 in hex", code="statement")
    _check_predicate(statement)
    created = read_time(predicate["createdOn"], "predicate.createdOn")
    if created > now.astimezone(UTC) + MAX_AHEAD:
        raise SignatureError(
            f"signed at {write_time(created)}, ahead of this machine's {write_time(now)}", code="time"
        )
    return Declaration(source, sealed.raw, signers, f"sha256:{subject.sha256}", predicate["facts"], created)


def _check_predicate(statement: InTotoStatement) -> None:
    predicate = statement.predicate
    problem = misfit(predicate, _SHAPE, "predicate")
    extra = sorted(set(predicate) - set(_SHAPE)) if isinstance(_SHAPE, dict) else []
    if extra and not problem:
        # What this version does not know might limit what is said.
        problem = f"predicate.{extra[0][:40]!r} is not known"
    if problem:
        raise SignatureError(problem, code="predicate")
    try:
        spelled = facts_of(Document(predicate["facts"], "predicate.facts", {}))
    except InputError as error:
        raise SignatureError(f"{error.where}: {error.message}", hint=error.hint, code="predicate") from None
    for name, said in predicate["facts"].items():
        if spelled[name] != said:
            raise SignatureError(
                f"predicate.facts.{name}: needed it spelled as {json.dumps(spelled[name])[:200]}",
                code="predicate",
            )


def bind(declaration: Declaration, model: str, reference: str) -> None:
    """Hold a declaration to the model that is asked about.

    Args:
        declaration: What was read.
        model: ``sha256:…`` of the model; empty when it is not known.
        reference: The model as the caller named it, for messages.

    Raises:
        SignatureError: It is about another model, or there is no digest to tell (code ``binding``).
    """
    if model == declaration.model:
        return
    if reference == "-" and not model:
        problem, hint = "no model is at hand to compare", f"name it with --digest {declaration.model}"
    elif not model:
        problem, hint = f"{reference} has no digest that could be had", "leave the declaration out"
    else:
        problem = f"{reference} is {model}"
        hint = "leave the declaration out, or ask for one over this model"
    raise SignatureError(
        f"the declaration is about {declaration.model}; {problem}",
        where=declaration.source, hint=hint, code="binding",
    )  # fmt: skip
