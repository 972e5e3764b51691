"""What a Python caller passes: its type is checked before anything is done with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from weightgate.errors import InputError, SignatureError, UsageError
from weightgate.facts.encode import encode_statement
from weightgate.facts.statements import SIGNED, Statement

if TYPE_CHECKING:
    from weightgate.attest.declarations.evidence import SignedFacts
    from weightgate.attest.trust import Trust
    from weightgate.decide.deciding import Question
    from weightgate.inspect.inspection import Inspection
    from weightgate.policy.source import PackSource
    from weightgate.signing.keys import Signer
    from weightgate.signing.sealing import Sealer

    KeyLike = Signer | str | os.PathLike[str]

FactsLike = str | os.PathLike[str] | Mapping[str, Any]
"""A facts file, a signed declaration, or what a facts file holds."""

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Most that is read of a decision or an attestation."""


def text_of(given: object, where: str) -> str:
    """A text.

    Args:
        given: What was passed.
        where: The option that it was passed for.

    Raises:
        UsageError: It is none (code ``bad_type``).
    """
    if not isinstance(given, str):
        raise unfit(given, "text", where)
    return given


def texts_of(given: object, where: str) -> tuple[str, ...]:
    """Several texts; one text is one of them, and not its letters.

    Raises:
        UsageError: They are neither text nor a list of texts (code ``bad_type``).
    """
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Sequence) or isinstance(given, bytes):
        raise unfit(given, "text, or a list of texts", where)
    return tuple(text_of(one, where) for one in given)


def file_of(given: object, where: str) -> Path:
    """A file that the caller names.

    Raises:
        UsageError: It is no path (code ``bad_type``), or empty, as a variable that was not set is (``empty_option``).
    """
    if not isinstance(given, str | os.PathLike):
        raise unfit(given, "a path", where)
    if not os.fspath(given):
        raise UsageError(
            f"{where} is empty", where=where, hint="leave it out, or name a file", code="empty_option"
        )
    return Path(given)


def sealer_of(
    given: KeyLike | Sequence[KeyLike] | Sealer,
    passphrase: bytes | None,
    bundle: bool = False,
    timestamp_url: str = "",
) -> Sealer:
    """Who signs: one or several, each as it is, by its file, or by a URI; or a sealer, which says in which form too.

    Raises:
        WeightgateError: As :func:`weightgate.signing.signers.load_signer`; or it is none of these (code ``bad_type``).
    """
    from weightgate.signing.sealing import Sealer

    if isinstance(given, Sealer):
        return given
    each = given if isinstance(given, Sequence) and not isinstance(given, str | bytes) else [given]
    return Sealer(tuple(_signer_of(key, passphrase) for key in each), bundle, timestamp_url)


def _signer_of(key: KeyLike, passphrase: bytes | None) -> Signer:
    from weightgate.signing.signers import load_signer, scheme_of

    if isinstance(key, str) and scheme_of(key):
        return load_signer(key, passphrase=passphrase)
    if not isinstance(key, str | os.PathLike) and hasattr(key, "sign"):
        return key
    return load_signer(str(file_of(key, "key")), passphrase=passphrase)


def unfit(given: object, needed: str, where: str) -> UsageError:
    """The error that says that something else was needed."""
    shown = repr(given)[:80]
    return UsageError(
        f"{shown} is of type {type(given).__name__}, needed {needed}", where=where, code="bad_type"
    )


def read_bytes(path: str) -> bytes:
    """A file of the caller's, bounded.

    Raises:
        InputError: It cannot be read, or is larger than :data:`MAX_FILE_BYTES`.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=path, code="unreadable") from None
    if len(raw) > MAX_FILE_BYTES:
        raise InputError(f"larger than {MAX_FILE_BYTES} bytes", where=path, code="too_large")
    return raw


def signatures_of(files: object) -> tuple[bytes, ...]:
    """The bytes of files of signatures.

    Raises:
        InputError: One cannot be read.
        UsageError: They are no paths.
    """
    several = (files,) if isinstance(files, str | os.PathLike) else files
    if not isinstance(several, Sequence) or isinstance(several, bytes):
        raise unfit(files, "a list of paths", "--pack-signature")
    return tuple(read_bytes(str(file_of(one, "--pack-signature"))) for one in several)


class Given(NamedTuple):
    """What the asker gives for facts.

    Attributes:
        declared: What facts files and mappings say, of grade declared.
        sealed: Name and bytes of each signed declaration.
        signed: What these say, once they are graded.
    """

    declared: tuple[Statement, ...] = ()
    sealed: tuple[tuple[str, bytes], ...] = ()
    signed: SignedFacts | None = None

    def graded(self, as_of: str, trust: Trust | None, now: datetime) -> Given:
        """The same with its declarations graded by a trust file.

        Raises:
            InputError: One is no envelope.
            SignatureError: One is malformed, or a signature does not hold.
        """
        if not self.sealed and trust is None:
            return self
        from weightgate.attest.declarations.evidence import signed_facts

        return self._replace(signed=signed_facts(self.sealed, as_of, trust, now=now))

    @property
    def vouched(self) -> tuple[Statement, ...]:
        """What the asker declares, or a trust file vouches for: a base that is named so is looked at."""
        return self.declared if self.signed is None else (*self.declared, *self.signed.verified)

    def into(self, question: Question, inspection: Inspection) -> tuple[Question, tuple[Statement, ...]]:
        """The question with the declarations that its answer carries, and all that is said beside what was found.

        Raises:
            SignatureError: A declaration is about another model (code ``binding``).
        """
        if self.signed is None:
            return question, self.declared
        self.signed.hold_to(inspection)
        return self.signed.into(question), (*self.declared, *self.signed.statements)


def given_of(facts: FactsLike | Sequence[FactsLike] | None, as_of: str) -> Given:
    """What the asker gives for facts, from files or mappings.

    Raises:
        InputError: With file, line and column.
        UsageError: They are neither files nor mappings of names.
    """
    if facts is None or facts in ((), [], {}):
        return Given()
    from weightgate.facts.factfile import declare, parse_facts
    from weightgate.files.yaml import read_raw

    if isinstance(facts, Mapping):
        named = {text_of(name, "facts"): value for name, value in facts.items()}
        return Given(tuple(declare(named, "facts", as_of)))
    if isinstance(facts, Sequence) and not isinstance(facts, str | bytes):
        several = [given_of(one, as_of) for one in facts]
        return Given(
            tuple(statement for one in several for statement in one.declared),
            tuple(sealed for one in several for sealed in one.sealed),
        )
    path = file_of(facts, "--facts")
    raw = read_raw(path)
    if raw.lstrip()[:1] == b"{":
        from weightgate.attest.declarations.declaration import is_sealed

        if is_sealed(raw):
            return Given((), ((str(path), raw),))
    return Given(tuple(parse_facts(raw, str(path), as_of)))


def trust_of(trust: Trust | str | os.PathLike[str] | None, now: datetime) -> Trust | None:
    """A trust file that holds today.

    Args:
        trust: The file, or what was read of it.
        now: The reader's clock.

    Raises:
        InputError: It cannot be read, or is no trust file.
        SignatureError: It has expired, or does not hold yet (code ``trust``).
    """
    if trust is None:
        return None
    from weightgate.attest.trust import Trust, read_trust
    from weightgate.signing.checks import State

    found = trust if isinstance(trust, Trust) else read_trust(file_of(trust, "--trust"))
    check = found.check(now)
    if check.state is not State.ESTABLISHED:
        raise SignatureError(check.detail, where=found.source, code=check.id)
    return found


def hold_packs(packs: Sequence[PackSource], trust: Trust | None, signatures: object, now: datetime) -> None:
    """Hold packs to what a trust file says of packs of their names.

    Args:
        packs: The packs that are to decide.
        trust: The trust file; without one nothing is asked of packs.
        signatures: Files of signatures, beside those that lie with the packs.
        now: The reader's clock.

    Raises:
        SignatureError: A pack has another digest, an earlier version, or no signature that counts (code ``pack_rules``).
    """
    given = signatures_of(signatures)
    if trust is not None:
        from weightgate.attest.signed_packs import demand

        demand(packs, trust, now=now, more=given)


def declared_again(
    inputs: Mapping[str, Any], signed: SignedFacts | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a decision's declarations say, when its model is inspected again, and the request that goes with that.

    Args:
        inputs: The decision's.
        signed: Its declarations, graded here; ``None`` to take what the decision says of them.
    """
    request = dict(inputs["request"])
    if signed is None:
        said = [e for e in inputs["statements"] if str(e.get("method") or "").startswith(SIGNED)]
        return said, request
    request.pop("trust", None)
    graded = [{"fact": one.fact, **encode_statement(one)} for one in signed.statements]
    return graded, request | ({"trust": signed.named} if signed.trust else {})


@contextmanager
def opened_file(path: str) -> Iterator[IO[bytes]]:
    """A file of the caller's, to be read a part at a time; a pipe is taken in whole first.

    Raises:
        InputError: It cannot be read; what cannot be read twice may have :data:`MAX_FILE_BYTES` at most.
    """
    try:
        file: IO[bytes] = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=path, code="unreadable") from None
    with file:
        try:
            if file.seekable():
                yield file
                return
            raw = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise InputError(
                f"cannot read: {error.strerror or error}", where=path, code="unreadable"
            ) from None
    if len(raw) > MAX_FILE_BYTES:
        raise InputError(f"larger than {MAX_FILE_BYTES} bytes", where=path, code="too_large")
    yield BytesIO(raw)
