"""Signed notes: the published vectors, what is malformed, and that no byte can change."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.keys import KEY, NAME, OTHER, PRIVATE, SIGNER, flips
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.ledger.note import (
    MAX_NOTE_BYTES,
    NoteSigner,
    VerifierKey,
    is_name,
    note_signer,
    note_signers,
    open_note,
    read_note,
    read_verifier_key,
    sign_note,
    verifier_key,
)
from weightgate.signing.keys import ECDSA_P256, generate

# golang.org/x/mod/sumdb/note, the package's own example.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
PUBLISHED = f"{TEXT}\n{PETER_LINE}"
PETER_KEY, ENOCH_KEY = (read_verifier_key(text, "vector") for text in (PETER, ENOCH))

MINE = sign_note("one\n\ntwo\n", SIGNER)

texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n"), max_size=200)


def refused(raw: bytes | str, *keys: VerifierKey) -> SignatureError:
    with pytest.raises(SignatureError) as caught:
        open_note(raw, keys or (KEY,), "a note")
    assert (caught.value.exit, caught.value.where) == (Exit.SIGNATURE, "a note")
    return caught.value


def malformed(raw: bytes | str) -> str:
    error = refused(raw)
    assert error.code == "note"
    return error.message.removeprefix("malformed note: ")


def test_the_published_note_opens() -> None:
    note = open_note(PUBLISHED, [PETER_KEY], "vector")
    assert note.text == TEXT
    assert [(s.name, s.identifier.hex()) for s in note.signatures] == [("PeterNeumann", "c74f20a3")]
    both = read_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}", "vector")
    assert note_signers(both, [ENOCH_KEY, PETER_KEY], "vector") == (PETER_KEY, ENOCH_KEY)
    assert note_signers(both, [ENOCH_KEY], "vector") == (ENOCH_KEY,)
    assert note_signers(both, [], "vector") == ()


def test_what_is_signed_here_is_the_published_note() -> None:
    # PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    signer = NoteSigner(private, PETER_KEY)  # type: ignore[arg-type]
    assert sign_note(TEXT, signer) == PUBLISHED


def test_verifier_keys_are_written_as_they_are_read() -> None:
    assert (str(PETER_KEY), str(ENOCH_KEY)) == (PETER, ENOCH)
    assert read_verifier_key(f" {KEY}\n", "x") == KEY == verifier_key(NAME, PRIVATE.public)
    assert PETER_KEY.identifier.hex() == "c74f20a3"


@pytest.mark.parametrize("text", [PETER, str(KEY)], ids=["published", "new"])
def test_no_part_and_no_other_spelling_of_a_verifier_key_is_one(text: str) -> None:
    cut = [text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1) if j - i < len(text)]
    flipped = [raw.decode("latin-1") for raw in flips(text.encode())]
    for bad in [*cut, *flipped, "", "+", "++", text + "+", text.upper(), text.replace("+c7", "+C7") + "="]:
        if bad.strip() == text:
            continue
        with pytest.raises(InputError) as caught:
            read_verifier_key(bad, "trust.yaml")
        assert (caught.value.code, caught.value.where) == ("log_key", "trust.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "signature type 0x65, 32 bytes",
        ),
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEQ==", "0x01, 36 bytes"),
        ("peterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "identifier c74f20a3, but"),
        ("nothing", "needed NAME+IDENTIFIER+BASE64"),
    ],
)
def test_a_verifier_key_that_is_none_says_why(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("+", r"\+")):
        read_verifier_key(text, "x")


@given(text=texts)
def test_what_is_signed_opens_and_says_the_same(text: str) -> None:
    text += "\n"
    note = open_note(sign_note(text, SIGNER, OTHER).encode(), [KEY, OTHER.verifier], "x")
    assert note.text == text
    assert note_signers(note, [OTHER.verifier, KEY], "x") == (KEY, OTHER.verifier)


@pytest.mark.parametrize(("raw", "key"), [(PUBLISHED, PETER_KEY), (MINE, KEY)])
def test_any_flipped_byte_fails(raw: str, key: VerifierKey) -> None:
    for flipped in flips(raw.encode()):
        refused(flipped, key)


@pytest.mark.parametrize("raw", [PUBLISHED, MINE])
def test_any_part_fails(raw: str) -> None:
    for length in range(len(raw)):
        refused(raw[:length], PETER_KEY, KEY)
        refused(raw[length + 1 :], PETER_KEY, KEY)


def test_a_note_by_nobody_known_is_refused() -> None:
    error = refused(MINE, PETER_KEY)
    assert error.code == "note_signature"
    assert error.message == f"signed by {NAME}+{KEY.identifier.hex()}; needed {PETER}"
    with pytest.raises(SignatureError, match="no key was given"):
        open_note(MINE, [], "x")


def test_another_key_under_the_same_name_is_another_signer() -> None:
    refused(MINE, OTHER.verifier)
    both = sign_note("text\n", OTHER, SIGNER)
    assert note_signers(read_note(both, "x"), [KEY], "x") == (KEY,)


def test_a_false_signature_of_a_known_key_refuses_the_note_whatever_else_is_there() -> None:
    false = SIGNER.line("another text\n")
    error = refused(sign_note("text\n", OTHER, SIGNER) + false, OTHER.verifier, KEY)
    assert (error.code, error.message) == ("note_signature", f"the signature of {NAME} does not hold")


def test_sixteen_signatures_and_large_ones_of_others_are_no_obstacle() -> None:
    large = "— other.example/ml-dsa " + base64.b64encode(bytes(4 + 4900)).decode() + "\n"
    note = sign_note("text\n") + large * 20 + SIGNER.line("text\n")
    assert open_note(note, [KEY], "x").text == "text\n"
    assert "needed 1 to 100 lines" in malformed(sign_note("text\n") + SIGNER.line("text\n") * 101)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "no empty line"),
        (TEXT, "no empty line"),
        (f"{TEXT}\n", "needed 1 to 100 lines of signatures"),
        (MINE[:-1], "each ending in a newline"),
        (MINE + "Unexpected line.\n", "no signature line: 'Unexpected line.'"),
        (MINE.replace("— ", "- "), "no signature line"),
        (MINE.replace("— ", "—  "), "no signature line"),
        (MINE.replace(NAME, "bad name"), "no signature line"),
        (MINE.replace(NAME, "bad+name"), "no signature line"),
        (MINE.replace(NAME, "bad\u00a0name"), "no signature line"),
        (MINE.replace("=\n", "\n"), "no signature line"),
        (f"text\n\n— {NAME} AAAAAA==\n", "no signature line"),
        (MINE.replace("one", "o\tne"), "a control character"),
        (MINE.replace("one", "one\r"), "a control character"),
        (MINE.replace("one", "one\x00"), "a control character"),
        (b"\xff" + MINE.encode(), "not UTF-8"),
        ("\ud800" + MINE, "not UTF-8"),
        (b"x" * (MAX_NOTE_BYTES + 1), "larger than 1000000 bytes"),
    ],
)
def test_what_is_no_note_says_why(raw: bytes | str, said: str) -> None:
    assert said in malformed(raw)


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", "", "return\r\n"])
def test_what_can_be_no_note_is_not_signed(text: str) -> None:
    with pytest.raises(InputError) as caught:
        sign_note(text, SIGNER)
    assert caught.value.code == "note_text"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x00", "x" * 257, "\ud800"])
def test_what_can_be_no_name_signs_nothing(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(InputError) as caught:
        note_signer(name, PRIVATE)
    assert caught.value.code == "key_name"


def test_other_kinds_of_key_sign_no_notes() -> None:
    with pytest.raises(InputError) as caught:
        note_signer(NAME, generate(ECDSA_P256))
    assert (caught.value.code, "Ed25519 keys only" in caught.value.message) == ("key_type", True)
