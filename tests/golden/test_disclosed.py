"""Minimal attestations of every version so far verify for ever, and so do their openings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.golden.frozen import Frozen
from weightgate.attest.disclosure.commitments import Opening, read_openings
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.verify import verify
from weightgate.decide.again import decide_again

FROZEN = Frozen("disclosed-v1")
NAMES = tuple(FROZEN.expected["attestations"])


def expected(name: str) -> dict[str, Any]:
    return dict(FROZEN.expected["attestations"][name])


def openings(name: str) -> tuple[Opening, ...]:
    return read_openings(FROZEN.read(expected(name)["openings"]), name)


def report(name: str, *shown: Opening, operator: str | None = None) -> Report:
    asked = Asked(openings=shown, operator=operator)
    return verify(FROZEN.read(name), keys=[FROZEN.key], at=FROZEN.at, asked=asked, decide_again=decide_again)


def state(found: Report, check: str) -> str:
    return next(str(c.state) for c in found.checks if c.id == check)


@pytest.mark.parametrize("name", NAMES)
def test_it_verifies_and_replays_without_any_secret(name: str) -> None:
    found = report(name)
    assert found.genuine, found.checks
    assert (found.verdict, int(found.exit)) == (expected(name)["verdict"], expected(name)["exit"])
    assert (state(found, "disclosure"), state(found, "replay")) == ("not_established", "established")


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_said(name: str) -> None:
    decision = report(name).decision
    assert decision is not None
    for fact, said in expected(name)["said"].items():
        assert {key: decision["facts"][fact][key] for key in said} == said


@pytest.mark.parametrize("name", NAMES)
def test_its_openings_show_what_was_withheld(name: str) -> None:
    shown = openings(name)
    found = report(name, *shown)
    assert (found.genuine, state(found, "disclosure")) == (True, "established")
    values = {o.item: o.value["value"] for o in shown if o.item in expected(name)["opened"]}
    assert values == expected(name)["opened"]
    assert {o.item for o in shown} <= set(expected(name)["withheld"])
    text = json.dumps(found.decision)
    assert all(repr(value) not in text for value in values.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_openings_of_another_open_nothing(name: str) -> None:
    for other in NAMES:
        if other != name:
            assert state(report(name, *openings(other)), "disclosure") == "contradicted"


@pytest.mark.parametrize("place", range(64))
def test_every_digit_of_a_salt_counts(place: int) -> None:
    first = openings("minimal.json")[0]
    digit = "0" if first.salt[place] != "0" else "1"
    wrong = replace(first, salt=first.salt[:place] + digit + first.salt[place + 1 :])
    assert state(report("minimal.json", wrong), "disclosure") == "contradicted"


def test_the_operator_is_bound_by_the_opening_of_its_digest() -> None:
    found = report("minimal.json", *openings("minimal.json"), operator=FROZEN.expected["operator"])
    assert state(found, "operator") == "established"
