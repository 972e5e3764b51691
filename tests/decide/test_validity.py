"""How long a decision holds, and when it is one about now and here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.decide.samples import CLOSED, DAY, DRAFT, NOW, OPEN, ask, company, pack, question, rule
from weightgate.decide import decide
from weightgate.decide.decision import Decision
from weightgate.facts.factfile import declare
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import Authorization
from weightgate.policy.source import PackSource


def until(decision: Decision) -> tuple[str | None, str | None]:
    return decision.valid_until["date"], decision.valid_until["because"]


@pytest.mark.parametrize(
    ("as_of", "day"),
    [("2025-01-09", "2025-01-14"), ("2025-01-14", "2025-01-14"), ("2025-01-15", "2026-02-02"), ("2026-02-02", "2026-02-02"),
     ("2026-02-03", "2026-05-31"), ("2026-06-01", None)],
)  # fmt: skip
def test_until_the_pack_changes(as_of: str, day: str | None) -> None:
    found, because = until(ask("DE", OPEN, as_of=as_of))
    assert found == day
    assert (because is None) == (day is None)


def test_until_its_status_changes() -> None:
    assert until(ask("DE", OPEN, as_of="2025-01-10")) == (
        "2025-01-14",
        "us-ai-diffusion-draft is superseded from 2025-01-15",
    )


def test_until_a_standard_lapses() -> None:
    decision = ask("AE", CLOSED, company("US", secure=True), as_of="2026-06-02")
    assert decision.valid_until["date"] == "2026-12-31"
    assert "security standard" in str(decision.valid_until["because"])


def test_until_an_authorisation_begins_or_lapses() -> None:
    for entry, day in (
        (Authorization("NVEU", ("AE",), until="2026-07-01"), "2026-07-01"),
        (Authorization("NVEU", ("AE",), start="2026-08-01"), "2026-07-31"),
    ):
        assert ask("AE", CLOSED, company("AE", held=(entry,)), as_of="2026-06-02").valid_until["date"] == day


def test_until_a_declaration_lapses() -> None:
    facts = {"model.openness": {"value": "closed", "until": "2026-05-10"}}
    assert until(ask("DE", facts)) == ("2026-05-10", "model.openness is declared until 2026-05-10")
    assert (
        ask("DE", {"model.openness": {"value": "open", "until": "2026-04-30"}}, company("CN")).verdict
        == "indeterminate"
    )


def test_until_a_rule_turns() -> None:
    turning = pack(rule('as_of >= "2026-05-20"'))
    assert until(ask("DE", {}, packs=(turning,))) == ("2026-05-19", "a rule of extra turns on 2026-05-20")
    assert ask("DE", {}, packs=(turning,), as_of="2026-05-19").verdict == "allow"
    assert ask("DE", {}, packs=(turning,), as_of="2026-05-20").verdict == "deny"


def test_the_soonest_of_all_counts() -> None:
    turning = pack(rule('as_of >= "2026-05-20"'))
    facts = {"model.openness": {"value": "closed", "until": "2026-05-25"}}
    assert ask("DE", facts, packs=(DRAFT, turning)).valid_until["date"] == "2026-05-19"


def test_a_decision_about_now_and_here_is_not_hypothetical() -> None:
    decision = ask("DE", CLOSED)
    assert decision.hypothetical == ""
    assert decision.to_json()["hypothetical"] is False
    assert decision.known_at == DAY


@pytest.mark.parametrize(
    ("as_of", "mode", "reference", "insecure", "why"),
    [
        ("2026-04-30", "as-written", "./m", (), "as_of 2026-04-30 is not today, 2026-05-01"),
        (DAY, "in-force", "./m", (), "status in-force"),
        (DAY, "as-written", "-", (), "no model at hand"),
        (DAY, "as-written", "./m", ("no TLS",), "no TLS"),
        ("2026-05-02", "in-force", "-", ("no TLS",),
         "as_of 2026-05-02 is not today, 2026-05-01; status in-force; no model at hand; no TLS"),
    ],
)  # fmt: skip
def test_hypothetical_says_why(
    as_of: str, mode: str, reference: str, insecure: tuple[str, ...], why: str
) -> None:
    effective = PackSource("p", "p", pack(rule("false")).text)
    asked = question(
        "DE", company("US"), as_of=as_of, status_mode=mode, insecure=insecure, packs=(effective,)
    )
    decision = decide(asked, Inspection(reference), [], now=NOW)
    assert decision.hypothetical == why
    assert decision.to_json()["hypothetical"] == why


def test_today_is_utc() -> None:
    asked = question("DE", company("US"))
    late = datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC)
    decision = decide(asked, Inspection("./m"), declare(CLOSED, "f", DAY), now=late)
    assert (decision.hypothetical, decision.decided_at) == ("", "2026-05-01T23:59:59Z")
