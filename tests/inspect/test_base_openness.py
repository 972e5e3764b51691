"""A base is looked at as the model is, and counts for no more than the word of who named it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hub import Failure, LocalHub
from tests.inspect.models import ADAPTER, MODEL, fact, safetensors, seen, write
from weightgate.errors import InputError
from weightgate.facts.statements import Grade
from weightgate.facts.values import Known, OneOf, Unknown, allows
from weightgate.inspect.model import inspect_model


def test_a_claimed_base_that_is_open_counts_as_unknown(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    local_hub.add(ADAPTER)
    found = seen(local_hub, "team/adapter")
    (statement,) = [s for s in found.statements if s.fact == "model.base_openness"]
    assert (statement.value, statement.grade) == (Known("open"), Grade.CLAIMED)
    assert isinstance(fact(found, "model.base_openness").value, Unknown)


def test_a_claimed_base_that_is_gated_settles_nothing(local_hub: LocalHub) -> None:
    # A base that is not open frees a fine-tune from rules about open models, so a file's word for it may not count.
    local_hub.add(replace(MODEL, gated="auto"))
    local_hub.add(ADAPTER)
    base = fact(seen(local_hub, "team/adapter"), "model.base_openness")
    assert all(allows(base.value, openness) for openness in ("open", "restricted", "closed"))


def test_a_declared_base_is_what_it_is_seen_to_be(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    local_hub.add(ADAPTER)
    found = seen(local_hub, "team/adapter", base="https://huggingface.co/org/model")
    base = fact(found, "model.base_openness")
    assert (base.value, base.grade) == (Known("open"), Grade.DECLARED)
    assert [s.locator for s in base.statements] == [MODEL.sha]


def test_a_declared_base_at_a_revision(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, branches={"v1": {"model.safetensors": safetensors({"w": 1})}}))
    local_hub.add(ADAPTER)
    base = fact(seen(local_hub, "team/adapter", base="org/model@v1"), "model.base_openness")
    assert base.value == OneOf(("open", "restricted"))  # that revision has no licence


def test_a_declared_base_does_not_hide_the_one_that_the_files_name(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, gated="auto"))
    local_hub.add(replace(MODEL, name="org/innocent"))
    local_hub.add(ADAPTER)
    base = fact(seen(local_hub, "team/adapter", base="org/innocent"), "model.base_openness")
    assert base.value != Known("open")
    assert len(base.statements) == 2


CARD = "---\nlicense: mit\nbase_model: {}\n---\n"


@pytest.mark.parametrize("bases", ["team/closed", "[org/model, team/closed]", "[team/closed, team/other]"])
def test_a_declared_base_settles_nothing_while_the_files_name_one_that_was_not_seen(
    local_hub: LocalHub, tmp_path: Path, bases: str
) -> None:
    local_hub.add(MODEL)
    files = {"README.md": CARD.format(bases).encode(), "model.safetensors": safetensors({"w": 1})}
    local_hub.add(replace(MODEL, name="team/tuned", files=files))
    folder = str(write(tmp_path / "m", files))
    for reference in ("team/tuned", folder):
        found = fact(seen(local_hub, reference, base="org/model"), "model.base_openness")
        assert isinstance(found.value, Unknown), reference
        assert found.value.reason.startswith("the files name another base than the asker: ")


def test_a_declared_base_that_the_card_names_too(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(MODEL)
    folder = write(tmp_path / "m", {"README.md": CARD.format("Org/Model").encode()})
    found = fact(seen(local_hub, str(folder), base="org/model"), "model.base_openness")
    assert (found.value, found.grade) == (Known("open"), Grade.DECLARED)


def test_a_signed_base_outranks_what_a_file_claims(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(MODEL)
    folder = write(tmp_path / "m", {"README.md": CARD.format("team/closed").encode()})
    found = inspect_model(
        str(folder), endpoint=local_hub.endpoint, token=False, base="org/model", base_grade=Grade.VERIFIED
    )
    assert fact(found, "model.base_openness").value == Known("open")


def test_who_named_a_base_vouches_for_its_openness(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    local_hub.add(ADAPTER)
    (declared,) = fact(seen(local_hub, "team/adapter", base="org/model"), "model.base_openness").statements
    (claimed,) = fact(seen(local_hub, "team/adapter"), "model.base_openness").statements
    assert declared.by == "the asker"
    assert claimed.by.endswith("/adapter_config.json")
    assert declared.source == claimed.source == f"{local_hub.endpoint}/org/model"


def test_a_base_at_a_pull_request_is_unknown(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, branches={"refs/pr/1": MODEL.files}))
    local_hub.add(ADAPTER)
    value = fact(seen(local_hub, "team/adapter", base="org/model@refs/pr/1"), "model.base_openness").value
    assert isinstance(value, Unknown)
    assert "anyone may open a pull request" in value.reason


@pytest.mark.parametrize("code", [None, 404, 429, 503])
def test_a_base_that_cannot_be_looked_at_is_unknown_and_no_error(
    local_hub: LocalHub, code: int | None
) -> None:
    local_hub.add(ADAPTER)
    if code is not None:
        local_hub.add(MODEL)
        local_hub.hub.failures = [Failure(code, "/org/model")]
    value = fact(seen(local_hub, "team/adapter"), "model.base_openness").value
    assert isinstance(value, Unknown)
    assert value.reason.startswith("the base org/model could not be looked at: ")


@pytest.mark.parametrize("name", ["/data/llama", "./llama", "a/b/c", "no such--name"])
def test_a_base_on_somebodys_machine_is_unknown(local_hub: LocalHub, name: str) -> None:
    config = json.dumps({"peft_type": "LORA", "base_model_name_or_path": name}).encode()
    files = {"adapter_config.json": config, "adapter_model.safetensors": safetensors({"lora": 4})}
    local_hub.add(replace(ADAPTER, files=files))
    value = fact(seen(local_hub, "team/adapter"), "model.base_openness").value
    assert value == Unknown(f"the base {name!r} is no name of a model on the Hub")


def test_several_bases_are_unknown(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    card = b"---\nlicense: mit\nbase_model: [org/model, org/other]\n---\n"
    local_hub.add(replace(MODEL, name="team/merge", files={**MODEL.files, "README.md": card}))
    value = fact(seen(local_hub, "team/merge"), "model.base_openness").value
    assert value == Unknown("made from several: org/model, org/other")


def test_a_base_whose_licence_cannot_be_read(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, files={**MODEL.files, "README.md": b"\xff\xfe"}))
    local_hub.add(ADAPTER)
    base = fact(seen(local_hub, "team/adapter", base="org/model"), "model.base_openness")
    assert base.value == OneOf(("open", "restricted"))


@pytest.mark.parametrize(
    ("base", "says"), [("./folder", "looked at on the Hub"), ("-", "looked at on the Hub")]
)
def test_a_declared_base_must_be_a_repo(base: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        inspect_model("-", base=base)
    assert caught.value.code == "bad_reference"
    assert "owner/name" in caught.value.hint
