"""Past decisions decided again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.decide.samples import CLOSED, DRAFT, ask, company
from tests.policy.samples import HEAD, named, rule, rules, source
from weightgate import impact as module
from weightgate.errors import InputError, PolicyError
from weightgate.impact import Change, Changed, Impact, impact, read_decisions, without_rules
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import SILENT

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EAR = "us-ear-ai-diffusion-2025"
DRAFTS = named(DRAFT.text.decode(), "us-ai-diffusion-draft")


def pack_of(text: str, name: str = "other.yaml") -> PackSource:
    return source(text, name)


def decision(to: str, facts: dict[str, Any] = CLOSED, who: str = "US", **more: Any) -> dict[str, Any]:
    return ask(to, facts, company(who), **more).to_json()


def found(changed: Changed, *decisions: dict[str, Any]) -> Impact:
    return impact(((f"d:{n}", one) for n, one in enumerate(decisions, 1)), changed, NOW)


def brief(one: Impact) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(c.destination, c.before, c.after, c.rules) for c in one.changes]


def test_what_nothing_changed_comes_out_the_same() -> None:
    same = found(Changed(), decision("DE"), decision("IN"), decision("IR"))
    assert (same.decisions, same.changes, same.failed, same.counts) == (3, (), (), {})


def test_a_rule_left_out_lets_through_what_it_stopped() -> None:
    free = pack_of(
        HEAD + rules(rule("true", name="free"), rule('model.openness == "closed"', "deny", "ban")), "p.yaml"
    )
    # The pack is not at its locator: it is asked by what is given.
    again = found(
        Changed(packs=(free,), without={"sample": frozenset({"ban"})}), decision("DE", packs=(free,))
    )
    assert brief(again) == [("DE", "deny", "allow", ("sample:free",))]
    assert again.changes[0].loosens > 0


def test_a_shipped_rule_left_out() -> None:
    changed = Changed(without={"us-ai-diffusion-draft": frozenset({"tier-1-unrestricted"})})
    assert brief(found(changed, decision("DE"), decision("IR"))) == [
        ("DE", "allow", "deny", ("us-ai-diffusion-draft:default",))
    ]


def test_a_pack_is_asked_too_or_in_place_of_its_namesake() -> None:
    ban = pack_of(HEAD + rules(rule("true", "deny", "ban")))
    assert brief(found(Changed(packs=(ban,)), decision("DE"))) == [("DE", "allow", "deny", ("sample:ban",))]
    newer = pack_of(DRAFTS.replace("operator.tier <= 2", "operator.tier <= 1"))
    tier_2 = decision("DE", who="IN")
    assert brief(found(Changed(packs=(newer,)), tier_2, decision("DE"))) == [
        ("DE", "allow", "deny", ("us-ai-diffusion-draft:default",))
    ]


def test_another_day_and_another_status() -> None:
    kh = decision("KH", as_of="2026-02-02")
    assert kh["verdict"] == "deny"
    assert [c[:3] for c in brief(found(Changed(as_of="2026-06-01"), kh))] == [
        ("KH", "deny", "license_required")
    ]
    assert brief(found(Changed(status="in-force"), kh)) == [
        ("KH", "deny", SILENT, ("us-ai-diffusion-draft:closed-weights-tier-3",))
    ]


def test_what_was_said_until_a_day_counts_no_longer() -> None:
    facts = {"model.openness": {"value": "open", "until": "2026-12-31"}}
    then = decision("IR", facts)
    assert then["verdict"] == "allow"
    assert found(Changed(as_of="2026-12-31"), then).changes == ()
    (later,) = found(Changed(as_of="2027-01-01"), then).changes
    assert (later.before, later.after) == ("allow", "indeterminate")


def test_the_law_is_taken_as_known_now() -> None:
    late = pack_of(
        HEAD
        + "values:\n  banned:\n    - {from: 2025-01-01, value: [IR], cite: {source: law, place: a}, grade: V}\n"
        + "    - {from: 2026-03-01, known: 2026-08-01, value: [BR], cite: {source: law, place: b}, grade: V}\n"
        + rules(rule("true", name="free"), rule("destination.country in values.banned", "deny", "banned"))
    )
    then = decision("BR", packs=(late,), known_at="2026-07-31")
    assert then["verdict"] == "allow"
    again = found(Changed(packs=(late,)), then)
    assert brief(again) == [("BR", "allow", "deny", ("sample:banned",))]


def test_what_lets_most_more_through_comes_first_and_counts_follow() -> None:
    free = pack_of(
        DRAFTS.replace(
            "verdict: deny\n    cites: [{source: press-report, place: closed weights in Tier 3}]",
            "verdict: allow\n    cites: [{source: press-report, place: closed weights in Tier 3}]",
        ).replace(
            "destination.tier == 1 && operator.tier <= 2", "destination.tier == 1 && operator.tier <= 1"
        )
    )
    again = found(
        Changed(packs=(free,)), decision("DE", who="IN"), decision("IR"), decision("CN"), decision("IN")
    )
    assert [(c.destination, c.before, c.after) for c in again.changes] == [
        ("CN", "deny", "allow"), ("IR", "deny", "allow"), ("DE", "allow", "deny"),
    ]  # fmt: skip
    assert again.counts == {("deny", "allow"): 2, ("allow", "deny"): 1}
    assert again.to_json()["counts"] == [
        {"from": "deny", "to": "allow", "count": 2}, {"from": "allow", "to": "deny", "count": 1},
    ]  # fmt: skip


def test_what_lets_as_much_more_through_goes_by_model_destination_and_line() -> None:
    free = pack_of(
        DRAFTS.replace(
            "verdict: deny\n    cites: [{source: press-report, place: closed weights in Tier 3}]",
            "verdict: allow\n    cites: [{source: press-report, place: closed weights in Tier 3}]",
        )
    )

    def of(model: str, to: str) -> dict[str, Any]:
        then = decision(to)
        inputs = then["inputs"]
        named_so = inputs["request"] | {"model": model}
        return then | {
            "model": then["model"] | {"reference": model},
            "inputs": inputs | {"request": named_so},
        }

    asked = [
        ("d:9", of("b", "IR")), ("d:664", of("a", "IR")), ("d:1000", of("a", "CN")), ("d:5001", of("a", "IR")),
    ]  # fmt: skip
    again = impact(asked, Changed(packs=(free,)), NOW)
    assert [(c.model, c.destination, c.where) for c in again.changes] == [
        ("a", "CN", "d:1000"), ("a", "IR", "d:664"), ("a", "IR", "d:5001"), ("b", "IR", "d:9"),
    ]  # fmt: skip


def test_the_pack_of_a_decision_need_not_be_found_when_it_is_replaced() -> None:
    old = pack_of(HEAD + rules(rule("true")), "./gone/pack.yaml")
    new = pack_of(HEAD + rules(rule("true", "deny", "ban")), "./elsewhere/pack.yaml")
    both = decision("DE", packs=(old, DRAFT))
    again = found(Changed(packs=(new,)), both)
    assert (brief(again), again.failed) == ([("DE", "allow", "deny", ("sample:ban",))], ())
    # Another pack, asked too, stands in for nothing.
    other = pack_of(named(HEAD, "other") + rules(rule("true")))
    assert len(found(Changed(packs=(other,)), both).failed) == 1


def test_a_change_has_the_day_of_its_decision() -> None:
    changed = Changed(without={"us-ai-diffusion-draft": frozenset({"tier-1-unrestricted"})})
    (change,) = found(changed, decision("DE", as_of="2026-03-05")).changes
    assert change.as_of == "2026-03-05"


def test_a_change_is_told_for_each_destination() -> None:
    changed = Changed(without={"us-ai-diffusion-draft": frozenset({"tier-1-unrestricted"})})
    then = ask(["DE", "IR", "aws/eu-central-1"], CLOSED, company("US")).to_json()
    assert [c.destination for c in found(changed, then).changes] == ["DE", "aws/eu-central-1"]


def test_what_cannot_be_decided_again_is_told_with_its_place() -> None:
    gone = pack_of(HEAD + rules(rule("true")), "./gone/pack.yaml")
    again = found(Changed(), decision("DE", packs=(gone,)), decision("DE"))
    assert again.decisions == 2
    ((where, error),) = again.failed
    assert where == "d:1"
    assert error == (
        "gone/pack.yaml: cannot read: No such file or directory; "
        "if sample is elsewhere now, give it by --with"
    )


@pytest.mark.parametrize(
    ("without", "message", "hint"),
    [
        ({"us-ai-diffusion-draft": {"tier-1-unrestrcted"}}, "us-ai-diffusion-draft has no rule 'tier-1-unrestrcted'", "did you mean tier-1-unrestricted?"),
        ({"us-ai-diffusion-drft": {"x"}}, "no pack that was asked is called 'us-ai-diffusion-drft', of which rule 'x' is to be left out", ""),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused_and_never_ignored(
    without: dict[str, set[str]], message: str, hint: str
) -> None:
    changed = Changed(without={pack: frozenset(names) for pack, names in without.items()})
    with pytest.raises(PolicyError) as caught:
        found(changed, decision("DE"))
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_pack_keeps_at_least_one_rule() -> None:
    only = pack_of(HEAD + rules(rule("true")))
    with pytest.raises(PolicyError) as caught:
        without_rules(only, ["first"])
    assert caught.value.message == "no rule of sample would be left"


def test_a_pack_without_a_rule_is_otherwise_the_same() -> None:
    left = Pack(without_rules(DRAFT, ["veu-tier-2"]))
    whole = Pack(DRAFT)
    assert [r.id for r in left.document.rules] == [r.id for r in whole.document.rules if r.id != "veu-tier-2"]
    assert left.document.values == whole.document.values
    assert left.document.tables == whole.document.tables


def test_a_change_is_plain_data() -> None:
    change = Change("owner/name", "DE", "2026-03-05", "deny", "allow", ("p:r", "p:s"), "d:1")
    assert change.to_json() == {
        "model": "owner/name", "destination": "DE", "as_of": "2026-03-05", "from": "deny", "to": "allow", "rule": "p:r", "rules": ["p:r", "p:s"], "where": "d:1",
    }  # fmt: skip


def test_decisions_are_read_one_a_line_or_laid_out(tmp_path: Path) -> None:
    one, two = decision("DE"), decision("IR")
    file = tmp_path / "d.jsonl"
    file.write_text(json.dumps(one) + "\n\n" + json.dumps(two, indent=2) + "\n" + json.dumps(one))
    read = list(read_decisions(file))
    assert [data["verdict"] for _, data in read] == ["allow", "deny", "allow"]
    assert [where.rpartition(":")[2] for where, _ in read][:2] == ["1", "3"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "no_decisions", ""),
        ("{}\n", "bad_decision", ":1"),
        ("[1]\n", "bad_decision", ":1"),
        ("nonsense\n", "json", ":1:1:1"),
        ('{\n"verdict": 1,\n', "json", ":1"),
        ('{"a": 1, "a": 2}', "json", ":1"),
    ],
)
def test_what_is_no_decision_is_told_in_its_place(tmp_path: Path, text: str, code: str, line: str) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        list(read_decisions(file))
    assert (caught.value.code, caught.value.where) == (code, f"{file}{line}")


def test_a_decision_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text("{\n" + '"x": "' + ("y" * 1000 + '",\n"x": "') * (module.MAX_DECISION // 1000))
    with pytest.raises(InputError) as caught:
        list(read_decisions(file))
    assert caught.value.code == "too_large"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(read_decisions(tmp_path / "none.jsonl"))
    assert caught.value.code == "unreadable"
