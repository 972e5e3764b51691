"""Destinations of a grant: covered by places, whatever an attestation calls them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.samples import decide
from weightgate.attest.trust.cover import attested_destinations, outside
from weightgate.destinations.footprint import resolve
from weightgate.destinations.places import Destination, Place

NAMES = (
    "DE",
    "FR",
    "HK",
    "CN",
    "UA",
    "UA-43",
    "aws/eu-central-1",
    "aws/eu-west-3",
    "gcp/eu",
    "gcp/europe-west3",
    "aws/global",
)


def covered(decided: str, *granted: str) -> bool:
    """Whether a destination lies within others, all of them by name."""
    return not outside([resolve(decided)], [resolve(name) for name in granted])


@pytest.mark.parametrize("name", NAMES)
def test_a_destination_covers_itself(name: str) -> None:
    assert covered(name, name)


@pytest.mark.parametrize(
    ("decided", "granted"),
    [
        ("aws/eu-central-1", "DE"),
        ("UA-43", "UA"),
        ("gcp/europe-west3", "gcp/eu"),
    ],
)
def test_what_lies_inside_is_covered(decided: str, granted: str) -> None:
    assert covered(decided, granted)


@pytest.mark.parametrize(
    ("decided", "granted"),
    [
        ("DE", "FR"),
        ("DE", "aws/eu-central-1"),
        ("UA", "UA-43"),
        ("HK", "CN"),
        ("CN", "HK"),
        ("aws/eu-west-3", "aws/eu-central-1"),
        ("aws/eu-west-3", "DE"),
        ("gcp/eu", "DE"),
        ("gcp/eu", "gcp/europe-west3"),
        ("DE", "gcp/eu"),
        ("aws/eu-central-1", "gcp/eu"),
        ("aws/global", "DE"),
    ],
)
def test_what_lies_outside_is_not(decided: str, granted: str) -> None:
    assert not covered(decided, granted)


def test_several_grants_cover_together() -> None:
    assert not outside(["DE", "FR"], [resolve("FR"), resolve("DE")])
    assert outside(["DE", "FR", "CN"], [resolve("FR"), resolve("DE")]) == "'CN' reaches 'CN'"


def test_a_multi_region_whose_places_are_not_all_known_is_covered_by_itself_alone() -> None:
    everywhere = resolve("aws/global")
    assert not everywhere.complete
    countries = [resolve(code) for code in everywhere.countries]
    assert "not listed" in outside([everywhere], countries)
    assert not outside([everywhere], [everywhere])


def test_nothing_decided_is_not_covered() -> None:
    assert outside([], [resolve("DE")]) == "no destination was decided"
    assert "has no places" in outside([Destination("DE", (), True, "", "")], [resolve("DE")])


def test_an_unknown_name_is_not_covered() -> None:
    assert "'XX'" in outside(["XX"], [resolve("DE")])


def test_the_places_count_and_never_the_name() -> None:
    lying = Destination("DE", (Place("CN", ""),), True, "", "")
    assert outside([lying], [resolve("DE")]) == "'DE' reaches 'CN'"
    abroad = Destination("aws/eu-central-1", (Place("CN", "", "aws", "eu-central-1"),), True, "", "")
    assert (
        outside([abroad], [resolve("aws/eu-central-1")])
        == "'aws/eu-central-1' reaches 'CN' at 'aws/eu-central-1'"
    )
    hidden = Destination("aws/eu-central-1", (Place(None, None, "aws", "eu-central-1"),), False, "", "")
    assert outside([hidden], [resolve("aws/eu-central-1")])
    wider = Destination(
        "aws/eu-central-1", (Place("DE", "", "aws", "eu-central-1", ("cn-north-1",)),), True, "", ""
    )
    assert outside([wider], [resolve("aws/eu-central-1")])


def test_what_a_signer_calls_a_place_is_quoted() -> None:
    place = Place("\x1b[31m", "", "aws\n", "\u202e")
    said = outside([Destination("\x1b]0;", (place,), True, "", "")], [resolve("DE")])
    assert said.isprintable()
    assert outside(
        [Destination("x", (Place(None, None, "\n", ""),), False, "", "")], [resolve("DE")]
    ).isprintable()


def test_a_decision_s_places_are_taken_from_what_was_decided() -> None:
    found = attested_destinations(decide("DE", "gcp/eu", "UA-43")["inputs"]["destinations"])
    assert [(one.name, one.places, one.complete) for one in found] == [
        (one.name, one.places, one.complete) for one in map(resolve, ("DE", "gcp/eu", "UA-43"))
    ]


PLACES = st.builds(
    Place,
    country=st.sampled_from(["DE", "FR", "CN", "UA", None]),
    subdivision=st.sampled_from(["", "UA-43", None]),
    provider=st.sampled_from(["", "aws", "gcp"]),
    region=st.sampled_from(["", "eu-central-1", "eu", "europe-west3"]),
    within=st.sampled_from([(), ("europe-west3",), ("europe-west3", "europe-west1")]),
)
DESTINATIONS = st.builds(
    lambda places: Destination("a", tuple(places), True, "", ""), st.lists(PLACES, min_size=1, max_size=3)
)


@given(
    decided=st.lists(DESTINATIONS, max_size=3), granted=st.lists(DESTINATIONS, max_size=3), more=DESTINATIONS
)
def test_covering_is_of_every_place_and_grows_with_what_is_granted(
    decided: list[Any], granted: list[Any], more: Any
) -> None:
    if not outside(decided, granted):
        assert not outside(decided, [*granted, more])
        countries = {place.country for one in granted for place in one.places}
        assert {place.country for one in decided for place in one.places} <= countries
    if not outside([*decided, more], granted):
        assert not decided or not outside(decided, granted)


@given(one=DESTINATIONS)
def test_whatever_it_is_it_covers_itself(one: Destination) -> None:
    assert not outside([one], [one])
