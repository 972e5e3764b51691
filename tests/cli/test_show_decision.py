from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.commands import prepare
from tests.cli.shell import Shell
from weightgate.cli.page import plain
from weightgate.cli.show_decision import check_shown, decision_page
from weightgate.cli.show_open import flip_lines
from weightgate.errors import InputError
from weightgate.facts.words import value_text


def text_of(shell: Shell, *words: str) -> str:
    """What check prints."""
    return shell.here("check", *words).out


def data_of(shell: Shell, *words: str) -> dict[str, Any]:
    """The decision as JSON."""
    data: dict[str, Any] = shell.here("check", *words, "--output", "json").json
    return data


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["./m", "--to", "JP", "--operator", "jp.yaml", "--as-of", "2026-01-02"],
            "About hosting ./m in JP, by Example Cloud, on 2026-01-02.",
        ),
        (
            ["-", "--to", "JP,aws/us-east-1", "--as-of", "2026-01-02"],
            "About hosting a model that is not at hand in JP, aws/us-east-1, by an operator who is not stated, on",
        ),
        (
            ["./m", "--to", "JP", "--operator", "o.yaml", "--activity", "fine_tune", "--as-of", "2026-01-02"],
            "About fine-tuning ./m in JP, by an unnamed operator, on 2026-01-02.",
        ),
    ],
)
def test_the_sentence_says_what_where_who_and_when(shell: Shell, words: list[str], sentence: str) -> None:
    shell.write("o.yaml", "headquarters: JP\n")
    assert sentence in " ".join(text_of(shell, *words).split())


def test_each_reason_has_its_rule_its_facts_its_source_and_what_would_help(shell: Shell) -> None:
    text = text_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    data = data_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    flat = " ".join(text.split())
    for reason in data["reasons"]:
        assert f"{reason['title']} [{reason['rule']}]" in flat
        for because in reason["because"]:
            assert f"because {because['fact']} is " in flat
        for cite in reason["cites"]:
            assert cite["place"] in flat
        assert " ".join(reason["remedy"].split()) in flat
    assert "closed.yaml" in flat


def test_what_is_missing_is_asked_with_its_outcomes(shell: Shell) -> None:
    text = text_of(shell, "./m", "--to", "IR")
    data = data_of(shell, "./m", "--to", "IR")
    flat = " ".join(text.split())
    assert "What is known leaves open: allow or deny." in text
    assert "What would settle it" in text
    (missing,) = data["missing"]
    assert f"{missing['fact']}: {missing['question']}" in flat
    for outcome in missing["outcomes"]:
        assert f"{outcome['value']}: {' or '.join(outcome['possible'])}" in flat
    assert missing["would_accept"] in flat


def test_conditions_say_whether_they_certainly_apply(shell: Shell) -> None:
    certain = text_of(shell, "./m", "--to", "IN", "--facts", "closed.yaml", "--operator", "secure.yaml")
    assert "Conditions to keep\n  Keep the security standards" in certain
    possibly = text_of(shell, "./m", "--to", "IN", "--operator", "secure.yaml")
    assert "possibly: Keep the security standards" in possibly


def test_several_destinations_are_listed_with_their_verdicts(shell: Shell) -> None:
    text = text_of(shell, "./m", "--to", "JP,aws/ap-east-1,UA-43", "--facts", "closed.yaml")
    assert "\nWhere\n" in text
    assert "  aws/ap-east-1 (HK): deny, tier 3\n" in text
    assert "  JP: indeterminate, tier 1\n" in text
    assert "(in aws/ap-east-1" in " ".join(text.split())


def test_what_the_verdict_rests_on_is_said_and_what_is_not_established(shell: Shell) -> None:
    text = text_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    assert "model.openness (declared, by closed.yaml)" in text
    (shell.folder / "m" / ".gitattributes").write_text("x")
    with_notes = text_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    assert "\nNot established\n" in with_notes
    assert ".gitattributes" in with_notes


def test_contradictions_name_both_sides(shell: Shell) -> None:
    text = text_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml", "--facts", "open.yaml")
    assert "\nContradictions\n  model.openness: " in text
    assert "closed.yaml" in text.partition("Contradictions")[2]
    assert "open.yaml" in text.partition("Contradictions")[2]


def test_how_long_it_holds_and_why_it_is_a_what_if(shell: Shell) -> None:
    shell.write("until.yaml", "model.openness: {value: closed, until: 2026-12-31}\n")
    text = text_of(shell, "-", "--to", "IR", "--facts", "until.yaml", "--as-of", "2026-06-01")
    assert "Holds until 2026-12-31: model.openness is declared until 2026-12-31." in text
    assert "Hypothetical: as_of 2026-06-01 is not today" in text
    assert "no model at hand" in text


def test_two_packs_stand_in_the_first_line_and_before_each_rule(shell: Shell) -> None:
    from weightgate.policy.source import find_pack

    pack = find_pack("us-ai-diffusion-draft").text.decode()
    shell.write("p.yaml", pack.replace("name: us-ai-diffusion-draft", "name: mine"))
    words = [
        "--to",
        "IR",
        "--facts",
        "closed.yaml",
        "--policy",
        "p.yaml",
        "--policy",
        "us-ai-diffusion-draft",
    ]
    first, *rest = text_of(shell, "./m", *words).splitlines()
    assert first == "mine 1.0.0 (superseded), us-ai-diffusion-draft 1.0.0 (superseded): DENY"
    assert any("[mine/closed-weights-tier-3]" in row for row in rest)


@pytest.mark.parametrize("to", ["IR", "IN", "JP", "UA", "gcp/eu", "aws/ap-east-1,DE"])
@pytest.mark.parametrize("facts", ["closed.yaml", "open.yaml"])
def test_pages_fit_100_columns_and_judge_nothing_but_the_pack(shell: Shell, to: str, facts: str) -> None:
    text = text_of(shell, "./m", "--to", to, "--facts", facts)
    assert "legal" not in text.lower().replace("the legal text", "")
    too_long = [row for row in text.splitlines() if len(row) > 100 and " " in row.strip()]
    assert too_long == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (5e25, "5e+25"),
        (0.25, "0.25"),
        ("", "empty"),
        ("open", "open"),
        ([], "none"),
        (["a", "b"], "a, b"),
        ({"one_of": ["open", "closed"]}, "one of open, closed"),
        ({"min": 1e25, "max": 2e25}, "at least 1e+25 and at most 2e+25"),
        ({"min": 1e25}, "at least 1e+25"),
        ({"max": 1e25}, "at most 1e+25"),
        ({"certain": ["a"], "possible": ["a", "b"]}, "a, and possibly b"),
        ({"certain": [], "possible": ["NVEU", "UVEU"]}, "not stated: possibly NVEU or UVEU"),
        ({"certain": [], "possible": []}, "not stated: possibly none"),
        ({"unknown": True}, "unknown"),
        ({"unknown": True, "reason": "gated"}, "unknown: gated"),
        ({"value": ["x"], "unit": None}, "x"),
    ],
)
def test_values_in_words(value: object, shown: str) -> None:
    assert value_text(value) == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    JSON
    | st.fixed_dictionaries({"certain": JSON, "possible": JSON})
    | st.fixed_dictionaries({"one_of": JSON})
)
def test_any_value_has_some_words(value: object) -> None:
    assert isinstance(value_text(value), str)


@given(st.data())
def test_a_page_of_a_stranger_s_decision_is_a_page_or_a_refusal(data: st.DataObject) -> None:
    decision = json.loads(SAMPLE)
    key = data.draw(st.sampled_from(sorted(decision)))
    decision[key] = data.draw(JSON)
    if key in ("verdict", "operator", "model", "activity", "as_of", "possible"):
        return  # weightgate.attest.statements.shapes has checked these before
    refusal = refusal_of(decision)
    if refusal is None:
        assert plain(decision_page(decision))
    else:
        assert refusal.where == "d.json"
        assert refusal.message.startswith("no decision: decision.")


def refusal_of(decision: dict[str, Any]) -> InputError | None:
    """Why a decision cannot be shown."""
    try:
        check_shown(decision, "d.json")
    except InputError as error:
        return error
    return None


SAMPLE = json.dumps(
    {
        "verdict": "deny", "possible": ["deny"], "activity": "host", "as_of": "2026-01-01", "hypothetical": False,
        "model": {"reference": "./m", "revision": None, "digest": None}, "operator": None,
        "destinations": [{"name": "IR", "country": "IR", "subdivision": None, "tiers": {"p": 3}, "verdict": "deny"}],
        "reasons": [
            {
                "pack": "p", "rule": "r", "title": "t", "verdict": "deny", "applies": "yes", "destinations": ["IR"],
                "because": [{"fact": "f", "value": 1, "source": "s"}], "cites": [{"source": "x", "place": "y"}],
                "remedy": "z", "review_policy": "presumption_of_denial",
            }
        ],
        "missing": [], "conditions": [], "rests_on": [], "contradictions": [], "not_established": [], "left_out": [],
        "valid_until": {"date": None, "because": None},
        "packs": [{"name": "p", "version": "1", "status": "s", "verdict": "deny"}],
    }
)  # fmt: skip


def test_a_review_policy_is_said() -> None:
    assert "an application is looked at with: presumption of denial" in plain(
        decision_page(json.loads(SAMPLE))
    )


def test_a_decision_file_reads_like_the_decision(shell: Shell) -> None:
    prepare(shell)
    words = ["--to", "IN", "--facts", "closed.yaml"]
    shell.here("check", "./m", *words, "--output", "json=d.json", "--output", "text=d.txt")
    assert shell.here("explain", "d.json").out == (shell.folder / "d.txt").read_text()


def test_a_reason_says_where_it_applies_unless_that_is_everywhere() -> None:
    decision = json.loads(SAMPLE)
    reason, place = decision["reasons"][0], decision["destinations"][0]
    assert "t [r]\n" in plain(decision_page(decision))
    decision["destinations"] = [place, {**place, "name": "SY", "country": "SY"}]
    assert "t [r] (in IR)\n" in plain(decision_page(decision))
    reason["destinations"] = ["SY", "IR"]
    assert "t [r]\n" in plain(decision_page(decision))


EAR = "us-ear-ai-diffusion-2025"


def test_a_reading_that_is_not_the_default_is_said_first_and_every_reading_last(shell: Shell) -> None:
    asked = ("./m", "--to", "DE", "--facts", "closed.yaml", "--policy", EAR)
    lenient = text_of(shell, *asked, "--set", f"{EAR}.security_inside_tier_1=outside_only")
    said = f"Read with {EAR}.security_inside_tier_1 = outside_only, not everywhere."
    assert said in " ".join(lenient.partition("\nWhy\n")[0].split())
    last = lenient.partition("\nWhere the text is open, it was read so\n")[2]
    assert f"  {EAR}.security_inside_tier_1: outside only\n" in last
    assert f"  {EAR}.headquarters_test: both\n" in last
    strict = text_of(shell, *asked)
    assert "Read with" not in strict
    assert f"  {EAR}.security_inside_tier_1: everywhere\n" in strict


def test_a_variable_that_chooses_a_reading_does_not_go_unseen(shell: Shell) -> None:
    words = ("check", "./m", "--to", "DE", "--facts", "closed.yaml", "--policy", EAR)
    done = shell(*words, WEIGHTGATE_SET=f"{EAR}.headquarters_test=either")
    assert f"Read with {EAR}.headquarters_test = either, not both." in " ".join(done.out.split())


def test_a_reading_that_would_change_the_verdict_is_told(shell: Shell) -> None:
    shell.write("large.yaml", "model.openness: closed\nmodel.base_openness: closed\nmodel.training_operations: 2.0e26\n"
                              "model.below_published_frontier: false\n")  # fmt: skip
    shell.write(
        "aia.yaml",
        "name: X\nheadquarters: US\nultimate_parent: US\nsecurity_standards: []\n"
        "authorizations: [{kind: AIA, countries: [DE]}]\n",
    )
    asked = ("-", "--to", "DE", "--facts", "large.yaml", "--operator", "aia.yaml", "--policy", EAR)
    text = " ".join(text_of(shell, *asked).split())
    assert f"read otherwise, allow: --set {EAR}.security_inside_tier_1=outside_only" in text


def reason(
    country: str | None = None,
    at: str = "gcp/eu",
    rule: str = "r",
    verdict: str = "deny",
    applies: str = "yes",
) -> dict[str, Any]:
    """A reason, which rests on the country of its destination if one is given."""
    (sample,) = json.loads(SAMPLE)["reasons"]
    place = {"fact": "destination.country", "value": country, "source": f"list of {at}"}
    because = [*sample["because"], *([place] if country else [])]
    return {
        **sample, "destinations": [at], "because": because, "rule": rule, "verdict": verdict, "applies": applies,
    }  # fmt: skip


def decision_of(*reasons: dict[str, Any], verdict: str = "deny", **more: Any) -> dict[str, Any]:
    """A decision about Japan and a multi-region in two countries and a place that is not listed."""
    decision: dict[str, Any] = json.loads(SAMPLE)
    where = [("JP", "JP"), ("gcp/eu", "BE"), ("gcp/eu", "DE"), ("gcp/eu", None)]
    (place,) = decision["destinations"]
    rows = [{**place, "name": name, "country": country} for name, country in where]
    return decision | {"verdict": verdict, "destinations": rows, "reasons": list(reasons)} | more


def page_of(decision: dict[str, Any]) -> str:
    """The page as one line."""
    return " ".join(plain(decision_page(decision)).split())


def test_one_rule_in_many_countries_is_told_once() -> None:
    text = page_of(decision_of(reason("JP", "JP"), reason("BE"), reason("DE")))
    assert "deny: t [r] (in JP, gcp/eu (BE, DE)) because f is 1, says s because destination.country" in text
    assert (
        "because destination.country is one of JP, BE, DE, says list of JP, list of gcp/eu source: x, y"
        in text
    )
    assert text.count("[r]") == text.count("source: x, y") == 1


def test_reasons_that_differ_in_more_than_the_place_are_told_apart() -> None:
    other = reason("DE")
    other["because"][0]["value"] = 2
    text = page_of(decision_of(reason("BE"), other, reason(), reason("BE", applies="possibly")))
    assert text.count("[r]") == 4
    assert text.count("source: x, y") == 1, "sources and what would help are said once of a rule"
    assert "because f is 2" in text
    assert "possibly deny: t [r] (in gcp/eu (BE))" in text


def test_of_a_definite_verdict_less_strict_rules_are_counted() -> None:
    loose = [reason("JP", "JP", name, "allow") for name in ("a", "b", "b")]
    loose.append(reason("JP", "JP", "c", "license_required", "possibly"))
    text = page_of(decision_of(reason(), *loose))
    assert "and 3 rules that are less strict (1 license required, 2 allow): --output json has all" in text
    assert "[a]" not in text
    one = page_of(decision_of(reason(), loose[0]))
    assert "and 1 rule that is less strict (1 allow): --output json has all" in one


def test_of_an_open_verdict_every_rule_is_told() -> None:
    loose = reason("JP", "JP", "a", "allow", "possibly")
    text = page_of(decision_of(reason(applies="possibly"), loose, verdict="indeterminate"))
    assert "[a]" in text
    assert "less strict" not in text


def test_places_that_came_out_alike_stand_on_one_line() -> None:
    assert "Where JP: deny, tier 3 gcp/eu (BE, DE, a place that is not listed): deny, tier 3 Why" in page_of(
        decision_of(reason())
    )


def test_outcomes_that_lead_to_the_same_are_told_on_one_line() -> None:
    outcomes = [{"value": f"v{n}", "possible": ["deny" if n == 1 else "allow"]} for n in range(9)]
    missing = {
        "fact": "f",
        "question": "q",
        "would_accept": "a",
        "outcomes": outcomes,
        "destinations": ["JP"],
    }
    text = page_of(decision_of(reason(), verdict="indeterminate", missing=[missing]))
    assert "f: q v0, or v2, or v3, or v4, or v5, or v6, or 2 more: allow v1: deny accepted: a" in text


def test_packs_that_were_not_asked_are_named_with_how_to_ask_them() -> None:
    not_asked = [{"pack": "p1", "verdict": "deny"}, {"pack": "p2", "verdict": "indeterminate"}]
    text = page_of(decision_of(reason(), not_asked=not_asked))
    assert "Not asked, and stricter p1: deny Not asked, and perhaps stricter ask with --policy p2" in text


def test_flips_stand_under_one_heading_for_each_verdict() -> None:
    def flip(verdict: str, *names: str) -> dict[str, Any]:
        return {"verdict": verdict, "changes": [{"fact": n, "from": "a", "to": "b"} for n in names]}

    flips = [flip("allow", "f1"), flip("license_required", "f2"), flip("allow", "f3", "f4")]
    rows = [(line.indent, line.text) for line in flip_lines(flips)]
    assert rows == [
        (2, "allow"), (4, "f1: b instead of a"), (4, "f3: b instead of a"), (6, "and f4: b instead of a"),
        (2, "license required"), (4, "f2: b instead of a"),
    ]  # fmt: skip
    asked = [line.text for line in flip_lines([flips[0]], asked="allow")]
    assert asked == ["f1: b instead of a"]


def test_contradictions_say_what_each_source_says(shell: Shell) -> None:
    text = text_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml", "--facts", "open.yaml")
    said = " ".join(text.partition("Contradictions")[2].split())
    assert said.startswith("model.openness: closed.yaml says closed against open.yaml says open")


def test_contradictions_without_evidence_name_their_sources() -> None:
    decision = decision_of(reason(), contradictions=[{"fact": "f", "sources": ["a", "b"]}], facts={"f": 1})
    assert "Contradictions f: a against b" in page_of(decision)
