"""Signed declarations as evidence: held to the model, and graded by the trust file of whoever decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from weightgate.attest.declaration import Declaration, bind, read
from weightgate.decide.deciding import Question, SignedSource
from weightgate.errors import InputError, SignatureError
from weightgate.facts.statements import Grade, Statement
from weightgate.inspect.inspection import Inspection
from weightgate.records import record

MAX_DECLARATIONS = 100


@record
class SignedFacts:
    """Declarations, and what they say at the day of a decision, each fact with its grade.

    Attributes:
        declarations: Each once.
        statements: Of grade claimed.
    """

    declarations: tuple[Declaration, ...] = ()
    statements: tuple[Statement, ...] = ()

    def hold_to(self, inspection: Inspection) -> None:
        """Hold every declaration to the model that was found.

        Raises:
            SignatureError: One is about another model, or there is no digest to tell (code ``binding``).
        """
        for declaration in self.declarations:
            bind(declaration, inspection.digest, inspection.reference)

    def into(self, question: Question) -> Question:
        """The question with the declarations that its answer will carry."""
        carried = tuple(SignedSource(d.source, d.digest, d.text.decode()) for d in self.declarations)
        return replace(question, declarations=carried)


def signed_facts(sealed: Iterable[tuple[str, bytes]], as_of: str, *, now: datetime) -> SignedFacts:
    """Read declarations, and grade what they say.

    Args:
        sealed: Name and bytes of each.
        as_of: Day of the decision.
        now: The reader's clock, with its offset.

    Raises:
        InputError: One is no envelope, or there are more than :data:`MAX_DECLARATIONS`.
        SignatureError: One is malformed, or signed in the future.
    """
    found: dict[str, Declaration] = {}
    for source, raw in sealed:
        declaration = read(raw, source, now=now)
        found.setdefault(declaration.digest, declaration)
        if len(found) > MAX_DECLARATIONS:
            raise InputError(
                f"more than {MAX_DECLARATIONS} declarations", where="--facts", code="too_many",
                hint="one declaration can state several facts",
            )  # fmt: skip
    statements = (said for one in found.values() for said in graded(one, as_of))
    return SignedFacts(tuple(found.values()), tuple(statements))


def signed_again(decision: Mapping[str, Any], *, now: datetime) -> SignedFacts:
    """Read and grade the declarations that a decision carries: what it says of their grades does not count.

    Args:
        decision: Its JSON, whose shape has been checked.
        now: The reader's clock, with its offset.

    Raises:
        InputError: One is no envelope.
        SignatureError: One is malformed, not the one that the decision names (code ``decision_differs``), or about
            another model than the decision's (``binding``).
    """
    entries = decision["inputs"].get("declarations", [])
    found = signed_facts(((e["source"], e["envelope"].encode()) for e in entries), decision["as_of"], now=now)
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


def graded(declaration: Declaration, as_of: str) -> tuple[Statement, ...]:
    """What a declaration says at a day, each fact with the grade that its signatures give it."""
    return tuple(_claimed(said) for said in declaration.statements(as_of))


def _claimed(said: Statement) -> Statement:
    """A word that nobody known vouches for: whom it names is part of the claim."""
    return replace(said, grade=Grade.CLAIMED, by=f"{said.by}, unverified" if said.by else "")
