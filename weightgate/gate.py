"""The gate in a pipeline: a decorator or context manager whose body runs only when the decision lets it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from contextlib import ContextDecorator
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Unpack

from weightgate.api import CheckOptions, check
from weightgate.asking.given import PathLike, texts_of
from weightgate.asking.question import day_of
from weightgate.decide.decision import Decision
from weightgate.errors import UsageError, WeightgateError
from weightgate.facts.encode import parse_day
from weightgate.policy.verdicts import Verdict
from weightgate.records import record

WARN_DAYS = 90
"""How far ahead ``insecure_warn_until`` may lie (CONTRACT.md, guard)."""


class Refused(WeightgateError):
    """The decision does not let the body run.

    The exit code is the verdict's own; that of a usage error when the decision is a what-if.

    Attributes:
        decision: Why.
    """

    code = "refused"

    def __init__(self, decision: Decision, what_if: str = "") -> None:
        self.decision = decision
        if what_if:
            super().__init__(
                f"the decision is hypothetical: {what_if}", code="hypothetical",
                hint="ask about today, as written, with the model at hand; weightgate.check answers what-ifs",
            )  # fmt: skip
            return
        places = ", ".join(dict.fromkeys(d.name for d in decision.destinations))
        missing = ", ".join(m.fact for m in decision.missing)
        super().__init__(
            f"{decision.verdict}: {decision.activity} {decision.model['reference']} to {places}",
            hint=f"what would settle it: {missing}" if missing else "the decision's reasons name remedies",
        )
        self.exit = decision.exit


def warn_until(day: str | date, today: str) -> str:
    """Check the last day on which a gate only warns.

    Args:
        day: The day.
        today: The present UTC day.

    Returns:
        The day as text.

    Raises:
        UsageError: It is past, or more than :data:`WARN_DAYS` days ahead.
    """
    where = "--insecure-warn-until"
    last = parse_day(day.isoformat() if isinstance(day, date) else day, where)
    limit = (date.fromisoformat(today) + timedelta(days=WARN_DAYS)).isoformat()
    if last < today:
        raise UsageError(
            f"{last} is past", where=where, hint="leave the option out: the gate is to be enforced"
        )
    if last > limit:
        raise UsageError(f"{last} is more than {WARN_DAYS} days ahead", where=where, hint=f"{limit} at most")
    return last


def until_of(day: str | date | None) -> str | None:
    """The last day on which a gate only warns, checked against today; ``None`` when it is enforced.

    Raises:
        UsageError: See :func:`warn_until`.
    """
    return None if day is None else warn_until(day, day_of(None, datetime.now(UTC)))


@record
class Rule:
    """What lets a body run.

    Attributes:
        conditions: Whether ``allow_with_conditions`` does.
        warn_until: Last day on which everything does; ``None`` when the verdict is enforced.
    """

    conditions: bool = True
    warn_until: str | None = None

    @property
    def enforced(self) -> bool:
        """Whether a verdict can refuse."""
        return self.warn_until is None

    @property
    def insecure(self) -> tuple[str, ...]:
        """What a decision under this rule says of it."""
        return () if self.enforced else (f"insecure: the verdict is not enforced until {self.warn_until}",)

    def lets(self, decision: Decision) -> bool:
        """Whether the body may run."""
        if not self.enforced:
            return True
        return decision.verdict == str(Verdict.ALLOW) or (self.conditions and decision.allowed)


def _what_if(decision: Decision, insecure: Sequence[str]) -> str:
    """Why a decision is hypothetical, beside what was asked for that is insecure; empty when for nothing else."""
    allowed = "; ".join(insecure)
    return decision.hypothetical.removesuffix(allowed).removesuffix("; ")


class gate(ContextDecorator):  # noqa: N801 - used like a function, as contextlib's own managers are
    """Decide anew each time, and let the body run only after ``allow`` or ``allow_with_conditions``.

    As a context manager it gives the decision; as a decorator it stands before every call::

        with weightgate.gate("./model", to="DE", operator="operator.yaml") as decision:
            deploy()

        @weightgate.gate("owner/name", to=["aws/eu-central-1"], operator="operator.yaml")
        def deploy() -> None: ...

    Args:
        model: As for :func:`weightgate.check`.
        to: Destinations.
        conditions: Whether ``allow_with_conditions`` is good enough.
        insecure_warn_until: Last day on which the body runs whatever the verdict; 90 days ahead at most. Errors and
            what-ifs refuse all the same, and the decision is marked as hypothetical.
        options: What else :func:`weightgate.check` takes.

    Raises:
        Refused: Before the body runs: the decision does not let it, or is about another day, another status or no model
            at hand, which is no ground to do anything.
        WeightgateError: Before the body runs: nothing could be decided.
        TypeError: An option that :func:`weightgate.check` does not take.
    """

    def __init__(
        self,
        model: PathLike,
        to: str | Sequence[str],
        *,
        conditions: bool = True,
        insecure_warn_until: str | date | None = None,
        **options: Unpack[CheckOptions],
    ) -> None:
        inspect.signature(check).bind(model, to, **options)
        self._model, self._to, self._options = model, to, options
        self._conditions, self._until = conditions, insecure_warn_until

    def __enter__(self) -> Decision:
        """Decide anew, and refuse unless the body may run."""
        rule = Rule(self._conditions, until_of(self._until))
        options = self._options.copy()
        options["insecure"] = (*texts_of(options.get("insecure", ()), "insecure"), *rule.insecure)
        decision = check(self._model, self._to, **options)
        what_if = _what_if(decision, options["insecure"])
        if what_if:
            raise Refused(decision, what_if)
        if not rule.lets(decision):
            raise Refused(decision)
        return decision

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let whatever the body raised go on."""
