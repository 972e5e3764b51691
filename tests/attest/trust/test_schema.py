"""The JSON Schema of trust files says what the reader does, as far as a schema can."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.attest.trust.samples import key_of, successor, text
from tests.attest.trust.test_read import FILE, MISTAKES
from weightgate.attest.trust import parse_trust
from weightgate.attest.trust.grants import KINDS, LIMITS
from weightgate.attest.trust.schema import trust_schema
from weightgate.errors import InputError, SignatureError
from weightgate.files.yaml import parse_yaml

SCHEMA = Draft202012Validator(trust_schema())

# What only the reader can know, or the loader refuses before there is anything to look at.
NOT_IN_A_SCHEMA = {
    "unknown_identity", "unknown_pack", "unknown_country", "unknown_region", "bad_date", "bad_root", "verifier_id",
    "yaml",
}  # fmt: skip


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(trust_schema())
    assert not list(SCHEMA.iter_errors(parse_yaml(FILE.encode(), "trust.yaml").data))


@pytest.mark.parametrize(
    ("old", "new", "code"), [(old, new, code) for old, new, code, _, _ in MISTAKES], ids=range(len(MISTAKES))
)
def test_a_mistake_that_a_schema_can_see_is_one_there_too(old: str, new: str, code: str) -> None:
    if code in NOT_IN_A_SCHEMA:
        return
    assert list(SCHEMA.iter_errors(parse_yaml(FILE.replace(old, new, 1).encode(), "trust.yaml").data))


NAMES = st.lists(st.sampled_from(["root-a", "release", "bot"]), min_size=1, max_size=3, unique=True)
DAYS = st.sampled_from(["2026-01-01", "2026-12-31"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "verdicts": st.lists(st.sampled_from(["allow", "deny", "indeterminate"]), min_size=1, unique=True),
    "destinations": st.lists(st.sampled_from(["DE", "UA-43", "gcp/eu"]), min_size=1, unique=True),
    "packs": st.lists(st.sampled_from(["us-embargoes", "ours"]), min_size=1, unique=True),
    "activities": st.lists(st.sampled_from(["host", "fine_tune"]), min_size=1, unique=True),
    "facts": st.lists(st.sampled_from(["model.openness", "model.owner"]), min_size=1, unique=True),
    "models": st.just(["sha256:" + "0" * 64]),
    "signers": NAMES,
}


def grants(kind: str) -> st.SearchStrategy[Any]:
    """A list of grants."""
    optional = {key: VALUES[key] for key in KINDS[kind]} | {
        "threshold": st.integers(1, 3), "from": st.just("2026-01-01"), "until": st.just("2026-12-31"),
        "notes": st.just("a\nb"),
    }  # fmt: skip
    if kind == "decide":
        optional["verifier_id"] = st.sampled_from(["https://a.example", "urn:a:b"])
    return st.lists(st.fixed_dictionaries({"identities": NAMES}, optional=optional), min_size=1, max_size=2)


DOCUMENTS = st.fixed_dictionaries(
    {
        "schema": st.just("weightgate/trust/v1"),
        "version": st.integers(1, 2**53 - 1),
        "expires": DAYS,
        "identities": st.just({
            "root-a": key_of("root-a"), "release": key_of("release"), "bot": key_of("bot"),
            "release-2": successor("release-2", "release", "2026-05-01"),
            "ci": {"sigstore": {"identity": "ci@a.example", "issuer": "https://b.example"}, "notes": "a"},
        }),
        "packs": st.just({"ours": {"digests": ["sha256:" + "0" * 64], "minimum_version": "1.2.0", "signed": True}}),
    },
    optional={
        "from": st.just("2026-01-01"),
        "root": st.just({"identities": ["root-a"], "threshold": 1}),
        "max_age_days": st.dictionaries(st.sampled_from(["allow", "deny"]), st.floats(0.5, 900)),
        "notes": st.text("ab \n", min_size=1).filter(str.strip),
        **{kind: grants(kind) for kind in KINDS},
    },
)  # fmt: skip


@given(data=DOCUMENTS)
def test_whatever_is_right_is_right_for_both(data: dict[str, Any]) -> None:
    assert parse_trust(text(data), "trust.yaml").version == data["version"]
    assert not list(SCHEMA.iter_errors(json.loads(text(data))))


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths to everything inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in paths(one, (*path, key)))]


@given(data=DOCUMENTS, draw=st.data())
def test_whatever_the_schema_refuses_the_reader_refuses(data: dict[str, Any], draw: st.DataObject) -> None:
    data = json.loads(json.dumps(data))
    path = draw.draw(st.sampled_from(paths(data)[1:]))
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = draw.draw(
        st.sampled_from([None, True, 0, -1.5, "", "x", [], {}, ["x"], {"x": 1}, 2**60])
    )
    if list(SCHEMA.iter_errors(data)):
        # A succession that does not hold is the one thing in it that is a matter of signatures.
        with pytest.raises((InputError, SignatureError)):
            parse_trust(text(data), "trust.yaml")


def test_every_limit_is_described() -> None:
    for kind, limits in KINDS.items():
        described = trust_schema()["properties"][kind]["items"]["properties"]
        assert all(described[key]["description"] == LIMITS[key].meaning for key in limits)


def test_the_published_schema_is_this_one() -> None:
    from tools import schemas
    from tools.generated import FOLDER, stale

    made = {name: made for name, made in schemas.schemas().items() if name == "trust.schema.json"}
    assert list(made) == ["trust.schema.json"]
    assert stale(made, FOLDER) == []
