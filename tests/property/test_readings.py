"""Packs as known on a day, with switches set, and in force: each reading is that of a pack rewritten by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from tests.property.corpus import PROPOSED_THEN_EFFECTIVE
from tests.property.dated_packs import (
    Document,
    as_pack,
    dated_packs,
    packs_and_readings,
    source_of,
)
from tests.property.strategies import partly
from weightgate.decide.case import Rulebook
from weightgate.facts.registry import ACTIVITIES
from weightgate.facts.values import Known, Value
from weightgate.policy.cache import load_compiled
from weightgate.policy.compile import compile_pack
from weightgate.policy.compiled import CompiledPack
from weightgate.policy.days import FOREVER, day_before, next_day
from weightgate.policy.define import Part, Ruling, define, worlds
from weightgate.policy.joint import Component, possible
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import VERDICTS

SWITCHED = re.compile(r'switches\.(\w+) (==|!=) "(\w+)"')
Row = Document


def days_of(document: Document) -> list[str]:
    """Every day of a pack's text, and the days beside it."""
    said = set(re.findall(r"\d{4}-\d{2}-\d{2}", json.dumps(document)))
    return sorted({near for day in said for near in (day_before(day), day, next_day(day))})


def rulings(standing: PackAt, activity: str) -> tuple[Ruling, ...]:
    """The rules about an activity, for the definition."""
    about = (r for r in standing.rules if activity in r.rule.activity)
    return tuple(Ruling(r.condition, VERDICTS[r.rule.verdict]) for r in about)


def stretches(pack: Pack, reading: Reading, document: Document) -> Iterator[tuple[str, PackAt, str]]:
    """Each day, how the pack stands on it, and each activity; stretches that are no day long would be seen."""
    for day in days_of(document):
        standing = pack.at(day, reading)
        if standing is not None:
            yield from ((day, standing, activity) for activity in ACTIVITIES)


@settings(max_examples=25)
@given(packs_and_readings(), partly(3))
def test_a_compiled_reading_is_the_definition_of_what_was_read(
    asked: tuple[Document, Reading], values: dict[str, Value]
) -> None:
    document, reading = asked
    pack = as_pack(document)
    compiled = compile_pack(pack, reading)
    default = VERDICTS[pack.document.default.verdict]
    assert [d for d in days_of(document) if compiled.at(d)] == [
        d for d in days_of(document) if pack.at(d, reading)
    ]
    for day, standing, activity in stretches(pack, reading, document):
        span, rules = compiled.at(day), rulings(standing, activity)
        assert span is not None
        assert (activity in span.activities) == bool(rules)
        if rules:
            known = {**values, "as_of": Known(day), "activity": Known(activity)}
            part = Part(0, rules, default, standing.tiers, known, "dated")
            assume(sum(1 for _ in zip(range(301), worlds([part]), strict=False)) <= 300)
            component = Component("dated", 0, span.activities[activity], known, span.tiers)
            assert set(possible([component])) == define([part])


def day_by_day(compiled: CompiledPack, days: Sequence[str]) -> list[object]:
    """How a compiled pack stands on each day, however its time is cut into stretches."""
    spans = map(compiled.at, days)
    return [s and (s.tiers, s.activities, s.left_out) for s in spans]


@settings(max_examples=40)
@given(packs_and_readings())
def test_a_reading_in_its_simplest_form_says_the_same(asked: tuple[Document, Reading]) -> None:
    document, reading = asked
    pack, source = as_pack(document), source_of(document)
    loaded, written = load_compiled(source, reading), compile_pack(pack)
    normal = written.normal(reading)
    assert written.normal(normal) == normal
    event(f"simpler: {normal != reading}")
    if reading.in_force and not written.own_status:
        # The pack is left out as a whole, or not at all, by whoever asks it; no rule of it is.
        reading = Reading(reading.known_at, reading.switches)
    assert loaded == compile_pack(pack, reading)
    assert load_compiled(source, reading) == loaded


@settings(max_examples=40)
@given(packs_and_readings())
def test_as_known_on_a_day_is_without_what_became_known_later(asked: tuple[Document, Reading]) -> None:
    document, reading = asked
    pack = as_pack(document)
    as_known = compile_pack(pack, reading)
    status = [row for row in document["status"] if known(row) <= reading.known_at]
    rules = [without_late_status(ended(rule, reading.known_at), reading.known_at) for rule in document["rules"]
             if known(rule) <= reading.known_at]  # fmt: skip
    event(f"nothing known: {not status}")
    if not status:
        assert (as_known.spans, as_known.status) == ((), ())
        return
    if not rules:
        assert not any(span.activities or span.left_out for span in as_known.spans)
        return
    left = document | {
        "status": status,
        "rules": rules,
        "values": {name: known_rows(rows, reading.known_at) for name, rows in document["values"].items()},
    }
    tier = document["tables"]["tier"]
    left["tables"] = {"tier": {**tier, "rows": known_rows(tier["rows"], reading.known_at)}}
    by_hand = compile_pack(as_pack(left), Reading(FOREVER, reading.switches, reading.in_force))
    days = days_of(document)
    assert day_by_day(as_known, days) == day_by_day(by_hand, days)
    assert as_known.status == by_hand.status


def known(row: Row) -> str:
    """The day on which a row became known, empty for a rule that was always there."""
    return str(row.get("known", row.get("from", "")))


def ended(row: Row, day: str) -> Row:
    """The row with its end, if that was known by a day."""
    if "until" not in row or row.get("until_known", next_day(row["until"])) <= day:
        return row
    return {key: value for key, value in row.items() if key not in ("until", "until_known")}


def known_rows(rows: list[Row], day: str) -> list[Row]:
    """The rows that were known by a day, as they were."""
    return [ended(row, day) for row in rows if known(row) <= day]


def without_late_status(rule: Row, day: str) -> Row:
    """A rule with the statuses that were known by a day."""
    return {**rule, "status": [row for row in rule.get("status", []) if known(row) <= day]}


@settings(max_examples=40)
@given(packs_and_readings())
def test_a_switch_that_is_set_is_a_constant_in_the_text(asked: tuple[Document, Reading]) -> None:
    document, reading = asked
    taken = {name: switch["default"] for name, switch in document["switches"].items()} | dict(
        reading.switches
    )

    def constant(said: re.Match[str]) -> str:
        return str((taken[said[1]] == said[3]) is (said[2] == "==")).lower()

    written = {name: SWITCHED.sub(constant, text) for name, text in document["define"].items()}
    rules = [
        rule | {key: SWITCHED.sub(constant, rule[key]) for key in ("when", "unless") if key in rule}
        for rule in document["rules"]
    ]
    by_hand = {**document, "define": written, "rules": rules, "switches": {}}
    assert "switches." not in json.dumps(by_hand)
    set_there = compile_pack(as_pack(document), reading)
    constants = compile_pack(as_pack(by_hand), Reading(reading.known_at, {}, reading.in_force))
    assert set_there.spans == constants.spans


@settings(max_examples=40)
@given(dated_packs(), st.sampled_from(ACTIVITIES))
@example(PROPOSED_THEN_EFFECTIVE, "host")
def test_in_force_is_without_the_rules_that_bound_nobody(document: Document, activity: str) -> None:
    source, written = source_of(document), as_pack(document)
    compiled = load_compiled(source, Reading(in_force=True))
    rewritten: dict[tuple[str, ...], CompiledPack] = {}
    for day in [day for day in days_of(document) if written.at(day)]:
        book, worth = Rulebook.of(compiled, source, day, activity), worth_on(document, day)
        assert book.span is not None
        rules = [rule for rule in document["rules"] if worth.get(rule["id"], "effective") == "effective"]
        left = tuple(rule["id"] for rule in rules)
        event(f"left: {len(left)} of {len(document['rules'])}")
        if left and left not in rewritten:
            rewritten[left] = compile_pack(as_pack({**document, "rules": rules}))
        by_hand = rewritten[left].at(day) if left else None
        assert (book.span.activities if book.binding else {}) == (by_hand.activities if by_hand else {})
        standing = written.at(day, Reading(in_force=True))
        assert standing is not None
        assert {one.rule.id for one in standing.rules} <= set(left)
        assert len(standing.rules) + len(standing.left_out) == len(worth)
        assert not {"effective"} & {status for _, status in standing.left_out}
        if compiled.own_status:
            assert dict(book.span.left_out) == {
                r: status for r, status in worth.items() if status != "effective"
            }


def worth_on(document: Document, day: str) -> dict[str, str]:
    """What the text of each rule was worth that is there on a day: its own latest word, else the pack's."""
    return {
        rule["id"]: worth_of(rule, document, day)
        for rule in document["rules"]
        if rule.get("from", "") <= day <= rule.get("until", FOREVER)
    }


def worth_of(rule: Row, document: Document, day: str) -> str:
    """What a rule's text was worth on a day: its own latest word, else the pack's."""
    for rows in (rule.get("status", []), document["status"]):
        begun = sorted((row["from"], row["status"]) for row in rows if row["from"] <= day)
        if begun:
            return str(begun[-1][1])
    return ""
