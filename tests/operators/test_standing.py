"""What counts on a day, for a place: held to a definition that tries every completion of what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.operators.strategies import (
    COUNTRIES,
    DAYS,
    DIGEST,
    OTHER_DIGEST,
    authorizations,
    days,
    operators,
    standards,
)
from weightgate.destinations.places import Place
from weightgate.facts.registry import ACTIVITIES
from weightgate.facts.values import Members, Unknown, exactly
from weightgate.operators.profile import EVERY, NO_LIMIT, Authorization, Operator, Standard
from weightgate.operators.standing import (
    authorizations_in_force,
    in_force,
    lapses,
    licenses_in_force,
    orders_in_force,
    standards_in_force,
)

NOTHING = Members(frozenset(), frozenset())


@dataclass(frozen=True)
class Asked:
    """The question about authorisations."""

    place: Place
    destination: str
    activity: str
    digest: str
    as_of: str


BERLIN = Asked(Place("DE", "", "aws", "eu-central-1"), "aws/eu-central-1", "host", DIGEST, "2026-01-03")


def kinds(operator: Operator, asked: Asked) -> Members:
    return authorizations_in_force(
        operator, asked.place, asked.destination, asked.activity, asked.digest, asked.as_of
    )


def one(entry: Authorization, asked: Asked = BERLIN) -> str:
    """Whether a single authorisation counts: yes, possibly or no."""
    found = kinds(Operator(authorizations=(entry,)), asked)
    assert found.certain <= found.possible <= {entry.kind}
    return "yes" if found.certain else "possibly" if found.possible else "no"


def nveu(**fields: object) -> Authorization:
    """An authorisation that counts in Berlin unless ``fields`` say otherwise."""
    return replace(Authorization("NVEU", ("DE",)), **fields)  # type: ignore[arg-type]


places = st.sampled_from(
    [
        Place("DE", ""),
        Place("UA", None),
        Place("DE", "", "aws", "eu-central-1"),
        Place("SG", "", "aws", "ap-southeast-1"),
        Place("HK", "", "azure", "eastasia"),
        Place("DE", "", "gcp", "eu", ("europe-west3", "europe-west10")),
        Place(None, None, "gcp", "eu"),
    ]
)


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    place = draw(places)
    name = f"{place.provider}/{place.region}" if place.provider else str(place.country)
    digest = draw(st.sampled_from([DIGEST, OTHER_DIGEST, ""]))
    return Asked(place, name, draw(st.sampled_from(ACTIVITIES)), digest, draw(days))


# Dates


@pytest.mark.parametrize(
    ("start", "until", "expected"),
    [
        ("2026-01-03", "2026-01-03", "yes"),
        ("2026-01-04", NO_LIMIT, "no"),
        (NO_LIMIT, "2026-01-02", "no"),
        (NO_LIMIT, NO_LIMIT, "yes"),
        (None, "2026-01-03", "possibly"),
        (None, "2026-01-02", "no"),
        ("2026-01-03", None, "possibly"),
        ("2026-01-04", None, "no"),
        (None, None, "possibly"),
        (None, NO_LIMIT, "possibly"),
    ],
)
def test_both_days_are_inclusive_and_unknown_days_leave_it_open(
    start: str | None, until: str | None, expected: str
) -> None:
    assert one(nveu(start=start, until=until)) == expected


def completions(day: str | None, no_limit: str) -> list[str]:
    """Every day that a stated, left-out or unknown day may be."""
    if day is None:
        return ["0000-01-01", *DAYS, "9999-12-31"]
    return [no_limit if day == NO_LIMIT else day]


@given(standards(), days)
def test_dates_agree_with_trying_every_day(standard: Standard, as_of: str) -> None:
    outcomes = {
        start <= as_of <= until
        for start, until in product(
            completions(standard.attested, "0000-01-01"), completions(standard.until, "9999-12-31")
        )
    }
    expected = outcomes.pop() if len(outcomes) == 1 else None
    assert in_force(standard.attested, standard.until, as_of) is expected


# Countries, activities, models and sites


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "yes"),
        ({"countries": ("SG",)}, "no"),
        ({"countries": ("SG", "DE")}, "yes"),
        ({"countries": ()}, "no"),
        ({"countries": None}, "possibly"),
        ({"activities": ("host",)}, "yes"),
        ({"activities": ("fine_tune",)}, "no"),
        ({"activities": ()}, "no"),
        ({"activities": None}, "possibly"),
        ({"models": (DIGEST,)}, "yes"),
        ({"models": (OTHER_DIGEST,)}, "no"),
        ({"models": None}, "possibly"),
        ({"sites": ("aws/eu-central-1",)}, "yes"),
        ({"sites": ("aws/ap-southeast-1",)}, "no"),
        ({"sites": ("gcp/europe-west3",)}, "no"),
        ({"sites": ("hall 4",)}, "possibly"),
        ({"sites": ()}, "no"),
        ({"sites": None}, "possibly"),
        ({"countries": None, "activities": ("fine_tune",)}, "no"),
        ({"countries": None, "until": "2026-01-02"}, "no"),
    ],
)
def test_each_limit_alone_and_together(fields: dict[str, object], expected: str) -> None:
    assert one(nveu(**fields)) == expected


@pytest.mark.parametrize(
    ("place", "name", "sites", "expected"),
    [
        (Place("DE", ""), "DE", ("aws/eu-central-1",), "possibly"),
        (Place("DE", ""), "DE", ("DE",), "yes"),
        (Place("DE", "", "gcp", "eu", ("europe-west3",)), "gcp/eu", ("gcp/eu",), "yes"),
        (Place("DE", "", "gcp", "eu", ("europe-west3",)), "gcp/eu", ("gcp/europe-west3",), "possibly"),
        (Place("DE", "", "gcp", "eu", ("europe-west3",)), "gcp/eu", ("gcp/europe-west1",), "no"),
        (Place("DE", "", "gcp", "eu", ("europe-west3",)), "gcp/eu", ("aws/eu-central-1",), "no"),
    ],
)
def test_a_limit_to_sites(place: Place, name: str, sites: tuple[str, ...], expected: str) -> None:
    assert one(nveu(sites=sites), replace(BERLIN, place=place, destination=name)) == expected


def test_a_place_that_is_not_listed_may_be_in_a_country_or_at_a_site() -> None:
    asked = replace(BERLIN, place=Place(None, None, "gcp", "eu"), destination="gcp/eu")
    assert one(nveu(), asked) == "possibly"
    assert one(nveu(countries=()), asked) == "no"
    assert one(nveu(sites=("gcp/europe-west1",)), asked) == "possibly"
    assert one(nveu(sites=("aws/eu-central-1",)), asked) == "no"


def test_an_unknown_model_may_be_one_of_the_models() -> None:
    asked = replace(BERLIN, digest="")
    assert one(nveu(models=(DIGEST,)), asked) == "possibly"
    assert one(nveu(models=()), asked) == "no"
    assert one(nveu(models=EVERY), asked) == "yes"


def test_hong_kong_is_not_within_an_authorisation_for_china() -> None:
    hong_kong = replace(BERLIN, place=Place("HK", ""), destination="HK")
    assert one(nveu(countries=("CN",)), hong_kong) == "no"


def test_the_strongest_entry_of_a_kind_counts() -> None:
    operator = Operator(authorizations=(nveu(until=None), nveu(), nveu(countries=("SG",))))
    assert kinds(operator, BERLIN) == exactly("NVEU")


def test_several_kinds_stand_side_by_side() -> None:
    entries = (nveu(), nveu(kind="LICENSE", countries=None), nveu(kind="AIA", countries=("SG",)))
    found = kinds(Operator(authorizations=entries), BERLIN)
    assert found == Members(frozenset({"NVEU"}), frozenset({"NVEU", "LICENSE"}))


# Lists that are not there


def test_unknown_authorisations_may_be_a_veu_and_nothing_else() -> None:
    assert kinds(Operator(), BERLIN) == Members(frozenset(), frozenset({"UVEU", "NVEU"}))


def test_no_authorisations_are_none() -> None:
    assert kinds(Operator(authorizations=()), BERLIN) == NOTHING


def test_unknown_standards_are_unknown_and_none_are_none() -> None:
    assert standards_in_force(Operator(), "2026-01-03") == Unknown(
        "the operator's security standards are not stated"
    )
    assert standards_in_force(Operator(security_standards=()), "2026-01-03") == NOTHING


def test_standards_lapse_after_their_last_day_and_count_possibly_without_a_first() -> None:
    operator = Operator(
        security_standards=(
            Standard("supp10-14", "2026-01-01", "2026-01-02"),
            Standard("supp10-15", None, "2026-01-05"),
            Standard("iso-27001", "2026-01-01"),
        )
    )
    first = Members(frozenset({"supp10-14", "iso-27001"}), frozenset({"supp10-14", "supp10-15", "iso-27001"}))
    later = Members(frozenset({"iso-27001"}), frozenset({"supp10-15", "iso-27001"}))
    assert standards_in_force(operator, "2026-01-02") == first
    assert standards_in_force(operator, "2026-01-03") == later


# Orders and licences


def test_orders_and_licences_come_with_their_entries_and_whether_they_are_certain() -> None:
    order, maybe = nveu(kind="ORDER", verdict="deny"), nveu(kind="ORDER", start=None)
    license_, elsewhere = nveu(kind="LICENSE", terms=("Report.",)), nveu(kind="LICENSE", countries=("SG",))
    operator = Operator(authorizations=(order, license_, maybe, elsewhere, nveu()))
    rest = (BERLIN.place, BERLIN.destination, BERLIN.activity, BERLIN.digest, BERLIN.as_of)
    assert orders_in_force(operator, *rest) == [(order, True), (maybe, False)]
    assert licenses_in_force(operator, *rest) == [(license_, True)]
    assert orders_in_force(Operator(), *rest) == []
    assert licenses_in_force(Operator(), *rest) == []


@given(operators(), questions())
def test_orders_and_licences_agree_with_the_kinds(operator: Operator, asked: Asked) -> None:
    assume(operator.authorizations is not None)
    found = kinds(operator, asked)
    rest = (asked.place, asked.destination, asked.activity, asked.digest, asked.as_of)
    for kind, listed in (
        ("ORDER", orders_in_force(operator, *rest)),
        ("LICENSE", licenses_in_force(operator, *rest)),
    ):
        assert (kind in found.possible) == bool(listed)
        assert (kind in found.certain) == any(certain for _, certain in listed)
        assert all(entry.kind == kind for entry, _ in listed)


# The definition: yes in every completion, no in every completion, or possibly


def worlds(entry: Authorization, asked: Asked) -> Iterator[bool]:
    """Whether the entry counts, for every way in which what is not known may turn out; sites apart."""
    starts = completions(entry.start, "0000-01-01")
    untils = completions(entry.until, "9999-12-31")
    scoped = [entry.countries] if entry.countries is not None else [COUNTRIES, ()]
    countries = [asked.place.country] if asked.place.country is not None else [*COUNTRIES, "FR"]
    activities = [ACTIVITIES, ()] if entry.activities is None else [entry.activities]
    models = [(DIGEST, OTHER_DIGEST), ()] if entry.models is None else [entry.models]
    digests = [asked.digest] if asked.digest else [DIGEST, OTHER_DIGEST, "sha256:" + "00" * 32]
    for start, until, scope, country, activity, model, digest in product(
        starts, untils, scoped, countries, activities, models, digests
    ):
        yield (
            start <= asked.as_of <= until
            and country in scope
            and (activity == EVERY or asked.activity in activity)
            and (model == EVERY or digest in model)
        )


@given(authorizations(), questions())
def test_one_authorisation_agrees_with_trying_every_world(entry: Authorization, asked: Asked) -> None:
    entry = replace(entry, sites=EVERY)
    outcomes = set(worlds(entry, asked))
    expected = "possibly" if len(outcomes) == 2 else "yes" if outcomes == {True} else "no"
    assert one(entry, asked) == expected


@given(st.lists(authorizations(), max_size=4), questions())
def test_a_list_is_the_union_of_its_entries(entries: list[Authorization], asked: Asked) -> None:
    found = kinds(Operator(authorizations=tuple(entries)), asked)
    alone = [kinds(Operator(authorizations=(entry,)), asked) for entry in entries]
    assert found.certain == frozenset().union(*(a.certain for a in alone))
    assert found.possible == frozenset().union(*(a.possible for a in alone))


# Less knowledge


def less_known(entry: Authorization) -> Iterator[Authorization]:
    """The entry with one more thing not known."""
    yield replace(entry, start=None)
    yield replace(entry, until=None)
    yield replace(entry, countries=None)
    yield replace(entry, activities=None)
    yield replace(entry, models=None)
    yield replace(entry, sites=None)


def less_asked(asked: Asked) -> Iterator[Asked]:
    """The question with one more thing not known."""
    yield replace(asked, digest="")
    if asked.place.provider:
        yield replace(asked, place=replace(asked.place, country=None, subdivision=None, within=()))


@given(authorizations(), questions())
def test_less_knowledge_never_removes_a_possible_kind_nor_adds_a_certain_one(
    entry: Authorization, asked: Asked
) -> None:
    before = kinds(Operator(authorizations=(entry,)), asked)
    weaker = [kinds(Operator(authorizations=(e,)), asked) for e in less_known(entry)]
    weaker += [kinds(Operator(authorizations=(entry,)), a) for a in less_asked(asked)]
    for after in weaker:
        assert after.possible >= before.possible
        assert after.certain <= before.certain


@given(standards(), days)
def test_less_knowledge_of_a_standard_never_removes_it_nor_makes_it_certain(
    standard: Standard, as_of: str
) -> None:
    before = standards_in_force(Operator(security_standards=(standard,)), as_of)
    assert isinstance(before, Members)
    for weaker in (replace(standard, attested=None), replace(standard, until=None)):
        after = standards_in_force(Operator(security_standards=(weaker,)), as_of)
        assert isinstance(after, Members)
        assert after.possible >= before.possible
        assert after.certain <= before.certain


# When it lapses


def test_lapses_are_the_last_days_on_which_today_holds() -> None:
    operator = Operator(
        security_standards=(
            Standard("supp10-14", "2026-01-01", "2026-01-04"),
            Standard("supp10-15", "2026-01-05"),
            Standard("supp10-18", "2025-01-01", "2026-01-01"),
        ),
        authorizations=(
            Authorization("LICENSE", start="2026-01-01", until="2026-01-03", reference="D123"),
            Authorization("NVEU"),
            Authorization("UVEU", start=None, until=None),
        ),
    )
    assert lapses(operator, "2026-01-03") == [
        ("2026-01-03", "LICENSE D123 is stated until 2026-01-03"),
        ("2026-01-04", "security standard supp10-14 is stated until 2026-01-04"),
        ("2026-01-04", "security standard supp10-15 is attested from 2026-01-05"),
    ]


def test_an_authorisation_that_is_still_to_begin_is_a_lapse_on_the_day_before() -> None:
    operator = Operator(authorizations=(Authorization("NVEU", start="2026-03-01", until="2026-04-01"),))
    assert lapses(operator, "2026-01-03") == [("2026-02-28", "NVEU begins on 2026-03-01")]


def test_what_is_not_stated_does_not_lapse() -> None:
    assert lapses(Operator(), "2026-01-03") == []


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


@given(operators(), questions())
def test_nothing_changes_before_the_first_lapse(operator: Operator, asked: Asked) -> None:
    found = lapses(operator, asked.as_of)
    assert found == sorted(found)
    assert all(day >= asked.as_of for day, _ in found)
    last = found[0][0] if found else "2026-01-09"
    day = asked.as_of
    while day <= last:
        assert kinds(operator, replace(asked, as_of=day)) == kinds(operator, asked)
        assert standards_in_force(operator, day) == standards_in_force(operator, asked.as_of)
        day = _next_day(day)
