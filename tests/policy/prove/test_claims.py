from __future__ import annotations

import pytest

from tests.policy.prove.packs import (
    LARGE,
    NOT_OPEN,
    cases_of,
    facts,
    invariant,
    never,
    only,
    pack,
    proved,
    switch,
)
from tests.policy.samples import HEAD, VALUES, place_of, refused, rule, rules
from weightgate.errors import PolicyError
from weightgate.files.yaml import parse_yaml
from weightgate.policy.prove.report import CODES


def test_at_most_and_at_least() -> None:
    text = pack(
        rule('model.openness == "open"'),
        claims=(invariant("at_most: allow", "exempt", 'model.openness == "open"'),),
    )
    assert proved(text).findings == ()
    above = only(text.replace("""given: 'model.openness == "open"'""", f"given: '{NOT_OPEN}'"))
    assert (above.code, above.message) == ("above", "exempt: found deny, expected at most allow")
    assert facts(cases_of(above)[0]) == {"model.openness": "closed"}
    below = only(pack(rule(LARGE), claims=(invariant("at_least: license_required", "never"),)))
    assert (below.code, below.message) == ("below", "never: found allow, expected at least license_required")
    assert below.where.startswith("sample.yaml:")


def test_an_invariant_is_about_its_activities() -> None:
    host, tune = (
        rule(LARGE, name="one"),
        rule("model.training_operations < 1e26", name="two", activity="fine_tune"),
    )
    grows = "never_loosens_when: model.training_operations grows"
    assert only(pack(host, tune, claims=(invariant(grows),))).reading["activity"] == "host"
    assert proved(pack(host, tune, claims=(invariant(grows, activity="fine_tune"),))).findings == ()


def test_what_never_says_anything_is_found() -> None:
    text = pack(
        rule(NOT_OPEN), claims=(invariant("at_most: deny", given_=f'{NOT_OPEN} && model.openness == "open"'),)
    )
    finding = only(text)
    assert (finding.code, finding.cases) == ("vacuous", ())
    assert finding.message == "claim: what it is given is never true, so that it says nothing"
    absent = only(pack(rule(NOT_OPEN), claims=(invariant("at_most: allow", activity="export_compute"),)))
    assert absent.message == "claim: the pack has no rule about export_compute, so that it says nothing"
    assert not any(one.holds for one in proved(text).claims if one.kind == "invariant")


def test_that_no_verdict_depends_on_a_fact_is_said_and_is_no_finding() -> None:
    claims = (
        never("model.training_operations grows", "size"),
        never("operator.authorizations loses AIA", "aia"),
    )
    proof = proved(pack(rule(NOT_OPEN), claims=claims))
    notes = {one.id: one.note for one in proof.claims}
    assert proof.findings == ()
    assert notes["size"] == "no verdict depends on model.training_operations"
    assert notes["aia"] == "no verdict depends on whether operator.authorizations holds AIA"


def test_no_world_that_cannot_be_is_shown() -> None:
    # Operations in all are never fewer than those of the fine-tune.
    when = "model.training_operations < 1e25 && model.finetune_operations >= 1e26"
    assert proved(pack(rule(when), claims=(invariant("at_least: deny"),))).findings == ()
    abroad = 'destination.subdivision == "UA-43" && destination.country == "DE"'
    assert proved(pack(rule(abroad), claims=(invariant("at_least: deny"),))).findings == ()
    late = 'as_of < "2025-01-01"'
    assert proved(pack(rule(late), claims=(invariant("at_least: deny"),))).findings == ()
    assert (
        only(pack(rule('as_of > "2026-05-04"'), claims=(invariant("at_least: deny"),))).reading["as_of"]
        == "2026-05-05"
    )


def test_what_is_not_known_to_fit_together_is_said() -> None:
    when = "model.finetune_share < 0.25 && model.finetune_operations >= 1e24 && model.base_operations < 1e23"
    finding = only(pack(rule(when), claims=(invariant("at_least: deny"),)))
    assert finding.cases == ()
    assert finding.message.endswith("are looked at apart, and no figures were found that fit together")


def test_a_default_that_is_looser_somewhere() -> None:
    switches = "switches:\n" + switch("tiers", "lenient", "strict", "stricter")
    when = 'switches.tiers == "lenient" || switches.tiers == "strict" && model.openness == "open"'
    text = pack(rule(when), more=switches)
    found = {finding.message for finding in proved(text).findings}
    assert found == {
        "tiers: lenient, the default, says allow where strict says deny",
        "tiers: lenient, the default, says allow where stricter says deny",
    }
    first = proved(text).findings[0]
    assert (first.code, first.about, first.where) == (
        "looser_default",
        "tiers",
        place_of(text, "lenient\n    readings"),
    )
    assert [case["expect"] for case in cases_of(first)] == ["allow", "deny"]
    assert [case.get("set") for case in cases_of(first)] == [None, {"tiers": "strict"}]
    (claim,) = (one for one in proved(text).claims if one.kind == "switch")
    assert not claim.holds
    stricter = text.replace("default: lenient", "default: stricter")
    assert proved(stricter).findings == ()


def test_the_default_is_shown_where_it_stands() -> None:
    proof = proved(
        pack(
            rule('model.openness == "open"'),
            rule("model.special_purpose || !model.special_purpose", name="all", activity="fine_tune"),
        )
    )
    host, tune = (one for one in proof.claims if one.id in ("host", "fine_tune"))
    assert host.says == "host: where no rule applies, the default says deny"
    assert host.note == "such as model.openness closed"
    assert facts(parse_yaml(host.cases[0].encode(), "x").data[0]) == {"model.openness": "closed"}
    assert tune.says == "fine_tune: a rule applies whatever the facts, so that the default never stands"
    assert tune.cases == ()


def test_what_loading_has_shown_is_said() -> None:
    says = [one.says for one in proved(pack(rule(NOT_OPEN), more=VALUES)).claims if one.id == "total"]
    assert says == [
        "every named value has one value, and every country has one tier, on every day, as known on every day"
    ]
    text = pack(rule(NOT_OPEN), more=VALUES.replace("until: 2025-12-31", "until: 2025-12-30"))
    assert "has no value on 2025-12-31" in refused(text).message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.opennes gets stricter", "unknown fact 'model.opennes'"),
        ("model.openness grows", "model.openness grows: only a number or a day does"),
    ],
)
def test_an_invariant_without_a_meaning_is_an_error_at_its_place(change: str, message: str) -> None:
    text = pack(rule(NOT_OPEN), claims=(never(change),))
    with pytest.raises(PolicyError) as caught:
        proved(text)
    assert (caught.value.message, caught.value.where) == (message, place_of(text, change))


def test_a_tier_without_a_table_is_an_error() -> None:
    text = HEAD + rules(rule(NOT_OPEN)) + "invariants:\n" + never("operator.tier gets stricter")
    with pytest.raises(PolicyError, match=r"operator\.tier is used and the pack has no table tier"):
        proved(text)


def test_what_outgrows_its_bound_is_a_finding() -> None:
    # Twenty pairs of labels, each pair far apart in the order of the diagram: 2^20 nodes and more.
    pairs = " || ".join(f'("a{n:02}" in model.labels && "b{n:02}" in model.labels)' for n in range(20))
    proof = proved(pack(rule(pairs), claims=(invariant("at_most: deny"),)))
    (finding,) = proof.findings
    assert finding.code == "not_proved"
    assert finding.message.startswith("nothing is known about host from 2025-01-01: the decision diagram ")
    assert finding.message.endswith("most of it tests model.labels")
    assert [one.id for one in proof.claims if not one.holds] == ["claim"]


def test_every_code_is_documented() -> None:
    assert set(CODES) == {"loosens", "above", "below", "looser_default", "vacuous", "not_proved"}
    assert all(meaning.endswith(".") for meaning in CODES.values())
