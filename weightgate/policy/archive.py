"""A pack with its cases in one file: a tar archive of which there is exactly one for the same pack.

POSIX ustar (IEEE 1003.1), uncompressed, because compressors differ between machines and years. Names are sorted, and
mode, owner and time are always the same. Reading writes the archive anew from what was read and demands the same bytes:
so there is no link, no path that leads out, no name twice, nothing between the files, and nothing that two readers could
read differently. Without compression no archive grows when it is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

from weightgate.errors import PolicyError

SUFFIX = ".wgpack"

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "weightgate/pack-bundle/v1"
PACK_FILE = "pack.yaml"

MAX_ARCHIVE_BYTES = 16 * 1024 * 1024
MAX_FILES = 500

_NAME = re.compile(r"(pack\.yaml|README\.md|tests/[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.yaml)\Z")
_BLOCK = 512
_END = bytes(2 * _BLOCK)


def fits(name: str) -> bool:
    """Whether a file of this name, relative to the pack's folder, belongs into an archive."""
    return _NAME.match(name) is not None


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The one archive of these files.

    Args:
        files: Content by name, relative to the pack's folder; ``pack.yaml`` is among them.

    Raises:
        PolicyError: A name that does not belong into an archive, no ``pack.yaml``, or more than fits (code ``bundle``).
    """
    other = sorted(name for name in files if not fits(name))
    if other:
        raise _refused(f"{other[0][:80]!r} does not belong into a bundle")
    if PACK_FILE not in files:
        raise _refused(f"there is no {PACK_FILE}")
    if len(files) > MAX_FILES:
        raise _refused(f"{len(files)} files; at most {MAX_FILES}")
    whole = [(MANIFEST, _manifest(files)), *sorted(files.items())]
    archive = b"".join(_entry(name, content) for name, content in whole) + _END
    if len(archive) > MAX_ARCHIVE_BYTES:
        raise _refused(f"{len(archive)} bytes; at most {MAX_ARCHIVE_BYTES}")
    return archive


def read_archive(raw: bytes, source: str) -> dict[str, bytes]:
    """The files in an archive, without its manifest, which says nothing that they do not.

    Args:
        raw: The archive.
        source: Its file, for messages.

    Raises:
        PolicyError: It is not the one archive of what is in it (code ``bundle``).
    """
    if len(raw) > MAX_ARCHIVE_BYTES:
        raise _refused(f"larger than {MAX_ARCHIVE_BYTES} bytes", source)
    files = dict(_entries(raw, source))
    files.pop(MANIFEST, None)
    try:
        same = write_archive(files) == raw
    except PolicyError as error:
        raise _refused(error.message, source) from None
    if not same:
        raise _refused("it is not as weightgate policy bundle writes it", source)
    return files


def _manifest(files: Mapping[str, bytes]) -> bytes:
    listed = [
        {
            "digest": "sha256:" + hashlib.sha256(content).hexdigest(),
            "name": name,
            "size": len(content),
        }
        for name, content in sorted(files.items())
    ]
    document = {"files": listed, "schema": MANIFEST_SCHEMA}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"


def _entry(name: str, content: bytes) -> bytes:
    return _header(name, len(content)) + content + bytes(-len(content) % _BLOCK)


def _header(name: str, size: int) -> bytes:
    """A ustar header: regular file, mode 0644, owner 0, time 0."""
    fields = (
        (name.encode(), 100),
        (b"0000644", 8),
        (b"0000000", 8),
        (b"0000000", 8),
        (b"%011o" % size, 12),
        (b"%011o" % 0, 12),
        (b" " * 8, 8),  # the checksum, which counts as blanks while it is worked out
        (b"0", 1),
        (b"", 100),
        (b"ustar", 6),
        (b"00", 2),
        (b"", 32),
        (b"", 32),
        (b"0000000", 8),
        (b"0000000", 8),
        (b"", 155),
    )
    plain = b"".join(text.ljust(length, b"\0") for text, length in fields).ljust(_BLOCK, b"\0")
    return plain[:148] + b"%06o\0 " % sum(plain) + plain[156:]


def _entries(raw: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    """Each file as its header has it; all that is strange is found out afterwards, by writing it anew."""
    at = 0
    for _ in range(MAX_FILES + 1):
        header = raw[at : at + _BLOCK]
        if not any(header):
            return
        try:
            name = header[:100].rstrip(b"\0").decode("ascii")
            size = int(header[124:135].decode("ascii"), 8)
        except ValueError:
            raise _refused(f"no tar header at offset {at}", source) from None
        if size < 0 or at + _BLOCK + size > len(raw):
            raise _refused(f"{name[:80]!r} is cut off", source)
        yield name, raw[at + _BLOCK : at + _BLOCK + size]
        at += _BLOCK + size + -size % _BLOCK
    raise _refused(f"more than {MAX_FILES} files", source)


def _refused(problem: str, source: str = "") -> PolicyError:
    return PolicyError(
        f"no bundle of a pack: {problem}",
        where=source,
        hint="write one with: weightgate policy bundle PACK -o FILE.wgpack",
        code="bundle",
    )
