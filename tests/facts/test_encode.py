"""Values as files and JSON spell them, in both directions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts.strategies import specs, statements, values
from weightgate.errors import Exit, InputError
from weightgate.facts.encode import (
    decode_statement,
    encode_fact,
    encode_statement,
    encode_value,
    needed,
    parse_country,
    parse_day,
    parse_scalar,
    parse_value,
)
from weightgate.facts.registry import FACTS, FactSpec
from weightgate.facts.statements import Fact, Grade, Statement
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value, exactly

OPENNESS, OPERATIONS = FACTS["model.openness"], FACTS["model.training_operations"]
HELD, TIER = FACTS["operator.authorizations"], FACTS["operator.tier"]


def refused(spec: FactSpec, raw: Any) -> InputError:
    """The error that a value is refused with."""
    with pytest.raises(InputError) as caught:
        parse_value(spec, raw, "facts.yaml:3:7")
    assert caught.value.where == "facts.yaml:3:7"
    assert caught.value.exit is Exit.INPUT
    return caught.value


@pytest.mark.parametrize("name", ["model.license", "model.owner"])
def test_a_name_that_knows_no_case_is_kept_in_lower_case(name: str) -> None:
    assert parse_value(FACTS[name], " CC-BY-NC  4.0", "here") == Known("cc-by-nc 4.0")
    assert parse_value(FACTS[name], {"one_of": ["MIT", "mit"]}, "here") == Known("mit")
    assert parse_scalar(FACTS["model.base"], "Org/Model", "here") == "Org/Model"


@given(specs.flatmap(lambda s: st.tuples(st.just(s), values(s))))
def test_what_is_written_is_read_back(drawn: tuple[FactSpec, Value]) -> None:
    spec, value = drawn
    written = json.loads(json.dumps(encode_value(value)))
    assert parse_value(spec, written, "here") == value


@given(specs.flatmap(statements))
def test_a_statement_is_read_back(statement: Statement) -> None:
    written = json.loads(json.dumps(encode_statement(statement)))
    assert decode_statement(FACTS[statement.fact], written, "here") == statement


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("model.openness", "closed", Known("closed")),
        ("model.training_operations", 5, Known(5.0)),
        ("model.training_operations", -0.0, Known(0.0)),
        ("model.training_operations", {"min": 5.0e25, "max": 2.0e26}, Interval(5e25, 2e26)),
        ("model.training_operations", {"min": 5.0e25}, Interval(5e25, None)),
        ("model.training_operations", {"max": 5.0e25, "min": None}, Interval(None, 5e25)),
        ("model.training_operations", {"min": 3, "max": 3.0}, Known(3.0)),
        ("model.training_operations", {"min": None}, Unknown()),
        ("model.training_operations", None, Unknown("stated as unknown")),
        ("model.training_operations", {"unknown": True, "reason": "no log"}, Unknown("no log")),
        ("model.training_operations", {"unknown": True}, Unknown()),
        ("model.openness", {"one_of": ["open", "closed", "open"]}, OneOf(("open", "closed"))),
        ("model.openness", {"one_of": ["open"]}, Known("open")),
        ("model.openness", {"value": "open"}, Known("open")),
        ("operator.headquarters", "ae", Known("AE")),
        ("operator.headquarters", "XK", Known("XK")),
        ("operator.tier", 2, Known(2)),
        ("model.special_purpose", False, Known(False)),
        ("as_of", "2026-02-03", Known("2026-02-03")),
        ("model.license", "any text", Known("any text")),
        ("operator.authorizations", [], exactly()),
        ("operator.authorizations", ["NVEU", "NVEU"], exactly("NVEU")),
        ("operator.authorizations", None, Unknown("stated as unknown")),
        ("operator.authorizations", {"value": ["NVEU"]}, exactly("NVEU")),
        ("operator.authorizations", {"unknown": True, "reason": "why"}, Unknown("why")),
        (
            "operator.authorizations",
            {"certain": [], "possible": ["UVEU"]},
            Members(frozenset(), frozenset(["UVEU"])),
        ),
        ("operator.security_standards", ["iso-27001"], exactly("iso-27001")),
    ],
)
def test_every_form_of_a_value(name: str, raw: Any, value: Value) -> None:
    assert parse_value(FACTS[name], raw, "here") == value


@pytest.mark.parametrize(
    ("name", "raw", "code", "message"),
    [
        ("model.openness", "opne", "bad_value", "'opne' is no value of model.openness"),
        ("model.openness", "Closed", "bad_value", "'Closed' is no value of model.openness"),
        ("model.openness", 3, "bad_type", "model.openness is 3, needed one of open, restricted, closed"),
        ("model.openness", True, "bad_type", "needed one of open"),
        ("model.openness", {"min": 1}, "bad_value", "cannot read"),
        ("model.openness", {"one_of": []}, "bad_value", "cannot read"),
        ("model.openness", {"one_of": "open"}, "bad_value", "cannot read"),
        ("model.openness", {"one_of": ["opne"]}, "bad_value", "'opne' is no value"),
        ("model.openness", {}, "bad_value", "cannot read {}"),
        ("model.openness", {"unknown": False}, "bad_value", "cannot read"),
        ("model.openness", ["open"], "bad_type", "model.openness is ['open']"),
        (
            "model.training_operations",
            -1,
            "bad_value",
            "model.training_operations is -1, needed a finite number",
        ),
        ("model.training_operations", float("nan"), "bad_value", "needed a finite number"),
        ("model.training_operations", float("inf"), "bad_value", "needed a finite number"),
        ("model.training_operations", 10**400, "bad_value", "too large for a double"),
        ("model.training_operations", True, "bad_type", "needed a number of operations"),
        ("model.training_operations", "1e26", "bad_type", "is '1e26', needed a number of operations"),
        ("model.training_operations", {"min": 2, "max": 1}, "bad_value", "min 2.0 is above max 1.0"),
        ("model.training_operations", {"min": 2, "max": 3, "mean": 2}, "bad_value", "cannot read"),
        ("model.training_operations", {"min": "2"}, "bad_type", "is '2', needed a number"),
        ("model.finetune_share", "25%", "bad_type", "needed a number, where 0.25 is 25%"),
        ("operator.tier", 0, "bad_type", "operator.tier is 0, needed 1, 2 or 3"),
        ("operator.tier", True, "bad_type", "needed 1, 2 or 3"),
        ("operator.tier", {"min": 1}, "bad_value", "cannot read"),
        ("model.special_purpose", "yes", "bad_type", "is 'yes', needed true or false"),
        ("model.special_purpose", 1, "bad_type", "needed true or false"),
        ("as_of", "2026-02-30", "bad_date", "'2026-02-30' is not a day"),
        ("operator.headquarters", "UK", "unknown_country", "'UK' is not a country code"),
        ("operator.headquarters", False, "unknown_country", "False is not a country code"),
        ("operator.authorizations", "NVEU", "bad_type", "is 'NVEU', needed a list of UVEU, NVEU"),
        ("operator.authorizations", ["VEU"], "bad_value", "'VEU' is no value of operator.authorizations"),
        ("operator.authorizations", [1], "bad_type", "operator.authorizations is 1"),
        ("operator.authorizations", {"certain": ["UVEU"], "possible": []}, "bad_type", "needed a list"),
        ("operator.authorizations", {"one_of": [["UVEU"]]}, "bad_type", "needed a list"),
        ("operator.authorizations", {"certain": None, "possible": []}, "bad_type", "needed a list"),
        ("operator.security_standards", [None], "bad_type", "needed a list of supp10-14"),
    ],
)
def test_what_is_no_value_is_refused_with_its_place(name: str, raw: Any, code: str, message: str) -> None:
    error = refused(FACTS[name], raw)
    assert error.code == code
    assert message in error.message


@pytest.mark.parametrize(
    ("name", "raw", "hint"),
    [
        ("model.openness", "opne", "did you mean 'open'?"),
        ("model.openness", "xyz", "one of open, restricted, closed"),
        ("operator.headquarters", "UK", "did you mean GB?"),
        ("operator.headquarters", "EL", "did you mean GR?"),
        ("operator.headquarters", "eu", "did you mean one country, or a multi-region such as gcp/eu?"),
        ("operator.headquarters", "germany", "write DE"),
        ("operator.headquarters", "ZZ", "write an ISO 3166-1 alpha-2 code, such as DE"),
        ("as_of", "3.2.2026", "write it as YYYY-MM-DD"),
        (
            "model.openness",
            {},
            "write a value, {min: …, max: …} for a number, {one_of: […]}, or null for unknown",
        ),
    ],
)
def test_an_error_says_what_to_write(name: str, raw: Any, hint: str) -> None:
    assert refused(FACTS[name], raw).hint == hint


@pytest.mark.parametrize(
    "raw", ["2026-2-3", "20260203", "2026-02-03T00:00", " 2026-02-03", "2026-02-03\n", 20260203, None]
)
def test_a_day_is_written_in_one_way(raw: Any) -> None:
    with pytest.raises(InputError) as caught:
        parse_day(raw, "here")
    assert (caught.value.where, caught.value.code) == ("here", "bad_date")


@given(st.dates())
def test_every_day_is_read(day: Any) -> None:
    assert parse_day(day.isoformat(), "here") == day.isoformat()


@given(st.sampled_from(FACTS["operator.headquarters"].domain), st.booleans())
def test_every_country_is_read_in_any_case(code: str, lower: bool) -> None:
    assert parse_country(code.lower() if lower else code, "here") == code


def test_a_huge_value_does_not_fill_the_message() -> None:
    assert len(refused(OPENNESS, {"x" * 5000: 1}).message) <= 200
    assert len(refused(HELD, {"x" * 5000: 1}).message) <= 300


@given(specs)
def test_every_fact_says_what_it_takes(spec: FactSpec) -> None:
    assert needed(spec)
    with pytest.raises(InputError) as caught:
        parse_scalar(spec, object(), "here")
    assert caught.value.exit is Exit.INPUT


def test_a_fact_with_its_evidence() -> None:
    digest = "sha256:" + "0" * 64
    read = Statement(
        OPERATIONS.name,
        Interval(1e25, None),
        Grade.INFERRED,
        "trainer_state.json",
        "total_flos",
        digest,
        "6ND",
    )
    said = Statement(
        OPERATIONS.name,
        Known(2e25),
        Grade.DECLARED,
        "facts.yaml",
        by="counsel",
        on="2026-01-01",
        until="2026-12-31",
    )
    fact = Fact(OPERATIONS.name, Interval(1e25, 2e25), Grade.DECLARED, (read, said))
    assert encode_fact(fact, "operations") == {
        "min": 1e25,
        "max": 2e25,
        "unit": "operations",
        "grade": "declared",
        "evidence": [
            {
                "source": "trainer_state.json",
                "locator": "total_flos",
                "digest": digest,
                "grade": "inferred",
                "says": {"min": 1e25},
                "method": "6ND",
            },
            {
                "source": "facts.yaml",
                "locator": "",
                "digest": None,
                "grade": "declared",
                "says": {"value": 2e25},
                "by": "counsel",
                "on": "2026-01-01",
                "until": "2026-12-31",
            },
        ],
    }


def test_an_unknown_fact_has_no_grade() -> None:
    encoded = encode_fact(Fact(OPENNESS.name, Unknown("a folder"), Grade.VERIFIED), "")
    assert encoded == {"unknown": True, "reason": "a folder", "unit": None, "grade": None, "evidence": []}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grade": "certain"}, "evidence without a grade"),
        ({"grade": None}, "evidence without a grade"),
        ({"source": 3}, "or with a field that is not text"),
        ({"until": ["2026-01-01"]}, "or with a field that is not text"),
        ({"says": {"value": "opne"}}, "'opne' is no value of model.openness"),
    ],
)
def test_evidence_that_cannot_be_read_is_refused(change: dict[str, Any], message: str) -> None:
    entry = encode_statement(Statement(OPENNESS.name, Known("open"), Grade.VERIFIED, "hub")) | change
    with pytest.raises(InputError) as caught:
        decode_statement(OPENNESS, entry, "inputs.statements[0]")
    assert message in caught.value.message
    assert caught.value.where == "inputs.statements[0]"


@pytest.mark.parametrize("entry", [None, [], "open", 3])
def test_evidence_that_is_no_object_is_refused(entry: Any) -> None:
    with pytest.raises(InputError, match="evidence is not an object"):
        decode_statement(OPENNESS, entry, "here")
