"""From rules to verdicts: ranks, defaults, licences, tiers, days and activities."""

from __future__ import annotations

import pytest

from tests.policy.samples import HEAD, PLAIN, TABLE, VALUES, compiled, load, named, rule, rules
from tests.policy.worlds import members_world
from weightgate.facts.values import Known, Members, Unknown, Value, exactly
from weightgate.policy.compile import rule_texts
from weightgate.policy.compiled import CompiledActivity
from weightgate.policy.verdicts import Verdict

ALLOW, CONDITIONS, LICENSE, DENY = Verdict
NONE: dict[str, Value] = {"operator.authorizations": exactly()}
DAY = "2025-06-01"


def host(text: str, day: str = DAY) -> CompiledActivity:
    span = compiled(text).at(day)
    assert span is not None
    return span.activities["host"]


def verdicts(activity: CompiledActivity, **values: Value) -> set[Verdict]:
    known = NONE | {key.replace("__", "."): value for key, value in values.items()}
    mask = activity.possible(activity.masks(known))
    return {v for v in Verdict if mask >> v & 1}


def test_the_most_restrictive_rule_that_applies_stands_whatever_the_order() -> None:
    entries = [
        rule("true", "allow"),
        rule("model.special_purpose", "deny", "b"),
        rule("true", "license_required", "c"),
    ]
    for order in (entries, entries[::-1]):
        activity = host(HEAD + rules(*order))
        assert verdicts(activity, model__special_purpose=Known(True)) == {DENY}
        assert verdicts(activity, model__special_purpose=Known(False)) == {LICENSE}
        assert verdicts(activity) == {LICENSE, DENY}


def test_where_no_rule_applies_the_default_stands_and_only_there() -> None:
    activity = host(PLAIN)
    assert verdicts(activity, model__openness=Known("closed")) == {DENY}
    assert verdicts(activity, model__openness=Known("open")) == {ALLOW}
    strict = host(PLAIN.replace("default: {verdict: deny", "default: {verdict: license_required"))
    assert verdicts(strict, model__openness=Known("open")) == {ALLOW}


@pytest.mark.parametrize(("held", "expected"), [
    (exactly(), {LICENSE}), (exactly("LICENSE"), {CONDITIONS}), (exactly("NVEU"), {LICENSE}),
    (Members(frozenset(), frozenset({"LICENSE"})), {LICENSE, CONDITIONS}), (Unknown(), {LICENSE, CONDITIONS}),
])  # fmt: skip
def test_a_licence_lifts_every_rule_that_asks_for_one(held: Value, expected: set[Verdict]) -> None:
    activity = host(HEAD + rules(rule("true", "license_required")))
    assert verdicts(activity, operator__authorizations=held) == expected


def test_a_licence_lifts_neither_a_denial_nor_the_default() -> None:
    held = exactly("LICENSE")
    denied = host(HEAD + rules(rule("true", "license_required"), rule("true", "deny", "b")))
    assert verdicts(denied, operator__authorizations=held) == {DENY}
    default = host(PLAIN.replace("default: {verdict: deny", "default: {verdict: license_required"))
    assert verdicts(default, model__openness=Known("closed"), operator__authorizations=held) == {LICENSE}


def test_a_lifted_rule_has_two_readings() -> None:
    activity = host(HEAD + rules(rule("model.special_purpose", "license_required")))
    assert [(r.id, r.verdict, r.by_licence) for r in activity.rules] == [
        ("first", LICENSE, False),
        ("first", CONDITIONS, True),
    ]
    assert activity.rules[0].facts == ("model.special_purpose",)


def test_values_and_rules_follow_their_days() -> None:
    text = HEAD + VALUES + rules(rule("model.training_operations >= values.limit"),
                                 rule("true", "allow", "later", more="    from: 2026-03-01\n"))  # fmt: skip
    known: dict[str, Value] = {"model__training_operations": Known(5e25)}
    assert verdicts(host(text, "2025-12-31"), **known) == {ALLOW}
    assert verdicts(host(text, "2026-01-01"), **known) == {DENY}
    assert verdicts(host(text, "2026-02-28"), **known) == {DENY}
    assert verdicts(host(text, "2026-03-01"), **known) == {ALLOW}


def test_a_tier_is_a_set_of_countries() -> None:
    activity = host(HEAD + TABLE + rules(rule("destination.tier <= 2")))
    for country, expected in (("DE", ALLOW), ("FR", ALLOW), ("CN", DENY)):
        assert verdicts(activity, destination__country=Known(country)) == {expected}
        assert (
            activity.verdict({"destination.country": country, "operator.authorizations": frozenset()})
            is expected
        )
    assert verdicts(activity) == {ALLOW, DENY}
    assert verdicts(activity, destination__tier=Known(2)) == {ALLOW}


def test_country_and_tier_cannot_disagree() -> None:
    activity = host(HEAD + TABLE + rules(rule('destination.country == "CN" && destination.tier == 1')))
    assert verdicts(activity) == {DENY}


def test_activities_are_apart() -> None:
    pack = compiled(
        HEAD + rules(rule("true"), rule('activity == "fine_tune"', "deny", "b", "[host, fine_tune]"))
    )
    span = pack.at(DAY)
    assert span is not None
    assert list(span.activities) == ["host", "fine_tune"]
    assert verdicts(span.activities["host"]) == {ALLOW}
    assert verdicts(span.activities["fine_tune"]) == {DENY}


def test_days_in_conditions_are_days_of_the_question() -> None:
    activity = host(HEAD + rules(rule('as_of >= "2025-05-15"', "deny"), rule("true", "allow", "b")))
    assert verdicts(activity, as_of=Known("2025-05-14")) == {ALLOW}
    assert verdicts(activity, as_of=Known("2025-05-15")) == {DENY}


def test_two_texts_of_one_meaning_are_one_diagram() -> None:
    a = host(HEAD + rules(rule('model.openness != "open"', "deny")))
    b = host(HEAD + rules(rule('model.openness in ["closed", "restricted"]', "deny")))
    c = host(HEAD + rules(rule('!(model.openness == "open" || false)', "deny")))
    assert (a.level, a.kids, a.root) == (b.level, b.kids, b.root) == (c.level, c.kids, c.root)


def test_members_are_in_one_order_whatever_a_pack_names_first() -> None:
    for text in ('"UVEU" in operator.authorizations || "NVEU" in operator.authorizations',
                 '"NVEU" in operator.authorizations || "UVEU" in operator.authorizations'):  # fmt: skip
        keys = [v.key for v in host(HEAD + rules(rule(text))).variables]
        assert keys == [("operator.authorizations", m) for m in ("LICENSE", "NVEU", "UVEU")]


def test_head_and_texts_of_a_compiled_pack() -> None:
    pack = compiled(named(PLAIN, "other"))
    assert (pack.name, pack.version, pack.title) == ("other", "1.0.0", "A sample")
    assert pack.digest.startswith("sha256:")
    assert pack.default["title"] == "Nothing allows it"
    assert pack.sources == {"law": {"title": "The law"}}
    texts = rule_texts(load(PLAIN))
    assert texts == {"open": {"title": "Open weights are free", "row": [], "conditions": [], "activity": ["host"],
                              "cites": [{"source": "law", "place": "section 5"}]}}  # fmt: skip


def test_status_through_time() -> None:
    text = PLAIN.replace(
        "status:\n", "status:\n  - {from: 2026-01-01, status: rescinded, cite: {source: law, place: p}}\n"
    )
    pack = compiled(text)
    days = ("2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01")
    assert [(s := pack.status_at(d)) and s["status"] for d in days] == [
        None,
        "effective",
        "effective",
        "rescinded",
    ]
    assert pack.at("2026-06-01") is not None


def test_the_world_of_definite_values() -> None:
    assert members_world({"a": Known(1), "b": exactly("x")}) == {"a": 1, "b": frozenset("x")}
    assert members_world({"a": Known(1), "b": Members(frozenset(), frozenset("x"))}) is None
    assert members_world({"a": Unknown()}) is None


def test_a_world_that_lacks_what_matters_is_an_error_and_no_verdict() -> None:
    with pytest.raises(KeyError):
        host(PLAIN).verdict({})


def test_a_pack_with_a_thousand_labels_compiles() -> None:
    text = " && ".join(f'"l{i}" in model.labels' for i in range(125))
    entries = [rule(text.replace('"l', f'"l{n}-'), "deny", f"r{n}") for n in range(8)]
    activity = host(HEAD.replace("verdict: deny", "verdict: allow") + rules(*entries))
    every = exactly(*(f"l{n}-{i}" for n in range(8) for i in range(125)))
    assert verdicts(activity, model__labels=every) == {DENY}
    assert verdicts(activity, model__labels=exactly()) == {ALLOW}
    assert verdicts(activity) == {ALLOW, DENY}
