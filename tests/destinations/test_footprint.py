"""Destinations: what a name stands for, and what is said of a name that stands for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.destinations.footprint import Destination, Place, UnknownName, query, resolve, resolve_all
from weightgate.destinations.regions import look_up, region_names
from weightgate.errors import Exit, InputError, UsageError
from weightgate.facts.countries import COUNTRIES, SUBDIVISIONS
from weightgate.facts.registry import PROVIDERS

ALL_REGIONS = [f"{provider}/{name}" for provider in PROVIDERS for name in region_names(provider)]


def cases(text: str) -> st.SearchStrategy[str]:
    """``text`` with each letter in either case."""
    return st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in text)).map("".join)


def refused(name: str) -> UnknownName:
    with pytest.raises(UnknownName) as caught:
        resolve(name)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where == "--to"
    return caught.value


# Countries and their parts


@given(st.sampled_from(sorted(COUNTRIES)).flatmap(cases), st.sampled_from(["", " ", "  "]))
def test_a_country_is_found_in_any_case(written: str, space: str) -> None:
    found = resolve(f"{space}{written}{space}")
    assert found.name == written.upper()
    assert found.countries == (written.upper(),)
    assert found.complete
    assert (found.provider, found.region) == ("", "")
    assert found.place == COUNTRIES[written.upper()]


def test_a_bare_country_has_no_parts_to_tell_apart() -> None:
    assert resolve("DE").places == (Place("DE", ""),)


def test_which_part_of_ukraine_is_unknown_when_only_the_country_is_given() -> None:
    assert resolve("UA").places == (Place("UA", None),)


@given(st.sampled_from(sorted(SUBDIVISIONS)).flatmap(cases))
def test_a_part_of_ukraine_is_found_in_any_case(written: str) -> None:
    found = resolve(written)
    assert found.name == written.upper()
    assert found.places == (Place("UA", written.upper()),)
    assert found.source == "ISO 3166-2"


def test_hong_kong_and_macao_stay_what_they_are() -> None:
    assert resolve("hk").countries == ("HK",)
    assert resolve("mo").countries == ("MO",)


def test_kosovo_is_no_iso_country_and_says_so() -> None:
    assert resolve("XK").source == "user-assigned in ISO 3166-1"


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("UK", ("GB",)),
        ("uk", ("GB",)),
        ("EL", ("GR",)),
        ("EU", ("gcp/eu",)),
        ("Germany", ("DE",)),
        ("ZZ", ()),
    ],
)
def test_a_slip_names_the_code_that_was_meant(written: str, near: tuple[str, ...]) -> None:
    error = refused(written)
    assert error.code == "unknown_country"
    assert error.nearest == near
    assert all(name in error.hint for name in near)
    assert repr(written) in error.message


def test_a_misspelt_country_shows_the_nearest() -> None:
    assert refused("Germny").nearest[0] == "DE"


def test_a_country_that_is_not_known_says_what_to_write() -> None:
    assert "ISO 3166-1 alpha-2" in refused("ZZ").hint


def test_a_part_that_no_rule_tells_apart_leads_to_its_country() -> None:
    error = refused("de-by")
    assert error.code == "unknown_subdivision"
    assert error.hint == "write DE"
    assert error.nearest == ("DE",)
    assert "Germany" in error.message


def test_a_part_that_does_not_exist_shows_the_nearest_parts() -> None:
    error = refused("UA-44")
    assert error.code == "unknown_subdivision"
    assert error.nearest
    assert set(error.nearest) <= set(SUBDIVISIONS)
    assert error.nearest[0] in error.hint


# Regions


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("aws/ap-east-1", "HK"),
        ("aws/ap-southeast-1", "SG"),
        ("aws/me-central-1", "AE"),
        ("aws/me-south-1", "BH"),
        ("aws/cn-north-1", "CN"),
        ("aws/cn-northwest-1", "CN"),
        ("aws/us-gov-west-1", "US"),
        ("aws/eusc-de-east-1", "DE"),
        ("azure/chinanorth3", "CN"),
        ("azure/chinaeast2", "CN"),
        ("azure/eastasia", "HK"),
        ("azure/usgovvirginia", "US"),
        ("azure/norwayeast", "NO"),
        ("azure/northeurope", "IE"),
        ("azure/westeurope", "NL"),
        ("gcp/asia-east2", "HK"),
        ("gcp/asia-east1", "TW"),
        ("gcp/me-central2", "SA"),
        ("oci/uk-london-1", "GB"),
        ("oci/me-abudhabi-1", "AE"),
        ("oci/eu-madrid-2", "ES"),
        ("alibaba/cn-hongkong", "HK"),
        ("alibaba/cn-beijing", "CN"),
        ("alibaba/ap-southeast-1", "SG"),
        ("tencent/ap-hongkong", "HK"),
        ("tencent/ap-guangzhou", "CN"),
        ("huawei/ap-southeast-1", "HK"),
        ("huawei/cn-north-4", "CN"),
        ("ibm/jp-tok", "JP"),
        ("linode/ap-south", "SG"),
        ("linode/ap-west", "IN"),
        ("vultr/ams", "NL"),
    ],
)
def test_a_region_lies_in_its_country(name: str, country: str) -> None:
    found = resolve(name)
    provider, _, region = name.partition("/")
    assert found.places == (Place(country, "", provider, region),)
    assert found.complete
    assert found.source.startswith("https://")
    assert found.date == "2026-11-24"
    assert found.checked


@given(st.sampled_from(ALL_REGIONS).flatmap(cases))
def test_a_region_is_found_in_any_case(written: str) -> None:
    found = resolve(written)
    assert found.name == written.lower()
    assert all(p.provider == found.provider and p.region == found.region for p in found.places)


@given(st.sampled_from(ALL_REGIONS))
def test_only_an_incomplete_destination_has_an_unknown_country_and_it_is_last(name: str) -> None:
    found = resolve(name)
    unknown = [place for place in found.places if place.country is None]
    assert len(unknown) == (0 if found.complete else 1)
    assert found.complete or found.places[-1].country is None
    assert len(found.countries) == len(found.places) - len(unknown)
    assert set(found.countries) <= set(COUNTRIES)


@pytest.mark.parametrize(
    ("written", "code", "first"),
    [
        ("aws/us-est-1", "unknown_region", "aws/us-west-1"),
        ("aws/ap-east-11", "unknown_region", "aws/ap-east-1"),
        ("azure/us-east-1", "unknown_region", "aws/us-east-1"),
        ("gcp/asia-east-2", "unknown_region", "gcp/asia-east2"),
        ("us-east-1", "unknown_region", "aws/us-east-1"),
        ("US-ORD", "unknown_region", "linode/us-ord"),
        ("global", "unknown_region", "aws/global"),
        ("asw/us-east-1", "unknown_provider", "aws"),
        ("azur/eastasia", "unknown_provider", "azure"),
    ],
)
def test_an_unknown_region_shows_the_nearest(written: str, code: str, first: str) -> None:
    error = refused(written)
    assert error.code == code
    assert error.nearest[0] == first
    assert len(error.nearest) <= 3
    assert first in error.hint


def test_an_unknown_provider_like_no_other_lists_them_all() -> None:
    error = refused("zzzzzz/region")
    assert error.nearest == ()
    assert all(provider in error.hint for provider in PROVIDERS)


def test_a_region_like_no_other_says_where_the_known_ones_are_listed() -> None:
    error = refused("aws/qqqqqqqqqqqq")
    assert error.nearest == ()
    assert "policies/regions/aws.yaml" in error.hint


@pytest.mark.parametrize("written", ["aws", "AWS", "aws/"])
def test_a_provider_alone_is_no_destination(written: str) -> None:
    assert refused(written).code == "unknown_region"


@pytest.mark.parametrize("written", ["", "   ", "x" * 201, "aws/" + "y" * 100_000])
def test_empty_and_absurdly_long_names_are_refused_at_once(written: str) -> None:
    error = refused(written)
    assert "such as DE" in error.hint
    assert len(error.message) < 100


@given(st.text(max_size=60))
def test_any_other_text_is_refused_and_never_guessed(written: str) -> None:
    row = query(written)
    if "error" in row:
        assert row["hint"]
        assert all("error" not in query(near) for near in row["nearest"] if near not in PROVIDERS)
    else:
        assert row["name"].lower() == written.strip().lower()


# Multi-regions


def test_the_european_multi_region_is_not_complete() -> None:
    found = resolve("gcp/eu")
    assert found.countries == ("BE", "DE", "ES", "FI", "FR", "IT", "NL", "PL", "SE")
    assert not found.complete
    assert found.places[-1] == Place(None, None, "gcp", "eu")


def test_the_european_multi_region_leaves_london_and_zurich_out() -> None:
    assert not {"GB", "CH"} & set(resolve("gcp/eu").countries)


def test_a_place_of_a_multi_region_names_its_regions_there() -> None:
    in_italy = next(place for place in resolve("gcp/eu").places if place.country == "IT")
    assert in_italy.within == ("europe-west8", "europe-west12")


def test_a_dual_region_is_the_pair_that_is_published() -> None:
    found = resolve("gcp/asia1")
    assert found.complete
    assert found.places == (Place("JP", "", "gcp", "asia1", ("asia-northeast1", "asia-northeast2")),)


@pytest.mark.parametrize("provider", ["aws", "azure", "gcp"])
def test_global_reaches_every_public_region_and_more(provider: str) -> None:
    found = resolve(f"{provider}/global")
    assert not found.complete
    assert {"US", "HK", "SG", "DE"} <= set(found.countries)
    assert "CN" not in found.countries
    listed = {region for place in found.places for region in place.within}
    assert not any("gov" in region or region.startswith("china") for region in listed)
    assert listed <= set(region_names(provider))


def test_no_multi_region_claims_more_than_single_regions_show() -> None:
    for name in ALL_REGIONS:
        row = look_up(name, "")
        for country, regions in row.members:
            assert all(look_up(f"{row.provider}/{r}", "").members == ((country, ()),) for r in regions)


# Several


def test_repeated_and_comma_separated_names_keep_their_order() -> None:
    found = resolve_all(["us,DE", "aws/ap-east-1", " gcp/eu , DE"])
    assert [d.name for d in found] == ["US", "DE", "aws/ap-east-1", "gcp/eu"]


@given(st.lists(st.sampled_from([*COUNTRIES, *ALL_REGIONS]), min_size=1, max_size=8), st.booleans())
def test_splitting_by_comma_or_by_option_is_the_same(names: list[str], joined: bool) -> None:
    found = resolve_all([",".join(names)] if joined else names)
    assert [d.name for d in found] == list(dict.fromkeys(names))


def test_nothing_to_resolve_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as caught:
        resolve_all([])
    assert caught.value.exit is Exit.INPUT
    assert "--to DE" in caught.value.hint


@pytest.mark.parametrize("listed", ["DE,,FR", "DE,", ",", ""])
def test_an_empty_name_in_a_list_is_refused(listed: str) -> None:
    with pytest.raises(InputError, match="an empty destination"):
        resolve_all([listed])


def test_one_unknown_name_refuses_the_whole_list() -> None:
    with pytest.raises(UnknownName, match="nowhere"):
        resolve_all(["DE,nowhere"], "field to")


def test_the_place_of_the_error_is_what_the_caller_says() -> None:
    with pytest.raises(UnknownName) as caught:
        resolve_all(["ZZ"], "rows.csv:7")
    assert caught.value.where == "rows.csv:7"


# Rows of `region resolve`

CONTRACT_KEYS = {"query", "provider", "region", "countries", "complete", "place", "source"}


@given(st.sampled_from([*COUNTRIES, *SUBDIVISIONS, *ALL_REGIONS]))
def test_a_row_has_the_keys_of_the_contract(name: str) -> None:
    row = query(name)
    assert set(row) >= CONTRACT_KEYS
    assert row["query"] == name
    assert row["complete"] == resolve(name).complete
    assert row["countries"] == list(resolve(name).countries)


def test_a_row_keeps_the_query_as_it_was_written() -> None:
    row = query(" AWS/AP-EAST-1 ")
    assert row["query"] == " AWS/AP-EAST-1 "
    assert (row["provider"], row["region"], row["countries"]) == ("aws", "ap-east-1", ["HK"])
    assert row["place"] == "Hong Kong"


def test_a_row_of_a_country_has_no_provider() -> None:
    row = query("de")
    assert (row["provider"], row["region"], row["subdivision"]) == (None, None, None)
    assert (row["place"], row["source"]) == ("Germany", "ISO 3166-1")


def test_a_row_of_a_part_names_it() -> None:
    assert query("ua-43")["subdivision"] == "UA-43"


def test_a_row_of_an_unknown_name_has_the_error_and_the_nearest() -> None:
    row = query("aws/us-est-1")
    assert row["query"] == "aws/us-est-1"
    assert row["error"] == "unknown region 'us-est-1' of aws"
    assert "aws/us-east-1" in row["nearest"]
    assert "countries" not in row


def test_a_destination_is_frozen() -> None:
    with pytest.raises(AttributeError):
        resolve("DE").name = "FR"  # type: ignore[misc]
    assert isinstance(resolve("DE"), Destination)
