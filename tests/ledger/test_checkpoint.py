"""Checkpoints: C2SP's own, what is malformed, and whose key may speak for which log."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.keys import KEY, NAME, OTHER, PRIVATE, SIGNER, flips
from weightgate.errors import SignatureError
from weightgate.ledger.checkpoint import (
    MAX_SIZE,
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    read_decimal,
    sign_checkpoint,
)
from weightgate.ledger.note import note_signer, read_note, sign_note
from weightgate.signing.merkle import EMPTY_ROOT, leaf_hash

# c2sp.org/tlog-checkpoint's example.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
ROOT = leaf_hash(b"x")
MINE = sign_checkpoint(Checkpoint(NAME, 7, ROOT), SIGNER)


def refused(raw: bytes | str) -> SignatureError:
    with pytest.raises(SignatureError) as caught:
        open_checkpoint(raw, [KEY], "cp")
    assert caught.value.where == "cp"
    return caught.value


def test_the_published_checkpoint_is_read() -> None:
    checkpoint = parse_checkpoint(read_note(EXAMPLE, "x"), "x")
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", 20852163, root)
    assert EXAMPLE.startswith(checkpoint.text + "\n")


@given(size=st.integers(1, MAX_SIZE), root=st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_read(size: int, root: bytes) -> None:
    assert open_checkpoint(sign_checkpoint(Checkpoint(NAME, size, root), SIGNER), [KEY], "x") == (
        Checkpoint(NAME, size, root),
        KEY,
    )


def test_nothing_is_a_tree_too() -> None:
    raw = sign_checkpoint(Checkpoint(NAME, 0, EMPTY_ROOT), SIGNER)
    assert raw.startswith(f"{NAME}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n")
    assert open_checkpoint(raw, [KEY], "x")[0].size == 0
    assert (
        "the root of no entries is another"
        in refused(sign_checkpoint(Checkpoint(NAME, 0, ROOT), SIGNER)).message
    )


def test_extension_lines_are_kept_and_mean_nothing() -> None:
    checkpoint = Checkpoint(NAME, 7, ROOT, ("more", "and more"))
    assert open_checkpoint(sign_note(checkpoint.text, SIGNER), [KEY], "x")[0] == checkpoint


def test_any_flipped_byte_fails() -> None:
    for flipped in flips(MINE.encode()):
        refused(flipped)


@pytest.mark.parametrize(
    "text",
    [
        "{name}\n7\n",
        "{name}\n",
        "\n7\n{root}\n",
        "{name}\n7\n{root}\n\n",
        "{name}\n7\n{root}\n\nextension\n",
        "{name}\n07\n{root}\n",
        "{name}\n-7\n{root}\n",
        "{name}\n+7\n{root}\n",
        "{name}\n7 \n{root}\n",
        "{name}\n\u0667\n{root}\n",
        "{name}\n0x7\n{root}\n",
        "{name}\n9223372036854775808\n{root}\n",
        "{name}\n99999999999999999999\n{root}\n",
        "{name}\n7\nAAAA\n",
        "{name}\n7\n{unpadded}\n",
        "{name}\n7\n{loose}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_even_when_signed(text: str) -> None:
    root = base64.b64encode(ROOT).decode()
    loose = root[:-2] + {"A": "B", "E": "F"}.get(root[-2], chr(ord(root[-2]) + 1)) + "="
    filled = text.format(name=NAME, root=root, unpadded=root.rstrip("="), loose=loose)
    assert refused(sign_note(filled, SIGNER)).code in ("checkpoint", "unknown_log")


def test_only_the_log_s_own_key_speaks_for_it() -> None:
    elsewhere = note_signer("example.com/elsewhere", PRIVATE)
    of_another = sign_note(Checkpoint(NAME, 7, ROOT).text, elsewhere)
    with pytest.raises(SignatureError) as caught:
        open_checkpoint(of_another, [KEY, elsewhere.verifier], "x")
    assert caught.value.code == "unknown_log"
    assert refused(sign_checkpoint(Checkpoint(NAME, 7, ROOT), OTHER)).code == "unknown_log"
    assert refused(sign_note(Checkpoint(NAME, 7, ROOT).text, OTHER)).code == "unknown_log"


def test_a_false_signature_is_told_from_an_unknown_log() -> None:
    assert refused(MINE.replace("\n7\n", "\n8\n")).code == "note_signature"


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("10", 10), (str(MAX_SIZE), MAX_SIZE), ("", None), ("00", None), ("1\n", None), ("²", None)],
)
def test_decimals_have_one_spelling(text: str, number: int | None) -> None:
    assert read_decimal(text) == number
