"""Decisions of every kind fit ``docs/decision.schema.json``, and nothing in them is undescribed."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.policy_cases.packs import toy
from tools import schemas
from weightgate.cli.failures import describe
from weightgate.decide import Question, decide
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import (
    Exit,
    InputError,
    ModelError,
    NotAvailableYet,
    PolicyError,
    SignatureError,
    UnreachableError,
    UsageError,
    WeightgateError,
)
from weightgate.facts.factfile import declare
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.operators.profile import UNKNOWN_OPERATOR
from weightgate.operators.read import operator_from_dict
from weightgate.policy.source import PackSource, find_pack

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
DIGEST = "sha256:" + "0" * 64
DRAFT = find_pack("us-ai-diffusion-draft")

OPEN = Draft202012Validator(schemas.decision_schema())
CLOSED = Draft202012Validator(schemas.closed(schemas.decision_schema()))
ERROR = Draft202012Validator(schemas.closed(schemas.error_schema()))

STANDARDS = [{"name": f"supp10-{n}", "attested": "2026-01-01", "until": "2026-12-31"} for n in (14, 15, 18)]


def decision(
    to: str,
    facts: dict[str, Any],
    operator: dict[str, Any] | None = None,
    *,
    packs: tuple[PackSource, ...] = (DRAFT,),
    found: tuple[Statement, ...] = (),
    **question: Any,
) -> dict[str, Any]:
    """A decision, as it is printed."""
    activity = question.pop("activity", "host")
    as_of = question.pop("as_of", "2026-03-14")
    who = UNKNOWN_OPERATOR if operator is None else operator_from_dict(operator, "operator.yaml")
    asked = Question(activity, resolve_all(to.split(",")), packs, as_of, who, **question)
    manifest = (ManifestEntry("model.safetensors", "0" * 64),)
    model = Inspection(
        "./model", digest=DIGEST, manifest=manifest, statements=found, not_established=("Rights.",)
    )
    made = decide(asked, model, declare(facts, "facts.yaml", ""), now=NOW)
    plain: dict[str, Any] = json.loads(json.dumps(made.to_json(), allow_nan=False))
    return plain


def misfits(data: Any, validator: Draft202012Validator = CLOSED) -> list[str]:
    """What does not fit, with its path."""
    return [f"{error.json_path}: {error.message}"[:300] for error in validator.iter_errors(data)]


def company(country: str, **more: Any) -> dict[str, Any]:
    """An operator of which everything is known."""
    nothing: dict[str, Any] = {"security_standards": [], "authorizations": []}
    return {"name": "Example", "headquarters": country, "ultimate_parent": country} | nothing | more


LICENSE = {
    "kind": "LICENSE",
    "countries": ["IN"],
    "from": "2026-01-01",
    "until": "2026-06-30",
    "reference": "D-1",
}
CLOSED_MODEL = {"model.openness": "closed"}


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Decisions of many kinds, by what they show."""
    observed = Statement(
        "model.openness", Known("open"), Grade.VERIFIED, "hub", "anonymous", DIGEST, "request"
    )
    claimed = Statement("model.openness", Known("closed"), Grade.CLAIMED, "README.md")
    order = {"kind": "ORDER", "countries": ["DE"], "reference": "O-1", "verdict": "deny"}
    return {
        "allow": decision("DE", CLOSED_MODEL, company("US")),
        "allow_with_conditions": decision("IN", CLOSED_MODEL, company("US", security_standards=STANDARDS)),
        "license_required": decision("IN", CLOSED_MODEL, company("US")),
        "deny": decision("CN", CLOSED_MODEL, company("US")),
        "indeterminate": decision("IN,DE", {}),
        "lifted by a licence": decision("IN", CLOSED_MODEL, company("US", authorizations=[LICENSE])),
        "possibly lifted": decision("IN", CLOSED_MODEL, company("US", authorizations=[{"kind": "LICENSE"}])),
        "under an order": decision("DE", CLOSED_MODEL, company("US", authorizations=[order])),
        "several destinations": decision("gcp/eu,aws/ap-east-1,UA-43,UA,US", CLOSED_MODEL),
        "an incomplete footprint": decision("aws/global", CLOSED_MODEL, company("DE")),
        "contradictions": decision("CN", {"model.training_operations": 1.0}, found=(observed, claimed)),
        "a contradicted share": decision(
            "PL",
            {
                "model.base_openness": "open",
                "model.special_purpose": True,
                "model.finetune_share": 0.1,
                "model.finetune_operations": {"min": 3e25},
                "model.base_operations": 1e26,
            },
            company("PL"),
            activity="fine_tune",
        ),
        "every form of a value": decision(
            "IN",
            {
                "model.openness": {"one_of": ["restricted", "closed"]},
                "model.training_operations": {"min": 1e25, "max": 1e26},
                "model.parameters": {"max": 7e9},
                "model.labels": ["internal"],
                "model.license": {"value": "mit", "by": "counsel", "on": "2026-01-01", "until": "2026-12-31"},
                "model.special_purpose": None,
                "operator.tier": 1,
            },
        ),
        "required grades": decision("CN", CLOSED_MODEL, require_grade={"model.openness": Grade.VERIFIED}),
        "another day": decision("KH", CLOSED_MODEL, company("US"), as_of="2026-02-02"),
        "something insecure": decision("CN", CLOSED_MODEL, insecure=("--insecure-example",)),
    }  # fmt: skip


@pytest.mark.parametrize("kind", kinds())
def test_a_decision_fits_and_has_nothing_undescribed(kind: str) -> None:
    assert misfits(kinds()[kind]) == []


@pytest.mark.parametrize(
    "kind", ["allow", "allow_with_conditions", "license_required", "deny", "indeterminate"]
)
def test_every_verdict_is_among_them(kind: str) -> None:
    assert kinds()[kind]["verdict"] == kind


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("lifted by a licence", "conditions"),
        ("contradictions", "contradictions"),
        ("a contradicted share", "contradictions"),
        ("indeterminate", "missing"),
        ("deny", "rests_on"),
        ("allow", "not_established"),
        ("under an order", "reasons"),
        ("something insecure", "hypothetical"),
        ("another day", "hypothetical"),
    ],
)
def test_every_part_is_filled_somewhere(kind: str, part: str) -> None:
    assert kinds()[kind][part]


def test_several_packs_and_what_was_left_out_fit(tmp_path: Path) -> None:
    packs = (DRAFT, toy(tmp_path))
    both = decision("IN,CN", CLOSED_MODEL, company("IN"), packs=packs)
    assert misfits(both) == []
    assert [pack["name"] for pack in both["packs"]] == ["us-ai-diffusion-draft", "toy"]
    in_force = decision("IN", CLOSED_MODEL, company("IN"), packs=packs, status_mode="in-force")
    assert misfits(in_force) == []
    assert [entry["pack"] for entry in in_force["left_out"]] == ["us-ai-diffusion-draft"]
    early = decision("DE", {"model.openness": "open"}, packs=packs, as_of="2025-01-05", activity="fine_tune")
    assert misfits(early) == []
    assert [pack["applicable"] for pack in early["packs"]] == [False, True]


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "model.openness": st.sampled_from(
            ["open", "restricted", "closed", None, {"one_of": ["open", "closed"]}]
        ),
        "model.base_openness": st.sampled_from(["open", "restricted", None]),
        "model.special_purpose": st.sampled_from([True, False, None]),
        "model.finetune_share": st.sampled_from([0.1, 0.25, 0.3, {"min": 0.2}, {"min": 0.2, "max": 0.3}]),
        "model.finetune_operations": st.sampled_from([0.0, 1e24, {"max": 1e25}]),
        "model.base_operations": st.sampled_from([0.0, 1e25, {"min": 1e24, "max": 1e26}]),
        "operator.tier": st.sampled_from([1, 2, 3, {"one_of": [1, 2]}]),
    },
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["NVEU", "UVEU", "LICENSE", "AIA"])},
        optional={
            "countries": st.sampled_from([[], ["IN"], ["IN", "DE"]]),
            "until": st.sampled_from(["2026-01-01", None]),
        },
    ),
    max_size=2,
)
OPERATORS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("Example"),
        "headquarters": st.sampled_from(["US", "IN", "CN"]),
        "ultimate_parent": st.sampled_from(["US", "IN", "CN"]),
        "security_standards": st.sampled_from([[], STANDARDS, STANDARDS[:2]]),
        "authorizations": ENTRIES,
    },
)
DESTINATIONS = st.lists(
    st.sampled_from(["DE", "IN", "CN", "UA", "gcp/eu", "aws/global"]), min_size=1, max_size=2, unique=True
)


@settings(max_examples=40, deadline=None)
@given(DESTINATIONS, FACTS, st.none() | OPERATORS, st.sampled_from(["host", "fine_tune"]))
def test_whatever_is_asked_the_decision_fits(
    to: list[str], facts: dict[str, Any], operator: dict[str, Any] | None, activity: str
) -> None:
    assert misfits(decision(",".join(to), facts, operator, activity=activity)) == []


# What the schema refuses


@pytest.mark.parametrize("name", schemas.decision_schema()["required"])
def test_no_name_of_the_contract_may_be_left_out(name: str) -> None:
    data = {key: value for key, value in kinds()["indeterminate"].items() if key != name}
    assert misfits(data, OPEN) == [f"$: '{name}' is a required property"]


CONTRACT = """
schema verdict possible exit decided_at engine activity as_of known_at status_mode switches hypothetical model operator
destinations reasons missing flips conditions contradictions rests_on not_established left_out valid_until packs not_asked facts
"""


def test_the_names_are_those_of_the_contract() -> None:
    assert schemas.decision_schema()["required"] == CONTRACT.split()


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("deny", ("schema",), "weightgate/decision/v2"),
        ("deny", ("verdict",), "denied"),
        ("deny", ("verdict",), "allow"),
        ("deny", ("exit",), 0),
        ("deny", ("possible",), ["allow", "deny"]),
        ("deny", ("possible",), []),
        ("indeterminate", ("possible",), ["deny", "allow"]),
        ("indeterminate", ("possible",), ["allow", "allow_with_conditions"]),
        ("indeterminate", ("exit",), 1),
        ("deny", ("decided_at",), "today"),
        ("deny", ("as_of",), "14.3.2026"),
        ("deny", ("status_mode",), "as_written"),
        ("deny", ("hypothetical",), True),
        ("deny", ("hypothetical",), ""),
        ("deny", ("model", "digest"), "0" * 64),
        ("deny", ("operator", "headquarters"), "UK"),
        ("deny", ("destinations",), []),
        ("deny", ("destinations", 0, "country"), "cn"),
        ("deny", ("destinations", 0, "tiers"), {"us-ai-diffusion-draft": 4}),
        ("deny", ("reasons", 0, "applies"), "no"),
        ("deny", ("reasons", 0, "verdict"), "indeterminate"),
        ("deny", ("reasons", 0, "cites", 0, "source"), None),
        ("indeterminate", ("missing", 0, "outcomes"), []),
        ("indeterminate", ("missing", 0, "fact"), "Openness"),
        ("deny", ("rests_on", 0, "grade"), "certain"),
        ("deny", ("packs", 0, "digest"), None),
        ("deny", ("packs",), []),
        ("deny", ("facts", "model.openness", "value"), "opne"),
        ("deny", ("facts", "model.openness", "grade"), "certain"),
        ("deny", ("valid_until", "date"), "soon"),
    ],
)
def test_a_decision_that_is_none_does_not_fit(kind: str, path: tuple[str | int, ...], value: Any) -> None:
    data: Any = copy.deepcopy(kinds()[kind])
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    assert inner[path[-1]] != value or isinstance(value, bool)
    inner[path[-1]] = value
    assert misfits(data, OPEN)


def test_more_may_be_added_and_only_the_tests_are_strict() -> None:
    data = {**kinds()["allow"], "novel": 1, "facts": {**kinds()["allow"]["facts"], "model.novel": {
        "value": 1, "unit": None, "grade": "declared", "evidence": []}}}  # fmt: skip
    assert misfits(data, OPEN) == []
    assert misfits(data) != []


def test_the_schemas_are_schemas() -> None:
    for schema in (OPEN.schema, CLOSED.schema, ERROR.schema):
        Draft202012Validator.check_schema(schema)


# Errors

ERRORS = (
    InputError("'UK' is no country", where="facts.yaml:1:2", hint="did you mean GB?", code="unknown_country"),
    UsageError("no destination"),
    NotAvailableYet("--set"),
    PolicyError("does not load"),
    ModelError("truncated", where="model.safetensors: offset 8"),
    UnreachableError("timed out", where="https://example.org"),
    SignatureError("does not verify"),
    ZeroDivisionError("a defect"),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_fits(error: Exception) -> None:
    data = json.loads(json.dumps(describe(error)))
    assert misfits(data, ERROR) == []
    assert data["exit"] == (error.exit if isinstance(error, WeightgateError) else Exit.INTERNAL)


@pytest.mark.parametrize(
    "change", [{"exit": 3}, {"exit": "4"}, {"schema": "error"}, {"error": {}}, {"error": None}, {"more": 1}]
)
def test_an_error_that_is_none_does_not_fit(change: dict[str, Any]) -> None:
    body = {"code": "input", "message": "wrong", "where": None, "hint": None}
    good = {"schema": "weightgate/error/v1", "error": body, "exit": 4}
    assert misfits(good, ERROR) == []
    assert misfits(good | change, ERROR)
