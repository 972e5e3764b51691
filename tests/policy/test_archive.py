"""A bundle is the one archive of a pack, and nothing else is one."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.samples import PLAIN
from weightgate.errors import Exit, InputError, PolicyError
from weightgate.policy.archive import MAX_ARCHIVE_BYTES, MAX_FILES, fits, read_archive, write_archive
from weightgate.policy.bundle import bundle
from weightgate.policy.cases import case_files
from weightgate.policy.source import find_pack, shipped_packs

CASE = "- {name: a, as_of: 2026-01-01, facts: {model.openness: open}, expect: allow}\n"
SMALL = {"pack.yaml": b"name: a\n", "tests/a.yaml": b"[]\n"}
NAMES = st.from_regex(r"tests/[A-Za-z0-9][A-Za-z0-9._-]{0,30}\.yaml", fullmatch=True) | st.just("README.md")
FILES = st.dictionaries(NAMES, st.binary(max_size=2000), max_size=6)


def pack(folder: Path, text: str = PLAIN) -> Path:
    """A pack with a case, a page and something that has no business in a bundle."""
    for name, content in {
        "pack.yaml": text,
        "tests/cases.yaml": CASE,
        "README.md": "# a\n",
        "notes.txt": "x",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def refusal(raw: bytes) -> str:
    with pytest.raises(PolicyError) as caught:
        read_archive(raw, "x.wgpack")
    assert (caught.value.exit, caught.value.code, caught.value.where) == (Exit.INPUT, "bundle", "x.wgpack")
    return caught.value.message


@given(FILES, st.binary(max_size=3000))
def test_what_is_written_is_read(files: dict[str, bytes], text: bytes) -> None:
    whole = files | {"pack.yaml": text}
    raw = write_archive(whole)
    assert read_archive(raw, "x") == whole
    assert write_archive(dict(reversed(whole.items()))) == raw


def test_tar_reads_it(tmp_path: Path) -> None:
    raw = write_archive(SMALL)
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        members = archive.getmembers()
        assert [m.name for m in members] == ["manifest.json", "pack.yaml", "tests/a.yaml"]
        assert {(m.mode, m.mtime, m.uid, m.gid, m.uname, m.type) for m in members} == {
            (0o644, 0, 0, 0, "", tarfile.REGTYPE)
        }
    (tmp_path / "a.wgpack").write_bytes(raw)
    subprocess.run(["tar", "-xf", "a.wgpack"], cwd=tmp_path, check=True)
    assert (tmp_path / "tests" / "a.yaml").read_bytes() == SMALL["tests/a.yaml"]


def test_no_flipped_byte_is_a_bundle() -> None:
    raw = write_archive(SMALL)
    for index in range(len(raw)):
        for mask in (0x01, 0x80):
            changed = bytearray(raw)
            changed[index] ^= mask
            assert refusal(bytes(changed))


@given(st.binary(max_size=1500))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    assert refusal(raw)


@given(cut=st.integers(0, len(write_archive(SMALL)) - 1))
def test_no_part_of_one_is_a_bundle(cut: int) -> None:
    assert refusal(write_archive(SMALL)[:cut])


def strange(**changes: object) -> bytes:
    """A tar of the sample whose second member was changed in one thing."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (("pack.yaml", b"name: a\n"), ("tests/a.yaml", b"[]\n")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if name != "pack.yaml":
                for key, value in changes.items():
                    setattr(member, key, value)
            archive.addfile(member, io.BytesIO(content if member.isreg() else b""))
    return out.getvalue()


STRANGE: dict[str, bytes] = {
    "without a manifest": strange(),
    "leads out": strange(name="../evil.yaml"),
    "absolute": strange(name="/etc/passwd"),
    "a link": strange(type=tarfile.SYMTYPE, linkname="/etc/passwd", size=0),
    "a hard link": strange(type=tarfile.LNKTYPE, linkname="pack.yaml", size=0),
    "a device": strange(type=tarfile.CHRTYPE, size=0),
    "a folder": strange(name="tests", type=tarfile.DIRTYPE, size=0),
    "twice": strange(name="pack.yaml"),
    "a time": strange(mtime=1),
    "a mode": strange(mode=0o755),
    "an owner": strange(uname="root"),
    "more behind": write_archive(SMALL) + b"x",
    "more zeros behind": write_archive(SMALL) + bytes(512),
    "two archives": write_archive(SMALL) * 2,
    "nothing": b"",
    "zeros": bytes(1024),
    "a zip": b"PK\x03\x04" + bytes(600),
    "gzip": b"\x1f\x8b\x08" + bytes(600),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_what_another_tool_wrote_is_no_bundle(name: str) -> None:
    assert refusal(STRANGE[name])


def test_a_file_that_says_it_is_huge_is_not_believed() -> None:
    raw = bytearray(write_archive(SMALL))
    raw[124:135] = b"77777777777"
    assert "cut off" in refusal(bytes(raw))


def test_bounds() -> None:
    many = {f"tests/a{i}.yaml": b"" for i in range(MAX_FILES)} | {"pack.yaml": b""}
    with pytest.raises(PolicyError, match="at most 500"):
        write_archive(many)
    header = write_archive({"pack.yaml": b""})[-1536:-1024]
    assert "more than" in refusal(header * (MAX_FILES + 5))
    assert "larger than" in refusal(bytes(MAX_ARCHIVE_BYTES + 1))
    with pytest.raises(PolicyError, match="at most"):
        write_archive({"pack.yaml": bytes(MAX_ARCHIVE_BYTES)})
    with pytest.raises(PolicyError, match=r"no pack\.yaml"):
        write_archive({})


@pytest.mark.parametrize(
    "name",
    ["", "pack.yml", "../pack.yaml", "/pack.yaml", "tests/../pack.yaml", "tests/a/b.yaml", "tests/.a.yaml",
     "tests/a b.yaml", "tests/é.yaml", "tests/a.yaml\n", "manifest.json", "tests/" + "a" * 90 + ".yaml"],
)  # fmt: skip
def test_names_that_do_not_belong(name: str) -> None:
    assert not fits(name)
    with pytest.raises(PolicyError, match="does not belong"):
        write_archive(SMALL | {name: b""})


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_has_a_bundle_that_is_the_pack(name: str, tmp_path: Path) -> None:
    source = find_pack(name)
    path = tmp_path / f"{name}.wgpack"
    path.write_bytes(bundle(source))
    found = find_pack(str(path))
    assert (found.text, found.digest, found.locator) == (source.text, source.digest, str(path))
    assert bundle(found) == path.read_bytes()
    tests = [file for file in read_archive(path.read_bytes(), "x") if file.startswith("tests/")]
    assert tests == sorted(f"tests/{file.name}" for file in case_files(source))


def test_the_same_pack_is_the_same_bytes_wherever_and_whenever_it_lies(tmp_path: Path) -> None:
    one, other = pack(tmp_path / "one"), pack(tmp_path / "other")
    for path in [other / "pack.yaml", other / "tests" / "cases.yaml"]:
        os.utime(path, (1, 1))
        path.chmod(stat.S_IRUSR)
    assert bundle(find_pack(f"{one}")) == bundle(find_pack(f"{other / 'pack.yaml'}"))
    (other / "tests" / "cases.yaml").chmod(0o600)
    (other / "tests" / "cases.yaml").write_text(CASE + CASE.replace("name: a", "name: b"))
    assert bundle(find_pack(f"{one}")) != bundle(find_pack(f"{other}"))


def test_links_and_odd_names_beside_a_pack_are_told(tmp_path: Path) -> None:
    folder = pack(tmp_path / "p")
    (folder / "tests" / "link.yaml").symlink_to(folder / "pack.yaml")
    with pytest.raises(PolicyError, match="a link does not go into a bundle"):
        bundle(find_pack(f"{folder}"))
    (folder / "tests" / "link.yaml").unlink()
    (folder / "tests" / "my cases.yaml").write_text(CASE)
    with pytest.raises(PolicyError, match="has no name for a bundle") as caught:
        bundle(find_pack(f"{folder}"))
    assert "my cases.yaml" in caught.value.where


def test_a_pack_that_is_one_file_has_its_cases_but_nobody_s_page(tmp_path: Path) -> None:
    folder = pack(tmp_path / "p")
    (folder / "pack.yaml").rename(folder / "mine.yaml")
    assert sorted(read_archive(bundle(find_pack(f"{folder / 'mine.yaml'}")), "x")) == [
        "pack.yaml",
        "tests/cases.yaml",
    ]


def test_cases_in_a_bundle_are_not_looked_for_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.wgpack"
    path.write_bytes(bundle(find_pack(f"{pack(tmp_path / 'p')}")))
    pack(tmp_path)  # somebody's cases, right beside the bundle
    with pytest.raises(InputError) as caught:
        case_files(find_pack(f"{path}"))
    assert (caught.value.code, "tar -xf" in caught.value.hint) == ("no_cases", True)


def test_a_signature_lies_beside_its_file(tmp_path: Path) -> None:
    folder = pack(tmp_path / "p")
    assert find_pack(f"{folder}").signatures == ()
    (folder / "pack.yaml.sig").write_bytes(b"signed")
    assert find_pack(f"{folder}").signatures == (b"signed",)
    assert find_pack(f"{folder}") == find_pack(f"{folder / 'pack.yaml'}")
    (folder / "pack.yaml.sig").write_bytes(bytes(1024 * 1024 + 1))
    with pytest.raises(PolicyError, match="larger than"):
        find_pack(f"{folder}")
    (folder / "pack.yaml.sig").unlink()
    os.mkfifo(folder / "pack.yaml.sig")
    with pytest.raises(PolicyError, match="not a regular file"):
        find_pack(f"{folder}")
