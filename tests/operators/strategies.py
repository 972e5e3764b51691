"""Operators for property tests: few values, so that they meet often."""

from __future__ import annotations

from hypothesis import strategies as st

from weightgate.facts.registry import ACTIVITIES, AUTHORIZATIONS
from weightgate.operators.profile import EVERY, NO_LIMIT, Authorization, Compute, Operator, Standard

DIGEST = "sha256:" + "ab" * 32
OTHER_DIGEST = "sha256:" + "cd" * 32

COUNTRIES = ("DE", "SG", "HK", "UA")
SITES = ("aws/eu-central-1", "aws/ap-southeast-1", "gcp/europe-west3", "gcp/eu", "hall 4")
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05")

days = st.sampled_from(DAYS)
limits = st.sampled_from([*DAYS, NO_LIMIT, None])


def scopes(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """No limit, unknown, or some of ``values``."""
    some = st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)
    return st.just(EVERY) | st.none() | some


def _ordered(start: str | None, until: str | None) -> bool:
    return not (start and until and until < start)


@st.composite
def standards(draw: st.DrawFn) -> Standard:
    """A standard whose days are in order."""
    start, until = draw(
        st.tuples(st.sampled_from([*DAYS, None]), limits).filter(lambda pair: _ordered(*pair))
    )
    name = draw(st.sampled_from(["supp10-14", "supp10-15", "iso-27001"]))
    return Standard(name, start, until, draw(st.sampled_from(["", "report 7"])))


@st.composite
def authorizations(draw: st.DrawFn) -> Authorization:
    """An authorisation whose days are in order."""
    start, until = draw(st.tuples(limits, limits).filter(lambda pair: _ordered(*pair)))
    kind = draw(st.sampled_from(AUTHORIZATIONS))
    countries = draw(st.none() | st.lists(st.sampled_from(COUNTRIES), unique=True, max_size=3).map(tuple))
    return Authorization(
        kind,
        countries,
        start,
        until,
        draw(scopes(ACTIVITIES)),
        draw(scopes((DIGEST, OTHER_DIGEST))),
        draw(scopes(SITES)),
        reference=draw(st.sampled_from(["", "D123"])),
        verdict=draw(st.sampled_from(["deny", "license_required"])) if kind == "ORDER" else "",
        terms=draw(st.sampled_from([(), ("Report.",)])),
        caps=draw(st.sampled_from([None, {"tpp": 1.5}])),
    )


@st.composite
def operators(draw: st.DrawFn) -> Operator:
    """Any operator."""
    country = st.none() | st.sampled_from(COUNTRIES)
    fleet = st.builds(Compute, country, st.none() | st.floats(0, 1e12))
    return Operator(
        draw(st.none() | st.sampled_from(["A", "Bé"])),
        draw(country),
        draw(country),
        draw(st.none() | st.lists(standards(), max_size=3).map(tuple)),
        draw(st.none() | st.lists(authorizations(), max_size=3).map(tuple)),
        draw(st.none() | st.lists(fleet, max_size=2).map(tuple)),
        ownership=draw(st.sampled_from([None, {"state": 10}])),
    )
