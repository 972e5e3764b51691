"""A model from reference to inspection: folders without the network, repos at a commit, bases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

from tests.hub import Claim, Content, LocalHub, Repo
from tests.inspect.models import ADAPTER, MODEL, OURS, fact, openness, safetensors, seen, write
from weightgate.errors import Exit, ModelError, UnreachableError
from weightgate.facts.merge import merge
from weightgate.facts.statements import Grade
from weightgate.facts.values import Known, OneOf, Unknown
from weightgate.inspect.hub.errors import HubError
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.model import inspect_model
from weightgate.inspect.published import FOLDER_OPENNESS
from weightgate.inspect.reference import FolderReference

# Folders


def test_no_model_at_hand_is_an_empty_inspection() -> None:
    assert inspect_model("-") == Inspection("-")


def test_a_folder_proves_nothing_about_openness_whatever_its_card_says(tmp_path: Path) -> None:
    folder = write(tmp_path, MODEL.files)
    found = inspect_model(FolderReference("./it", folder))
    assert found.reference == "./it"
    assert found.revision == ""
    assert openness(found) == Unknown(FOLDER_OPENNESS)
    assert fact(found, "model.license").value == Known("apache-2.0")
    assert fact(found, "model.parameters").value == Known(100.0)
    assert [entry.name for entry in found.manifest] == ["README.md", "config.json", "model.safetensors"]
    assert found.digest.startswith("sha256:")
    assert any(".gitattributes" in sentence for sentence in found.not_established)


def test_a_folder_is_not_hashed_when_nobody_wants_its_digest(tmp_path: Path) -> None:
    found = inspect_model(str(write(tmp_path, MODEL.files)), want_digest=False)
    assert (found.digest, found.manifest) == ("", ())


def test_progress_reaches_the_whole_of_a_folder(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    inspect_model(str(write(tmp_path, MODEL.files)), progress=lambda done, total: told.append((done, total)))
    total = sum(len(content) for name, content in MODEL.files.items() if name != ".gitattributes")
    assert told[-1] == (total, total)


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(UnreachableError) as caught:
        inspect_model("/no/such/folder")
    assert caught.value.exit is Exit.UNREACHABLE
    assert caught.value.where == "/no/such/folder"


def test_a_folder_needs_neither_network_nor_client(tmp_path: Path) -> None:
    folder = write(tmp_path, ADAPTER.files)
    script = (
        "import sys\n"
        "from weightgate.inspect.model import inspect_model\n"
        "found = inspect_model(sys.argv[1])\n"
        "heavy = {'huggingface_hub', 'httpx2', 'pydantic', 'rich'} & set(sys.modules)\n"
        "print(found.digest[:7], sorted(heavy))\n"
    )
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("sha256: []\n", "")


def test_a_folders_claimed_base_is_not_looked_at(tmp_path: Path) -> None:
    found = inspect_model(str(write(tmp_path, ADAPTER.files)), endpoint="http://127.0.0.1:9")
    base = fact(found, "model.base_openness")
    assert base.value == Unknown(
        "the base org/model, which a file names, was not looked at: a folder is judged without the Hub"
    )


def test_a_folders_declared_base_is_looked_at(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(MODEL)
    found = seen(local_hub, str(write(tmp_path, ADAPTER.files)), base="org/model")
    base = fact(found, "model.base_openness")
    assert (base.value, base.grade) == (Known("open"), Grade.DECLARED)


# A repo


def test_a_pull_request_is_not_what_the_owner_publishes(local_hub: LocalHub) -> None:
    proposed = {**MODEL.files, "new.txt": b"1"}
    repo = replace(MODEL, branches={"refs/pr/1": proposed})
    local_hub.add(repo)
    found = seen(local_hub, "org/model@refs/pr/1")
    value = openness(found)
    assert isinstance(value, Unknown)
    assert "anyone may open a pull request" in value.reason
    assert "model.owner" not in merge(found.statements)
    assert found.revision == repo.heads["refs/pr/1"]
    assert found.digest


@pytest.mark.parametrize("revision", ["main", "head", "older", "branch"])
def test_a_bare_commit_that_is_not_the_head_is_told(local_hub: LocalHub, revision: str) -> None:
    repo = replace(MODEL, branches={"v1": {**MODEL.files, "b.txt": b"1"}}).pushed(
        {**MODEL.files, "a.txt": b"1"}
    )
    local_hub.add(repo)
    asked = {"main": "main", "head": repo.sha, "older": MODEL.sha, "branch": repo.heads["v1"]}[revision]
    found = seen(local_hub, f"org/model@{asked}")
    assert openness(found) == Known("open")
    told = f"Whether commit {asked} lies on a branch of org/model" in " ".join(found.not_established)
    assert told is (revision in ("older", "branch"))


def test_prose_and_a_contradicted_licence_are_told(local_hub: LocalHub) -> None:
    narrow = b"---\nlicense: mit\n---\nFor research use only.\n"
    local_hub.add(replace(MODEL, files={**MODEL.files, "README.md": narrow}))
    found = seen(local_hub, "org/model")
    assert openness(found) == Known("open")
    assert any(note.startswith("Whether mit holds without more: ") for note in found.not_established)
    local_hub.add(replace(MODEL, files={**MODEL.files, "EULA.txt": b"Ask us."}))
    assert any(
        note.startswith("Which licence binds: ") for note in seen(local_hub, "org/model").not_established
    )


def test_an_owner_is_one_in_any_case(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, name="Org/Model"))
    assert fact(seen(local_hub, "Org/Model"), "model.owner").value == Known("org")


def test_a_public_repo(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    found = seen(local_hub, "hf:org/model@main")
    assert (found.reference, found.revision) == ("hf:org/model@main", MODEL.sha)
    assert openness(found) == Known("open")
    owner = fact(found, "model.owner")
    assert (owner.value, owner.grade) == (Known("org"), Grade.VERIFIED)
    assert fact(found, "model.parameters").value == Known(100.0)
    assert "model.base_openness" not in merge(found.statements)
    assert {entry.name: entry.reported for entry in found.manifest} == {
        "README.md": False,
        "config.json": False,
        "model.safetensors": True,
    }
    said = " ".join(found.not_established)
    assert "had the right to license it" in said
    assert "The digests of 1 large files" in said
    assert f"as seen at {local_hub.endpoint}" in said


def test_folder_cache_and_repo_are_one_model(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(MODEL)
    plain = inspect_model(str(write(tmp_path / "plain", MODEL.files)))
    snapshot = snapshot_download(
        "org/model", cache_dir=tmp_path / "c", endpoint=local_hub.endpoint, token=False
    )
    assert plain.digest == inspect_model(snapshot).digest == seen(local_hub, "org/model").digest


def test_a_repo_that_changes_while_it_is_inspected_stays_one_commit(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    closed = MODEL.pushed(
        {"README.md": b"---\nlicense: other\n---\n", "model.safetensors": safetensors({"v": 7})}
    )

    def push(path: str) -> None:
        if "/tree/" in path:
            local_hub.add(closed)

    local_hub.hub.before = push
    found = seen(local_hub, "org/model")
    assert found.revision == MODEL.sha
    assert fact(found, "model.license").value == Known("apache-2.0")
    assert fact(found, "model.parameters").value == Known(100.0)
    assert {entry.name for entry in found.manifest} == {"README.md", "config.json", "model.safetensors"}
    assert closed.sha not in str(local_hub.hub.log)


def test_a_repo_that_becomes_private_while_it_is_inspected_is_not_open(local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    local_hub.hub.tokens[OURS] = frozenset({"org/model"})

    def hide(path: str) -> None:
        if "/tree/" in path:
            local_hub.add(replace(MODEL, private=True))

    local_hub.hub.before = hide
    value = openness(seen(local_hub, "org/model", token=OURS))
    assert isinstance(value, Unknown)


def test_a_private_repo_whose_card_says_apache_is_closed(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, private=True))
    local_hub.hub.tokens[OURS] = frozenset({"org/model"})
    found = seen(local_hub, "org/model", token=OURS)
    assert fact(found, "model.license").value == Known("apache-2.0")
    assert openness(found) == Known("closed")
    assert fact(found, "model.openness").grade is Grade.VERIFIED


def test_a_mirror_that_leaves_private_out_is_never_open(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, leave_out=frozenset({"private"})))
    assert isinstance(openness(seen(local_hub, "org/model")), Unknown)


def test_a_gated_repo_with_access_is_restricted(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, gated="manual"))
    local_hub.hub.tokens[OURS] = frozenset({"org/model"})
    assert openness(seen(local_hub, "org/model", token=OURS)) == Known("restricted")


@pytest.mark.parametrize(
    ("card", "text", "expected"),
    [
        (b"---\nlicense: mit\n---\n", None, Known("open")),
        (b"---\nlicense: other\n---\n", None, OneOf(("open", "restricted"))),
        (b"---\nlicense: cc-by-nc-4.0\n---\n", None, Known("restricted")),
        (b"# no front matter\n", None, OneOf(("open", "restricted"))),
        (b"---\nlicense: mit\n---\n", b"You may use this for research only.", OneOf(("open", "restricted"))),
    ],
)
def test_the_licence_decides_between_open_and_restricted(
    local_hub: LocalHub, card: bytes, text: bytes | None, expected: object
) -> None:
    files = {**MODEL.files, "README.md": card, **({"LICENSE": text} if text else {})}
    local_hub.add(replace(MODEL, files=files))
    assert openness(seen(local_hub, "org/model")) == expected


def test_a_licence_text_against_the_card_is_named(local_hub: LocalHub) -> None:
    files = {**MODEL.files, "LICENSE": b"You may use this for research only."}
    local_hub.add(replace(MODEL, files=files))
    found = seen(local_hub, "org/model")
    (sentence,) = [s for s in found.not_established if s.startswith("Which licence binds")]
    assert "research only" in sentence


@pytest.mark.parametrize(
    ("change", "reference", "code"),
    [
        ({"name": "org/another"}, "org/model", "not_found"),
        ({"private": True}, "org/model", "not_found"),
        ({"gated": "auto"}, "org/model", "gated"),
        ({"disabled": "all"}, "org/model", "disabled"),
        ({}, "org/model@v2", "revision_not_found"),
    ],
)
def test_a_repo_that_cannot_be_read_is_exit_5(
    local_hub: LocalHub, change: dict[str, object], reference: str, code: str
) -> None:
    local_hub.add(replace(MODEL, **change))  # type: ignore[arg-type]
    with pytest.raises(HubError) as caught:
        seen(local_hub, reference)
    assert (caught.value.code, caught.value.exit) == (code, Exit.UNREACHABLE)
    assert caught.value.where.startswith(local_hub.endpoint)
    assert caught.value.hint


def test_a_file_with_other_bytes_is_exit_4(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, claims={"config.json": Claim(blob_id="1" * 40)}))
    with pytest.raises(ModelError) as caught:
        seen(local_hub, "org/model")
    assert (caught.value.code, caught.value.exit) == ("digest_mismatch", Exit.INPUT)


def test_a_mirror_without_digests_gives_no_digest(local_hub: LocalHub) -> None:
    files = {**MODEL.files, "model.safetensors": safetensors({"w": 5_000_000}, size=0)}
    local_hub.add(replace(MODEL, files=files, claims={"model.safetensors": Claim(lfs=False)}))
    found = seen(local_hub, "org/model")
    assert (found.digest, found.manifest) == ("", ())
    assert any("reports no SHA-256 for 'model.safetensors'" in s for s in found.not_established)
    assert openness(found) == Known("open")


def test_a_repo_that_moved_is_named(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, moved_to="other/renamed"))
    found = seen(local_hub, "org/model")
    assert fact(found, "model.owner").value == Known("other")
    assert any("'other/renamed'" in sentence for sentence in found.not_established)


def test_an_author_who_is_not_the_namespace_is_no_owner(local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, author="someone"))
    value = fact(seen(local_hub, "org/model"), "model.owner").value
    assert value == Unknown("the Hub names 'someone' as author of 'org/model'")


LIGHTLY = """
import sys
from pathlib import Path
from weightgate.inspect.model import inspect_model
found = inspect_model("org/model", endpoint=sys.argv[1], token=False)
print(found.digest, len(found.manifest))
print(*[s.value.value for s in found.statements if s.fact == "model.parameters"])
print(*[line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line])
"""


def test_a_thousand_shards_are_read_by_their_headers_alone(local_hub: LocalHub) -> None:
    count, elements = 1000, 1_000_000_000
    names = [f"model-{i + 1:05}-of-{count:05}.safetensors" for i in range(count)]
    files: dict[str, Content] = {
        name: safetensors({f"layer.{i}.weight": elements}, size=0) for i, name in enumerate(names)
    }
    index = {"metadata": {}, "weight_map": {f"layer.{i}.weight": name for i, name in enumerate(names)}}
    local_hub.add(Repo("org/model", {**files, "model.safetensors.index.json": json.dumps(index).encode()}))
    done = subprocess.run(
        [sys.executable, "-c", LIGHTLY, local_hub.endpoint], capture_output=True, text=True, check=True
    )
    digest, parameters, kilobytes = done.stdout.splitlines()
    assert digest.endswith(f" {count + 1}")
    assert float(parameters) == count * elements
    assert int(kilobytes) < 100_000
    assert local_hub.hub.bytes_sent() < 100_000_000
