"""Several places: regions, multi-regions, parts of countries, and the worst of them."""

from __future__ import annotations

import pytest

from tests.decide.samples import (
    ALLOW,
    CLOSED,
    CONDITIONS,
    DENY,
    LICENSE,
    OPEN,
    UNSETTLED,
    ask,
    company,
    pack,
    rule,
)
from weightgate.destinations.footprint import resolve
from weightgate.facts.values import Members
from weightgate.operators.profile import Authorization


@pytest.mark.parametrize(
    ("to", "verdict"),
    [(["DE", "JP"], ALLOW), (["DE", "AE"], LICENSE), (["AE", "CN"], DENY), (["DE", "CN", "AE"], DENY),
     (["aws/eu-central-1", "aws/ap-east-1"], DENY), (["gcp/asia1"], ALLOW)],
    ids="+".join,
)  # fmt: skip
def test_the_worst_place_decides(to: list[str], verdict: str) -> None:
    decision = ask(to, CLOSED, company("US"))
    assert decision.verdict == verdict
    assert (
        max(decision.destinations, key=lambda d: [ALLOW, CONDITIONS, LICENSE, DENY].index(d.verdict)).verdict
        == verdict
    )
    assert ask(to, OPEN, company("US")).verdict == ALLOW


def test_each_place_has_its_own_verdict_and_tier() -> None:
    decision = ask(["DE", "AE", "CN"], CLOSED, company("US", secure=True))
    assert [
        (d.name, d.country, d.tiers["us-ai-diffusion-draft"], d.verdict) for d in decision.destinations
    ] == [
        ("DE", "DE", 1, ALLOW),
        ("AE", "AE", 2, CONDITIONS),
        ("CN", "CN", 3, DENY),
    ]


def test_an_incomplete_multi_region_has_one_unknown_country() -> None:
    destination = resolve("gcp/eu")
    assert not destination.complete
    decision = ask("gcp/eu", CLOSED, company("US", secure=True))
    assert decision.verdict == UNSETTLED
    unknown = decision.destinations[-1]
    assert (unknown.country, unknown.tiers["us-ai-diffusion-draft"]) == (None, None)
    assert unknown.possible == (ALLOW, CONDITIONS, DENY)
    assert [m.fact for m in decision.missing] == ["destination.country"]
    assert "--to" in decision.missing[0].would_accept
    assert ask("gcp/eu", OPEN, company("US")).verdict == ALLOW


def test_global_reaches_tier_3() -> None:
    assert ask("aws/global", CLOSED, company("US", secure=True)).verdict in (DENY, UNSETTLED)
    assert DENY in ask("aws/global", CLOSED, company("US", secure=True)).possible


def test_a_region_lies_in_its_country() -> None:
    assert ask("aws/cn-north-1", CLOSED).destinations[0].country == "CN"
    assert ask("azure/chinanorth3", CLOSED).verdict == DENY


def test_hong_kong_is_hong_kong_and_counts_with_china() -> None:
    decision = ask("aws/ap-east-1", CLOSED)
    assert (decision.destinations[0].country, decision.verdict) == ("HK", DENY)


def test_a_country_whose_parts_a_rule_tells_apart_has_an_unknown_part() -> None:
    occupied = pack(rule('destination.subdivision in ["UA-43", "UA-40"]'))
    assert ask("UA", {}, packs=(occupied,)).possible == (ALLOW, DENY)
    assert ask("UA-43", {}, packs=(occupied,)).verdict == DENY
    assert ask("UA-09", {}, packs=(occupied,)).verdict == ALLOW
    assert ask("DE", {}, packs=(occupied,)).verdict == ALLOW


def test_a_rule_about_a_region_reaches_the_multi_region_that_may_be_it() -> None:
    named = pack(rule('destination.region == "asia-northeast1"'))
    assert ask("gcp/asia-northeast1", {}, packs=(named,)).verdict == DENY
    assert ask("gcp/asia1", {}, packs=(named,)).possible == (ALLOW, DENY)
    assert ask("gcp/asia-northeast2", {}, packs=(named,)).verdict == ALLOW


def test_standing_is_worked_out_place_by_place() -> None:
    held = (Authorization("NVEU", ("AE",)),)
    operator = company("AE", held=held)
    decision = ask(["AE", "IN"], CLOSED, operator)
    assert [d.verdict for d in decision.destinations] == [ALLOW, LICENSE]
    assert decision.verdict == LICENSE
    assert decision.facts["operator.authorizations"].value == Members(frozenset(), frozenset({"NVEU"}))


def test_missing_names_the_destinations_it_is_about() -> None:
    decision = ask(["AE", "IN", "DE"], CLOSED, company("AE", held=None))
    (missing,) = decision.missing
    assert missing.fact == "operator.authorizations"
    assert missing.destinations == ("AE", "IN")
    assert all(value.startswith(("AE: ", "IN: ")) for value, _ in missing.outcomes)


def test_a_hundred_places_are_decided_at_once() -> None:
    from weightgate.facts.countries import COUNTRIES

    decision = ask(list(COUNTRIES), CLOSED, company("AE", held=None))
    assert decision.verdict == DENY
    lenient = [code for code in COUNTRIES if ask(code, CLOSED, company("AE")).verdict == LICENSE][:60]
    assert ask(lenient, CLOSED, company("AE", held=None)).possible == (ALLOW, LICENSE)
