"""The decision table of openness, over everything that can be seen of a commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.hub import Repo
from weightgate.errors import ModelError
from weightgate.facts.values import Known, Unknown, allows
from weightgate.inspect.hub.client import Revision
from weightgate.inspect.hub.errors import REFUSALS, HubError
from weightgate.inspect.licenses.finding import LicenseFinding
from weightgate.inspect.licenses.table import Grants
from weightgate.inspect.openness import (
    VALUES,
    Access,
    Observation,
    access_of,
    left_open,
    openness_of,
)

AT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
OPEN = LicenseFinding("mit", Grants.OPEN, "MIT grants use and redistribution")
REPO = Repo("org/model", {"README.md": b"---\nlicense: mit\n---\n", "model.safetensors": bytes(range(200))})

_SAID = st.sampled_from([None, True, False])
_REVISIONS = st.builds(
    Revision,
    st.just("org/model"),
    st.sampled_from(["a" * 40, "b" * 40]),
    private=_SAID,
    gated=st.sampled_from([None, False, True, "auto", "manual", ""]),
    disabled=_SAID,
)
_ERRORS = st.sampled_from(
    [*sorted(REFUSALS), "offline", "rate_limited", "unreachable", "malformed_answer"]
).map(lambda code: HubError("no", where="https://hub/x", code=code))
_OBSERVATIONS = st.builds(
    Observation,
    st.sampled_from(["https://huggingface.co", "http://127.0.0.1:1"]),
    st.just("org/model"),
    _REVISIONS,
    _REVISIONS | _ERRORS,
    st.sampled_from(["", "model.safetensors"]),
    st.none() | _ERRORS | st.just(ModelError("other bytes")),
    st.just(AT),
)
_LICENCES = st.sampled_from(Grants).map(lambda grants: replace(OPEN, grants=grants))


@given(_OBSERVATIONS, _LICENCES)
def test_open_needs_everything(observation: Observation, licence: LicenseFinding) -> None:
    value = openness_of(observation, licence).value
    theirs = observation.theirs
    everything = (
        isinstance(theirs, Revision)
        and theirs.private is False
        and theirs.gated is False
        and theirs.disabled is not True
        and theirs.sha == observation.ours.sha
        and observation.download is None
        and observation.probe != ""
    )
    if value == Known("open"):
        assert everything
        assert licence.grants is Grants.OPEN
    if not isinstance(value, Unknown) and allows(value, "open"):
        assert everything
        assert licence.grants is not Grants.RESTRICTED


@given(_OBSERVATIONS, _LICENCES)
def test_what_says_no_is_never_open(observation: Observation, licence: LicenseFinding) -> None:
    value = openness_of(observation, licence).value
    theirs = observation.theirs
    said_no = (
        observation.ours.private is True
        or observation.ours.disabled is True
        or observation.ours.gated not in (None, False)
        or isinstance(theirs, HubError)
        or theirs.private is not False
        or theirs.gated is not False
    )
    if said_no:
        assert isinstance(value, Unknown) or not allows(value, "open")


@given(_OBSERVATIONS, _LICENCES)
def test_a_better_licence_never_tightens(observation: Observation, licence: LicenseFinding) -> None:
    worse = openness_of(observation, replace(licence, grants=Grants.RESTRICTED)).value
    better = openness_of(observation, replace(licence, grants=Grants.OPEN)).value
    order = ("open", "restricted", "closed")
    if isinstance(worse, Known) and isinstance(better, Known):
        assert order.index(str(better.value)) <= order.index(str(worse.value))
    assert isinstance(worse, Unknown) == isinstance(better, Unknown)


@given(_OBSERVATIONS)
def test_every_outcome_has_a_reason(observation: Observation) -> None:
    access, reason = access_of(observation)
    assert reason
    assert (access in (Access.UNCERTAIN, Access.REFUSED)) == (f"{reason}." in left_open(observation)[-1])


def test_the_table_of_values_is_total() -> None:
    for access, grants in product(Access, Grants):
        assert set(VALUES[access][grants]) <= {"open", "restricted", "closed"}
