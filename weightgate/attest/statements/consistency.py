"""Whether the parts of one decision agree with each other: what can be told without deciding again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from weightgate.policy.verdicts import VERDICTS, exit_of, settle

_SAME = ("activity", "as_of", "status_mode")


def input_problems(decision: dict[str, Any]) -> Iterator[str]:
    """Each way in which a decision disagrees with its own inputs, in words.

    Args:
        decision: A decision whose shape has been checked.
    """
    inputs = decision["inputs"]
    request = inputs["request"]
    for key in _SAME:
        if decision[key] != request[key]:
            yield f"{key} is {decision[key]!r}, its inputs say {request[key]!r}"
    if request["known_at"] not in (None, decision["known_at"]):
        yield f"known_at is {decision['known_at']!r}, its inputs say {request['known_at']!r}"
    for switch, reading in request["switches"].items():
        taken = decision["switches"].get(switch, {}).get("value")
        if taken != reading:
            yield f"switches.{switch} is {taken!r}, its inputs say {reading!r}"
    stated, needed = ([pack["digest"] for pack in side["packs"]] for side in (decision, inputs))
    left_out = [entry for entry in decision["left_out"] if "rule" not in entry]
    if not set(stated) <= set(needed) or len(stated) + len(left_out) != len(needed):
        yield f"packs are {stated!r}, its inputs say {needed!r}"
    if not stated:
        yield "it was made under no pack"
    # A decision has one entry for each place, so a multi-region's name comes more than once.
    names, asked = (sorted({d["name"] for d in side["destinations"]}) for side in (decision, inputs))
    if names != asked:
        yield f"destinations are {names!r}, its inputs say {asked!r}"
    if not names or not all(d["places"] for d in inputs["destinations"]):
        yield "it is about no place"
    yield from _verdict_problems(decision)


def hypothetical_reasons(decision: dict[str, Any], decided: datetime) -> Iterator[str]:
    """Why a decision is not about now and here, as far as its own fields show it.

    Args:
        decision: A decision whose shape has been checked.
        decided: When it was decided; UTC.
    """
    day = decided.date().isoformat()
    if decision["as_of"] != day:
        yield f"as_of {decision['as_of']!r} is not the day of the decision, {day}"
    if decision["known_at"] not in (None, day):
        yield f"known_at {decision['known_at']!r} is not the day of the decision, {day}"
    if decision["inputs"]["request"]["known_at"] is not None:
        yield "the law was asked for as known on a day"
    if decision["status_mode"] != "as-written":
        yield f"status_mode is {decision['status_mode']!r}"
    if decision["model"]["reference"] == "-" and decision["activity"] != "export_compute":
        yield "no model was at hand"
    if decision["inputs"]["request"].get("insecure"):
        yield "something insecure was allowed"


def _verdict_problems(decision: dict[str, Any]) -> Iterator[str]:
    verdict, possible = decision["verdict"], decision["possible"]
    if not possible or len(set(possible)) != len(possible):
        yield "possible is empty, or names a verdict twice"
    elif settle(VERDICTS[name] for name in possible) != verdict:
        yield f"verdict is {verdict}, but possible is {', '.join(possible)}"
    if decision["exit"] != exit_of(verdict):
        yield f"exit is {decision['exit']}, but {verdict} ends with {int(exit_of(verdict))}"
