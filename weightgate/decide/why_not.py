"""Why a case does not come to a verdict, in words; needed by ``explain --why-not`` alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weightgate.decide.case import ORDER_PACK, Case, Rulebook
from weightgate.decide.explaining import source_of
from weightgate.decide.flips import flips_of, tiers_of
from weightgate.facts.encode import encode_value
from weightgate.facts.values import Value
from weightgate.facts.words import value_text
from weightgate.policy.compiled import CompiledRule
from weightgate.policy.counterfactual.why_not import (
    InTheWay,
    Kept,
    Needed,
    in_the_way,
    kept,
    label_of,
    names_in,
)
from weightgate.policy.ir import And, Condition, Not
from weightgate.policy.joint import possible
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import VERDICTS, Verdict, settle

Row = dict[str, Any]


def why_not(case: Case, verdict: str, reading: Reading) -> Row:
    """What keeps a case from a verdict.

    Args:
        case: The question.
        verdict: A definite verdict.
        reading: How its packs were read: the day of knowledge, and whether only what is in force counts.

    Returns:
        ``verdict``, and ``already`` whether the case comes to it. Unless it does: ``in_the_way``, the rules that apply and
        are stricter, each with the facts that make it apply and what kept its exemption from applying;
        ``kept``, the rules that would bring it about, each with what kept it from applying; and ``flips``, the
        smallest changes that would lead there, none if none were found within the bounds of the search.
    """
    asked, now = VERDICTS[verdict], case.settle().possible
    if settle(now) == verdict:
        return {"verdict": verdict, "already": True, "in_the_way": [], "kept": [], "flips": []}
    return {
        "verdict": verdict,
        "already": False,
        "in_the_way": [*_in_the_way(case, asked, reading), *_orders(case, asked)],
        "kept": _kept(case, asked, now),
        "flips": [flip.to_json() for flip in flips_of(case, now, asked)],
    }


def reading_of(decision: Mapping[str, Any]) -> Reading:
    """How a decision's packs were read, apart from their switches."""
    known_at = decision["inputs"]["request"]["known_at"] or decision["decided_at"][:10]
    return Reading(known_at, {}, decision["inputs"]["request"]["status_mode"] == "in-force")


def _in_the_way(case: Case, asked: Verdict, reading: Reading) -> list[Row]:
    rows = []
    books = {book.name: book for book in case.rulebooks}
    exemptions = {name: _exemptions(case, book, reading) for name, book in books.items()}
    for component in case.components:
        if component.pack != ORDER_PACK:
            book = books[component.pack]
            found = in_the_way(component, book.default, asked, exemptions[book.name])
            rows += [_stands(case, book, one) for one in found]
    return _joined(rows)


def _exemptions(case: Case, book: Rulebook, reading: Reading) -> dict[str, Condition]:
    """The ``unless`` of a pack's rules, by their identifiers."""
    own = Reading(reading.known_at, dict(book.pack.chosen), reading.in_force)
    standing = Pack(book.source).at(case.as_of, own)
    found = {}
    for rule in standing.rules if standing else ():
        match rule.condition:
            case And((*_, Not(exempt))) | Not(exempt) if rule.rule.unless is not None:
                found[rule.rule.id] = exempt
            case _:
                pass
    return found


def _kept(case: Case, asked: Verdict, now: Sequence[Verdict]) -> list[Row]:
    """Rules that would bring the verdict about, or loosen more; of a verdict that would be stricter, just those."""
    looser = asked < max(now)
    rows = []
    books = {book.name: book for book in case.rulebooks}
    for component in case.components:
        if component.pack == ORDER_PACK:
            continue
        standing = {rule.id for rule in _applying(case, component.pack, component.place)}

        def wanted(rule: CompiledRule, standing: set[str] = standing) -> bool:
            if rule.by_licence and rule.id not in standing:
                return False  # a licence would lift a rule that does not stand in the way
            return rule.verdict <= asked if looser else rule.verdict is asked

        rows += [_held_back(case, books[component.pack], one) for one in kept(component, wanted)]
    return _joined(rows)


def _applying(case: Case, pack: str, place: int) -> list[CompiledRule]:
    component = next(c for c in case.components if c.pack == pack and c.place == place)
    found = in_the_way(component, Verdict.ALLOW, Verdict.ALLOW, {})
    return [one.rule for one in found if one.rule is not None]


def _stands(case: Case, book: Rulebook, one: InTheWay) -> Row:
    because = [
        {
            "fact": fact,
            "value": value_text(encode_value(value)),
            "source": source_of(case, book, fact, one.place),
        }
        for fact, value in one.because
    ]
    return {
        **_rule(case, book, one.rule, one.verdict, one.place),
        "applies": "yes" if one.certain else "possibly",
        "because": because,
        "exemption": _needed(case, book, one.exemption, one.place),
    }


def _held_back(case: Case, book: Rulebook, one: Kept) -> Row:
    return {
        **_rule(case, book, one.rule, one.rule.verdict, one.place),
        "applies": "possibly" if one.possible else "no",
        "kept_by": _needed(case, book, one.by, one.place),
    }


def _rule(case: Case, book: Rulebook, rule: CompiledRule | None, verdict: Verdict, place: int) -> Row:
    text: Mapping[str, Any] = rule.text if rule else book.pack.default
    lifted = "; a licence in scope lifts it" if rule and rule.by_licence else ""
    return {
        "pack": book.name,
        "rule": rule.id if rule else "default",
        "title": text["title"] + lifted,
        "verdict": str(verdict),
        "destinations": [case.places[place][0].name],
    }


def _needed(case: Case, book: Rulebook, needed: Iterable[Needed], place: int) -> list[Row]:
    return [
        {
            "fact": one.fact,
            "value": value_text(encode_value(one.value)) + _tier(case, one.value),
            "needed": " and ".join(
                label_of(c, chosen) + tiers_of(case, names_in(c, chosen)) for c, chosen in one.cells
            ),
            "source": source_of(case, book, one.fact, place),
        }
        for one in needed
    ]


def _tier(case: Case, value: Value) -> str:
    known = encode_value(value).get("value")
    return tiers_of(case, [known]) if isinstance(known, str) else ""


def _orders(case: Case, asked: Verdict) -> list[Row]:
    """Orders that stand in the way; nothing but their end lifts them."""
    rows = []
    for component in case.components:
        verdicts = possible([component]) if component.pack == ORDER_PACK else ()
        if verdicts and max(verdicts) > asked:
            rows.append(
                {
                    "pack": ORDER_PACK,
                    "rule": component.rules.variables[0].key[1],
                    "title": "stated in the operator file, outranks packs upwards",
                    "verdict": str(max(verdicts)),
                    "destinations": [case.places[component.place][0].name],
                    "applies": "yes" if len(verdicts) == 1 else "possibly",
                    "because": [],
                    "exemption": [],
                }
            )
    return _joined(rows)


def _joined(rows: Iterable[Row]) -> list[Row]:
    """Rows that say the same of several destinations, as one."""
    found: list[Row] = []
    for row in rows:
        same = next((r for r in found if {**r, "destinations": 0} == {**row, "destinations": 0}), None)
        if same is None:
            found.append(row)
        else:
            same["destinations"] = list(dict.fromkeys([*same["destinations"], *row["destinations"]]))
    return found
