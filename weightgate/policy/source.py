"""Where a pack's bytes come from: shipped with weightgate, or a file of the user's."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import field
from functools import cached_property
from pathlib import Path

from weightgate.errors import PolicyError
from weightgate.facts.registry import nearest
from weightgate.files.shipped import shipped_folder
from weightgate.policy.archive import MAX_ARCHIVE_BYTES, PACK_FILE, SUFFIX, read_archive
from weightgate.records import record

DEFAULT_PACK = "us-ai-diffusion-draft"
TEMPLATE = "org-template"
"""The shipped pack that ``policy new`` copies; it is nobody's rule until it is."""
MAX_PACK_BYTES = 2 * 1024 * 1024
SIGNATURE_SUFFIX = ".sig"
MAX_SIGNATURE_BYTES = 1024 * 1024

# Folders of policies/ that hold packs, by authority; the others hold tables.
AUTHORITIES = ("us", "eu", "licences", "org")


@record
class PackSource:
    """A pack as bytes.

    Attributes:
        name: Name to show before the pack is read: the shipped name, or the path as given.
        locator: ``shipped:NAME`` or a path, by which the same bytes can be found again.
        text: The YAML document.
        signatures: Signed statements about these bytes, as they were found; nobody has looked at them yet.
    """

    name: str
    locator: str
    text: bytes
    signatures: tuple[bytes, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` of the bytes."""
        return "sha256:" + hashlib.sha256(self.text).hexdigest()


def shipped_packs() -> dict[str, Path]:
    """Path of each shipped pack by name, in order of names."""
    root = shipped_folder()
    found = [path for authority in AUTHORITIES for path in (root / authority).glob("*/pack.yaml")]
    return {p.parent.name: p for p in sorted(found, key=lambda p: p.parent.name)}


def find_pack(name: str) -> PackSource:
    """Read a pack by the name of a shipped one (also ``shipped:NAME``), or by path.

    A path has a slash in it or ends in ``.yaml`` or ``.wgpack``; a folder stands for the ``pack.yaml`` in it, and a
    ``.wgpack`` file for the one that was bundled. A signature lies beside the file, as ``FILE.sig``.

    Raises:
        PolicyError: There is no such pack, or its file cannot be read, is too large or is no bundle.
    """
    plain = name.removeprefix("shipped:")
    shipped = _shipped(plain)
    if shipped is not None:
        return _read(plain, f"shipped:{plain}", shipped)
    path = Path(name)
    if "/" in name or path.suffix in (".yaml", ".yml", SUFFIX):
        if _is_folder(path):
            path /= "pack.yaml"
        return _read(str(path), str(path), path)
    packs = shipped_packs()
    near = nearest(plain, tuple(packs))
    hint = f"did you mean {near[0]}?" if near else f"shipped: {', '.join(packs)}."
    if plain and _exists(path):
        hint = f"did you mean ./{name}?"
    raise PolicyError(
        f"no pack is called {name!r}", hint=f"{hint} A path needs a slash in it.", code="unknown_pack"
    )


def _shipped(name: str) -> Path | None:
    """Path of the shipped pack of a name, without a look at all the others."""
    if not name or os.sep in name or name in (os.curdir, os.pardir):
        return None
    paths = (shipped_folder() / authority / name / "pack.yaml" for authority in AUTHORITIES)
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113 (false for a name no file can have)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _read(name: str, locator: str, path: Path) -> PackSource:
    if locator == f"shipped:{name}":
        return PackSource(name, locator, _pack_text(read_regular(path), path))
    text = read_regular(path)
    if path.suffix == SUFFIX:
        text = read_archive(text, str(path))[PACK_FILE]
    return PackSource(name, locator, _pack_text(text, path), _signatures(path))


def _pack_text(text: bytes, path: Path) -> bytes:
    if len(text) > MAX_PACK_BYTES:
        raise PolicyError(
            f"larger than {MAX_PACK_BYTES} bytes", where=str(path), hint="split the pack", code="too_large"
        )
    return text


def _signatures(path: Path) -> tuple[bytes, ...]:
    beside = path.with_name(path.name + SIGNATURE_SUFFIX)
    if not os.path.lexists(beside):
        return ()
    signature = read_regular(beside)
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise PolicyError(f"larger than {MAX_SIGNATURE_BYTES} bytes", where=str(beside), code="too_large")
    return (signature,)


def read_regular(path: Path) -> bytes:
    """A file of a pack's, one byte more than an archive may have at most.

    Raises:
        PolicyError: It cannot be read, or is no regular file (code ``unreadable``).
    """
    try:
        return _regular_file(path, MAX_ARCHIVE_BYTES + 1)
    except (OSError, ValueError) as error:
        # A path from a decision file may hold what no path can, such as a null character.
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise PolicyError(f"cannot read: {why}", where=str(path), code="unreadable") from None


def _regular_file(path: Path, most: int) -> bytes:
    """At most ``most`` bytes of a file; a pipe or device, which a decision file may name, is not waited for.

    Raises:
        OSError: It cannot be opened, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read(most)
