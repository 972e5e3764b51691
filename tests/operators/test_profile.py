"""The operator as data: what is written out, and the digest that names it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace

import pytest
from hypothesis import given

from tests.operators.strategies import authorizations, operators, standards
from weightgate.operators.profile import (
    EVERY,
    NO_LIMIT,
    UNKNOWN_OPERATOR,
    Authorization,
    Compute,
    Operator,
    Standard,
)


def test_only_what_was_stated_is_written() -> None:
    assert UNKNOWN_OPERATOR.to_dict() == {}
    assert Operator(name="A", authorizations=()).to_dict() == {"name": "A", "authorizations": []}


def test_an_authorisation_writes_dates_left_out_and_unknown_dates_apart() -> None:
    assert Authorization("NVEU").to_dict() == {"kind": "NVEU"}
    unknown = Authorization("NVEU", ("AE",), None, None, None, None, None)
    assert unknown.to_dict() == {
        "kind": "NVEU",
        "countries": ["AE"],
        "from": None,
        "until": None,
        "activities": None,
        "models": None,
        "sites": None,
    }


def test_an_authorisation_writes_all_that_it_keeps() -> None:
    entry = Authorization(
        kind="ORDER",
        countries=("CN", "HK"),
        start="2026-01-01",
        until="2026-12-31",
        activities=("host",),
        models=("sha256:" + "0" * 64,),
        sites=("hall 4",),
        reference="O-1",
        holder="B",
        verdict="deny",
        terms=("Report.",),
        conditions=("Guard.",),
        caps={"tpp": 1.0},
        evidence=["order.pdf"],
        notes="n",
    )
    written = entry.to_dict()
    assert written == {
        "kind": "ORDER",
        "countries": ["CN", "HK"],
        "from": "2026-01-01",
        "until": "2026-12-31",
        "activities": ["host"],
        "models": ["sha256:" + "0" * 64],
        "sites": ["hall 4"],
        "reference": "O-1",
        "holder": "B",
        "verdict": "deny",
        "terms": ["Report."],
        "conditions": ["Guard."],
        "caps": {"tpp": 1.0},
        "evidence": ["order.pdf"],
        "notes": "n",
    }
    assert len(written) == len(fields(Authorization)), "a field is not written"


def test_a_standard_always_says_whether_it_was_attested() -> None:
    assert Standard("a", None).to_dict() == {"name": "a", "attested": None}
    full = Standard("a", "2026-01-01", None, "r", "n")
    assert full.to_dict() == {
        "name": "a",
        "attested": "2026-01-01",
        "until": None,
        "reference": "r",
        "notes": "n",
    }


def test_computing_power_is_written_with_what_is_not_known() -> None:
    assert Compute("US", 5.0e8).to_dict() == {"country": "US", "tpp": 5.0e8}
    assert Compute(None, None).to_dict() == {"country": None, "tpp": None}


@given(operators())
def test_what_is_written_is_json(operator: Operator) -> None:
    assert json.loads(json.dumps(operator.to_dict(), allow_nan=False)) == operator.to_dict()


def test_the_digest_is_that_of_sorted_compact_json() -> None:
    operator = Operator(name="Bé", headquarters="AE", authorizations=())
    canonical = '{"authorizations":[],"headquarters":"AE","name":"Bé"}'
    assert operator.digest == "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def test_the_digest_leaves_out_where_it_was_read() -> None:
    here = Operator(name="A", source="a.yaml", marks={"name": "1:7"})
    there = Operator(name="A", source="b.yaml")
    assert here == there
    assert here.digest == there.digest


@given(operators(), standards(), authorizations())
def test_any_change_of_content_changes_the_digest(
    operator: Operator, standard: Standard, entry: Authorization
) -> None:
    changed = [
        replace(operator, name="another"),
        replace(operator, headquarters="FR"),
        replace(operator, ultimate_parent="FR"),
        replace(operator, security_standards=(*(operator.security_standards or ()), standard)),
        replace(operator, authorizations=(*(operator.authorizations or ()), entry)),
        replace(operator, fleet=(*(operator.fleet or ()), Compute("FR", 1.0))),
        replace(operator, facilities=[{"name": "hall 5"}]),
    ]
    digests = {operator.digest, *(c.digest for c in changed)}
    assert len(digests) == len(changed) + 1


@pytest.mark.parametrize("value", [EVERY, ("host",)])
def test_no_limit_is_told_apart_from_a_list(value: tuple[str, ...]) -> None:
    written = Authorization("NVEU", activities=value).to_dict()
    assert ("activities" in written) == (value != EVERY)


def test_an_operator_is_frozen() -> None:
    with pytest.raises(AttributeError):
        UNKNOWN_OPERATOR.name = "A"  # type: ignore[misc]
    assert NO_LIMIT == ""
