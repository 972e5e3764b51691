"""A pack read as known on a day, with its switches set, and for what was in force."""

from __future__ import annotations

import pytest

from tests.policy.samples import HEAD, RULES, TABLE, compiled, load, place_of, refused, rule, rules, source
from weightgate.errors import PolicyError
from weightgate.facts.values import Scalar
from weightgate.policy.cache import load_compiled
from weightgate.policy.compile import compile_pack
from weightgate.policy.dated import known_days, spans
from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.verdicts import Verdict

# The end of the first row was announced early, its successor late.
VALUES = """\
values:
  limit:
    - {from: 2025-01-01, until: 2025-12-31, until_known: 2025-10-01, value: 1.0e25, cite: {source: law, place: a}, grade: V}
    - {from: 2026-01-01, known: 2025-10-01, value: 1.0e26, cite: {source: law, place: b}, grade: V}
  members:
    - {from: 2025-01-01, value: [DE, FR], cite: {source: law, place: c}, grade: V}
    - {from: 2025-01-01, until: 2025-06-30, value: [KH], cite: {source: law, place: d}, grade: U}
    - {from: 2025-07-01, value: [CY], cite: {source: law, place: e}, grade: S}
"""
BIG = rule("model.training_operations >= values.limit", "deny", "big")
MEMBER = rule("destination.country in values.members", "allow", "member")
SWITCHES = """\
switches:
  storage:
    title: Does the condition bind inside Tier 1?
    default: strict
    readings: {strict: It does., lenient: It does not.}
    cites: [{source: law, place: section 7}]
"""
SWITCHED = (
    HEAD
    + SWITCHES
    + rules(
        rule("true", name="free"),
        rule('switches.storage == "strict" && model.special_purpose', "deny", "strict-only"),
    )
)


def at(pack: Pack, day: str, reading: Reading = AS_WRITTEN) -> PackAt:
    found = pack.at(day, reading)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("known_at", "limit"),
    [(FOREVER, 1e26), ("2025-10-01", 1e26), ("2025-09-30", 1e25), ("2025-01-01", 1e25)],
)
def test_an_end_and_a_successor_count_from_the_day_they_became_known(known_at: str, limit: float) -> None:
    pack = load(HEAD + VALUES + rules(BIG))
    assert at(pack, "2026-03-01", Reading(known_at)).values["limit"] == limit


def test_what_is_not_said_became_known_on_its_day() -> None:
    pack = load(HEAD + VALUES + rules(MEMBER))
    known = known_days(pack.document)
    assert known == ("2025-01-01", "2025-07-01", "2025-10-01")
    assert at(pack, "2025-08-01").values["members"] == ("DE", "FR", "CY")
    assert at(pack, "2025-08-01", Reading("2025-06-30")).values["members"] == ("DE", "FR", "KH")
    assert at(pack, "2025-06-30", Reading("2025-07-01")).values["members"] == ("DE", "FR", "KH")


def test_before_anything_was_known_the_pack_says_nothing() -> None:
    pack = load(HEAD + VALUES + rules(BIG))
    assert pack.read(Reading("2024-12-31")) == ()
    assert pack.at("2025-05-01", Reading("2024-12-31")) is None
    assert spans(pack.document, "2024-12-31") == ()
    packed = compile_pack(pack, Reading("2024-12-31"))
    assert packed.at("2025-05-01") is None
    assert packed.status_at("2025-05-01") is None


def test_a_rule_too_becomes_known() -> None:
    more = "    from: 2025-06-01\n    known: 2025-03-01\n    until: 2025-12-31\n"
    pack = load(HEAD + rules(rule("true", more=more)))
    days = {
        k: [len(s.rules) for s in pack.read(Reading(k))] for k in ("2025-02-28", "2025-03-01", "2026-01-01")
    }
    assert days == {"2025-02-28": [0], "2025-03-01": [0, 1], "2026-01-01": [0, 1, 0]}


@pytest.mark.parametrize(
    ("text", "needle", "message"),
    [
        (
            HEAD + VALUES.replace("until: 2025-12-31, until_known: 2025-10-01, ", "") + rules(BIG),
            "{from: 2026-01-01", "limit has two values on 2026-01-01",
        ),
        (
            HEAD + VALUES.replace("until_known: 2025-10-01", "until_known: 2025-11-01") + rules(BIG),
            "{from: 2026-01-01", "limit has two values on 2026-01-01, as known on 2025-10-01",
        ),
        (
            HEAD + VALUES.replace("until_known: 2025-10-01", "until_known: 2025-09-01") + rules(BIG),
            "{from: 2026-01-01", "limit has no value on 2026-01-01, as known on 2025-09-01",
        ),
        (HEAD + VALUES.replace("[CY]", "[CY, DE]") + rules(MEMBER), "DE], cite: {source: law, place: e}", "members names DE twice on 2025-07-01"),
        (
            HEAD + VALUES.replace("value: [CY]", "value: 3") + rules(MEMBER), "3, cite", "members is a list and a number",
        ),
        (
            HEAD + VALUES.replace("until: 2025-06-30, value", "until_known: 2025-06-30, value") + rules(MEMBER),
            "2025-06-30, value: [KH]", "the row has until_known and no until",
        ),
        (
            HEAD + VALUES.replace("until: 2025-06-30,", "until: 2025-06-30, until_known: 2024-01-01,") + rules(MEMBER),
            "{from: 2025-01-01, until: 2025-06-30", "the row became known on 2025-01-01, after its end did on 2024-01-01",
        ),
        (
            HEAD + TABLE.replace("[CN], cite", "[CN], known: 2025-03-01, cite").replace(
                "    otherwise", "      - {value: 2, from: 2025-01-01, known: 2025-02-01, until: 2025-06-30, countries: [CN], cite: {source: law, place: l}, grade: V}\n    otherwise"
            ) + RULES,
            "CN], cite: {source: law, place: l}", "CN has two tiers on 2025-01-01",
        ),
    ],
)  # fmt: skip
def test_gaps_and_overlaps_are_found_on_every_day_of_knowledge(text: str, needle: str, message: str) -> None:
    error = refused(text)
    assert error.message == message
    assert error.where == place_of(text, needle)


def test_a_quotient_is_the_double_that_shares_are_computed_to() -> None:
    text = "values:\n  third: [{from: 2025-01-01, value: 1/3, unit: ratio, cite: {source: law, place: a}, grade: S}]\n"
    pack = load(HEAD + text + rules(rule("model.finetune_share > values.third")))
    assert pack.standings[0].values["third"] == 1 / 3
    for wrong in ("1/0", "a/3", "1:3", "-1/3", "1/3/4", "1" * 30 + "/" + "3" * 30):
        bad = HEAD + text.replace("1/3", f'"{wrong}"') + rules(rule("model.finetune_share > values.third"))
        assert refused(bad).message == f"{wrong!r} is no ratio"
        assert refused(bad).where == place_of(bad, f'"{wrong}"')


def test_a_switch_chooses_what_its_rules_say() -> None:
    pack = load(SWITCHED)
    world: dict[str, Scalar | frozenset[str]] = {
        "model.special_purpose": True,
        "operator.authorizations": frozenset[str](),
    }
    strict, lenient = (
        compile_pack(pack, Reading(switches={"storage": name})) for name in ("strict", "lenient")
    )
    assert strict.spans[0].activities["host"].verdict(world) is Verdict.DENY
    assert lenient.spans[0].activities["host"].verdict(world) is Verdict.ALLOW
    assert compile_pack(pack).spans[0].activities["host"].root == strict.spans[0].activities["host"].root
    assert lenient.chosen == {"storage": "lenient"}


@pytest.mark.parametrize(
    ("when", "needle", "message", "hint"),
    [
        ('switches.storage == "lenint"', '"lenint"', "'lenint' is no reading of this switch", "did you mean 'lenient'?"),
        ('switches.storag == "lenient"', "switches.storag ", "unknown fact 'switches.storag'", "did you mean switches.storage?"),
        ("switches.storage == model.license", "== model.license", "a switch is compared with == or != and the name of a reading", None),
        ('switches.storage in ["strict"]', "in [", "in needs a fact on one side", None),
        ('switches.storage < "strict"', '< "strict"', "a switch is compared with == or != and the name of a reading", None),
        ("switches.storage", "switches.storage'", "the condition is a string, needed true or false", None),
    ],
)  # fmt: skip
def test_a_misspelt_switch_is_told_in_its_place(
    when: str, needle: str, message: str, hint: str | None
) -> None:
    text = HEAD + SWITCHES + rules(rule(when))
    error = refused(text)
    assert error.message == message
    assert error.where == place_of(text, needle)
    assert hint is None or error.hint == hint


@pytest.mark.parametrize("when", ['"strict" == switches.storage', 'switches.storage != "lenient"'])
def test_either_side_and_either_sign_will_do(when: str) -> None:
    pack = load(HEAD + SWITCHES + rules(rule(when)))
    assert compile_pack(pack).spans[0].activities["host"].root == ~Verdict.ALLOW
    assert (
        compile_pack(pack, Reading(switches={"storage": "lenient"})).spans[0].activities["host"].root
        == ~Verdict.DENY
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("default: strict", "default: harsh", "'harsh' is no reading of storage"),
        (", lenient: It does not.", "", "switches.storage.readings: "),
        ("source: law, place: section 7", "source: lore, place: section 7", "no source is called 'lore'"),
    ],
)
def test_a_switch_is_checked(old: str, new: str, message: str) -> None:
    text = SWITCHED.replace(old, new)
    assert refused(text).message.startswith(message)


def test_readings_that_come_to_the_same_have_one_form() -> None:
    pack = compiled(HEAD + VALUES + SWITCHES + rules(BIG))
    for reading in (
        Reading("2030-01-01"), Reading("2025-10-01"), Reading(switches={"storage": "strict"}), Reading(in_force=True),
    ):  # fmt: skip
        assert pack.normal(reading) == AS_WRITTEN
    assert pack.normal(Reading("2025-08-15")) == pack.normal(Reading("2025-07-01")) == Reading("2025-07-01")
    assert pack.normal(Reading("2020-01-01")) == Reading("")
    assert pack.normal(Reading(switches={"storage": "lenient"})).switches == {"storage": "lenient"}


@pytest.mark.parametrize(
    ("switches", "message", "hint", "code"),
    [
        ({"storge": "strict"}, "sample has no switch 'storge'", "did you mean storage?", "unknown_switch"),
        ({"x": "strict"}, "sample has no switch 'x'", "one of storage", "unknown_switch"),
        ({"storage": "lenint"}, "'lenint' is no reading of sample.storage", "did you mean lenient?", "unknown_reading"),
        ({"storage": ""}, "'' is no reading of sample.storage", "one of strict, lenient", "unknown_reading"),
    ],
)  # fmt: skip
def test_an_unknown_switch_or_reading_is_named(
    switches: dict[str, str], message: str, hint: str, code: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        load_compiled(source(SWITCHED), Reading(switches=switches))
    assert (caught.value.message, caught.value.hint, caught.value.code) == (message, hint, code)


def test_the_cache_keeps_readings_apart() -> None:
    asked = (
        AS_WRITTEN, Reading(switches={"storage": "lenient"}), Reading("2024-01-01"), Reading("2024-01-01", {"storage": "lenient"}),
    )  # fmt: skip
    for _ in range(2):  # the second time from the cache
        found = [load_compiled(source(SWITCHED), reading) for reading in asked]
        assert [(bool(p.spans), p.chosen["storage"]) for p in found] == [
            (True, "strict"), (True, "lenient"), (False, "strict"), (False, "lenient"),
        ]  # fmt: skip
        assert [p.switches["storage"]["default"] for p in found] == ["strict"] * 4


def test_rules_of_their_own_status_are_left_out_when_they_bound_nobody() -> None:
    status = "    status: [{from: 2025-05-01, status: not_enforced, cite: {source: law, place: letter}}]\n"
    pack = load(HEAD + rules(rule("true", name="free"), rule("true", "deny", "ban", more=status)))
    assert [(s.start, s.left_out) for s in pack.read(Reading(in_force=True))] == [
        ("2025-01-01", ()), ("2025-05-01", (("ban", "not_enforced"),)),
    ]  # fmt: skip
    in_force = compile_pack(pack, Reading(in_force=True))
    verdicts = [span.activities["host"].root for span in in_force.spans]
    assert verdicts == [~Verdict.DENY, ~Verdict.ALLOW]
    assert [span.left_out for span in in_force.spans] == [(), (("ban", "not_enforced"),)]
    assert [span.left_out for span in compile_pack(pack).spans] == [(), ()]


def test_a_rule_that_binds_outlives_its_packs_status() -> None:
    text = HEAD.replace(
        "place: section 1}}\n",
        "place: section 1}}\n  - {from: 2025-04-01, status: rescinded, cite: {source: law, place: section 1}}\n",
    )
    status = "    status: [{from: 2025-01-01, status: effective, cite: {source: law, place: letter}}]\n"
    pack = load(text + rules(rule("true", name="free"), rule("true", "deny", "ban", more=status)))
    later = at(pack, "2025-04-01", Reading(in_force=True))
    assert ([r.rule.id for r in later.rules], later.left_out) == (["ban"], (("free", "rescinded"),))


def test_what_would_take_too_long_to_check_is_refused_at_once() -> None:
    rows = "".join(
        f"    - {{from: {2030 + n // 300}-{n % 12 + 1:02}-{n // 12 % 25 + 1:02}, known: {2030 + n // 300}-{n % 12 + 1:02}-{n // 12 % 25 + 1:02},"
        f" value: [n{n}], cite: {{source: law, place: a}}, grade: V}}\n"
        for n in range(1500)
    )  # fmt: skip
    text = HEAD + "values:\n  many:\n" + rows + rules(rule("model.license in values.many"))
    error = refused(text)
    assert "which is too much to check" in error.message
    assert error.code == "too_large"
    assert error.where == place_of(text, "- id: first")


def test_invariants_say_one_thing_and_have_names_of_their_own() -> None:
    one = 'invariants:\n  - {id: a, title: A, given: model.openness == "open", at_most: allow}\n'
    pack = load(HEAD + RULES + one)
    assert set(pack.standings[0].given) == {"a"}
    two = one + one.partition("\n")[2]
    assert refused(HEAD + RULES + two).message == "invariant 'a' is there twice"
    for wrong in (", at_most: allow", ", at_most: allow, at_least: deny"):
        text = HEAD + RULES + one.replace(", at_most: allow", "" if wrong == ", at_most: allow" else wrong)
        assert refused(text).message == "invariant 'a' says not exactly one thing"
    bad = HEAD + RULES + one.replace('"open"', '"opn"')
    assert refused(bad).message == "'opn' is no value of model.openness"
