"""Signed declarations as evidence: held to the model, and graded by the trust file of whoever decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from weightgate.attest.declarations.declaration import Declaration, bind, read
from weightgate.attest.trust import Trust
from weightgate.decide.deciding import Question, SignedSource
from weightgate.errors import InputError, SignatureError
from weightgate.facts.statements import Grade, Statement
from weightgate.inspect.inspection import Inspection
from weightgate.records import record
from weightgate.signing.accepted import Accepted

MAX_DECLARATIONS = 100
NO_TRUST = "there is no trust file"
"""Why a declaration is a claim where nobody was named whose word counts."""


@record
class SignedFacts:
    """Declarations, and what they say at the day of a decision, each fact with its grade.

    Attributes:
        trust: The trust file that graded them; ``None`` when there was none.
        declarations: Each once.
        statements: Of grade verified where the trust file lets the signers say so, else claimed.
    """

    trust: Trust | None = None
    declarations: tuple[Declaration, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def verified(self) -> tuple[Statement, ...]:
        """What the trust file vouches for."""
        return tuple(said for said in self.statements if said.grade is Grade.VERIFIED)

    @property
    def named(self) -> dict[str, str | int]:
        """The trust file as a decision names it; empty when there was none."""
        return {} if self.trust is None else {"digest": self.trust.digest, "version": self.trust.version}

    def hold_to(self, inspection: Inspection) -> None:
        """Hold every declaration to the model that was found.

        Raises:
            SignatureError: One is about another model, or there is no digest to tell (code ``binding``).
        """
        for declaration in self.declarations:
            bind(declaration, inspection.digest, inspection.reference)

    def into(self, question: Question) -> Question:
        """The question with the declarations that its answer will carry, and the trust file that graded them."""
        carried = tuple(SignedSource(d.source, d.digest, d.text.decode()) for d in self.declarations)
        return replace(question, declarations=carried, trust=self.named)


def signed_facts(
    sealed: Iterable[tuple[str, bytes]], as_of: str, trust: Trust | None, *, now: datetime
) -> SignedFacts:
    """Read declarations, and grade what they say.

    Args:
        sealed: Name and bytes of each.
        as_of: Day of the decision.
        trust: Whose word counts for what; without it all of them are claims.
        now: The reader's clock, with its offset.

    Raises:
        InputError: One is no envelope, or there are more than :data:`MAX_DECLARATIONS`.
        SignatureError: One is malformed, or signed in the future.
    """
    accepted = Accepted() if trust is None else trust.accepted()
    found: dict[str, Declaration] = {}
    for source, raw in sealed:
        declaration = read(raw, source, accepted=accepted, now=now)
        found.setdefault(declaration.digest, declaration)
        if len(found) > MAX_DECLARATIONS:
            raise InputError(
                f"more than {MAX_DECLARATIONS} declarations", where="--facts", code="too_many",
                hint="one declaration can state several facts",
            )  # fmt: skip
    statements = (said for one in found.values() for said in graded(one, as_of, trust, now=now))
    return SignedFacts(trust, tuple(found.values()), tuple(statements))


def signed_again(decision: Mapping[str, Any], trust: Trust | None, *, now: datetime) -> SignedFacts:
    """Read and grade the declarations that a decision carries: what it says of their grades does not count.

    Args:
        decision: Its JSON, whose shape has been checked.
        trust: Whose word counts for what.
        now: The reader's clock, with its offset.

    Raises:
        InputError: One is no envelope.
        SignatureError: One is malformed, not the one that the decision names (code ``decision_differs``), or about
            another model than the decision's (``binding``).
    """
    entries = decision["inputs"].get("declarations", [])
    sealed = ((entry["source"], entry["envelope"].encode()) for entry in entries)
    found = signed_facts(sealed, decision["as_of"], trust, now=now)
    stated, needed = sorted(e["digest"] for e in entries), sorted(d.digest for d in found.declarations)
    if stated != needed:
        raise SignatureError(
            f"the declarations inside are {needed}, the decision names {stated}"[:400],
            hint="decide again with: weightgate check", code="decision_differs",
        )  # fmt: skip
    model = decision["model"]
    for declaration in found.declarations:
        bind(declaration, model["digest"] or "", model["reference"])
    return found


def graded(
    declaration: Declaration, as_of: str, trust: Trust | None, *, now: datetime
) -> Iterator[Statement]:
    """What a declaration says at a day, each fact with the grade that its signers have for it.

    A grant must hold both when the declaration says that it was signed and now: the first is the signer's word, and a
    key whose term is over could date anything back.
    """
    names: frozenset[str] = frozenset()
    if trust is not None:
        names = trust.names_of(declaration.signers, declaration.created) & trust.names_of(
            declaration.signers, now
        )
    who = ", ".join(sorted(names))
    for said in declaration.statements(as_of):
        refused, last = NO_TRUST, ""
        if trust is not None:
            asked = [
                trust.may_declare(names, said.fact, declaration.model, at)
                for at in (declaration.created, now)
            ]
            refused = next((answer.because for answer in asked if not answer.granted), "")
            last = asked[-1].until
        if not refused:
            # By the same trust file, nobody vouches for it any longer than that.
            yield replace(said, grade=Grade.VERIFIED, by=who, until=min(said.until, last))
            continue
        # A name that no known key vouches for is part of the claim.
        by = who or (f"{said.by}, unverified" if said.by else "")
        yield replace(said, grade=Grade.CLAIMED, by=by, method=f"{said.method}; a claim: {refused}")
