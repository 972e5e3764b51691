"""What the asker gives beside the question: facts, declarations, a trust file, and the signatures of packs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from weightgate.asking.given import PathLike, file_of, text_of, unfit
from weightgate.errors import SignatureError
from weightgate.facts.statements import Statement
from weightgate.files.bounded import read_bytes

if TYPE_CHECKING:
    from weightgate.attest.declarations.evidence import SignedFacts
    from weightgate.attest.trust import Trust
    from weightgate.decide.deciding import Question
    from weightgate.inspect.inspection import Inspection
    from weightgate.policy.source import PackSource

FactsLike = PathLike | Mapping[str, Any]
"""A facts file, a signed declaration, or what a facts file holds."""


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


def trust_of(trust: Trust | PathLike | None, now: datetime) -> Trust | None:
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
