"""A decision derived again from its file: the same, or a clear refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.decide.samples import CLOSED, DRAFT, NOW, ask, company, pack, question, rule
from weightgate.decide import decide
from weightgate.decide.again import decide_again
from weightgate.errors import Exit, InputError
from weightgate.facts.factfile import declare
from weightgate.facts.statements import Grade
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import Authorization
from weightgate.operators.read import read_operator

OPERATOR = """\
name: A
headquarters: AE
ultimate_parent: AE
security_standards: [{name: supp10-14, attested: 2025-11-01, until: 2026-11-01}]
authorizations: [{kind: NVEU, countries: [AE], from: 2025-06-01, terms: [Report.]}]
"""


def plain() -> Any:
    held = (Authorization("NVEU", ("AE",)),)
    return json.loads(json.dumps(ask(["AE", "gcp/eu"], CLOSED, company("AE", held=held)).to_json()))


def again(decision: Any, cap: Grade = Grade.VERIFIED) -> dict[str, Any]:
    return decide_again(decision, [DRAFT], cap=cap)


def test_the_same_inputs_give_the_same_json() -> None:
    decision = plain()
    assert again(decision) == decision


def test_an_operator_file_keeps_its_places(tmp_path: Path) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text(OPERATOR)
    asked = question("AE", read_operator(path))
    once = decide(asked, Inspection("./m"), declare(CLOSED, "facts.yaml", asked.as_of), now=NOW).to_json()
    assert once["facts"]["operator.headquarters"]["evidence"][0]["locator"] == "headquarters at 2:15"
    assert again(json.loads(json.dumps(once))) == once


def test_a_lower_cap_lowers_grades_only() -> None:
    decision = plain()
    lowered = again(decision, Grade.CLAIMED)
    assert lowered["verdict"] == decision["verdict"]
    assert {f["grade"] for f in lowered["facts"].values()} <= {"claimed", None}


def test_what_the_file_says_beside_its_inputs_counts_for_nothing() -> None:
    decision = plain()
    honest = again(decision)
    lying = decision | {
        "verdict": "allow",
        "possible": ["allow"],
        "exit": 0,
        "facts": {},
        "reasons": [],
        "packs": [],
    }
    assert again(lying) == honest


@pytest.mark.parametrize(
    ("path", "value"),
    [(["inputs"], None), (["inputs", "request"], None), (["inputs", "request", "activity"], "train"),
     (["inputs", "request", "status_mode"], "maybe"), (["inputs", "request", "as_of"], "yesterday"),
     (["inputs", "request", "require_grade"], {"model.openness": "certain"}),
     (["inputs", "request", "require_grade"], {"model.opennes": "verified"}), (["inputs", "destinations"], []),
     (["inputs", "destinations", 0, "places"], []), (["inputs", "destinations", 0, "places", 0, "country"], "UK"),
     (["inputs", "destinations", 0, "places", 0, "subdivision"], "UA-99"),
     (["inputs", "destinations", 0, "places", 0, "provider"], "acme"), (["inputs", "operator"], []),
     (["inputs", "operator"], {"nmae": "A"}), (["inputs", "statements"], [{"fact": "model.openness"}]),
     (["inputs", "statements", 0, "fact"], "model.opennes"), (["inputs", "statements", 0, "grade"], "sworn"),
     (["inputs", "statements", 0, "says"], {"value": "opne"}), (["inputs", "statements", 0, "says"], {"min": 1}),
     (["inputs", "manifest"], [{"name": "a"}]), (["inputs", "packs"], []), (["inputs", "cap"], "best"),
     (["decided_at"], "now"), (["model"], None)],
    ids=lambda part: "".join(str(p) + "." for p in part) if isinstance(part, list) else repr(part)[:30],
)  # fmt: skip
def test_malformed_inputs_are_refused(path: list[str | int], value: object) -> None:
    decision = plain()
    place = decision
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(InputError) as caught:
        again(decision)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.message


@pytest.mark.parametrize("key", ["inputs", "decided_at", "model"])
def test_missing_parts_are_refused(key: str) -> None:
    decision = plain()
    del decision[key]
    with pytest.raises(InputError, match="cannot be read") as caught:
        again(decision)
    assert caught.value.code == "bad_decision"
    assert caught.value.hint == "give the file as check wrote it"


@pytest.mark.parametrize(
    "packs", [[], [pack(rule("true"))], [DRAFT, DRAFT]], ids=["none", "another", "too many"]
)
def test_other_packs_are_refused(packs: list[Any]) -> None:
    with pytest.raises(InputError) as caught:
        decide_again(plain(), packs, cap=Grade.VERIFIED)
    assert caught.value.code == "other_packs"


def test_changed_inputs_change_the_decision() -> None:
    decision = plain()
    decision["inputs"]["statements"][0]["says"] = {"value": "open"}
    assert again(decision)["verdict"] == "allow"
    assert again(decision) != decision
