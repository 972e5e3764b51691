"""A trust file of version 1, its successor and their signatures are read and judged for ever as they were when they were made.

Nothing in the folder is ever written anew; the private keys are gone.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from weightgate.attest.trust import Trust, read_trust
from weightgate.attest.trust.lint import lint
from weightgate.attest.trust.signatures import read_signatures
from weightgate.attest.trust.update import judge, update
from weightgate.errors import WeightgateError
from weightgate.files.codes import Severity
from weightgate.signing.accepted import SignedBy

FOLDER = Path(__file__).parent / "trust-v1"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_bytes())
AT = datetime.fromisoformat(EXPECTED["at"])


def read(name: str) -> Trust:
    """One of the two files."""
    return read_trust(FOLDER / name)


def signer(name: str) -> SignedBy:
    """A signature by one of the keys."""
    return SignedBy(EXPECTED["keyids"][name], "")


def test_the_files_are_read_as_they_were() -> None:
    for name, digest in EXPECTED["digests"].items():
        assert read(name).digest == digest
        assert str(read(name).check(AT).state) == "established"
    found = {name: one.key.keyid for name, one in read("next.yaml").identities.items() if one.key}
    assert found == EXPECTED["keyids"]


def test_they_say_what_they_said() -> None:
    trust = read("trust.yaml")
    names = trust.names_of([signer("release")], AT)
    answer = trust.may_decide(
        names,
        verdict="allow",
        destinations=["DE", "gcp/europe-west3"],
        packs=["ours"],
        activity="host",
        at=AT,
    )
    assert answer.granted
    assert not trust.may_decide(
        names, verdict="allow", destinations=["FR"], packs=["ours"], activity="host", at=AT
    ).granted
    assert trust.verifier_ids(names) == {"https://example.com/weightgate"}
    assert trust.pack_rule("ours").minimum == (1, 2, 0)
    assert trust.max_age_days("allow") == 30


def test_the_succession_still_holds() -> None:
    trust = read("next.yaml")
    before, after = (
        datetime.fromisoformat(f"{day}T12:00:00+00:00") for day in ("2026-11-30", EXPECTED["succession"])
    )
    both = [signer("release"), signer("release-2")]
    assert trust.names_of(both, before) == {"release"}
    assert trust.names_of(both, after) == {"release-2"}


def test_the_update_still_passes(tmp_path: Path) -> None:
    current = tmp_path / "trust.yaml"
    current.write_bytes((FOLDER / "trust.yaml").read_bytes())
    outcome = update(current, FOLDER / "next.yaml", FOLDER / "next.yaml.sig", now=AT)
    assert outcome.breaches == ()
    assert list(outcome.signed) == EXPECTED["signed"]
    assert current.read_bytes() == (FOLDER / "next.yaml").read_bytes()


def test_what_only_the_new_root_signed_is_still_refused() -> None:
    signatures = read_signatures((FOLDER / "only-new-root.sig").read_bytes(), "sig")
    outcome = judge(read("trust.yaml"), read("next.yaml"), signatures, AT)
    assert [one.code for one in outcome.breaches] == EXPECTED["only_new_root"]


@pytest.mark.parametrize("index", range(3))
def test_no_changed_byte_of_a_signature_counts(index: int) -> None:
    lines = (FOLDER / "next.yaml.sig").read_bytes().splitlines()
    line = lines[index]
    for place in range(0, len(line), 5):
        changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
        try:
            signatures = read_signatures(b"\n".join((*lines[:index], changed, *lines[index + 1 :])), "sig")
        except WeightgateError:
            continue
        assert judge(read("trust.yaml"), read("next.yaml"), signatures, AT).breaches


def test_they_are_clean() -> None:
    for name in EXPECTED["digests"]:
        found = lint((FOLDER / name).read_bytes(), name, now=AT)
        assert [one for one in found if one.severity is not Severity.NOTE] == []


def test_the_folder_holds_no_private_key() -> None:
    assert all(b"PRIVATE" not in path.read_bytes() for path in FOLDER.iterdir())
