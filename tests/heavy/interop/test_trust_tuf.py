"""Updates of trust files beside python-tuf's own root rotation: both take and refuse the same.

Two differences are meant, and stated in docs/trust.md: versions may be left out here, where every file is whole; and
expiry is looked at with the update, which TUF does when the last root is there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner

from tests.attest.trust.samples import KEYS, NOW, document, key_of, text
from weightgate.attest.trust import Trust, parse_trust
from weightgate.attest.trust.signatures import read_signatures, sign_trust
from weightgate.attest.trust.update import judge

# Not in the environment of the other tests, so that mypy cannot know them.
tuf: Any = import_module("tuf.api.metadata")
refused: Any = import_module("tuf.api.exceptions").RepositoryError
trusted_set: Any = import_module("tuf.ngclient._internal.trusted_metadata_set").TrustedMetadataSet
metadata_envelope: Any = import_module("tuf.ngclient.config").EnvelopeType.METADATA

NAMES = ("root-a", "root-b", "root-c", "bot", "second")
SIGNERS = {name: CryptoSigner.generate_ed25519() for name in NAMES}

ROOTS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(st.just(names), st.integers(1, len(names)))
)
SIGNED = st.lists(st.sampled_from(NAMES), max_size=5, unique=True)
DAYS = ("2026-03-13", "2026-03-14", "2027-06-30")

_Root = tuple[list[str], int]


def tuf_root(root: _Root, version: int, expires: str, signed: list[str]) -> bytes:
    """Root metadata of TUF, with signatures."""
    names, threshold = root
    made = tuf.Root(
        version=version, expires=datetime.fromisoformat(f"{expires}T23:59:59").replace(tzinfo=UTC)
    )
    for name in names:
        made.add_key(SIGNERS[name].public_key, "root")
    made.roles["root"].threshold = threshold
    metadata = tuf.Metadata(made)
    for name in signed:
        metadata.sign(SIGNERS[name], append=True)
    return bytes(metadata.to_bytes())


def tuf_takes(current: bytes, new: bytes) -> bool:
    """Whether python-tuf takes a new root, and would use it today."""
    trusted = trusted_set(current, metadata_envelope)
    try:
        trusted.update_root(new)
    except refused:
        return False
    return not trusted.root.is_expired(NOW)


def our_file(root: _Root, version: int, expires: str) -> Trust:
    """A trust file with the same root."""
    names, threshold = root
    said: dict[str, Any] = {
        "version": version,
        "expires": expires,
        "root": {"identities": names, "threshold": threshold},
        "identities": {name: key_of(name) for name in (*NAMES, "release")},
    }
    return parse_trust(text(document(**said)), "trust.yaml")


def we_take(current: Trust, new: Trust, signed: list[str]) -> bool:
    """Whether we take a new file."""
    lines = b"".join(sign_trust(new, KEYS[name], now=NOW) for name in signed)
    return not judge(current, new, read_signatures(lines, "sig"), NOW).breaches


@settings(max_examples=300, deadline=None)
@given(old=ROOTS, new=ROOTS, step=st.integers(-2, 1), expires=st.sampled_from(DAYS), signed=SIGNED)
def test_both_take_and_refuse_the_same(
    old: _Root, new: _Root, step: int, expires: str, signed: list[str]
) -> None:
    current = tuf_root(old, 5, "2027-06-30", old[0])
    theirs = tuf_takes(current, tuf_root(new, 5 + step, expires, signed))
    ours = we_take(our_file(old, 5, "2027-06-30"), our_file(new, 5 + step, expires), signed)
    assert ours == theirs


def test_there_is_something_that_both_take_and_something_that_both_refuse() -> None:
    old: _Root = (["root-a", "root-b"], 2)
    new: _Root = (["root-b", "bot"], 1)
    for signed, taken in ((["root-a", "root-b"], True), (["root-a", "bot"], False), (["bot"], False)):
        theirs = tuf_takes(tuf_root(old, 5, DAYS[2], old[0]), tuf_root(new, 6, DAYS[2], signed))
        assert (theirs, we_take(our_file(old, 5, DAYS[2]), our_file(new, 6, DAYS[2]), signed)) == (
            taken,
            taken,
        )


def test_a_version_left_out_is_the_difference_that_is_meant() -> None:
    root: _Root = (["root-a", "root-b"], 2)
    theirs = tuf_takes(tuf_root(root, 5, DAYS[2], root[0]), tuf_root(root, 7, DAYS[2], root[0]))
    assert not theirs
    assert we_take(our_file(root, 5, DAYS[2]), our_file(root, 7, DAYS[2]), root[0])
