"""Orders, licences, VEUs and standards: what an operator's papers do to a verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.decide.samples import (
    ALLOW,
    CLOSED,
    CONDITIONS,
    DAY,
    DENY,
    DIGEST,
    LICENSE,
    OPEN,
    TUNE,
    UNSETTLED,
    ask,
    company,
)
from weightgate.facts.registry import STANDARDS
from weightgate.operators.profile import NO_LIMIT, UNKNOWN_OPERATOR, Authorization, Operator, Standard


def ordered(verdict: str = "license_required", **scope: object) -> Authorization:
    plain = Authorization("ORDER", ("DE", "CN", "AE", "US"), verdict=verdict, reference="O-1")
    return replace(plain, **scope)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("to", "facts", "verdict", "expected"),
    [("DE", CLOSED, "license_required", LICENSE), ("DE", CLOSED, "deny", DENY), ("CN", CLOSED, "license_required", DENY),
     ("US", OPEN, "deny", DENY), ("BR", OPEN, "deny", ALLOW), ("DE", OPEN, "license_required", LICENSE)],
)  # fmt: skip
def test_an_order_outranks_packs_upwards_only(
    to: str, facts: dict[str, str], verdict: str, expected: str
) -> None:
    decision = ask(to, facts, company("US", held=(ordered(verdict),)))
    assert decision.verdict == expected
    reasons = [r for r in decision.reasons if r.pack == "order"]
    assert [(r.verdict, r.applies) for r in reasons] == ([] if to == "BR" else [(verdict, "yes")])
    if reasons:
        assert reasons[0].cites[0]["source"] == "operator.yaml"
        assert "O-1" in reasons[0].rule


def test_an_order_that_is_possibly_in_scope_leaves_it_open() -> None:
    decision = ask("DE", OPEN, company("US", held=(ordered("deny", countries=None),)))
    assert decision.possible == (ALLOW, DENY)
    assert [m.fact for m in decision.missing] == ["operator.authorizations"]
    assert [r.applies for r in decision.reasons if r.pack == "order"] == ["possibly"]


def test_an_order_is_never_presumed() -> None:
    assert ask("DE", OPEN, UNKNOWN_OPERATOR).verdict == ALLOW


@pytest.mark.parametrize(
    ("as_of", "expected"), [("2026-04-30", ALLOW), (DAY, DENY), ("2026-05-02", DENY), ("2026-05-03", ALLOW)]
)
def test_an_order_holds_on_its_days(as_of: str, expected: str) -> None:
    order = ordered("deny", start=DAY, until="2026-05-02")
    assert ask("DE", OPEN, company("US", held=(order,)), as_of=as_of).verdict == expected


def test_an_order_declared_as_a_fact_counts() -> None:
    decision = ask("DE", OPEN | {"operator.authorizations": ["ORDER"]}, UNKNOWN_OPERATOR)
    assert decision.verdict == LICENSE
    possibly = {"certain": [], "possible": ["ORDER"]}
    assert ask("DE", OPEN | {"operator.authorizations": possibly}, UNKNOWN_OPERATOR).possible == (
        ALLOW,
        LICENSE,
    )


def test_two_entries_that_quote_one_order_are_kept_apart() -> None:
    certain, possibly = ordered("license_required"), ordered("deny", countries=None)
    assert ask("DE", OPEN, company("US", held=(certain, possibly))).possible == (LICENSE, DENY)


def licence(**more: object) -> Authorization:
    return replace(Authorization("LICENSE", ("AE", "DE"), reference="D123"), **more)  # type: ignore[arg-type]


def test_a_licence_lifts_with_its_terms_as_conditions() -> None:
    held = licence(terms=("Report monthly.", "No transfer."), until="2026-12-31")
    decision = ask("AE", CLOSED, company("US", held=(held,)))
    assert decision.verdict == CONDITIONS
    assert [(c.id, c.text, c.due, c.applies) for c in decision.conditions] == [
        ("licence-D123-1", "Report monthly.", "2026-12-31", "yes"),
        ("licence-D123-2", "No transfer.", "2026-12-31", "yes"),
    ]
    assert any("a licence in scope lifts it" in r.title for r in decision.reasons)


def test_a_licence_without_terms_is_still_a_condition() -> None:
    decision = ask("AE", CLOSED, company("US", held=(licence(),)))
    assert [c.text for c in decision.conditions] == ["Keep to the terms of licence D123."]


@pytest.mark.parametrize(
    ("held", "digest", "expected"),
    [
        (licence(models=(DIGEST,)), DIGEST, CONDITIONS), (licence(models=("sha256:" + "0" * 64,)), DIGEST, LICENSE),
        (licence(models=(DIGEST,)), "", UNSETTLED), (licence(countries=("BR",)), DIGEST, LICENSE),
        (licence(countries=None), DIGEST, UNSETTLED), (licence(activities=("fine_tune",)), DIGEST, LICENSE),
        (licence(activities=("host",)), DIGEST, CONDITIONS), (licence(until="2026-04-30"), DIGEST, LICENSE),
        (licence(until=DAY), DIGEST, CONDITIONS), (licence(until=None), DIGEST, UNSETTLED),
        (licence(start="2026-05-02"), DIGEST, LICENSE), (licence(sites=("aws/me-central-1",)), DIGEST, UNSETTLED),
        (licence(sites=("AE",)), DIGEST, CONDITIONS),
    ],
)  # fmt: skip
def test_a_licence_counts_in_its_scope_only(held: Authorization, digest: str, expected: str) -> None:
    decision = ask("AE", CLOSED, company("US", held=(held,)), digest=digest)
    assert decision.verdict == expected
    if expected == UNSETTLED:
        assert decision.possible == (CONDITIONS, LICENSE)
        assert {c.applies for c in decision.conditions} == {"possibly"}


def test_a_licence_is_never_presumed_nor_taken_from_facts() -> None:
    assert ask("AE", CLOSED, company("US", held=None)).verdict == LICENSE
    assert (
        ask("AE", CLOSED | {"operator.authorizations": ["LICENSE"]}, company("US", held=None)).verdict
        == LICENSE
    )


def test_exceptions_change_nothing_in_this_pack() -> None:
    for kind in ("AIA", "ACM", "LPP"):
        assert ask("AE", CLOSED, company("US", held=(Authorization(kind, ("AE",)),))).verdict == LICENSE


def test_a_licence_lifts_r11_and_a_tier_3_operator_s_limit() -> None:
    held = (licence(countries=("PL", "DE")),)
    assert ask("PL", TUNE, company("PL", held=held), activity="fine_tune").verdict == CONDITIONS
    assert ask("DE", CLOSED, company("CN", held=held)).verdict == CONDITIONS


@pytest.mark.parametrize("kind", ["NVEU", "UVEU"])
@pytest.mark.parametrize(
    ("scope", "expected"),
    [({}, ALLOW), ({"countries": ("IN",)}, LICENSE), ({"countries": None}, UNSETTLED), ({"until": "2026-04-30"}, LICENSE),
     ({"until": DAY}, ALLOW), ({"activities": ("export_compute",)}, LICENSE), ({"until": None}, UNSETTLED)],
    ids=repr,
)  # fmt: skip
def test_a_veu_counts_in_its_scope_only(kind: str, scope: dict[str, object], expected: str) -> None:
    held = replace(Authorization(kind, ("AE",)), **scope)  # type: ignore[arg-type]
    decision = ask("AE", CLOSED, company("AE", held=(held,)))
    assert decision.verdict == expected


@pytest.mark.parametrize(
    ("attested", "until", "expected"),
    [("2025-06-01", "2026-05-01", CONDITIONS), ("2025-06-01", "2026-04-30", LICENSE), ("2026-05-01", NO_LIMIT, CONDITIONS),
     ("2026-05-02", NO_LIMIT, LICENSE), (None, NO_LIMIT, UNSETTLED), ("2025-06-01", None, UNSETTLED),
     (None, "2026-04-30", LICENSE)],
)  # fmt: skip
def test_standards_lapse_on_the_day(attested: str | None, until: str | None, expected: str) -> None:
    first, *others = (Standard(name, "2025-06-01") for name in STANDARDS)
    operator = Operator("A", "US", "US", (replace(first, attested=attested, until=until), *others), ())
    decision = ask("AE", CLOSED, operator)
    assert decision.verdict == expected
    assert decision.possible == ((CONDITIONS, LICENSE) if expected == UNSETTLED else (expected,))


def test_conditions_of_two_licences_are_all_kept() -> None:
    held = (
        licence(countries=("AE",), reference="", terms=("Report to the first office.",)),
        licence(countries=("IN",), reference="", terms=("Report to the second office.",)),
    )
    decision = ask(["AE", "IN"], CLOSED, company("US", held=held))
    assert decision.verdict == CONDITIONS
    assert {c.text for c in decision.conditions} == {
        "Report to the first office.",
        "Report to the second office.",
    }


def test_contradicting_words_about_authorisations_are_a_finding() -> None:
    decision = ask("AE", CLOSED | {"operator.authorizations": ["NVEU"]}, company("AE", held=()))
    assert decision.possible == (ALLOW, LICENSE)
    assert [c.fact for c in decision.contradictions] == ["operator.authorizations"]
