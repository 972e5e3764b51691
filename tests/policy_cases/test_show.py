"""``policy list`` and ``policy show``: everything that is in a pack, with its source, on a day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.policy_cases.packs import PACK, toy
from weightgate.errors import PolicyError
from weightgate.policy.pack import Pack
from weightgate.policy.show import (
    GRADES,
    PackRow,
    PackShown,
    ShownCite,
    ShownRow,
    ShownSource,
    ShownStatus,
    list_packs,
    show,
)
from weightgate.policy.show.text import WIDTH, text
from weightgate.policy.source import find_pack, shipped_packs

DRAFT = "us-ai-diffusion-draft"


def cite(place: str) -> ShownCite:
    """A place in the source of the small pack."""
    return ShownCite("tests", "What these tests say", place)


@pytest.fixture
def shown(tmp_path: Path) -> PackShown:
    """The small pack on a day of its second year."""
    return show(toy(tmp_path), "2026-03-14")


def test_the_list_has_every_shipped_pack_with_its_status_that_day() -> None:
    rows = list_packs("2025-01-10")
    assert [row.name for row in rows] == list(shipped_packs())
    (draft,) = (row for row in rows if row.name == DRAFT)
    assert draft == PackRow(
        DRAFT,
        "1.0.0",
        "US AI diffusion framework, as reported in January 2025",
        "announced",
        find_pack(DRAFT).digest,
        f"shipped:{DRAFT}",
    )


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2024-12-31", "not begun"),
        ("2025-01-01", "announced"),
        ("2025-12-31", "announced"),
        ("2026-01-01", "effective"),
    ],
)
def test_the_status_is_that_of_the_day(tmp_path: Path, day: str, status: str) -> None:
    source = toy(tmp_path)
    (row,) = list_packs(day, [source])
    assert row.status == show(source, day).status_then == status
    assert row.to_json() == {
        "name": "toy",
        "version": "1.2.3",
        "title": "A small pack",
        "status": status,
        "digest": source.digest,
        "source": str(tmp_path / "pack.yaml"),
    }


def test_a_broken_pack_is_not_listed(tmp_path: Path) -> None:
    broken = toy(tmp_path, PACK.replace("version: 1.2.3", "version: one"))
    with pytest.raises(PolicyError) as caught:
        list_packs("2026-01-01", [broken])
    assert caught.value.where == f"{tmp_path / 'pack.yaml'}:3:10"
    with pytest.raises(PolicyError):
        show(broken, "2026-01-01")


def test_status_over_time_is_in_order_of_days(shown: PackShown) -> None:
    assert shown.status == (
        ShownStatus("2025-01-01", "announced", cite("begin"), "", current=False),
        ShownStatus("2026-01-01", "effective", cite("in force"), "It binds.", current=True),
    )


def test_tables_have_their_rows_sources_and_grades(shown: PackShown) -> None:
    assert shown.tables["tier"][2] == ShownRow(
        3, "", ("KH",), "2025-01-01", "2025-12-31", cite("gone"), "U", "", current=False
    )
    assert [row.current for row in shown.tables["tier"]] == [True, True, False]
    assert shown.otherwise["tier"] == ShownRow(
        2, "", (), "2025-01-01", "", cite("second"), "M", "The rest.", current=True
    )


def test_values_are_shown_by_date(shown: PackShown) -> None:
    assert shown.values["limit"] == (
        ShownRow(0.25, "ratio", (), "2025-01-01", "", cite("limit"), "U", "A guess.", current=True),
    )
    assert [(row.value, row.current) for row in shown.values["some"]] == [
        (["IN"], False),
        (["IN", "BR"], True),
    ]


def test_rules_are_shown_as_written(shown: PackShown) -> None:
    assert [rule.id for rule in shown.rules] == ["open", "tier-1", "tier-2", "veu-tier-2", "large-fine-tune"]
    tier_1, tier_2, veu = shown.rules[1:4]
    assert tier_1.when == 'model.openness != "open" && destination.tier == 1'
    assert tier_1.unless == "operator.tier == 3"
    assert tier_1.rows == ("T1", "T2")
    assert tier_1.activities == ("host",)
    assert (tier_2.verdict, tier_2.remedy, tier_2.review_policy) == (
        "license_required",
        "Obtain one.",
        "unstated",
    )
    assert tier_2.cites == (cite("tier 2"),)
    assert veu.conditions == ("Keep the status.",)
    assert shown.definitions == {
        "veu": '"UVEU" in operator.authorizations || "NVEU" in operator.authorizations'
    }


@pytest.mark.parametrize(
    ("day", "current"),
    [("2024-12-31", [False, False]), ("2025-12-31", [True, False]), ("2026-01-01", [True, True])],
)
def test_a_rule_holds_on_its_days(tmp_path: Path, day: str, current: list[bool]) -> None:
    rules = show(toy(tmp_path), day).rules
    assert [rules[0].current, rules[-1].current] == current
    assert rules[-1].start == "2026-01-01"


def test_the_default_is_shown_as_a_rule_without_a_condition(shown: PackShown) -> None:
    default = shown.default
    assert (default.id, default.verdict, default.title, default.when) == (
        "default",
        "deny",
        "Nothing allows this",
        "",
    )
    assert (default.cites, default.remedy) == ((cite("default"),), "Ask.")


def test_what_is_shown_is_plain_data(shown: PackShown) -> None:
    data = json.loads(json.dumps(shown.to_json()))
    assert data["schema"] == "weightgate/pack-shown/v1"
    assert (data["name"], data["as_of"], data["status_then"]) == ("toy", "2026-03-14", "effective")
    assert data["tables"]["tier"][0]["grade"] == "V"
    assert data["rules"][4]["when"].startswith("model.finetune_share > values.limit")


def test_places_are_cited_by_the_name_of_the_source(shown: PackShown) -> None:
    data = json.loads(json.dumps(shown.to_json()))
    assert data["sources"] == [
        {
            "id": "tests",
            "title": "What these tests say",
            "publisher": "",
            "published": "",
            "url": "https://example.org/tests",
        }
    ]
    assert data["rules"][2]["cites"] == [
        {"source": "tests", "title": "What these tests say", "place": "tier 2"}
    ]
    assert data["rules"][4]["says"]["parts"][1] == {
        "text": "the destination's country is in *some* (IN, BR)",
        "parts": [],
    }
    assert data["terms"]["veu"]["parts"][0]["text"] == "the operator's authorizations include UVEU"


def test_sources_have_all_that_is_stated_of_them(tmp_path: Path) -> None:
    stated = PACK.replace(
        "title: What these tests say,", "title: What these tests say, publisher: Us, published: 2024-12-01,"
    )
    found = show(toy(tmp_path, stated), "2026-03-14")
    assert found.sources == (
        ShownSource("tests", "What these tests say", "Us", "2024-12-01", "https://example.org/tests"),
    )
    assert text(found).endswith(
        "\nSources\n  tests: What these tests say\n    Us, published on 2024-12-01\n    https://example.org/tests\n"
    )


def test_a_url_stays_whole(tmp_path: Path) -> None:
    url = "https://example.org/" + "a-long-way-" * 12
    stated = PACK.replace("https://example.org/tests", url)
    assert f"    {url}\n" in text(show(toy(tmp_path, stated), "2026-03-14"))


@pytest.mark.parametrize("known_at", ["2024-12-31", "1999-01-01"])
def test_before_anything_was_known_there_is_nothing_to_show(tmp_path: Path, known_at: str) -> None:
    source = toy(tmp_path)
    found = show(source, "2026-03-14", known_at)
    sentence = f"nothing of this pack was known on {known_at}; it first became known on 2025-01-01"
    assert text(found).splitlines() == [
        "toy 1.2.3: A small pack",
        sentence,
        f"{source.digest} from {source.locator}",
    ]
    data = found.to_json()
    assert list(data) == list(show(source, "2026-03-14").to_json())
    assert (data["first_known"], data["status"]) == ("2025-01-01", [])


def test_on_the_day_on_which_it_became_known_there_is(tmp_path: Path) -> None:
    found = show(toy(tmp_path), "2026-03-14", "2025-01-01")
    assert found.unknown == ""
    assert "status on 2026-03-14, as known on 2025-01-01: announced\n" in text(found)


def test_values_are_written_as_people_write_them(tmp_path: Path) -> None:
    more = (
        "  third: [{from: 2025-01-01, value: 1/3, unit: ratio, cite: {source: tests, place: a}, grade: V}]\n"
        "  much: [{from: 2025-01-01, value: 8.0e+25, unit: operations, cite: {source: tests, place: a}, grade: V}]\n"
        "  money: [{from: 2025-01-01, value: 5.0e8, unit: USD, cite: {source: tests, place: a}, grade: V}]\n"
    )
    written = text(show(toy(tmp_path, PACK.replace("define:\n", more + "define:\n")), "2026-03-14"))
    assert "  values.third = 1/3 ratio, from 2025-01-01\n" in written
    assert "  values.much = 8 \N{MULTIPLICATION SIGN} 10^25 operations, from 2025-01-01\n" in written
    assert "  values.money = USD 500 million, from 2025-01-01\n" in written


def test_a_list_is_of_countries_when_conditions_say_so(shown: PackShown, tmp_path: Path) -> None:
    assert shown.values["some"][1].countries == ("IN", "BR")
    labels = PACK.replace("destination.country in values.some", "model.license in values.some")
    found = show(toy(tmp_path, labels), "2026-03-14")
    assert [row.countries for row in found.values["some"]] == [(), ()]


def test_the_text_names_pack_and_status_first(shown: PackShown) -> None:
    first, second = text(shown).splitlines()[:2]
    assert first == "toy 1.2.3: A small pack"
    assert second == "status on 2026-03-14: effective"


@pytest.mark.parametrize(
    "expected",
    [
        "  from 2026-01-01  effective  (on that day)\n    source: What these tests say: in force\n    note: It binds.\n",
        "  tier 1, from 2025-01-01\n    DE, US\n    source: What these tests say: first\n    grade V: read in the source itself\n",
        (
            "  tier 3, from 2025-01-01 until 2025-12-31  (not on that day)\n    KH\n    source: What these tests say: gone\n"
            "    grade U: uncertain: the stricter reading is taken\n"
        ),
        (
            "  tier 2 for every other country, from 2025-01-01\n    source: What these tests say: second\n    note: The rest.\n"
            "    grade M: recalled, not checked\n"
        ),
        "  values.limit = 0.25 ratio, from 2025-01-01\n",
        "  values.some = IN, BR, from 2026-01-01\n",
        "  values.some = IN, from 2025-01-01 until 2025-12-31  (not on that day)\n",
        '  veu:\n    "UVEU" in operator.authorizations || "NVEU" in operator.authorizations\n',
        (
            "  tier-1 [T1, T2]: Tier 1 is free to operators of Tier 1 and 2\n    allow, for host\n    when\n"
            '      model.openness != "open" && destination.tier == 1\n    unless\n      operator.tier == 3\n'
        ),
        "    review policy: unstated\n    remedy: Obtain one.\n",
        "    condition: Keep the status.\n",
        "  large-fine-tune: A large fine-tune needs a licence\n    license_required, for fine_tune\n    from 2026-01-01\n",
        "Where no rule applies\n  deny: Nothing allows this\n    source: What these tests say: default\n    remedy: Ask.\n",
    ],
)
def test_the_text_says_everything(shown: PackShown, expected: str) -> None:
    assert expected in text(shown)


def test_a_rule_that_does_not_hold_says_so(tmp_path: Path) -> None:
    assert "A large fine-tune needs a licence  (not on that day)\n" in text(show(toy(tmp_path), "2025-06-01"))


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_is_shown_whole(name: str) -> None:
    source = find_pack(name)
    shown, document = show(source, "2026-06-01"), Pack(source).document
    written = text(shown)
    folded = " ".join(written.split())
    for rule in document.rules:
        assert rule.id in folded
        assert " ".join(rule.when.split()) in folded
        assert all(" ".join(cite.place.split()) in folded for cite in rule.cites)
    for table in document.tables.values():
        for row in table.rows:
            assert ", ".join(row.countries) in folded
            assert f"grade {row.grade}: {GRADES[row.grade]}" in folded
    assert max(len(line) for line in written.splitlines() if line.startswith("    ")) <= WIDTH
