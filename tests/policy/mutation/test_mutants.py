"""What is changed in a pack, under which names and at which places."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.mutation.samples import TEXT, every, line_of, sample
from tests.policy.samples import HEAD, load, rule, rules
from weightgate.errors import PolicyError
from weightgate.facts.registry import Kind
from weightgate.policy.mutation.conditions import near
from weightgate.policy.mutation.report import mutants
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack, shipped_packs


@pytest.mark.parametrize(
    ("mutant", "line"),
    [
        # Verdicts, one rank down and up, the default's too.
        ("default.verdict: deny -> license_required", "default:"),
        ("open.verdict: allow -> allow_with_conditions", "verdict: allow"),
        ("tier-1.verdict: license_required -> allow_with_conditions", "verdict: license_required"),
        ("tier-1.verdict: license_required -> deny", "verdict: license_required"),
        # Rules as a whole.
        ("open: dropped", "- id: open"),
        ("tier-1.unless: dropped", "unless:"),
        ("open.activity: without host", "activity: [host, fine_tune]"),
        ("open.activity: without fine_tune", "activity: [host, fine_tune]"),
        ("tier-1.until: 2026-06-30 -> 2026-07-01", "until: 2026-06-30"),
        ("tier-1.until: 2026-06-30 -> 2026-06-29", "until: 2026-06-30"),
        ("old.from: 2025-02-01 -> 2025-01-31", "from: 2025-02-01"),
        ("switches.reach: narrow -> wide", "default: narrow"),
        # Named values: numbers, quotients, lists, texts that are days.
        ("values.limit from 2026-01-01: 1e+26 -> 1e+27", "value: 1.0e26"),
        ("values.limit from 2026-01-01: 1e+26 -> 1e+25", "value: 1.0e26"),
        ("values.limit from 2026-01-01: 1e+26 -> 1.0000000000000002e+26", "value: 1.0e26"),
        ("values.limit from 2026-01-01: 1e+26 -> 9.999999999999999e+25", "value: 1.0e26"),
        ("values.part from 2025-01-01: 1/3 -> 0.33333333333333337", "value: 1/3"),
        ("values.friends from 2025-01-01: without IT", "[FR, IT]"),
        ("values.friends from 2025-01-01: with GA", "[FR, IT]"),
        ("values.friends from 2026-01-01: without JP", "[JP]"),
        ("values.names from 2025-01-01: without mit", "[mit,"),
        ("values.released from 2025-01-01: 2024-06-01 -> 2024-06-02", "2024-06-01"),
        ("values.limit: what changes on 2026-01-01 does a day earlier", "until: 2025-12-31"),
        ("values.limit: what changes on 2026-01-01 does a day later", "until: 2025-12-31"),
        # Tables.
        ("tables.tier.1 from 2025-01-01: without US", "[DE, US]"),
        ("tables.tier.1 from 2025-01-01: with DJ", "[DE, US]"),
        ("tables.tier.3 from 2025-01-01: without CN", "[CN]"),
        ("tables.tier.otherwise: 2 -> 3", "otherwise:"),
        # Conditions.
        ("define.small: model.training_operations < values.limit with <=", "small:"),
        ('open.when: model.openness == "open" with !=', "when: 'model.openness"),
        ('open.when: model.openness == "open" && small with || for &&', "when: 'model.openness"),
        ("open.when: small -> !small", "when: 'model.openness"),
        ("tier-1.when: !small -> small", "destination.tier == 1"),
        ("tier-1.when: destination.tier == 1 with <=", "destination.tier == 1"),
        ("tier-1.when: destination.tier == 1 with >=", "destination.tier == 1"),
        ("tier-1.when: destination.tier == 1 with 2", "destination.tier == 1"),
        (
            'tier-1.unless: "NVEU" in operator.authorizations -> !("NVEU" in operator.authorizations)',
            "unless:",
        ),
        ('named.when: model.license != "mit" with ==', "model.license in"),
        ('old.when: switches.reach == "wide" with !=', "switches.reach"),
        ('special.when: destination.country in ["KP", "SY"] with no "KP"', "special_purpose"),
        ("special.when: model.special_purpose -> !model.special_purpose", "special_purpose"),
        (
            'special.when: model.special_purpose ? destination.country in ["KP", "SY"] : small with its answers swapped',
            "special_purpose",
        ),
    ],
)
def test_what_is_changed_and_where(mutant: str, line: str) -> None:
    assert line in line_of(every()[mutant].where)


@pytest.mark.parametrize(
    "mutant",
    [
        # To negate what is negated is to drop the negation.
        "tier-1.when: small -> !small",
        # Nothing is beside the ends.
        "open.verdict: allow -> deny",
        "tables.tier.1 from 2025-01-01: with CN",
        # Names are not numbers, and only countries have neighbours.
        "values.names from 2025-01-01: with DE",
        # The invariants of a pack are what it is held to.
        "tune.activity: without fine_tune",
    ],
)
def test_what_is_not_changed(mutant: str) -> None:
    assert mutant not in every()


def test_every_identifier_is_there_once_and_every_place_is_in_the_pack() -> None:
    found = list(mutants(sample()))
    assert not [name for name, count in Counter(m.id for m in found).items() if count > 1]
    lines = TEXT.count("\n")
    for mutant in found:
        file, line, column = mutant.where.rsplit(":", 2)
        assert file == "sample.yaml"
        assert 1 <= int(line) <= lines
        assert int(column) >= 1


def test_identifiers_stay_when_something_else_is_written_into_the_pack() -> None:
    longer = load("# A comment.\n" + TEXT + rule("true", "deny", "another"))
    assert set(every()) < {mutant.id for mutant in mutants(longer)}


def test_what_reads_the_same_has_a_number() -> None:
    pack = load(HEAD + rules(rule("model.special_purpose || model.special_purpose")))
    names = [mutant.id for mutant in mutants(pack) if "->" in mutant.id and "when" in mutant.id]
    assert names == [
        "first.when: model.special_purpose -> !model.special_purpose",
        "first.when: model.special_purpose -> !model.special_purpose #2",
    ]


def test_a_mutant_leaves_the_pack_as_it_was() -> None:
    pack = load(TEXT)
    before = pack.document.model_dump(), pack.standings
    for mutant in islice(mutants(pack), 60, 120):
        mutant.of(pack)
    assert (pack.document.model_dump(), pack.standings) == before


@pytest.mark.parametrize(
    "mutant", ["values.limit: what changes on 2025-01-01 does a day later", "open: dropped"]
)
def test_a_gap_in_time_does_not_stand(mutant: str) -> None:
    if mutant == "open: dropped":
        assert every()[mutant].of(sample()).standings
    else:
        with pytest.raises(PolicyError, match="limit has no value on 2025-01-01"):
            every()[mutant].of(sample())


def test_a_rule_that_is_never_in_force_has_mutants_of_its_data_alone() -> None:
    pack = load(
        HEAD + rules(rule("true", name="now"), rule("true", name="then", more="    until: 2024-01-01\n"))
    )
    assert [m.id for m in mutants(pack) if m.id.startswith("then")] == [
        "then: dropped",
        "then.verdict: allow -> allow_with_conditions",
        "then.until: 2024-01-01 -> 2023-12-31",
        "then.until: 2024-01-01 -> 2024-01-02",
    ]


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_numbers_near_another_are_others_on_both_sides(number: float) -> None:
    found = [float(n) for n in near(Kind.NUMBER, number)]
    assert len(found) == 4
    assert found[1] < number < found[0]
    assert (found[2], found[3]) == (number * 10, number / 10)


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (Kind.NUMBER, 0.0, [5e-324]),
        (Kind.TIER, 1, [2]),
        (Kind.TIER, 2, [1, 3]),
        (Kind.TIER, 3, [2]),
        (Kind.DATE, "2024-03-01", ["2024-02-29", "2024-03-02"]),
        (Kind.DATE, "9999-12-31", []),
        (Kind.ENUM, "open", []),
        (Kind.COUNTRY, "DE", []),
    ],
)
def test_values_near_another(kind: Kind, value: str | float, found: list[str | float]) -> None:
    assert near(kind, value) == found


@pytest.mark.parametrize("name", shipped_packs())
def test_every_rule_of_a_shipped_pack_has_mutants(name: str) -> None:
    pack = Pack(find_pack(name))
    parts = {mutant.id.partition(":")[0].partition(".")[0] for mutant in mutants(pack)}
    assert {rule.id for rule in pack.document.rules if "." not in rule.id} <= parts
    assert {"default"} <= parts
