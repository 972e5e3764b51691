"""The question: its parts, from whatever form a caller gives them in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from weightgate.asking.given import file_of, text_of, texts_of, unfit
from weightgate.destinations.footprint import resolve_all
from weightgate.destinations.places import Destination
from weightgate.errors import NotAvailableYet, UsageError
from weightgate.facts.encode import parse_day
from weightgate.facts.registry import ACTIVITIES, FACTS, nearest
from weightgate.facts.statements import Grade
from weightgate.files.digests import is_digest
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator
from weightgate.policy.source import PackSource, find_pack
from weightgate.policy.verdicts import VERDICTS

if TYPE_CHECKING:
    from weightgate.decide import Question
    from weightgate.policy.pack import Pack

PackLike: TypeAlias = "str | os.PathLike[str] | PackSource | Pack"
"""A pack's name or path, its bytes, or the pack as read."""

GRADES = {str(grade): grade for grade in Grade}

# Texts, compiled where they are used: most questions need neither.


def checked(question: Question) -> Question:
    """A question that can be asked, found out before anything expensive is done.

    Raises:
        UsageError: An unknown status.
        NotAvailableYet: The activity is ``export_compute``.
        PolicyError: A pack of the caller's does not load.
    """
    from weightgate.decide import STATUS_MODES

    if question.activity == "export_compute":
        raise NotAvailableYet("--activity export_compute")
    if question.status_mode not in STATUS_MODES:
        hint = "one of " + ", ".join(STATUS_MODES)
        raise UsageError(f"no status is called {question.status_mode!r}", where="--status", hint=hint)
    for pack in question.packs:
        if not pack.locator.startswith("shipped:"):
            from weightgate.policy.cache import load_compiled

            # A pack of the caller's that does not load is told before a large model is hashed.
            load_compiled(pack)
    return question


def activity_of(activity: str) -> str:
    """Check an activity's name.

    Raises:
        UsageError: There is no such activity.
    """
    text_of(activity, "--activity")
    if activity not in ACTIVITIES:
        near = nearest(activity, ACTIVITIES)
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(ACTIVITIES)
        raise UsageError(
            f"no activity is called {activity!r}", where="--activity", hint=hint, code="unknown_activity"
        )
    return activity


def destinations_of(to: str | Sequence[str]) -> tuple[Destination, ...]:
    """Resolve destinations; one text may name several, with commas.

    Raises:
        UsageError: They are no texts, or none.
        InputError: An unknown name; the nearest are named.
    """
    return resolve_all(texts_of(to, "--to"))


def day_of(day: str | date | None, now: datetime) -> str:
    """A UTC day as text; today when none is given."""
    if day is None:
        return now.date().isoformat()
    return parse_day(day.isoformat() if isinstance(day, date) else text_of(day, "--as-of"), "--as-of")


def known_day_of(day: str | date | None) -> str:
    """The day as of which the law is taken as known; empty, which is the day of the decision, when none is given."""
    if day is None:
        return ""
    return parse_day(day.isoformat() if isinstance(day, date) else text_of(day, "--known-at"), "--known-at")


def switches_of(switches: Mapping[str, str] | None) -> dict[str, str]:
    """Readings by ``PACK.SWITCH``.

    Raises:
        UsageError: They are no mapping of texts.
    """
    if switches is None:
        return {}
    if not isinstance(switches, Mapping):
        raise unfit(switches, "a mapping of PACK.SWITCH to readings", "--set")
    return {text_of(name, "--set"): text_of(reading, "--set") for name, reading in switches.items()}


def operator_of(operator: str | os.PathLike[str] | Mapping[str, Any] | Operator | None) -> Operator:
    """The operator's profile, from a file or from what such a file holds.

    Raises:
        InputError: With file, line and column.
    """
    if operator is None:
        return UNKNOWN_OPERATOR
    if isinstance(operator, Operator):
        return operator
    from weightgate.operators.read import operator_from_dict, read_operator

    if isinstance(operator, Mapping):
        return operator_from_dict(dict(operator), "operator")
    return read_operator(file_of(operator, "--operator"))


def packs_of(policy: PackLike | Sequence[PackLike]) -> tuple[PackSource, ...]:
    """The packs to ask.

    Raises:
        PolicyError: There is no such pack, or its file cannot be read.
        UsageError: It is neither a name, a path nor a pack.
    """
    if isinstance(policy, PackSource):
        return (policy,)
    if isinstance(policy, str):
        return (find_pack(policy),)
    if isinstance(policy, os.PathLike):
        path = os.fspath(policy)
        return (find_pack(path if "/" in path else f"./{path}"),)
    if isinstance(policy, Sequence):
        return tuple(pack for one in policy for pack in packs_of(one))
    from weightgate.policy.pack import Pack

    if isinstance(policy, Pack):
        return (policy.source,)
    raise unfit(policy, "a pack's name or path", "--policy")


def grades_of(require_grade: Mapping[str, Grade | str] | None) -> dict[str, Grade]:
    """Least grades by fact.

    Raises:
        UsageError: An unknown fact or grade; the nearest is named.
    """
    found = {}
    if require_grade is not None and not isinstance(require_grade, Mapping):
        raise unfit(require_grade, "a mapping of facts to grades", "--require-grade")
    for fact, grade in (require_grade or {}).items():
        if fact not in FACTS:
            near = nearest(text_of(fact, "--require-grade"))
            hint = f"did you mean {near[0]}?" if near else "docs/facts.md lists every fact"
            raise UsageError(
                f"unknown fact {fact!r}", where="--require-grade", hint=hint, code="unknown_fact"
            )
        if str(grade) not in GRADES:
            hint = "one of " + ", ".join(reversed(GRADES))
            raise UsageError(
                f"no grade is called {grade!r}", where="--require-grade", hint=hint, code="unknown_grade"
            )
        found[fact] = GRADES[str(grade)]
    return found


def verdict_of(verdict: str) -> str:
    """A definite verdict.

    Raises:
        UsageError: There is no such; the nearest is named.
    """
    text = text_of(verdict, "--why-not")
    if text not in VERDICTS:
        near = nearest(text, tuple(VERDICTS))
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(VERDICTS)
        raise UsageError(
            f"no verdict is called {text!r}", where="--why-not", hint=hint, code="unknown_verdict"
        )
    return text


def digest_of(digest: str | None) -> str:
    """Check a model's digest; empty when none is given.

    Raises:
        UsageError: It is not ``sha256:`` and 64 hex digits.
    """
    if digest is None:
        return ""
    if not is_digest(text_of(digest, "--digest").lower()):
        hint = "write sha256: and 64 hex digits, as weightgate model digest prints it"
        raise UsageError(f"{digest[:100]!r} is no digest", where="--digest", hint=hint, code="bad_digest")
    return digest.lower()
