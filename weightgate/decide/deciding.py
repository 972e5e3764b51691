"""Facts and packs make a decision: the one place where the pieces meet.

The order matters and is the same for every entry: merge what was said into facts, put the facts beside each place's
own, ask every pack about every place, combine, and resolve what is unknown last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from weightgate.decide import explaining, validity
from weightgate.decide.case import Case, Rulebook
from weightgate.decide.decision import Decision
from weightgate.decide.flips import flips_of
from weightgate.destinations.places import Destination
from weightgate.errors import NotAvailableYet, PolicyError, UsageError
from weightgate.facts.encode import encode_statement
from weightgate.facts.merge import contradictions
from weightgate.facts.statements import Grade, Statement
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator
from weightgate.operators.statements import notes, ruled_out, statements_of
from weightgate.policy.cache import load_compiled, load_reading
from weightgate.policy.days import FOREVER
from weightgate.policy.reading import Reading
from weightgate.policy.source import PackSource, shipped_packs
from weightgate.policy.verdicts import settle as settle_verdict
from weightgate.records import record
from weightgate.version import ENGINE

STATUS_MODES = ("as-written", "in-force")


@record
class SignedSource:
    """A signed file that statements came out of, carried along byte for byte.

    Attributes:
        source: Its name.
        digest: ``sha256:…`` of its bytes, by which statements name it.
        envelope: Its text.
    """

    source: str
    digest: str
    envelope: str


@record
class Question:
    """What is asked, apart from the model.

    Attributes:
        activity: What is to be done; a value of the fact ``activity``.
        destinations: Where it goes.
        packs: The packs to ask.
        as_of: Day the decision is about, ``YYYY-MM-DD`` UTC.
        operator: Who runs the destinations.
        status_mode: ``as-written`` applies a pack whatever its status; ``in-force`` leaves out what did not bind.
        require_grade: Least grade that a fact's value must rest on to count.
        insecure: What was asked for that makes this no decision to rely on, in words.
        known_at: Day as of which the law is taken as known; empty for all that the packs hold.
        switches: Readings chosen where a pack's text leaves one open, by ``PACK.SWITCH``.
        trust: Digest and version of the trust file that graded what was signed; empty when there was none.
        declarations: The signed files behind statements of the asker's.
    """

    activity: str
    destinations: tuple[Destination, ...]
    packs: tuple[PackSource, ...]
    as_of: str
    operator: Operator = UNKNOWN_OPERATOR
    status_mode: str = "as-written"
    require_grade: Mapping[str, Grade] = field(default_factory=dict)
    insecure: tuple[str, ...] = ()
    known_at: str = ""
    switches: Mapping[str, str] = field(default_factory=dict)
    trust: Mapping[str, str | int] = field(default_factory=dict)
    declarations: tuple[SignedSource, ...] = ()


def decide(
    question: Question,
    inspection: Inspection,
    declared: Sequence[Statement],
    *,
    now: datetime,
    cap: Grade = Grade.VERIFIED,
    with_flips: bool = True,
) -> Decision:
    """Decide one question about one model.

    Args:
        question: What is asked.
        inspection: The model as it was found.
        declared: What the asker says about facts.
        now: The time of the decision, UTC.
        cap: No fact keeps a better grade than this; for decisions read back from a file.
        with_flips: Whether to look for the changes that would alter it, which takes as long as all the rest.

    Raises:
        PolicyError: A pack does not load, no rule of any pack is about the activity, or nothing was in force.
        InputError: A declared ``destination.tier`` contradicts the destination.
        UsageError: There is no destination.
        NotAvailableYet: The activity is ``export_compute``.
    """
    case, asked, left_out = lay_out(question, inspection, declared, cap=cap)
    settled = case.settle()
    reasons = explaining.reasons(case)
    return Decision(
        verdict=settle_verdict(settled.possible),
        possible=tuple(str(v) for v in settled.possible),
        decided_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        engine=ENGINE,
        activity=question.activity,
        as_of=question.as_of,
        known_at=question.known_at or now.date().isoformat(),
        status_mode=question.status_mode,
        switches=_switches(asked),
        hypothetical=_hypothetical(question, inspection, now),
        model=_named(reference=inspection.reference, revision=inspection.revision, digest=inspection.digest),
        operator=_operator(question.operator),
        destinations=explaining.place_verdicts(case),
        reasons=reasons,
        missing=explaining.missing(case, settled),
        flips=flips_of(case, settled.possible) if with_flips else (),
        conditions=explaining.conditions(case),
        contradictions=(*contradictions(case.facts_shown), *case.tier_contradictions),
        rests_on=case.rests_on(settled.possible),
        not_established=_not_established(question, inspection, case.rulebooks),
        left_out=tuple(left_out),
        valid_until=validity.valid_until(case),
        packs=explaining.pack_verdicts(case, asked),
        facts=case.facts_shown,
        inputs=_inputs(question, inspection, (*inspection.statements, *declared), cap),
    )


def lay_out(
    question: Question, inspection: Inspection, declared: Sequence[Statement], *, cap: Grade
) -> tuple[Case, list[Rulebook], list[dict[str, str]]]:
    """Put packs and facts beside each other, and decide nothing; arguments and errors as for :func:`decide`.

    Returns:
        The case, the packs that were asked, those not applicable included, and what ``in-force`` left out.
    """
    if question.activity == "export_compute":
        raise NotAvailableYet("--activity export_compute")
    if not question.destinations or not all(d.places for d in question.destinations):
        raise UsageError("no destination", hint="say where it goes: of no place, nothing can be said")
    asked, left_out = _rulebooks(question)
    rulebooks = [r for r in asked if r.rules is not None]
    if not rulebooks:
        raise _nothing_to_ask(question, asked, left_out)
    said = (*inspection.statements, *declared, *statements_of(question.operator, question.as_of))
    case = Case(
        question.activity, question.as_of, question.destinations, tuple(rulebooks), question.operator,
        inspection.digest, tuple(said), question.require_grade, cap,
    )  # fmt: skip
    return case, asked, left_out


def _rulebooks(question: Question) -> tuple[list[Rulebook], list[dict[str, str]]]:
    """The packs to ask, those not applicable included; and the packs and rules that ``in-force`` leaves out."""
    asked: list[Rulebook] = []
    left_out: list[dict[str, str]] = []
    in_force, day = question.status_mode == "in-force", question.as_of
    unused = set(question.switches)
    for source in question.packs:
        pack = load_compiled(source)
        chosen = {s.rpartition(".")[2]: s for s in question.switches if s.rpartition(".")[0] == pack.name}
        unused -= set(chosen.values())
        switches = {name: question.switches[full] for name, full in chosen.items()}
        pack = load_reading(pack, source, Reading(question.known_at or FOREVER, switches, in_force))
        rulebook = Rulebook.of(pack, source, day, question.activity)
        if any(r.name == rulebook.name for r in asked):
            raise PolicyError(
                f"two packs are called {rulebook.name!r}", where=source.locator, hint="rename one"
            )
        if in_force and not rulebook.binding:
            because = f"{rulebook.status} on {day}"
            left_out.append({"pack": rulebook.name, "status": rulebook.status, "because": because})
            continue
        asked.append(rulebook)
        left_out += [
            {"pack": rulebook.name, "rule": rule, "status": status, "because": f"{status} on {day}"}
            for rule, status in (rulebook.span.left_out if rulebook.span else ())
        ]
    if unused:
        raise _unused(min(unused), [r.name for r in asked])
    return asked, left_out


def _unused(switch: str, packs: Sequence[str]) -> UsageError:
    pack, dot, _ = switch.rpartition(".")
    message = (
        f"{switch!r} sets a switch of {pack!r}, which is not asked" if dot else f"{switch!r} names no pack"
    )
    hint = f"write PACK.SWITCH=READING; asked are {', '.join(packs)}"
    return UsageError(message, where="--set", hint=hint, code="unknown_switch")


def _switches(asked: Iterable[Rulebook]) -> dict[str, dict[str, str]]:
    """The reading taken of every switch of every pack, beside its default."""
    return {
        f"{book.name}.{name}": {"value": book.pack.chosen[name], "default": switch["default"]}
        for book in asked
        for name, switch in book.pack.switches.items()
    }


def _nothing_to_ask(
    question: Question, asked: Sequence[Rulebook], left_out: Sequence[Mapping[str, str]]
) -> PolicyError:
    if left_out:
        names = ", ".join(f"{entry['pack']} ({entry['because']})" for entry in left_out)
        hint = "leave --status out to apply packs as written"
        return PolicyError(f"nothing was in force: {names}", hint=hint, code="nothing_in_force")
    names = ", ".join(f"{r.name} ({_why_not(r, question.known_at)})" for r in asked)
    message = (
        f"no pack has a rule about {question.activity} on {question.as_of}: {names or 'no pack was asked'}"
    )
    return PolicyError(message, hint="choose another pack, activity or day", code="not_applicable")


def _why_not(rulebook: Rulebook, known_at: str) -> str:
    if not rulebook.pack.spans:
        return f"was not known on {known_at}"
    return "has no such rule" if rulebook.begun else f"begins on {rulebook.begins}"


def _hypothetical(question: Question, inspection: Inspection, now: datetime) -> str:
    today = now.date().isoformat()
    why = [f"as_of {question.as_of} is not today, {today}"] if question.as_of != today else []
    if question.known_at:
        why.append(f"the law as known on {question.known_at}")
    if question.status_mode != "as-written":
        why.append(f"status {question.status_mode}")
    if inspection.reference == "-":
        why.append("no model at hand")
    return "; ".join((*why, *question.insecure))


def _not_established(
    question: Question, inspection: Inspection, rulebooks: Iterable[Rulebook]
) -> tuple[str, ...]:
    shipped = shipped_packs()
    posing = [
        f"That {r.name} is the pack that ships under this name: it was read from {r.source.locator}."
        for r in rulebooks
        if r.name in shipped and r.source.locator != f"shipped:{r.name}"
    ]
    places = [(d.name, place) for d in question.destinations for place in d.places]
    out = ruled_out(question.operator, places, question.activity, inspection.digest, question.as_of)
    return (*inspection.not_established, *notes(question.operator), *out, *posing)


def _operator(operator: Operator) -> dict[str, str | None]:
    return {
        "name": operator.name,
        "headquarters": operator.headquarters,
        "ultimate_parent": operator.ultimate_parent,
        "digest": operator.digest if operator != UNKNOWN_OPERATOR else None,
    }


def _named(**texts: str) -> dict[str, str | None]:
    return {key: text or None for key, text in texts.items()}


def _inputs(
    question: Question, inspection: Inspection, said: Iterable[Statement], cap: Grade
) -> dict[str, object]:
    """All that :func:`weightgate.decide.again.decide_again` needs to come to the same decision."""
    operator = question.operator
    carried = [
        {"source": d.source, "digest": d.digest, "envelope": d.envelope} for d in question.declarations
    ]
    return {
        "request": {
            "activity": question.activity,
            "to": [d.name for d in question.destinations],
            "as_of": question.as_of,
            "known_at": question.known_at or None,
            "status_mode": question.status_mode,
            "switches": dict(question.switches),
            "require_grade": {fact: str(grade) for fact, grade in question.require_grade.items()},
            "insecure": list(question.insecure),
            **({"trust": dict(question.trust)} if question.trust else {}),
        },
        "destinations": [_destination(d) for d in question.destinations],
        "operator": operator.to_dict() if operator != UNKNOWN_OPERATOR or operator.source else None,
        "operator_source": operator.source,
        "operator_marks": dict(operator.marks),
        "cap": str(cap),
        "statements": [{"fact": s.fact, **encode_statement(s)} for s in said],
        "manifest": [
            {"name": e.name, "digest": e.digest, "reported": e.reported} for e in inspection.manifest
        ],
        "not_established": list(inspection.not_established),
        "packs": [{"name": p.name, "digest": p.digest, "locator": p.locator} for p in question.packs],
        **({"declarations": carried} if carried else {}),
    }


def _destination(destination: Destination) -> dict[str, object]:
    places = [
        {
            "country": p.country,
            "subdivision": p.subdivision,
            "provider": p.provider,
            "region": p.region,
            "within": list(p.within),
        }
        for p in destination.places
    ]
    return {
        "name": destination.name,
        "places": places,
        "complete": destination.complete,
        "source": destination.source,
        "place": destination.place,
        "date": destination.date,
    }
