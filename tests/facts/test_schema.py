"""The JSON Schema of facts files says what the reader does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.facts.strategies import known_forms, specs, statements, values
from tools import schemas
from tools.generated import FOLDER, stale
from weightgate.errors import InputError
from weightgate.facts.encode import encode_fact, encode_value
from weightgate.facts.factfile import ASKED, declare, read_facts
from weightgate.facts.merge import merge_one
from weightgate.facts.registry import FACTS, FactSpec
from weightgate.facts.schema import decision_facts_schema, definitions, facts_file_schema
from weightgate.facts.statements import Statement
from weightgate.facts.values import Value

FILE = Draft202012Validator(facts_file_schema())
DECISION = Draft202012Validator(schemas.closed(decision_facts_schema() | {"$defs": definitions()}))
STATED = specs.filter(lambda spec: spec.name not in ASKED)


def test_the_schemas_are_schemas() -> None:
    Draft202012Validator.check_schema(facts_file_schema())
    Draft202012Validator.check_schema(decision_facts_schema() | {"$defs": definitions()})


def test_every_fact_that_may_be_declared_is_in_the_schema() -> None:
    described = facts_file_schema()["properties"]
    assert set(described) == set(FACTS) - set(ASKED)
    assert all(described[name]["description"].startswith(FACTS[name].meaning) for name in described)
    assert set(decision_facts_schema()["properties"]) == set(FACTS)


@given(STATED.flatmap(lambda spec: st.tuples(st.just(spec), values(spec))))
def test_whatever_a_fact_may_be_is_in_the_schema(drawn: tuple[FactSpec, Value]) -> None:
    spec, value = drawn
    encoded = encode_value(value)
    for raw in [encoded, *([encoded["value"]] if "value" in encoded else [])]:
        assert not list(FILE.iter_errors({spec.name: json.loads(json.dumps(raw))}))


DETAILS = st.fixed_dictionaries(
    {}, optional={"source": st.text(max_size=5), "by": st.text(max_size=5), "on": st.just("2026-01-01")}
)
RAW = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 5), st.floats(allow_nan=False), st.text(max_size=4),
    st.sampled_from(["open", "closed", "DE", "de", "UK", "NVEU", "supp10-14", "2026-01-01", "finetune"]),
)  # fmt: skip


@st.composite
def stated(draw: st.DrawFn) -> tuple[str, Any]:
    """A fact as somebody may write it, right or wrong."""
    spec = draw(st.one_of(specs, st.just(FACTS["model.openness"])))
    good = encode_value(draw(known_forms(spec)))
    lists = st.lists(RAW, max_size=3)
    names = st.sampled_from(
        ["value", "min", "max", "one_of", "certain", "possible", "unknown", "reason", "by", "x"]
    )
    raw = draw(
        st.one_of(RAW, lists, st.just(good), st.dictionaries(names, st.one_of(RAW, lists), max_size=2))
    )
    return spec.name, {"value": raw, **draw(DETAILS)} if draw(st.booleans()) else raw


@given(stated())
def test_what_the_schema_accepts_is_read(drawn: tuple[str, Any]) -> None:
    name, raw = drawn
    low, high = (raw.get("min"), raw.get("max")) if isinstance(raw, dict) else (None, None)
    if not FILE.is_valid({name: raw}) or (low is not None and high is not None and low > high):
        return
    inner = raw.get("value") if isinstance(raw, dict) else None
    if (
        isinstance(inner, dict)
        and None not in (inner.get("min"), inner.get("max"))
        and inner["min"] > inner["max"]
    ):
        return
    if _parted(raw) or _float_tier(name, raw):
        return
    assert declare({name: raw}, "here", "")[0].fact == name


def _parted(raw: Any) -> bool:
    """Whether something is certain that is not possible, which no schema can exclude."""
    inner = raw.get("value", raw) if isinstance(raw, dict) else raw
    return isinstance(inner, dict) and not set(inner.get("certain", ())) <= set(inner.get("possible", ()))


def _float_tier(name: str, raw: Any) -> bool:
    """Whether a tier is written as 1.0, which is 1 to a schema."""
    return name.endswith(".tier") and "." in json.dumps(raw)


@pytest.mark.parametrize(
    "document",
    [
        {"model.opennes": "open"},
        {"model.openness": "opne"},
        {"model.openness": ["open"]},
        {"model.training_operations": -1},
        {"model.training_operations": "1e26"},
        {"model.training_operations": {"min": 1, "mean": 2}},
        {"model.training_operations": {}},
        {"operator.headquarters": "UK"},
        {"operator.tier": 4},
        {"operator.authorizations": "NVEU"},
        {"operator.authorizations": ["VEU"]},
        {"model.openness": {"one_of": []}},
        {"model.openness": {"value": "open", "form": "x"}},
        {"model.openness": {"value": "open", "until": "soon"}},
        {"destination.country": "DE"},
        {"activity": "host"},
        ["model.openness"],
        "open",
    ],
)
def test_what_the_reader_refuses_is_not_in_the_schema(tmp_path: Path, document: Any) -> None:
    assert not FILE.is_valid(document)
    path = tmp_path / "facts.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError):
        read_facts(path, "2026-01-01")


@given(specs.flatmap(lambda spec: st.tuples(st.just(spec), st.lists(statements(spec), max_size=3))))
def test_every_fact_of_a_decision_fits(drawn: tuple[FactSpec, list[Statement]]) -> None:
    spec, said = drawn
    encoded = json.loads(json.dumps(encode_fact(merge_one(spec, said), spec.unit)))
    errors = [error.message for error in DECISION.iter_errors({spec.name: encoded})]
    assert not errors


@pytest.mark.parametrize(
    "change",
    [
        {"grade": "certain"},
        {"unit": "litres"},
        {"min": 1.0},
        {"unknown": True},
        {"evidence": [{"source": "x"}]},
        {"value": "1e26"},
        {"extra": 1},
    ],
)
def test_a_fact_of_a_decision_that_is_none_does_not_fit(change: dict[str, Any]) -> None:
    good = {"value": 1e26, "unit": "operations", "grade": "declared", "evidence": []}
    assert DECISION.is_valid({"model.training_operations": good})
    assert not DECISION.is_valid({"model.training_operations": good | change})


def test_committed_schemas_are_what_the_code_says() -> None:
    assert stale(schemas.schemas()) == []


def test_a_schema_out_of_date_is_named(tmp_path: Path) -> None:
    for name, text in schemas.schemas().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert stale(schemas.schemas(), tmp_path) == []
    (tmp_path / "facts.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "error.schema.json").unlink()
    assert stale(schemas.schemas(), tmp_path) == ["facts.schema.json", "error.schema.json"]


def test_the_generator_checks_without_writing() -> None:
    root = Path(schemas.__file__).parents[1]
    command = [sys.executable, "-m", "tools.schemas", "--check"]
    before = {path: path.stat().st_mtime_ns for path in FOLDER.glob("*.schema.json")}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert {path.name for path in before} == set(schemas.schemas())


def test_a_closed_schema_differs_only_in_what_may_be_added() -> None:
    def opened(schema: Any) -> Any:
        if isinstance(schema, list):
            return [opened(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        kept = [key for key in schema if key != "additionalProperties" or "properties" not in schema]
        return {key: opened(schema[key]) for key in kept}

    for schema in (schemas.decision_schema(), schemas.error_schema()):
        assert schemas.closed(schema) != schema
        assert opened(schemas.closed(schema)) == opened(schema)


def test_every_verdict_has_its_exit_and_its_possibilities() -> None:
    found = {
        rule["if"]["properties"]["verdict"]["const"]: rule["then"]["properties"]
        for rule in schemas.verdict_schema()
    }
    assert {word: then["exit"]["const"] for word, then in found.items()} == {
        "allow": 0,
        "allow_with_conditions": 0,
        "license_required": 2,
        "deny": 1,
        "indeterminate": 3,
    }
    assert found["allow"]["possible"]["enum"] == [["allow"]]
    assert found["allow_with_conditions"]["possible"]["enum"] == [
        ["allow_with_conditions"],
        ["allow", "allow_with_conditions"],
    ]
    assert sum(len(then["possible"]["enum"]) for then in found.values()) == 15
