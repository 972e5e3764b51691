"""A folder is open only when the whole of it is a revision that anyone can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

from tests.hub import LocalHub, Repo
from tests.inspect.models import MODEL, OURS, openness
from weightgate.facts.values import Known, Unknown
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.model import inspect_model
from weightgate.inspect.published import FOLDER_OPENNESS, snapshot_of

COMMIT = "0123456789" * 4


def downloaded(local: LocalHub, folder: Path, repo: Repo, token: str | bool = False) -> Path:
    """The repo's snapshot in a cache, made by the real client."""
    local.add(repo)
    path = snapshot_download(repo.name, cache_dir=folder, endpoint=local.endpoint, token=token)
    return Path(str(path))


def looked_at(local: LocalHub, snapshot: Path, token: str | bool = False) -> Inspection:
    """The snapshot, inspected as a folder."""
    return inspect_model(str(snapshot), endpoint=local.endpoint, token=token)


def why_unknown(found: Inspection) -> str:
    """The reason for which openness is unknown."""
    value = openness(found)
    assert isinstance(value, Unknown)
    assert value.reason.startswith(FOLDER_OPENNESS)
    return value.reason


def test_a_whole_snapshot_of_a_public_revision_is_open(local_hub: LocalHub, tmp_path: Path) -> None:
    found = looked_at(local_hub, downloaded(local_hub, tmp_path, MODEL))
    assert openness(found) == Known("open")
    assert found.revision == MODEL.sha
    assert any("had the right to license" in sentence for sentence in found.not_established)


def test_a_snapshot_of_a_private_repo_is_closed_whatever_its_card_says(
    local_hub: LocalHub, tmp_path: Path
) -> None:
    private = replace(MODEL, private=True)
    local_hub.hub.tokens[OURS] = frozenset({MODEL.name})
    snapshot = downloaded(local_hub, tmp_path, private, token=OURS)
    assert openness(looked_at(local_hub, snapshot, token=OURS)) == Known("closed")
    assert "could not be compared" in why_unknown(looked_at(local_hub, snapshot))


def test_the_same_content_in_another_folder_proves_nothing(local_hub: LocalHub, tmp_path: Path) -> None:
    snapshot = downloaded(local_hub, tmp_path, MODEL)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in snapshot.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    found = looked_at(local_hub, copy)
    assert openness(found) == Unknown(FOLDER_OPENNESS)
    assert found.revision == ""


def change_weights(snapshot: Path) -> None:
    weights = snapshot / "model.safetensors"
    content = weights.read_bytes()
    weights.unlink()
    weights.write_bytes(content[:-1] + b"\1")


def add_file(snapshot: Path) -> None:
    (snapshot / "extra.json").write_text("{}")


def remove_file(snapshot: Path) -> None:
    (snapshot / "config.json").unlink()


def swap_names(snapshot: Path) -> None:
    (snapshot / "config.json").rename(snapshot / "config2.json")


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (change_weights, "model.safetensors"),
        (add_file, "extra.json"),
        (remove_file, "config.json"),
        (swap_names, "config.json"),
    ],
)
def test_a_snapshot_that_differs_proves_nothing(
    local_hub: LocalHub, tmp_path: Path, tamper: Callable[[Path], None], named: str
) -> None:
    snapshot = downloaded(local_hub, tmp_path, MODEL)
    tamper(snapshot)
    found = looked_at(local_hub, snapshot)
    assert f"differs from it, such as in '{named}'" in why_unknown(found)
    assert found.revision == ""


def test_a_forged_snapshot_name_proves_nothing(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(MODEL)
    forged = tmp_path / "models--org--model" / "snapshots" / MODEL.sha
    forged.mkdir(parents=True)
    (forged / "README.md").write_bytes(b"---\nlicense: apache-2.0\n---\n")
    (forged / "model.safetensors").write_bytes((b"\x02" + b"\0" * 7) + b"{}")
    assert "differs from it" in why_unknown(looked_at(local_hub, forged))


def test_a_hub_that_cannot_be_asked_leaves_it_unknown(local_hub: LocalHub, tmp_path: Path) -> None:
    snapshot = downloaded(local_hub, tmp_path, MODEL)
    found = inspect_model(str(snapshot), endpoint="http://127.0.0.1:1", token=False)
    assert "could not be compared" in why_unknown(found)


def test_without_a_digest_nothing_is_compared(local_hub: LocalHub, tmp_path: Path) -> None:
    snapshot = downloaded(local_hub, tmp_path, MODEL)
    found = inspect_model(str(snapshot), endpoint=local_hub.endpoint, token=False, want_digest=False)
    assert openness(found) == Unknown(FOLDER_OPENNESS)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (f"/cache/models--org--model/snapshots/{COMMIT}", ("org/model", COMMIT)),
        (f"/cache/models--org--my--model/snapshots/{COMMIT}", ("org/my--model", COMMIT)),
        (f"/cache/models--gpt2/snapshots/{COMMIT}", ("gpt2", COMMIT)),
        (f"/cache/datasets--org--data/snapshots/{COMMIT}", None),
        (f"/cache/models--org--model/blobs/{COMMIT}", None),
        ("/cache/models--org--model/snapshots/main", None),
        (f"/cache/models--org--model/snapshots/{COMMIT}/sub", None),
        ("/", None),
    ],
)
def test_what_a_folder_is_named_after(path: str, named: tuple[str, str] | None) -> None:
    assert snapshot_of(Path(path)) == named
