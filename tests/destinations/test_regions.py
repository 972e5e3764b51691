"""Looking rows up in the compiled table."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.destinations.names import UnknownName
from weightgate.destinations.regions import elsewhere, look_up, region_names
from weightgate.facts.registry import PROVIDERS

SETS = {
    "aws": {"global"},
    "azure": {"global"},
    "gcp": {"us", "eu", "asia", "asia1", "global"},
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_single_regions_come_before_multi_regions(provider: str) -> None:
    names = region_names(provider)
    sets = SETS.get(provider, set())
    assert set(names[len(names) - len(sets) :]) == sets
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_only_what_a_provider_publishes_as_closed_is_complete(provider: str) -> None:
    incomplete = {name for name in region_names(provider) if not look_up(f"{provider}/{name}", "").complete}
    assert incomplete == SETS.get(provider, set()) - {"asia1"}


def test_a_single_region_has_one_country_and_names_no_other_region() -> None:
    row = look_up("gcp/me-central2", "")
    assert (row.provider, row.name, row.place) == ("gcp", "me-central2", "Dammam")
    assert row.members == (("SA", ()),)
    assert row.source.url == "https://docs.cloud.google.com/compute/docs/regions-zones"
    assert row.source.date == "2026-11-24"
    assert "region-carbon-info" in row.source.checked


def test_a_multi_region_lists_its_regions_by_country() -> None:
    row = look_up("gcp/asia", "")
    members = dict(row.members)
    assert members["JP"] == ("asia-northeast1", "asia-northeast2")
    assert members["HK"] == ("asia-east2",)
    assert members["TW"] == ("asia-east1",)
    assert list(members) == sorted(members)
    assert "AU" not in members


@given(st.sampled_from(PROVIDERS), st.data())
def test_a_name_is_found_at_every_provider_that_has_it(provider: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(region_names(provider)))
    found = elsewhere(name.upper())
    assert f"{provider}/{name}" in found
    assert all(look_up(full, "").name == name for full in found)


def test_a_name_that_nobody_has_is_nowhere() -> None:
    assert elsewhere("nowhere") == ()


def test_the_place_goes_into_the_error() -> None:
    with pytest.raises(UnknownName) as caught:
        look_up("aws/nowhere-1", "fleet.csv:3")
    assert caught.value.where == "fleet.csv:3"
    assert str(caught.value) == "fleet.csv:3: unknown region 'nowhere-1' of aws"


@given(
    st.sampled_from(PROVIDERS), st.from_regex(re.compile(r"[a-z]{2,6}-[a-z]{3,9}-[0-9]\Z"), fullmatch=True)
)
def test_a_name_that_is_not_in_the_table_is_refused(provider: str, name: str) -> None:
    known = name in region_names(provider)
    if known:
        assert look_up(f"{provider}/{name}", "").name == name
    else:
        with pytest.raises(UnknownName) as caught:
            look_up(f"{provider}/{name}", "")
        assert caught.value.code == "unknown_region"
        assert name not in {near.partition("/")[2] for near in caught.value.nearest} or elsewhere(name)


@pytest.mark.parametrize("name", ["us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1"])
def test_regions_whose_place_is_not_public_are_left_out(name: str) -> None:
    with pytest.raises(UnknownName):
        look_up(f"aws/{name}", "")


@pytest.mark.parametrize("name", ["gcp/europe-west5", "oci/ap-dcc-canberra-1", "linode/us-den-10"])
def test_regions_without_a_source_for_their_country_are_left_out(name: str) -> None:
    with pytest.raises(UnknownName):
        look_up(name, "")
