"""A decision derived again from nothing but what its own file says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from weightgate.decide.case import Case
from weightgate.decide.deciding import STATUS_MODES, Question, SignedSource, decide, lay_out
from weightgate.destinations.places import Destination, Place
from weightgate.errors import InputError, PolicyError
from weightgate.facts.encode import decode_statement, parse_country, parse_day, parse_scalar
from weightgate.facts.registry import ACTIVITIES, FACTS
from weightgate.facts.statements import Grade, Statement
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator
from weightgate.operators.read import operator_from_dict
from weightgate.policy.cache import load_compiled
from weightgate.policy.joint import possible
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import Verdict

GRADES = {str(grade): grade for grade in Grade}


def decide_again(
    decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade, with_flips: bool = True
) -> dict[str, Any]:
    """Decide again from a decision's own inputs; nothing is looked up.

    Args:
        decision: A decision as JSON.
        packs: The packs' bytes, which must be those that the decision names.
        cap: Best grade that a fact may keep: ``DECLARED`` when nobody vouches for what the file says. The decision's
            own cap holds too.
        with_flips: Whether to look for the changes that would alter it.

    Returns:
        The decision that the inputs lead to, as JSON.

    Raises:
        InputError: The inputs are missing, malformed, or name other packs.
        PolicyError: A pack does not load.
    """
    question, inspection, said, now, cap = _inputs(decision, packs, cap)
    return decide(question, inspection, said, now=now, cap=cap, with_flips=with_flips).to_json()


def case_again(decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade) -> Case:
    """Lay out a decision's own inputs again, and decide nothing; arguments and errors as for :func:`decide_again`."""
    question, inspection, said, _, cap = _inputs(decision, packs, cap)
    return lay_out(question, inspection, said, cap=cap)[0]


def possible_under(
    decision: Mapping[str, Any], packs: Iterable[PackSource], *, cap: Grade
) -> Iterator[tuple[PackSource, tuple[Verdict, ...]]]:
    """The verdicts that each of some packs alone would leave possible on a decision's own inputs, by its default readings.

    Args:
        decision: A decision as JSON.
        packs: The packs; those that say nothing of the question are left out.
        cap: As for :func:`decide_again`.

    Raises:
        InputError: The inputs are missing or malformed.
    """
    inputs = decision["inputs"]
    bare = dict(decision) | {
        "inputs": inputs | {"packs": [], "request": inputs["request"] | {"switches": {}}}
    }
    question, inspection, said, _, cap = _inputs(bare, (), cap)
    for pack in packs:
        try:
            case = lay_out(replace(question, packs=(pack,)), inspection, said, cap=cap)[0]
            found = possible(case.components)
        except (PolicyError, InputError):
            continue  # it has no rule about this, had not begun, or knows other tiers than were declared
        yield pack, found


def possible_otherwise(
    decision: Mapping[str, Any], packs: Sequence[PackSource], *, cap: Grade
) -> Iterator[tuple[str, str, tuple[Verdict, ...]]]:
    """The verdicts that a decision's own inputs would leave possible in each other reading of one switch.

    Args:
        decision: A decision as JSON.
        packs: Its packs.
        cap: As for :func:`decide_again`.

    Yields:
        ``PACK.SWITCH``, the other reading, and the verdicts.

    Raises:
        InputError: The inputs are missing or malformed, or name other packs.
    """
    question, inspection, said, _, cap = _inputs(dict(decision), packs, cap)
    for pack in map(load_compiled, packs):
        for name, switch in pack.switches.items():
            full = f"{pack.name}.{name}"
            taken = question.switches.get(full, switch["default"])
            for reading in switch["readings"]:
                if reading != taken:
                    asked = replace(question, switches={**question.switches, full: reading})
                    case = lay_out(asked, inspection, said, cap=cap)[0]
                    yield full, reading, possible(case.components)


def _inputs(
    decision: dict[str, Any], packs: Sequence[PackSource], cap: Grade
) -> tuple[Question, Inspection, list[Statement], datetime, Grade]:
    try:
        question, inspection, said = _read(decision, packs)
        cap = min(cap, GRADES[decision["inputs"]["cap"]])
        now = _moment(decision["decided_at"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(
            f"the decision's inputs cannot be read: {type(error).__name__} {error}"[:200],
            hint="give the file as check wrote it",
            code="bad_decision",
        ) from None
    return question, inspection, said, now, cap


def _moment(text: str) -> datetime:
    """When it was decided; written as check writes it, it is read without strptime, which takes 3 ms to import."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        moment = None
    if moment is not None and moment.tzinfo is UTC and f"{moment.replace(tzinfo=None).isoformat()}Z" == text:
        return moment
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _read(
    decision: dict[str, Any], packs: Sequence[PackSource]
) -> tuple[Question, Inspection, list[Statement]]:
    inputs = decision["inputs"]
    request = inputs["request"]
    if request["activity"] not in ACTIVITIES or request["status_mode"] not in STATUS_MODES:
        raise ValueError(f"activity {request['activity']!r} or status {request['status_mode']!r}")
    named = [entry["digest"] for entry in inputs["packs"]]
    if not inputs["destinations"]:
        raise ValueError("no destination")
    if named != [pack.digest for pack in packs]:
        raise InputError("the packs are not those of the decision", code="other_packs")
    question = Question(
        request["activity"],
        tuple(_destination(entry) for entry in inputs["destinations"]),
        tuple(packs),
        parse_day(request["as_of"], "inputs.request.as_of"),
        _operator(inputs),
        request["status_mode"],
        {_fact(fact): GRADES[grade] for fact, grade in request["require_grade"].items()},
        tuple(str(text) for text in request["insecure"]),
        parse_day(request["known_at"], "inputs.request.known_at") if request["known_at"] is not None else "",
        {str(switch): str(reading) for switch, reading in request["switches"].items()},
        dict(request.get("trust", {})),
        tuple(
            SignedSource(str(d["source"]), str(d["digest"]), str(d["envelope"]))
            for d in inputs.get("declarations", ())
        ),
    )
    model = decision["model"]
    manifest = tuple(ManifestEntry(e["name"], e["digest"], e["reported"] is True) for e in inputs["manifest"])
    inspection = Inspection(
        model["reference"],
        model["revision"] or "",
        model["digest"] or "",
        manifest,
        (),
        tuple(str(text) for text in inputs["not_established"]),
    )
    said = [
        decode_statement(FACTS[_fact(e["fact"])], e, f"inputs.statements[{i}]")
        for i, e in enumerate(inputs["statements"])
    ]
    return question, inspection, said


def _fact(name: str) -> str:
    if name not in FACTS:
        raise InputError(f"unknown fact {name!r}", where="inputs", code="unknown_fact")
    return name


def _name(fact: str, raw: Any) -> str:
    return str(parse_scalar(FACTS[fact], raw, "inputs.destinations"))


def _operator(inputs: dict[str, Any]) -> Operator:
    if inputs["operator"] is None:
        return UNKNOWN_OPERATOR
    operator = operator_from_dict(inputs["operator"], inputs["operator_source"] or "inputs.operator")
    marks = {str(key): str(mark) for key, mark in inputs["operator_marks"].items()}
    return replace(operator, source=str(inputs["operator_source"]), marks=marks)


def _destination(entry: dict[str, Any]) -> Destination:
    places = tuple(
        Place(
            None if p["country"] is None else parse_country(p["country"], "inputs.destinations"),
            None if p["subdivision"] is None else _name("destination.subdivision", p["subdivision"]),
            _name("destination.provider", p["provider"]),
            str(p["region"]),
            tuple(str(name) for name in p["within"]),
        )
        for p in entry["places"]
    )
    if not places:
        raise ValueError("a destination without places")
    return Destination(
        entry["name"],
        places,
        entry["complete"] is True,
        entry["source"],
        entry.get("place", ""),
        entry.get("date", ""),
    )
