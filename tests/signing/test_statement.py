"""What every statement has: times, and one canonical form of JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import InputError, SignatureError
from weightgate.signing.statement import canonical, read_time, write_time


@given(
    st.datetimes(
        min_value=datetime(1971, 1, 1),  # noqa: DTZ001
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001
        timezones=st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23))),
    )
)
def test_times_read_back_to_the_second(moment: datetime) -> None:
    text = write_time(moment)
    assert text.endswith("Z")
    assert timedelta(0) <= moment - read_time(text, "x") < timedelta(seconds=1)
    assert read_time(text, "x").tzinfo == UTC


def test_a_time_at_the_edge_of_the_calendar_is_refused_not_crashed() -> None:
    with pytest.raises(SignatureError):
        read_time("9999-12-31T23:59:59-10:00", "x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_canonical_json_does_not_depend_on_how_it_was_written(value: Any) -> None:
    assert canonical(json.loads(json.dumps(value, indent=2))) == canonical(value)
    assert canonical(json.loads(canonical(value))) == canonical(value)


def test_canonical_json_of_known_values() -> None:
    assert canonical({"b": 1.0, "a": [1e26, True, None]}) == b'{"a":[1e+26,true,null],"b":1}'
    assert canonical(10**26) == canonical(1e26) == b"1e+26"
    assert canonical(2**53) == canonical(float(2**53)) == b"9007199254740992"


@pytest.mark.parametrize("value", [10**400, float("nan"), "\ud800", {"\ud800": 1}])
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(InputError, match="cannot be digested") as caught:
        canonical(value)
    assert caught.value.code == "bad_json"
