"""MODEL as the command line takes it: a folder, a repository on the Hub, or none at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from weightgate.errors import InputError

MAX_REVISION = 255

# Characters that git forbids in a ref name (git-check-ref-format), and "@", which ends the repository's name.
_BAD_IN_REVISION = re.compile(r"[\x00-\x20\x7f~^:?*\[\\@%#]")
_HUB_URL = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/([^/?#]+/[^/?#]+)", re.ASCII)


class FolderReference(NamedTuple):
    """A folder on this machine.

    Attributes:
        text: As the user wrote it.
        path: The folder; whether it is there is found out when it is read.
    """

    text: str
    path: Path


class HubReference(NamedTuple):
    """A model repository on the Hub that ``HF_ENDPOINT`` names.

    Attributes:
        text: As the user wrote it.
        name: ``owner/name``, or the bare name of one of the Hub's oldest models.
        revision: Branch, tag or commit; empty for the repository's default branch.
    """

    text: str
    name: str
    revision: str = ""


class SignatureReference(NamedTuple):
    """A model that is named by its OMS signature; :mod:`weightgate.oms.reference` verifies it.

    Attributes:
        text: As the user wrote it.
        path: The signature file.
    """

    text: str
    path: Path


class NoModel(NamedTuple):
    """``-``: no model at hand; every fact about it is declared."""

    text: str = "-"


def is_proposal(revision: str) -> bool:
    """Whether a revision is a pull request's or another ref beside the branches and tags: not the owner's publication."""
    return re.fullmatch(r"refs/(?!heads/|tags/).*|pr/[0-9]+", revision, re.IGNORECASE | re.DOTALL) is not None


def proposal_reason(name: str, revision: str) -> str:
    """Why a look at such a revision shows nothing about the model."""
    return f"{revision} of {name} is no branch and no tag: anyone may open a pull request, its owner published nothing"


ModelReference = FolderReference | HubReference | NoModel


def parse_reference(text: str, *, cwd: Path | None = None) -> ModelReference | SignatureReference:
    """Read MODEL.

    Args:
        text: As the user wrote it.
        cwd: Folder in which a name may be ambiguous; the working directory unless given.

    Raises:
        InputError: Neither a folder, nor a repository, nor a signature, nor ``-``; or a name that may be both.
    """
    if text == "-":
        return NoModel()
    if text in (".", "..") or text.startswith(("/", "./", "../")):
        if "\0" in text:
            raise InputError("a path with a zero byte", where=repr(text), code="bad_reference")
        return FolderReference(text, Path(text))
    if text.startswith("sig:"):
        return _signature(text, text.removeprefix("sig:"))
    if text.startswith("hf:"):
        return _hub(text, text.removeprefix("hf:"))
    name = text.partition("@")[0]
    _refuse_ambiguous(text, name, cwd or Path.cwd())
    if "/" not in name:
        raise InputError(
            f"{text!r} is neither a folder nor a repository",
            hint=f"write ./{text} for a folder, owner/name for a model on the Hub, or hf:{text} for an old model "
            "without an owner",
            code="bad_reference",
        )
    return _hub(text, text)


def _signature(text: str, path: str) -> SignatureReference:
    if not path or "\0" in path:
        raise InputError(f"{text!r} names no signature", hint="write sig:FILE", code="bad_reference")
    return SignatureReference(text, Path(path))


def _refuse_ambiguous(text: str, name: str, cwd: Path) -> None:
    for candidate in dict.fromkeys((name, text)):
        if not candidate or "\0" in candidate:
            continue
        try:
            is_folder = (cwd / candidate).is_dir()
        except OSError:  # longer than a file name may be
            continue
        if is_folder:
            where_else = f", or hf:{text} for the model on the Hub" if "/" in name else ""
            raise InputError(
                f"{text!r} is ambiguous: a folder of that name lies here",
                where=str(cwd / candidate),
                hint=f"write ./{candidate} for the folder{where_else}",
                code="ambiguous_model",
            )


def _hub(text: str, rest: str) -> HubReference:
    name, at, revision = rest.partition("@")
    _check_name(text, name)
    if at:
        _check_revision(text, revision)
    return HubReference(text, name, revision)


def _check_name(text: str, name: str) -> None:
    from weightgate.inspect.hub.endpoint import check_environment

    check_environment()
    # The Hub's own rules, from its client, so that they are written once.
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    url = _HUB_URL.match(name)
    if url is not None:
        raise InputError(f"{text!r} is a URL", hint=f"write {url[1]}", code="bad_reference")
    try:
        validate_repo_id(name)
    except HFValidationError:
        raise InputError(
            f"{text!r} is no name of a model on the Hub",
            hint="write owner/name[@revision]: letters, digits, '-', '_' and '.', at most 96 each, not beginning or "
            "ending with '-' or '.', without '--' or '..', not ending in .git; a folder begins with ./ or /",
            code="bad_reference",
        ) from None


def _check_revision(text: str, revision: str) -> None:
    bad = _BAD_IN_REVISION.search(revision)
    parts = revision.split("/")
    if (
        not revision
        or len(revision) > MAX_REVISION
        or bad is not None
        or ".." in revision
        or any(part.startswith((".", "-")) or part.endswith((".", ".lock")) or not part for part in parts)
    ):
        found = f": {bad[0]!r} is not allowed" if bad else ""
        raise InputError(
            f"{text!r} names no revision after '@'{found}",
            hint="write a branch, a tag or a commit, such as main or refs/pr/1",
            code="bad_revision",
        )
