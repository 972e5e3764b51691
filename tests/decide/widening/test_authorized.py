"""Authorisations said without documents, names and days: what counts where stays, and nothing is denied."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.operators.strategies import DIGEST
from tests.property.questions import AS_OF, NOW, draft
from weightgate.attest.disclosure.minimal import minimal
from weightgate.attest.replay.deriving import plain
from weightgate.decide import Question, decide
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known
from weightgate.inspect.inspection import Inspection
from weightgate.operators.read import operator_from_dict

NVEU = {
    "kind": "NVEU", "countries": ["AE", "SA"], "from": "2025-02-03", "until": "2026-05-09", "reference": "Doc-77",
    "models": [DIGEST], "holder": "Quux Cloud", "notes": "by courier", "evidence": ["scan.pdf"], "caps": {"gpus": 4321},
}  # fmt: skip


NONE: dict[str, Any] = {"security_standards": []}

MAY_HOLD_UVEU = {"kind": "UVEU", "from": None}
"""That one is held or not is not said where nothing turns on it."""


def less(*authorizations: dict[str, Any], to: str = "AE", **operator: Any) -> dict[str, Any]:
    """The minimal form of a decision about closed weights and an operator of Tier 2."""
    stated = {"name": "Quux Cloud", "headquarters": "AE", "ultimate_parent": "AE", **operator}
    profile = operator_from_dict(stated | {"authorizations": list(authorizations)}, "/srv/ada/op.yaml")
    question = Question("host", (resolve(to),), (draft(),), AS_OF, profile)
    said = [Statement("model.openness", Known("closed"), Grade.VERIFIED, "hub")]
    looked = Inspection("./m", digest=DIGEST, statements=tuple(said))
    exact = plain(decide(question, looked, [], now=NOW).to_json())
    return minimal(exact, question.packs, decide_again).decision


def test_a_permission_that_the_verdict_rests_on_is_said_by_kind_place_and_last_day() -> None:
    made = less(NVEU)
    assert (made["verdict"], made["valid_until"]["date"]) == ("allow", "2026-05-09")
    assert made["inputs"]["operator"] == {
        "authorizations": [
            {"kind": "NVEU", "countries": ["AE"], "from": AS_OF, "until": "2026-05-09", "caps": "withheld"},
            MAY_HOLD_UVEU,
        ]
    }
    text = json.dumps(made)
    secrets = ("Doc-77", "Quux", "courier", "scan.pdf", "4321", "2025-02-03", "/home/ada")
    assert [s for s in secrets if s in text] == []


def test_that_its_caps_were_not_checked_stays_said() -> None:
    assert "NVEU has caps, which were not checked." in less(NVEU)["not_established"]


def test_of_two_permissions_one_is_enough_and_the_other_is_only_possible() -> None:
    made = less(NVEU, {"kind": "UVEU", "countries": ["AE"], "reference": "Doc-78"})
    entries = {e["kind"]: e for e in made["inputs"]["operator"]["authorizations"]}
    assert entries["UVEU"].get("from", "") == AS_OF
    assert entries["NVEU"]["from"] is None
    assert made["facts"]["operator.authorizations"]["certain"] == ["UVEU"]


def test_one_that_covers_another_country_is_not_said() -> None:
    standards = [
        {"name": f"supp10-{n}", "attested": "2025-07-08", "until": "2026-05-10"} for n in (14, 15, 18)
    ]
    made = less({"kind": "LICENSE", "countries": ["SG"], "reference": "Doc-9"}, security_standards=standards)
    assert made["verdict"] == "allow_with_conditions"
    assert "Doc-9" not in json.dumps(made)
    assert "2025-07-08" not in json.dumps(made)
    assert made["valid_until"]["date"] == "2026-05-10"


def test_the_terms_of_a_licence_stay_and_its_number_does_not() -> None:
    made = less(
        {"kind": "LICENSE", "countries": ["AE"], "reference": "D-1234", "terms": ["Report each month."]},
        **NONE,
    )
    assert made["verdict"] == "allow_with_conditions"
    assert [(c["id"], c["text"]) for c in made["conditions"]] == [("licence-1", "Report each month.")]
    assert "D-1234" not in json.dumps(made)


def test_numbers_that_keep_licences_apart_in_one_text_are_kept_apart() -> None:
    made = less(
        {"kind": "LICENSE", "countries": ["AE"]},
        {"kind": "LICENSE", "countries": ["AE"], "reference": "2"},
        **NONE,
    )
    assert len(made["conditions"]) == 2


def test_an_order_is_never_left_out() -> None:
    made = less(
        NVEU, {"kind": "ORDER", "countries": ["AE"], "verdict": "license_required", "reference": "Order 5"}
    )
    assert made["verdict"] == "license_required"
    kinds = [e["kind"] for e in made["inputs"]["operator"]["authorizations"]]
    assert "ORDER" in kinds
    assert "Order 5" not in json.dumps(made)


@pytest.mark.parametrize("verdict", ["license_required", "deny"])
def test_an_order_that_changes_nothing_stays_possible(verdict: str) -> None:
    made = less({"kind": "ORDER", "countries": ["CN"], "verdict": verdict}, to="CN")
    assert made["verdict"] == "deny"
    entries = made["inputs"]["operator"]["authorizations"]
    assert [e["kind"] for e in entries] == ["ORDER", "NVEU", "UVEU"]
    assert {e["from"] for e in entries} == {None}


def test_where_nothing_turns_on_them_nothing_is_said_of_them() -> None:
    made = less(NVEU, to="CN")
    assert made["verdict"] == "deny"
    assert made["inputs"]["operator"] == {}
    assert "NVEU" not in json.dumps(made["inputs"])


def test_that_none_is_held_is_said_where_it_matters() -> None:
    made = less(**NONE)
    assert made["verdict"] == "license_required"
    assert made["inputs"]["operator"] == {"authorizations": []}
