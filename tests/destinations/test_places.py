"""Facts about a destination that a place settles, and those that it leaves open."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weightgate.destinations.footprint import Place, facts_of, resolve
from weightgate.destinations.regions import region_names
from weightgate.facts.encode import encode_value, parse_value
from weightgate.facts.registry import FACTS, PROVIDERS
from weightgate.facts.values import Known, OneOf, Unknown, allows

NAMES = ["DE", "UA", "UA-43", *(f"{p}/{n}" for p in PROVIDERS for n in region_names(p))]
INPUTS = {name for name, spec in FACTS.items() if name.startswith("destination.") and not spec.derived_from}


@given(st.sampled_from(NAMES))
def test_every_input_fact_is_there_and_in_its_domain(name: str) -> None:
    for place in resolve(name).places:
        facts = facts_of(place)
        assert set(facts) == INPUTS
        for fact, value in facts.items():
            if not isinstance(value, Unknown):
                assert parse_value(FACTS[fact], encode_value(value), "") == value


def test_a_bare_country_has_empty_provider_and_region() -> None:
    facts = facts_of(Place("DE", ""))
    assert facts == {
        "destination.country": Known("DE"),
        "destination.subdivision": Known(""),
        "destination.provider": Known(""),
        "destination.region": Known(""),
    }


def test_a_region_is_known_by_its_name() -> None:
    [place] = resolve("aws/ap-east-1").places
    assert facts_of(place)["destination.provider"] == Known("aws")
    assert facts_of(place)["destination.region"] == Known("ap-east-1")
    assert facts_of(place)["destination.country"] == Known("HK")


def test_a_part_is_known_where_it_is_given_and_unknown_where_it_is_not() -> None:
    assert facts_of(Place("UA", "UA-43"))["destination.subdivision"] == Known("UA-43")
    unknown = facts_of(Place("UA", None))["destination.subdivision"]
    assert unknown == Unknown("which part of UA is not stated")


def test_an_unlisted_place_leaves_all_but_the_provider_open() -> None:
    facts = facts_of(resolve("gcp/eu").places[-1])
    assert facts["destination.provider"] == Known("gcp")
    for name in ("destination.country", "destination.subdivision", "destination.region"):
        assert facts[name] == Unknown("the provider does not list every place of gcp/eu")


def test_a_rule_about_a_region_within_a_multi_region_is_reached() -> None:
    in_italy = next(place for place in resolve("gcp/eu").places if place.country == "IT")
    region = facts_of(in_italy)["destination.region"]
    assert region == OneOf(("eu", "europe-west8", "europe-west12"))
    assert allows(region, "europe-west8")
    assert not allows(region, "europe-west1")
