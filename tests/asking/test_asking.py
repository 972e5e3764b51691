from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.samples import CLOSED, JAPANESE, write_model
from weightgate.api import check
from weightgate.asking.again import base_in
from weightgate.asking.model import base_of, bind, found_of, manifest_of, reference_of
from weightgate.asking.otherwise import stricter_packs
from weightgate.asking.question import day_of, digest_of, grades_of
from weightgate.errors import InputError, SignatureError, UsageError, WeightgateError
from weightgate.facts.factfile import declare
from weightgate.facts.statements import Grade
from weightgate.files.bounded import MAX_FILE_BYTES, read_bytes
from weightgate.inspect.inspection import Inspection

NOW = datetime(2026, 3, 4, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "day"), [(None, "2026-03-04"), ("2025-01-15", "2025-01-15"), (date(2025, 1, 15), "2025-01-15")]
)
def test_days(given: str | date | None, day: str) -> None:
    assert day_of(given, NOW) == day


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (Path("m"), "./m"),
        (Path("a/b"), "./a/b"),
        (Path("./m"), "./m"),
        (Path("../m"), "../m"),
        (Path("/m"), "/m"),
        (Path(), "."),
        (Path(".."), ".."),
        (Path("..m"), "./..m"),
        ("m", "m"),
        ("owner/name", "owner/name"),
        ("-", "-"),
    ],
)
def test_references(given: str | Path, text: str) -> None:
    assert reference_of(given) == text


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("owner/name", "hf:owner/name"),
        ("owner/name@main", "hf:owner/name@main"),
        ("hf:owner/name", "hf:owner/name"),
        ("https://huggingface.co/owner/name", "hf:owner/name"),
        ("gpt2", None),
        ("./folder", None),
        ("/abs/folder", None),
        ("a/b/c", None),
        ("owner/name@", None),
        ("owner/name@bad..revision", None),
        ("own er/name", None),
        ("", None),
    ],
)
def test_a_base_is_looked_for_when_it_has_the_form_of_a_name(name: str, base: str | None) -> None:
    assert base_of(declare({"model.base": name}, "facts", "")) == base


def test_a_base_that_is_not_known_is_not_looked_for() -> None:
    assert base_of([]) is None
    assert base_of(declare({"model.base": None}, "facts", "")) is None
    assert base_of(declare({"model.base": {"one_of": ["a/b", "c/d"]}}, "facts", "")) is None


def test_a_base_that_is_vouched_for_goes_before_one_that_the_asker_declares() -> None:
    """Else the openness of a base of the asker's choice would stand in for the true one's."""
    said = declare({"model.base": "open/small"}, "facts", "")
    vouched = [replace(s, grade=Grade.VERIFIED) for s in declare({"model.base": "lab/large"}, "d.json", "")]
    assert base_of([*said, *vouched]) == base_of([*vouched, *said]) == "hf:lab/large"
    decision = check("-", "JP", facts={"model.base": "open/small", **CLOSED}).to_json()
    assert base_in(decision, vouched) == "hf:lab/large"


def test_of_several_bases_none_stands_for_the_others() -> None:
    one, other = (declare({"model.base": name}, "facts", "") for name in ("open/small", "lab/large"))
    assert base_of([*one, *other]) is None
    assert base_of([*one, *declare({"model.base": "hf:open/small"}, "facts", "")]) == "hf:open/small"


def test_the_base_that_a_decision_s_asker_declared() -> None:
    facts = {"model.base": "owner/name", **CLOSED}
    assert base_in(check("-", "JP", facts=facts).to_json()) == "hf:owner/name"
    assert base_in(check("-", "JP", facts=CLOSED).to_json()) is None


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "a" * 64, "sha256:" + "g" * 64, "sha256:" + "a" * 63, "sha512:x"]
)
def test_what_is_no_digest(digest: str) -> None:
    with pytest.raises(UsageError) as caught:
        digest_of(digest)
    assert caught.value.code == "bad_digest"


def test_a_model_is_held_to_its_digest() -> None:
    digest, other = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    bind(Inspection("./m", digest=digest), digest)
    bind(Inspection("./m"), "")
    for inspection in (Inspection("./m", digest=other), Inspection("./m")):
        with pytest.raises(SignatureError) as caught:
            bind(inspection, digest)
        assert digest in caught.value.message


def test_grades() -> None:
    assert grades_of(None) == {}
    found = grades_of({"model.openness": "inferred", "model.license": Grade.CLAIMED})
    assert found == {"model.openness": Grade.INFERRED, "model.license": Grade.CLAIMED}


def test_a_file_is_read_whole_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 10)
    assert read_bytes(str(path)) == b"x" * 10
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    for name in (path, tmp_path, tmp_path / "none"):
        with pytest.raises(InputError) as caught:
            read_bytes(str(name))
        assert caught.value.where == str(name)


def test_a_model_is_needed_for_a_manifest(tmp_path: Path) -> None:
    found = manifest_of(str(write_model(tmp_path / "m")), None, None, None)
    assert [entry.name for entry in found.manifest] == ["model.safetensors"]
    assert found.statements == ()
    assert found_of("-", None, None, None) == Inspection("-")
    with pytest.raises(InputError):
        manifest_of("-", None, None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        {"operator": "none.yaml"},
        {"facts": "none.yaml"},
        {"facts": [CLOSED, "none.yaml"]},
        {"policy": Path("none.yaml")},
    ],
)
def test_a_file_that_is_not_there_is_named(arguments: dict[str, Any]) -> None:
    with pytest.raises(WeightgateError) as caught:
        check("-", "JP", **arguments)
    assert "none.yaml" in caught.value.where


def test_packs_that_were_not_asked_are_those_that_would_be_stricter() -> None:
    decision = check("-", "IR", facts=CLOSED, operator=JAPANESE).to_json()
    assert stricter_packs(decision) == []
    other = decision["inputs"]["packs"][0] | {"digest": "sha256:" + "0" * 64}
    asked = decision | {"inputs": decision["inputs"] | {"packs": [other]}, "possible": ["allow"]}
    stricter = {row["pack"]: row["verdict"] for row in stricter_packs(asked)}
    assert stricter["us-ai-diffusion-draft"] == stricter["us-embargoes"] == "deny"
    assert "allow" not in stricter.values()
    denied = asked | {"possible": ["deny"]}
    assert stricter_packs(denied) == []
