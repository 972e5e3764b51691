"""Attacks on attestations and on the guard."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell

ASKED = ["--to", "JP", "--operator", "jp.yaml"]
GATE = ["--model", "./m", *ASKED, "--activity", "host", "--gate"]
KEY = ["--key", "k.pem.pub"]


def instead(old: str, new: str) -> list[str]:
    """The gate's words, one of them replaced."""
    return [new if word == old else word for word in GATE]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--key", "other.pem.pub", *GATE], 6),
        (["--key", "k.pem", *GATE], 4),
        ([*GATE], 4),
        ([*KEY, *GATE, "--to", "CN"], 6),
        ([*KEY, "--model", "-", *ASKED, "--activity", "host", "--gate"], 6),
        ([*KEY, "--model", "./m", *ASKED, "--gate"], 6),
        ([*KEY, *instead("jp.yaml", "gb.yaml")], 6),
        ([*KEY, *instead("host", "fine_tune")], 6),
        ([*KEY, *GATE, "--operator", "gb.yaml"], 4),
        ([*KEY, *GATE, "--activity", "fine_tune"], 4),
        ([*KEY, *GATE, "--at", "2020-01-01T00:00:00Z"], 6),
        ([*KEY, *GATE, "--max-age", "0"], 6),
        ([*KEY, *GATE, "--max-age", "nan"], 4),
        ([*KEY, *GATE, "--max-age", "inf"], 4),
    ],
)
def test_an_attestation_serves_no_other_key_place_operator_activity_or_time(
    signed: Shell, words: list[str], code: int
) -> None:
    assert signed.here("verify", "a.json", *words).code == code


def test_files_that_are_renamed_swapped_or_differ_in_case_are_another_model(signed: Shell) -> None:
    moves = ({"config.json": "Config.json"}, {"config.json": "README.md", "README.md": "config.json"})
    for number, renamed in enumerate(moves):
        copy = signed.folder / f"copy{number}"
        shutil.copytree(signed.folder / "m", copy)
        contents = {new: (copy / old).read_bytes() for old, new in renamed.items()}
        for old in renamed:
            (copy / old).unlink()
        for new, content in contents.items():
            (copy / new).write_bytes(content)
        assert signed.here("verify", "a.json", *KEY, "--model", f"./{copy.name}").code == 6


def edited(change: Callable[[dict[str, Any]], object], decision: dict[str, Any]) -> str:
    change(decision)
    return json.dumps(decision)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update(verdict="allow_with_conditions"), 6),
        (lambda d: d.update(hypothetical="a what-if"), 6),
        (lambda d: d.update(decided_at="2999-01-01T00:00:00Z"), 6),
        (lambda d: d["inputs"]["destinations"][0].update(name="CN"), 6),
        (lambda d: d["inputs"]["destinations"][0]["places"][0].update(country="CN"), 6),
        (lambda d: d["inputs"]["request"].update(activity="fine_tune"), 6),
        (lambda d: d["inputs"]["operator"].update(headquarters="CN"), 6),
        (lambda d: d["model"].update(digest="sha256:" + "0" * 64), 4),
        (lambda d: d["inputs"]["packs"][0].update(locator="/dev/zero"), 4),
        (lambda d: d["inputs"].pop("cap"), 4),
    ],
)
def test_an_edited_decision_is_not_signed(
    signed: Shell, change: Callable[[dict[str, Any]], object], code: int
) -> None:
    decision = json.loads((signed.folder / "d.json").read_text(encoding="utf-8"))
    signed.write("e.json", edited(change, decision))
    assert signed.here("attest", "e.json", "--key", "k.pem", "-o", "e.att").code == code
    assert not (signed.folder / "e.att").exists()


def test_a_decision_under_a_lapsed_standard_that_is_dated_back_never_passes_the_gate(signed: Shell) -> None:
    names = ("supp10-14", "supp10-15", "supp10-18")
    rows = "".join(f"  - {{name: {n}, attested: 2025-01-01, until: 2025-12-31}}\n" for n in names)
    profile = (
        f"name: a\nheadquarters: GB\nultimate_parent: GB\nauthorizations: []\nsecurity_standards:\n{rows}"
    )
    signed.write("lapsed.yaml", profile)
    words = ["--to", "IN", "--operator", "lapsed.yaml"]
    then = ["--facts", "closed.yaml", "--as-of", "2025-06-01", "--output", "json=p.json"]
    assert signed.here("check", "./m", *words, *then).code == 0
    decision = json.loads((signed.folder / "p.json").read_text(encoding="utf-8"))
    decision |= {"decided_at": "2025-06-01T10:00:00Z", "known_at": "2025-06-01", "hypothetical": False}
    signed.write("p.json", json.dumps(decision))
    assert signed.here("attest", "p.json", "--key", "k.pem", "-o", "p.att").code == 0
    gate = ["--model", "./m", *words, "--activity", "host", "--gate"]
    assert signed.here("verify", "p.att", *KEY, *gate, "--max-age", "10000").code == 6


def test_a_pack_that_changes_between_deciding_and_signing_is_noticed(signed: Shell) -> None:
    pack = Path(__file__).parents[2] / "policies/us/us-ai-diffusion-draft/pack.yaml"
    signed.write("p.yaml", pack.read_text(encoding="utf-8"))
    words = ["--facts", "closed.yaml", "--policy", "./p.yaml", "--output", "json=d2.json"]
    assert signed.here("check", "./m", *ASKED, *words).code == 0
    signed.write("p.yaml", pack.read_text(encoding="utf-8") + "\n")
    assert signed.here("attest", "d2.json", "--key", "k.pem", "-o", "d2.att").code == 6


@pytest.mark.parametrize(
    "forge",
    [
        lambda raw: raw.replace(b'{"payload"', b'{"payload":"e30=","payload"', 1),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.rstrip() + raw,
        lambda raw: json.dumps({**json.loads(raw), "signatures": []}).encode(),
        lambda raw: json.dumps({**json.loads(raw), "trusted": True}).encode(),
        lambda raw: json.dumps([json.loads(raw)]).encode(),
        lambda _: b"[" * 100_000,
        lambda _: b"",
    ],
)
def test_a_bent_envelope_is_never_genuine(signed: Shell, forge: Callable[[bytes], bytes]) -> None:
    path = signed.folder / "a.json"
    path.write_bytes(forge(path.read_bytes()))
    done = signed.here("verify", "a.json", *KEY, "--any-verdict")
    assert done.code in (4, 6)
    assert "VERIFIED ALLOW" not in done.out


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("./m", []),
        ("./gone", ["--insecure-warn-until", "2027-01-01"]),
        ("./m", ["--insecure-warn-until", "2999-01-01"]),
        ("./m", ["--insecure-warn-until", "2020-01-01"]),
    ],
)
def test_guard_runs_nothing_after_a_denial_an_error_or_a_date_out_of_bounds(
    shell: Shell, model: str, more: list[str]
) -> None:
    question = ["--to", "CN", "--facts", "closed.yaml", "--operator", "jp.yaml"]
    done = shell(
        "guard",
        model,
        *question,
        *more,
        "--",
        "touch",
        "was_run",
        WEIGHTGATE_INSECURE_WARN_UNTIL="2027-01-01",
    )
    assert done.code in (1, 4, 5)
    assert done.last.startswith("weightgate: refused (")
    assert not (shell.folder / "was_run").exists()
