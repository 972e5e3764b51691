"""Updates of a trust file, by TUF's rules for its root, and the attacks that these rules are there for."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attest.trust.samples import KEYS, NOW, STRANGER, document, key_of, successor, text, trust
from weightgate.attest.trust import Trust, parse_trust, read_trust
from weightgate.attest.trust.signatures import (
    MAX_ENVELOPES,
    MAX_SIGNATURES,
    PREDICATE_TYPE,
    SUBJECT,
    add_signature,
    read_signatures,
    sign_trust,
)
from weightgate.attest.trust.update import RULES, Update, judge, update
from weightgate.errors import InputError, SignatureError
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey
from weightgate.signing.statement import Subject, compose_statement

CURRENT = trust(version=3)


def key(name: str) -> PrivateKey:
    """A key by its name."""
    return STRANGER if name == "stranger" else KEYS[name]


def signatures(new: Trust, *names: str) -> bytes:
    """A file of signatures by the keys of these names."""
    return b"".join(sign_trust(new, key(name), now=NOW) for name in names)


def judged(current: Trust, new: Trust, *names: str, now: Any = NOW) -> set[str]:
    """The rules that an update breaks which these keys signed."""
    return {
        one.code for one in judge(current, new, read_signatures(signatures(new, *names), "sig"), now).breaches
    }


def test_an_update_that_keeps_every_rule_is_taken() -> None:
    assert judged(CURRENT, trust(version=4), "root-a", "root-c") == set()
    assert judged(CURRENT, trust(version=99), "root-a", "root-b", "root-c") == set()


@pytest.mark.parametrize(
    ("changes", "signers", "broken"),
    [
        ({"version": 3}, ["root-a", "root-b"], {"version_not_higher"}),
        ({"version": 2}, ["root-a", "root-b"], {"version_not_higher"}),
        ({}, [], {"old_root", "new_root"}),
        ({}, ["root-a"], {"old_root", "new_root"}),
        ({}, ["root-a", "root-a"], {"old_root", "new_root"}),
        ({}, ["root-a", "release"], {"old_root", "new_root"}),
        ({}, ["root-a", "stranger"], {"old_root", "new_root"}),
        ({"expires": "2026-03-13"}, ["root-a", "root-b"], {"expired"}),
        ({"from": "2026-03-15"}, ["root-a", "root-b"], {"not_begun"}),
        ({"root": None}, ["root-a", "root-b"], {"new_root"}),
        ({"root": {"identities": ["bot"], "threshold": 1}}, ["bot"], {"old_root"}),
        ({"root": {"identities": ["bot"], "threshold": 1}}, ["root-a", "root-b"], {"new_root"}),
        ({"root": {"identities": ["root-a", "root-b", "root-c"], "threshold": 3}}, ["root-a", "root-b"], {"new_root"}),
        ({"version": 1, "expires": "2020-01-01"}, [], {"version_not_higher", "old_root", "new_root", "expired"}),
    ],
)  # fmt: skip
def test_each_rule_that_is_broken_is_named(
    changes: dict[str, Any], signers: list[str], broken: set[str]
) -> None:
    assert judged(CURRENT, trust(**{"version": 4, **changes}), *signers) == broken


def test_the_root_passes_on_when_both_have_signed() -> None:
    new = trust(version=4, root={"identities": ["bot"], "threshold": 1})
    assert judged(CURRENT, new, "root-a", "root-b", "bot") == set()
    assert judged(new, trust(version=5), "root-a", "root-b") == {"old_root"}


def test_a_file_without_a_root_is_never_updated() -> None:
    assert judged(trust(root=None), trust(version=4), "root-a", "root-b") == {"old_root"}


# What TUF's section 1.5.2 lists and concerns a root.


def test_rollback_an_older_file_that_was_signed_properly_is_refused() -> None:
    older = trust(version=2)
    assert judged(CURRENT, older, "root-a", "root-b", "root-c") == {"version_not_higher"}


def test_freeze_a_file_that_has_expired_is_refused_whoever_signed_it() -> None:
    new = trust(version=4, expires="2026-03-20")
    assert judged(CURRENT, new, "root-a", "root-b") == set()
    assert judged(CURRENT, new, "root-a", "root-b", now=NOW + timedelta(days=7)) == {"expired"}


def test_an_expired_file_can_be_replaced_and_nothing_else() -> None:
    expired = trust(version=3, expires="2026-03-01")
    assert str(expired.check(NOW).state) == "stale"
    assert judged(expired, trust(version=4), "root-a", "root-b") == set()


def test_compromise_below_the_threshold_changes_nothing() -> None:
    takeover = trust(version=4, root={"identities": ["root-a"], "threshold": 1})
    assert judged(CURRENT, takeover, "root-a") == {"old_root"}


def test_a_new_root_signed_only_by_itself_is_refused() -> None:
    mine = {
        "root-a": {"key": STRANGER.public.pem().decode()},
        "root-b": key_of("bot"),
        "release": key_of("release"),
    }
    takeover = trust(version=4, identities=mine, root={"identities": ["root-a", "root-b"], "threshold": 2})
    assert judged(CURRENT, takeover, "stranger", "bot") == {"old_root"}


def test_a_name_is_not_a_key() -> None:
    """The new file gives the names of the old root to other keys; these sign."""
    mine = {**document()["identities"], "root-a": key_of("release-2"), "root-b": key_of("release-3")}
    assert judged(CURRENT, trust(version=4, identities=mine), "release-2", "release-3") == {"old_root"}


def test_signatures_over_another_file_do_not_count() -> None:
    new, other = trust(version=4), trust(version=5)
    outcome = judge(CURRENT, new, read_signatures(signatures(other, "root-a", "root-b"), "sig"), NOW)
    assert {one.code for one in outcome.breaches} == {"old_root", "new_root"}
    assert len(outcome.notes) == 2
    assert all("does not count: it is about" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("https://weightgate.dev/decision/v1", {"version": 4, "expires": "2027-06-30", "createdOn": ""}),
        (PREDICATE_TYPE, {"version": 5, "expires": "2027-06-30", "createdOn": ""}),
        (PREDICATE_TYPE, {"version": 4, "expires": "2027-07-30", "createdOn": ""}),
        (PREDICATE_TYPE, {"version": True, "expires": "2027-06-30", "createdOn": ""}),
        (PREDICATE_TYPE, {}),
    ],
)
def test_a_statement_of_another_kind_or_that_says_otherwise_does_not_count(kind: str, said: Any) -> None:
    new = trust(version=4)
    subject = Subject(SUBJECT, {"sha256": new.digest.removeprefix("sha256:")})
    sealed = seal(compose_statement([subject], kind, said), KEYS["root-a"], KEYS["root-b"])
    outcome = judge(CURRENT, new, read_signatures(sealed, "sig"), NOW)
    assert {one.code for one in outcome.breaches} == {"old_root", "new_root"}
    assert outcome.notes


def test_one_envelope_may_hold_all_the_signatures() -> None:
    new = trust(version=4)
    said = {"version": 4, "expires": new.expires, "createdOn": ""}
    subject = Subject(SUBJECT, {"sha256": new.digest.removeprefix("sha256:")})
    sealed = seal(compose_statement([subject], PREDICATE_TYPE, said), KEYS["root-a"], KEYS["root-b"])
    assert not judge(CURRENT, new, read_signatures(sealed, "sig"), NOW).breaches


@settings(max_examples=60)
@given(data=st.data())
def test_no_byte_of_the_signatures_can_change(data: st.DataObject) -> None:
    new = trust(version=4)
    raw = bytearray(signatures(new, "root-a", "root-b"))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= 1 << data.draw(st.integers(0, 7))
    try:
        outcome = judge(CURRENT, new, read_signatures(bytes(raw), "sig"), NOW)
    except (InputError, SignatureError):
        return
    # A line's end may become another white space, which no signature is over.
    assert {"old_root", "new_root"} == {one.code for one in outcome.breaches} or bytes(
        raw
    ).split() == signatures(new, "root-a", "root-b").split()


PACKS = {"ours": {"minimum_version": "1.10.0", "signed": True}}
GRANT = [{"identities": ["release"], "packs": ["ours"]}]


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ({"minimum_version": "1.10.0", "signed": True}, set()),
        ({"minimum_version": "1.11.0", "signed": True}, set()),
        ({"minimum_version": "1.9.0", "signed": True}, {"minimum_lowered"}),
        ({"signed": True}, {"minimum_lowered"}),
        ({"minimum_version": "1.10.0"}, {"signing_dropped"}),
        ({"minimum_version": "1.10.0", "signed": False}, {"signing_dropped"}),
        (None, {"minimum_lowered", "signing_dropped"}),
    ],
)
def test_what_is_asked_of_a_pack_never_falls(rule: dict[str, Any] | None, broken: set[str]) -> None:
    current = trust(version=3, packs=PACKS, decide=GRANT)
    new = trust(version=4, packs={"ours": rule} if rule else None, decide=GRANT if rule else None)
    assert judged(current, new, "root-a", "root-b") == broken


def test_a_root_key_whose_place_is_taken_signs_no_more() -> None:
    identities = {**document()["identities"], "release-2": successor("release-2", "root-a", "2026-03-01")}
    current = trust(version=3, identities=identities)
    new = trust(version=4, identities=identities)
    assert judged(current, new, "root-a", "root-b") == {"old_root", "new_root"}
    assert judged(current, new, "release-2", "root-b") == set()
    assert judged(current, new, "release-2", "root-a") == {"old_root", "new_root"}


def test_every_rule_has_a_test() -> None:
    assert set(RULES) == {
        "version_not_higher", "old_root", "new_root", "expired", "not_begun", "minimum_lowered", "signing_dropped",
    }  # fmt: skip


STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "version": st.integers(1, 6),
            "expires": st.sampled_from(["2026-03-01", "2027-06-30"]),
            "minimum": st.sampled_from([None, "1.0.0", "1.2.0", "2.0.0"]),
            "root": st.lists(st.sampled_from(["root-a", "root-b", "root-c", "bot"]), min_size=1, max_size=3, unique=True),
            "threshold": st.integers(1, 3),
            "signers": st.lists(st.sampled_from(["root-a", "root-b", "root-c", "bot", "stranger"]), max_size=4, unique=True),
        }
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_no_sequence_of_updates_lowers_anything_or_lacks_the_old_root(steps: list[dict[str, Any]]) -> None:
    current = trust(version=1)
    for step in steps:
        packs = {"ours": {"minimum_version": step["minimum"]}} if step["minimum"] else None
        root = {"identities": step["root"], "threshold": min(step["threshold"], len(step["root"]))}
        new = trust(version=step["version"], expires=step["expires"], packs=packs, root=root)
        if judged(current, new, *step["signers"]):
            continue
        assert new.version > current.version
        assert new.expires >= "2026-03-14"
        old = current.pack_rule("ours").minimum
        assert old is None or (new.pack_rule("ours").minimum or (0, 0, 0)) >= old
        for one in (current, new):
            assert one.root is not None
            assert len(set(step["signers"]) & set(one.root.identities)) >= one.root.threshold
        current = new


class Folder:
    """A trust file in place, and its next version beside it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.current, self.new, self.signed = folder / "trust.yaml", folder / "next.yaml", folder / "next.sig"
        self.current.write_bytes(text(document(version=3)))
        self.new.write_bytes(text(document(**{"version": 4, **changes})))
        self.sign("root-a", "root-b")

    def sign(self, *names: str) -> None:
        """Sign the next version."""
        self.signed.write_bytes(signatures(parse_trust(self.new.read_bytes(), "next.yaml"), *names))

    def update(self) -> Update:
        """Update."""
        return update(self.current, self.new, self.signed, now=NOW)


def test_the_file_is_replaced_by_the_very_bytes_that_were_signed(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.current.chmod(0o640)
    outcome = folder.update()
    assert not outcome.breaches
    assert outcome.signed == ("root-a", "root-b")
    assert folder.current.read_bytes() == folder.new.read_bytes()
    assert folder.current.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["next.sig", "next.yaml", "trust.yaml"]
    assert [one.code for one in folder.update().breaches] == ["version_not_higher"]


def test_nothing_changes_when_a_rule_is_broken(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.sign("root-a")
    before = folder.current.read_bytes()
    assert folder.update().breaches
    assert folder.current.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["next.sig", "next.yaml", "trust.yaml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    real = tmp_path / "real.yaml"
    folder.current.rename(real)
    folder.current.symlink_to(real)
    assert not folder.update().breaches
    assert folder.current.is_symlink()
    assert read_trust(real).version == 4


@pytest.mark.parametrize("name", ["current", "new", "signed"])
def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path)
    path: Path = getattr(folder, name)
    path.unlink()
    with pytest.raises(InputError) as caught:
        folder.update()
    assert (caught.value.code, caught.value.where) == ("unreadable", str(path))


def test_signature_files_are_bounded(tmp_path: Path) -> None:
    line = signatures(trust(version=4), "root-a")
    with pytest.raises(InputError) as caught:
        read_signatures(line * (MAX_ENVELOPES + 1), "sig")
    assert caught.value.code == "too_large"
    with pytest.raises(InputError) as caught:
        read_signatures(b" " * (1024 * 1024 + 1), "sig")
    assert caught.value.code == "too_large"
    with pytest.raises(InputError) as caught:
        read_signatures(line + b"nonsense\n", "sig")
    assert caught.value.where.startswith("sig:2")
    assert read_signatures(b"\n\n", "sig").envelopes == ()


def test_all_the_signatures_of_a_file_are_bounded() -> None:
    import json

    new = trust(version=4)
    envelope = json.loads(signatures(new, "root-a"))
    envelope["signatures"] *= 32
    line = json.dumps(envelope).encode() + b"\n"
    assert len(read_signatures(line * (MAX_SIGNATURES // 32), "sig").envelopes) == MAX_SIGNATURES // 32
    with pytest.raises(InputError) as caught:
        read_signatures(line * (MAX_SIGNATURES // 32 + 1), "sig")
    assert caught.value.code == "too_large"


def test_signatures_gather_in_one_file_each_key_once() -> None:
    new = trust(version=4)
    raw = b""
    for name in ("root-a", "root-b", "root-a"):
        line = sign_trust(new, KEYS[name], now=NOW + timedelta(days=1))
        raw = add_signature(read_signatures(raw, "sig") if raw else None, line, new, KEYS[name].public)
    assert len(read_signatures(raw, "sig").envelopes) == 2
    assert not judge(CURRENT, new, read_signatures(raw, "sig"), NOW).breaches


def test_signatures_of_another_version_are_not_mixed_in() -> None:
    old = read_signatures(signatures(trust(version=3), "root-a"), "sig")
    new = trust(version=4)
    with pytest.raises(InputError) as caught:
        add_signature(old, sign_trust(new, KEYS["root-b"], now=NOW), new, KEYS["root-b"].public)
    assert caught.value.code == "other_trust"


RACER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from weightgate.attest.trust.update import update
names = sys.argv[1:]
for new in names:
    update(Path("trust.yaml"), Path(new), Path(new + ".sig"), now=datetime(2026, 3, 14, tzinfo=UTC))
"""


def test_of_two_updates_at_once_the_higher_version_stays(tmp_path: Path) -> None:
    (tmp_path / "trust.yaml").write_bytes(text(document(version=3)))
    for version in range(4, 24):
        path = tmp_path / f"v{version}"
        path.write_bytes(text(document(version=version)))
        (tmp_path / f"v{version}.sig").write_bytes(signatures(read_trust(path), "root-a", "root-b"))
    orders = (range(4, 24, 2), range(5, 24, 2), range(23, 3, -1))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *(f"v{v}" for v in order)], cwd=tmp_path, stderr=subprocess.PIPE
        )
        for order in orders
    ]
    assert [(racer.communicate(timeout=60)[1], racer.returncode) for racer in racers] == [(b"", 0)] * 3
    assert read_trust(tmp_path / "trust.yaml").version == 23
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]
