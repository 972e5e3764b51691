"""Zips that show one content to one reader and another to the next: refused, whatever the trick."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from tests.inspect.writers import malicious_pickle, state_dict_pickle
from weightgate.errors import Exit, ModelError
from weightgate.inspect.weights.torch_zip import TorchFile, read_torch
from weightgate.inspect.weights.zips import RangedFile, members_of, open_zip, read_member

ONE = np.arange(6, dtype=np.float32).reshape(2, 3)
PLAIN = {"archive/data.pkl": state_dict_pickle({"w": ONE}, {}), "archive/data/0": ONE.tobytes()}
EVIL = malicious_pickle()
END, LOCATOR, END64, CENTRAL, LOCAL = (
    b"PK\x05\x06",
    b"PK\x06\x07",
    b"PK\x06\x06",
    b"PK\x01\x02",
    b"PK\x03\x04",
)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


RAW = zipped(*PLAIN.items())


def read(raw: bytes) -> TorchFile:
    return read_torch(MemorySource({"m.bin": raw}), "m.bin")


def refused(raw: bytes, message: str, code: str = "torch") -> ModelError:
    with pytest.raises(ModelError, match=message) as caught:
        read(raw)
    assert (caught.value.code, caught.value.exit) == (code, Exit.INPUT)
    assert caught.value.where.startswith("./model/m.bin")
    assert caught.value.hint
    return caught.value


def patched(raw: bytes, at: int, form: str, value: int) -> bytes:
    size = struct.calcsize(form)
    return raw[:at] + struct.pack(form, value) + raw[at + size :]


def directory(raw: bytes) -> tuple[int, int, int]:
    """Members, bytes and offset of the directory, as the end says."""
    members, length, offset = struct.unpack_from("<HII", raw, len(raw) - 12)
    return members, length, offset


def as_zip64(raw: bytes, changes: Mapping[str, int] | None = None, *, ones: bool = True) -> bytes:
    """The same zip with an end of zip64, as PyTorch writes every one; ``changes`` falsify its fields."""
    members, length, offset = directory(raw)
    place = len(raw) - 22
    fields = {"rest": 44, "disk": 0, "first": 0, "here": members, "total": members}
    fields |= {"length": length, "offset": offset, "place": place, "disks": 1, **(changes or {})}
    end64 = END64 + struct.pack(
        "<QHHIIQQQQ",
        fields["rest"],
        45,
        45,
        fields["disk"],
        fields["first"],
        fields["here"],
        fields["total"],
        fields["length"],
        fields["offset"],
    )
    locator = LOCATOR + struct.pack("<IQI", 0, fields["place"], fields["disks"])
    end = raw[place:]
    if ones:
        end = END + struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return raw[:place] + end64 + locator + end


def test_the_zip_that_is_falsified_below_is_good() -> None:
    assert read(RAW).elements == 6


@pytest.mark.parametrize("ones", [True, False])
def test_a_zip64_is_read_like_any_other(*, ones: bool) -> None:
    assert read(as_zip64(RAW, ones=ones)).elements == 6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"place": 0}, "the end of the zip64 is said to be at 0, needed"),
        ({"rest": 45}, "in several parts, or with more in its end"),
        ({"disk": 1}, "in several parts"),
        ({"first": 1}, "in several parts"),
        ({"disks": 2}, "in several parts"),
        ({"here": 1}, "in several parts"),
        ({"length": 10}, "its directory of 10 bytes at [0-9]+ does not end at"),
        ({"offset": 0}, "at 0 does not end at"),
        ({"offset": 2**63}, "does not end at"),
        ({"length": 2**64 - 1}, "does not end at"),
    ],
)
def test_a_lying_end_of_zip64_is_refused(changes: dict[str, int], message: str) -> None:
    refused(as_zip64(RAW, changes), message)


@pytest.mark.parametrize(
    ("field", "changes"),
    [("length", {"length": 5}), ("offset", {"offset": 5}), ("total", {"here": 9, "total": 9})],
)
def test_two_ends_that_disagree_are_refused(field: str, changes: dict[str, int]) -> None:
    assert field in changes
    refused(as_zip64(RAW, changes, ones=False), "the zip's two ends disagree")


def test_a_locator_without_its_end_is_refused() -> None:
    raw = as_zip64(RAW)
    refused(raw.replace(END64, b"PK\x06\x05"), "the end of the zip64 is said to be at")


def test_a_second_directory_is_refused() -> None:
    # One reader takes the directory at the stated offset, another the one that ends where the end begins.
    _, length, offset = directory(RAW)
    evil = zipped(("archive/data.pkl", EVIL))
    other = evil[evil.index(CENTRAL) : -22]
    raw = RAW[: offset + length] + other + RAW[-22:]
    refused(raw, "does not end at")
    hidden = patched(patched(raw, len(raw) - 6, "<I", offset + length), len(raw) - 10, "<I", len(other))
    refused(
        patched(patched(hidden, len(raw) - 12, "<H", 1), len(raw) - 14, "<H", 1),
        "cannot be read|bytes before|unsafe",
    )


@pytest.mark.parametrize("comment", [b"c", END + bytes(18), RAW])
def test_a_comment_is_refused(comment: bytes) -> None:
    raw = patched(RAW, len(RAW) - 2, "<H", len(comment)) + comment
    if comment is RAW:
        # A zip in the comment: what is at the end is whole, but lies behind other bytes.
        refused(raw, "does not end at")
    else:
        refused(raw, "does not end where the file ends|in several parts|does not end at")


@pytest.mark.parametrize(("at", "value"), [(4, 1), (6, 1), (8, 1), (10, 7)])
def test_a_zip_in_several_parts_is_refused(at: int, value: int) -> None:
    refused(patched(RAW, len(RAW) - 22 + at, "<H", value), "a zip in several parts")


# ---- names


@pytest.mark.parametrize("name", ["archive/DATA.PKL", "archive/Data.pkl", "ARCHIVE/data.pkl"])
def test_names_that_differ_in_case_alone_are_refused(name: str) -> None:
    # The reader in PyTorch looks names up without regard to case.
    refused(zipped(*PLAIN.items(), (name, EVIL)), "differ in case alone")


@pytest.mark.parametrize("name", ["archive/x.PKL", "archive/sub/y.Pkl", "archive/data/z.pkl"])
def test_a_pickle_under_any_name_is_looked_at(name: str) -> None:
    error = refused(zipped(*PLAIN.items(), (name, EVIL)), r"posix\.system", "unsafe_pickle")
    assert error.where == f"./model/m.bin: {name}: offset 2"


def test_members_in_two_folders_are_refused() -> None:
    refused(zipped(("other/version", b"3"), *PLAIN.items()), "several folders .archive, other., needed one")
    refused(zipped(("version", b"3"), *PLAIN.items()), "several folders")


def test_a_name_that_ends_at_a_zero_byte_is_refused() -> None:
    raw = zipped(*PLAIN.items(), ("archive/data/9_x", b"1"))
    refused(raw.replace(b"archive/data/9_x", b"archive/data/9\0x"), "has a second name")


def test_a_second_name_in_the_extra_field_is_refused() -> None:
    info = zipfile.ZipInfo("archive/data/9")
    info.extra = struct.pack("<HHBI", 0x7075, 5 + 5, 1, 0) + b"other"
    refused(zipped(*PLAIN.items(), (info, b"1")), "has a second name")


def test_a_size_stated_twice_is_refused() -> None:
    info = zipfile.ZipInfo("archive/data/9")
    info.extra = struct.pack("<HHQ", 1, 8, 1) * 2
    refused(zipped(*PLAIN.items(), (info, b"1")), "states its size more than once|cannot be read")


def test_a_name_that_is_not_ascii_is_no_overlap() -> None:
    for name in ("modèle/data.pkl", "模型/data.pkl"):
        folder = name.partition("/")[0]
        assert (
            read(zipped((name, PLAIN["archive/data.pkl"]), (f"{folder}/data/0", ONE.tobytes()))).elements == 6
        )


# ---- members


def test_a_bomb_is_refused_before_it_is_read() -> None:
    raw = zipped(("archive/data.pkl", b"N." + bytes(10**7)), compression=zipfile.ZIP_DEFLATED)
    assert len(raw) < 20_000
    refused(raw, "is compressed, which torch.save never does")


@pytest.mark.parametrize("form", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_compression_is_refused(form: int) -> None:
    refused(zipped(*PLAIN.items(), compression=form), "is compressed")


FALSE_MEMBERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "encrypted": (lambda raw: patched(raw, raw.index(CENTRAL) + 8, "<H", 1), "is encrypted"),
    "strongly encrypted": (lambda raw: patched(raw, raw.index(CENTRAL) + 8, "<H", 0x41), "is encrypted"),
    "stored in fewer bytes": (lambda raw: patched(raw, raw.index(CENTRAL) + 20, "<I", 3), "is compressed"),
    "size": (
        lambda raw: patched(
            patched(raw, raw.rindex(CENTRAL) + 24, "<I", 9**8), raw.rindex(CENTRAL) + 20, "<I", 9**8
        ),
        "into the directory at",
    ),
    "offset beyond": (
        lambda raw: patched(raw, raw.rindex(CENTRAL) + 42, "<I", 2**31),
        "into the directory|overlaps",
    ),
    "one over another": (
        lambda raw: patched(raw, raw.rindex(CENTRAL) + 42, "<I", 40),
        "overlaps the one before",
    ),
    "checksum": (lambda raw: patched(raw, raw.index(CENTRAL) + 16, "<I", 5), "Bad CRC-32"),
    "other name at the member": (
        lambda raw: raw.replace(b"data.pkl", b"dada.pkl", 1),
        "cannot be read: File name",
    ),
    "no local header": (
        lambda raw: raw.replace(LOCAL, b"PK\x03\x05", 1),
        "no data|cannot be followed|pickle",
    ),
    "no central header": (lambda raw: raw.replace(CENTRAL, b"PK\x01\x03", 1), "cannot be read: Bad magic"),
}


@pytest.mark.parametrize(("change", "message"), FALSE_MEMBERS.values(), ids=FALSE_MEMBERS)
def test_a_false_member_is_refused(change: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        read(change(RAW))
    assert caught.value.exit is Exit.INPUT


def test_a_member_is_read_whole() -> None:
    source = MemorySource({"m.bin": RAW})
    archive = open_zip(source, "m.bin")
    members = members_of(archive, "m.bin")
    assert {info.filename: read_member(archive, info, "m.bin") for info in members} == PLAIN


def test_a_ranged_file_reads_no_more_than_a_directory_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    from weightgate.inspect.weights import zips

    monkeypatch.setattr(zips, "MAX_DIRECTORY", 10)
    with pytest.raises(ModelError, match="a zip directory of 11 bytes, at most 10 are read"):
        RangedFile(MemorySource({"m": bytes(50)}), "m").read(11)


EDGES = st.sampled_from([0, 1, 2, 22, 0xFFFE, 0xFFFF, 2**31, 2**32 - 1])


@settings(max_examples=300)
@given(
    changes=st.lists(st.tuples(st.integers(4, 45), EDGES), max_size=4),
    which=st.integers(0, 2),
    wide=st.booleans(),
)
def test_a_nearly_valid_zip_is_read_as_python_reads_it_or_refused(
    changes: list[tuple[int, int]], which: int, *, wide: bool
) -> None:
    raw = as_zip64(RAW) if wide else RAW
    starts = [raw.index(CENTRAL), raw.rindex(CENTRAL), len(raw) - (98 if wide else 22)]
    for at, value in changes:
        if starts[which] + at + 4 <= len(raw):
            raw = patched(raw, starts[which] + at, "<I", value)
    try:
        found = read(raw)
    except ModelError:
        return
    assert found.elements == 6
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {info.filename for info in archive.infolist()} == set(PLAIN)
