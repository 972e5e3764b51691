"""The region tables: every row is sourced and dated, the compiled file is current, and faults are all listed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.destinations import regions
from weightgate.destinations.table import PARTITIONS, compile_tables, render
from weightgate.errors import Exit, InputError
from weightgate.facts.countries import COUNTRIES
from weightgate.facts.registry import PROVIDERS
from weightgate.files.yaml import read_yaml

FOLDER = Path(__file__).parents[2] / "policies" / "regions"

GOOD = """\
provider: {provider}
sources:
  list: {{url: "https://example.com/regions", date: 2026-11-24, checked: "a copy"}}
regions:
  - {{region: north-1, country: "NO", place: Oslo, source: list}}
  - {{region: north-2, country: SE, place: Stockholm, source: list}}
  - {{region: cn-1, country: CN, place: Beijing, source: list, partition: china}}
sets:
  - {{region: north, of: [north-1, north-2], place: the North, complete: true, source: list}}
  - {{region: global, every: public, place: everywhere, complete: false, source: list}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good table for every provider."""
    for provider in PROVIDERS:
        (tmp_path / f"{provider}.yaml").write_text(GOOD.format(provider=provider))
    return tmp_path


def fault(folder: Path, old: str, new: str) -> str:
    """What is said when ``old`` is replaced in the AWS table."""
    path = folder / "aws.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(InputError) as caught:
        compile_tables(folder)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.code == "bad_regions"
    assert str(path) in caught.value.message
    return caught.value.message


def test_the_shipped_tables_have_no_fault() -> None:
    assert set(compile_tables(FOLDER)) == set(PROVIDERS)


def test_the_compiled_file_is_current() -> None:
    assert regions.COMPILED.read_bytes() == render(compile_tables(FOLDER)), "run tools/build_regions.py"


def test_what_is_compiled_is_json_and_says_the_same() -> None:
    table = compile_tables(FOLDER)
    assert json.loads(render(table)) == table


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_row_can_be_looked_up_and_has_all_that_was_promised(provider: str) -> None:
    rows = read_yaml(FOLDER / f"{provider}.yaml").data
    for row in rows["regions"]:
        found = regions.look_up(f"{provider}/{row['region']}", "")
        assert found.members == ((row["country"], ()),)
        assert found.complete
        assert (found.provider, found.name, found.place) == (provider, row["region"], row["place"])
        source = rows["sources"][row["source"]]
        assert found.source == regions.Source(source["url"], source["date"], source["checked"])
    assert len(regions.region_names(provider)) == len(rows["regions"]) + len(rows.get("sets", []))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_enough_regions_to_be_of_use(provider: str) -> None:
    assert len(regions.region_names(provider)) >= 12


def test_the_table_loads_in_a_few_milliseconds() -> None:
    best = float("inf")
    for _ in range(20):
        regions._table.cache_clear()
        start = time.perf_counter()
        regions.region_names("aws")
        best = min(best, time.perf_counter() - start)
    assert best < 0.004


def test_a_name_with_a_country_prefix_lies_there() -> None:
    """A second look at the tables: where a provider's names begin with a country code, the country agrees."""
    apart = {"alibaba/cn-hongkong": "HK"}
    for provider in ("alibaba", "oci", "linode", "ibm"):
        for name in regions.region_names(provider):
            prefix = name.split("-")[0].upper()
            full = f"{provider}/{name}"
            if prefix in COUNTRIES and prefix not in ("SA", "AF", "ME"):  # South America, Africa, Middle East
                expected = apart.get(full, "GB" if prefix == "UK" else prefix)
                assert regions.look_up(full, "").members[0][0] == expected, full


def test_the_good_table_compiles(folder: Path) -> None:
    table = compile_tables(folder)["aws"]
    assert table["regions"]["north-1"] == ["NO", "Oslo", 0]
    assert table["sets"]["north"] == ["the North", 0, True, ["north-1", "north-2"]]
    assert table["sets"]["global"] == ["everywhere", 0, False, ["north-1", "north-2"]]
    assert table["sources"] == [["https://example.com/regions", "2026-11-24", "a copy"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("country: SE", "country: ZZ", "aws.yaml:6:32: 'ZZ' is not a country code"),
        ("country: SE", "country: UK", "'UK' is not a country code"),
        ("country: SE", "country: se", "country 'se' is not in upper case"),
        ("region: north-2", "region: north-1", "region 'north-1' is there twice"),
        ("region: north,", "region: north-1,", "region 'north-1' is there twice"),
        ("region: north-2", "region: North 2", "'North 2' is no region name"),
        ("region: north-2", "region: 7", "7 is no region name"),
        ("place: Oslo, source: list", "place: Oslo", "row without source"),
        ("place: Oslo, ", "", "row without place"),
        ("place: Oslo", 'place: ""', "region 'north-1' has no place"),
        ("place: Oslo, source: list", "place: Oslo, source: [list]", "has no source"),
        ("place: Oslo, source: list", "place: Oslo, source: other", "has no source 'other'"),
        ("place: Oslo", "place: Oslo, city: Oslo", "unknown key 'city'"),
        ("date: 2026-11-24", "date: 2026-02-30", "'2026-02-30' is not a day"),
        ("date: 2026-11-24, ", "", "source 'list' needs url, date and checked"),
        ("https://", "http://", "source 'list' needs an https URL"),
        ('checked: "a copy"', 'checked: ""', "does not say what it was checked against"),
        ("provider: aws", "provider: gcp", "provider is 'gcp', needed 'aws'"),
        ("partition: china", "partition: moon", "partition 'moon' is none of china"),
        ("of: [north-1, north-2]", "of: [north-1, north-3]", "names 'north-3', which is no region above"),
        ("of: [north-1, north-2]", "of: [global]", "names 'global', which is no region above"),
        ("of: [north-1, north-2]", "of: []", "of needs a list of regions"),
        ("of: [north-1, north-2]", "of: north-1", "of needs a list of regions"),
        ("of: [north-1, north-2], ", "", "needs either of or every"),
        ("every: public", "every: public, of: [north-1]", "needs either of or every"),
        ("every: public", "every: china", "every: public is the only such set"),
        ("everywhere, complete: false", "everywhere, complete: true", "and never complete"),
        ("complete: true", "complete: maybe", "complete is 'maybe', needed true or false"),
        ("sources:\n", "sources: []\nmore:\n", "needs provider, sources and regions"),
        ("sets:\n", "sets: {}\nmore:\n", "needs provider, sources and regions"),
        ("provider: aws\n", "provider: aws\nprovider: aws\n", "key 'provider' is there twice"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_place(folder: Path, old: str, new: str, said: str) -> None:
    assert said in fault(folder, old, new)


def test_a_file_without_sources_or_rows_is_refused(folder: Path) -> None:
    for text, said in (
        ("", "needs provider, sources and regions"),
        ("provider: aws\nsources: {}\nregions: []\n", "needs at least one source"),
        ("provider: aws\nsources: {a: 1}\nregions: {}\n", "needs a list of rows"),
        ("provider: aws\nsources: {a: 1}\nregions: [1]\n", "row without country, place, region, source"),
    ):
        (folder / "aws.yaml").write_text(text)
        with pytest.raises(InputError) as caught:
            compile_tables(folder)
        assert said in caught.value.message


def test_a_missing_file_and_a_stray_one_are_both_said(folder: Path) -> None:
    (folder / "aws.yaml").rename(folder / "awz.yaml")
    with pytest.raises(InputError) as caught:
        compile_tables(folder)
    assert "aws.yaml: cannot read" in caught.value.message
    assert "awz.yaml: no such provider in the facts table" in caught.value.message


def test_every_offender_of_every_file_is_listed(folder: Path) -> None:
    for provider in ("aws", "vultr"):
        path = folder / f"{provider}.yaml"
        path.write_text(path.read_text().replace("country: SE", "country: ZZ").replace("Oslo", '""'))
    with pytest.raises(InputError) as caught:
        compile_tables(folder)
    assert len(caught.value.message.splitlines()) == 4


@given(st.sampled_from(sorted(COUNTRIES)), st.sampled_from(["", *PARTITIONS]))
def test_every_country_is_taken_and_only_public_rows_are_global(country: str, partition: str) -> None:
    import tempfile

    suffix = f", partition: {partition}" if partition else ""
    with tempfile.TemporaryDirectory() as name:
        for provider in PROVIDERS:
            text = GOOD.format(provider=provider)
            row = f'  - {{region: extra, country: "{country}", place: Here, source: list{suffix}}}\nsets:\n'
            (Path(name) / f"{provider}.yaml").write_text(text.replace("sets:\n", row))
        table = compile_tables(Path(name))["ibm"]
    assert table["regions"]["extra"][0] == country
    assert ("extra" in table["sets"]["global"][3]) == (not partition)
