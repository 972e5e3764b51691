from __future__ import annotations

from tests.policy.prove.packs import (
    LARGE,
    cases_of,
    facts,
    invariant,
    never,
    only,
    pack,
    proved,
    switch,
)
from tests.policy.samples import VALUES, rule, source
from weightgate.policy.pack import Pack
from weightgate.policy.prove.extent import MAX_STANDINGS, extent_of
from weightgate.policy.readings import MAX_COMBINATIONS


def test_every_stretch_of_days_is_looked_at() -> None:
    # 1e25 until the end of 2025, 1e26 after.
    when = "model.training_operations >= values.limit"
    under = "model.training_operations < 1e26"
    text = pack(rule(when), claims=(invariant("at_least: deny", given_=under),), more=VALUES)
    finding = only(text)
    assert finding.reading["as_of"] == "2025-01-01"
    assert 1e25 <= facts(cases_of(finding)[0])["model.training_operations"] < 1e26
    everywhere = only(pack(rule(when), claims=(invariant("at_least: deny"),), more=VALUES))
    assert (everywhere.reading["as_of"], everywhere.elsewhere) == ("2026-01-01", 2)


def test_what_was_known_before_is_looked_at() -> None:
    later = VALUES.replace("until: 2025-12-31,", "until: 2025-12-31, until_known: 2026-03-01,").replace(
        "{from: 2026-01-01,", "{from: 2026-01-01, known: 2026-03-01,"
    )
    under = 'model.training_operations < 1e26 && as_of >= "2026-01-01"'
    text = pack(rule("model.training_operations >= values.limit"), more=later,
                claims=(invariant("at_least: deny", given_=under),))  # fmt: skip
    finding = only(text)
    assert finding.reading["known_at"] == "2025-01-01"
    assert "  known_at: 2025-01-01\n" in finding.cases[0]


def test_every_combination_of_switches_is_looked_at() -> None:
    switches = "switches:\n" + switch("first", "no", "yes") + switch("second", "no", "yes")
    when = f'{LARGE} && switches.first == "yes" && switches.second == "yes"'
    finding = only(pack(rule(when), more=switches, claims=(never("model.training_operations grows"),)))
    assert finding.reading["switches"] == {"first": "yes", "second": "yes"}
    assert '  set: {first: "yes", second: "yes"}\n' in finding.cases[1]


def test_many_switches_are_looked_at_alone_and_in_pairs() -> None:
    names = [f"s{number}" for number in range(8)]
    switches = "switches:\n" + "".join(switch(name, "off", "lax") for name in names)
    when = " || ".join(f'switches.{name} == "lax" && {LARGE}' for name in names)
    extent = extent_of(Pack(source(pack(rule(when), more=switches))))
    assert (extent.combinations, len(extent.chosen)) == (256, 1 + 8 + 28)
    assert extent.chosen[0] == dict.fromkeys(names, "off")
    assert extent.left_out[0].startswith(
        "37 of 256 combinations of switches are looked at: the defaults, each"
    )
    proof = proved(pack(rule(when), more=switches, claims=(never("model.training_operations grows"),)))
    assert proof.left_out == extent.left_out
    assert [finding.code for finding in proof.findings] == ["loosens"]
    assert MAX_COMBINATIONS < 256


def test_too_many_days_of_knowledge_are_not_looked_at_and_it_says_so() -> None:
    rows = "".join(
        f"    - {{from: 20{year}-{month:02}-01, until: 20{year}-{month:02}-28, known: 2020-01-01, until_known: 20{year}-{month:02}-{day:02}, "
        f"value: [m{year}{month}], cite: {{source: law, place: a}}, grade: V}}\n"
        for year in (25, 26) for month, day in ((m, m + 10) for m in range(1, 13))
    )  # fmt: skip
    switches = "switches:\n" + "".join(switch(f"s{number}", "off", "lax") for number in range(6))
    always = "    - {from: 2025-01-01, value: [always], cite: {source: law, place: a}, grade: V}\n"
    text = pack(rule("model.license in values.some"), more=switches + "values:\n  some:\n" + always + rows)
    extent = extent_of(Pack(source(text)))
    assert len(extent.chosen) == 64
    assert len(extent.known) == 1
    assert extent.left_out[0].startswith("only what is known today is looked at: 64 combinations")
    assert extent.left_out[0].endswith("days of knowledge are too many together")
    assert len(extent.chosen) * len(Pack(source(text)).standings) <= MAX_STANDINGS


def test_what_fits_of_many_combinations_on_many_days_is_looked_at() -> None:
    rows = "".join(
        f"    - {{from: {2025 + n // 12}-{n % 12 + 1:02}-01, until: {2025 + n // 12}-{n % 12 + 1:02}-02, known: 2020-01-01, "
        f"until_known: 2020-01-01, value: [m{n}], cite: {{source: law, place: a}}, grade: V}}\n"
        for n in range(60)
    )
    switches = "switches:\n" + "".join(switch(f"s{number}", "off", "lax") for number in range(6))
    always = "    - {from: 2025-01-01, value: [always], cite: {source: law, place: a}, grade: V}\n"
    text = pack(rule("model.license in values.some"), more=switches + "values:\n  some:\n" + always + rows)
    loaded = Pack(source(text))
    extent = extent_of(loaded)
    assert 1 < len(extent.chosen) < 64
    assert len(extent.chosen) * len(loaded.standings) <= MAX_STANDINGS
    assert (
        extent.left_out[-1]
        == f"{len(extent.chosen)} of 64 combinations of switches are looked at, the defaults first"
    )
    assert extent.chosen[0] == loaded.switches
