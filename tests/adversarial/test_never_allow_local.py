"""Attacks through folders, facts files, operator files, packs and the working folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.shell import Done, Shell
from weightgate.policy.source import shipped_packs

PLACES = "name: a\nheadquarters: AE\nultimate_parent: AE\nsecurity_standards: []\n"


def to_china(shell: Shell, *more: str) -> Done:
    return shell.here("check", "./m", "--to", "CN", "--operator", "jp.yaml", "--output", "json", *more)


def test_an_mit_card_in_a_folder_frees_nothing(shell: Shell) -> None:
    done = to_china(shell)
    assert (done.code, done.json["possible"]) == (3, ["allow", "deny"])
    assert to_china(shell, "--facts", "closed.yaml").code == 1


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ("model.openness: {value: open, until: 2020-01-01}", 3),
        ("model.openness: {value: open, on: 2999-01-01}", 3),
        ("model.openness: {value: open, untill: 2020-01-01}", 4),
        ("model.openness: {value: open, until: 20200101}", 4),
        ("model.openness: {value: open, until: 2020-W01-1}", 4),
        ("model.openness: Open", 4),
        ("model.openness: {one_of: []}", 4),
        ("\"model.openness\": closed\n'model.openness': open", 4),
        ("model.openness: !!str open", 4),
        ("model.openness: &a open", 4),
        ("model.openness: closed\n---\nmodel.openness: open", 4),
        ("model.openness: closed\ndestination.tier: 1", 4),
        ("model.openness: closed\noperator.tier: true", 4),
        ("destination.country: JP", 4),
        ("model.training_operations: 1e400", 4),
        ("model.training_operations: {min: 2, max: 1}", 4),
    ],
)
def test_no_trick_in_a_facts_file_frees_a_model(shell: Shell, facts: str, code: int) -> None:
    name = shell.write("tricks.yaml", f"{facts}\n")
    assert to_china(shell, "--facts", name).code == code


def test_facts_files_that_disagree_settle_nothing_in_either_order(shell: Shell) -> None:
    for order in (("open.yaml", "closed.yaml"), ("closed.yaml", "open.yaml")):
        assert to_china(shell, *(word for name in order for word in ("--facts", name))).code == 3


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{kind: NVEU, countries: [IN], until: 2020-01-01}", 2),
        ("{kind: NVEU, countries: [IN], from: 2999-01-01}", 2),
        ("{kind: NVEU, countries: []}", 2),
        ("{kind: NVEU}", 3),
        ("{kind: LICENSE, countries: [IN], activities: [fine_tune]}", 2),
        ("{kind: LICENSE, countries: [IN], models: []}", 2),
        ("{kind: LICENSE, countries: [IN], until: null}", 3),
        ("{kind: LICENSE, countries: [IN], sites: [aws/ap-south-1]}", 3),
        ("{kind: LICENSE, countries: [IN], verdict: allow}", 4),
        ("{kind: NVEU, countries: [IN], untill: 2020-01-01}", 4),
        ("{kind: nveu, countries: [IN]}", 4),
    ],
)
def test_no_trick_in_an_authorisation_lifts_a_licence(shell: Shell, entry: str, code: int) -> None:
    name = shell.write("tricks.yaml", f"{PLACES}authorizations: [{entry}]\n")
    done = shell.here("check", "./m", "--to", "IN", "--facts", "closed.yaml", "--operator", name)
    assert done.code == code


@pytest.mark.parametrize(
    "to", ["\uff23\uff2e", "\u0421N", "\u0130N", "C N", "JP\nCN", "UK", "EU", "JP,", "gcp/", "/eu"]
)
def test_a_look_alike_of_a_place_is_no_place(shell: Shell, to: str) -> None:
    done = shell.here("check", "./m", "--to", to, "--facts", "closed.yaml", "--operator", "jp.yaml")
    assert done.code == 4


@pytest.mark.parametrize(
    "to", ["cn", " CN ", "HK", "MO", "JP,CN", "azure/chinanorth3", "AWS/AP-EAST-1", "aws/global"]
)
def test_no_spelling_of_tier_3_gets_closed_weights_in(shell: Shell, to: str) -> None:
    done = shell.here("check", "./m", "--to", to, "--facts", "closed.yaml", "--operator", "jp.yaml")
    assert done.code == 1


def test_a_hostile_working_folder_changes_nothing(shell: Shell) -> None:
    marker = shell.folder / "was_run"
    for module in ("sitecustomize", "usercustomize", "yaml", "rfc8785"):
        shell.write(f"here/{module}.py", f"open({str(marker)!r}, 'w').close()\n")
    shell.write("here/weightgate.yaml", "policy: ./free.yaml\nfacts: ../open.yaml\nstatus: in-force\n")
    pack = shipped_packs()["us-ai-diffusion-draft"].read_text(encoding="utf-8")
    freed = pack.replace("verdict: deny", "verdict: allow")
    assert freed != pack
    for path in ("us-ai-diffusion-draft/pack.yaml", "policies/us/us-ai-diffusion-draft/pack.yaml"):
        shell.write(f"here/{path}", freed)
    inside = Shell(shell.folder / "here", shell.env | {"PYTHONSAFEPATH": "1"})
    words = ["check", "../m", "--to", "CN", "--facts", "../closed.yaml"]
    assert inside(*words).code == 1
    assert inside(*words, "--policy", "us-ai-diffusion-draft").code == 1
    assert not marker.exists()


def test_a_link_a_pipe_and_a_pickle_in_a_folder_are_refused_by_name(shell: Shell) -> None:
    marker = shell.folder / "was_run"
    pickle = f"cos\nsystem\n(S'touch {marker}'\ntR.".encode()
    for name in ("link.json", "pipe", "evil.pt"):
        path = shell.folder / "m" / name
        if name == "link.json":
            path.symlink_to("/etc/passwd")
        elif name == "pipe":
            os.mkfifo(path)
        else:
            path.write_bytes(pickle)
        done = to_china(shell, "--facts", "open.yaml")
        assert done.code == 4
        assert name in str(done.error["where"])
        path.unlink()
    assert not marker.exists()


@pytest.mark.parametrize(
    "path", ["m/out.json", "m", "./m/../m/config.json", "link/out.json", "nowhere/../m/out.json"]
)
def test_no_way_leads_an_output_into_the_model(shell: Shell, path: str) -> None:
    Path(shell.folder, "link").symlink_to("m")
    before = {p.name: p.read_bytes() for p in (shell.folder / "m").iterdir()}
    done = to_china(shell, "--output", f"text={path}")
    assert done.code == 4
    assert {p.name: p.read_bytes() for p in (shell.folder / "m").iterdir()} == before
