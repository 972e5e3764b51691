"""Names of a model's files: their normal form, and those that are no part of its identity."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.errors import ModelError

_IGNORED_TOP = frozenset({".git", ".gitignore", ".gitattributes", ".github"})


def is_ignored(name: str) -> bool:
    """Whether a file is no part of a model's identity.

    These are the defaults of model signing, at the top level only, and the Hub client's own notes on a download
    (``.cache/huggingface``), which differ between two downloads of one revision.
    """
    top, _, rest = name.partition("/")
    return top in _IGNORED_TOP or (top == ".cache" and (rest + "/").startswith("huggingface/"))


def normal_name(name: str) -> str:
    """A manifest's name in its normal form: ``./`` and doubled slashes collapsed.

    Raises:
        ModelError: Absolute, empty, ending in a slash, leading out of the model, or not valid Unicode.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or name.startswith("/") or name.endswith(("/", "/.")) or ".." in parts or "\0" in name:
        raise ModelError(f"{name!r} is no name of a file inside a model", code="bad_name")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise ModelError(f"the file name {name!r} is not valid UTF-8", code="bad_name") from None
    return "/".join(parts)


def parents_of(name: str) -> Iterator[str]:
    """The folders around a file, the nearest first."""
    end = name.rfind("/")
    while end > 0:
        yield name[:end]
        end = name.rfind("/", 0, end)
