"""Openness: observed by an anonymous client at this very commit, and never claimed.

*open*: an anonymous client can download this revision now, and the licence published with it grants redistribution.
*restricted*: gated, or redistribution or use is limited. *closed*: it cannot be had. Everything else is unknown, with
the reason: a field that a mirror left out, an answer that contradicts itself, a Hub that could not be asked.
(DESIGN.md, "Openness"; the Hub's fields and refusals as huggingface_hub 2.4.0 knows them.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType

from weightgate.errors import ModelError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Unknown, Value, one_of
from weightgate.inspect.hub.client import PUBLIC_HUB, HubClient, Revision
from weightgate.inspect.hub.errors import DISABLED, GATED, REFUSALS, HubError
from weightgate.inspect.hub.http import HubSession
from weightgate.inspect.hub.source import HubSource
from weightgate.inspect.licenses.finding import LicenseFinding
from weightgate.inspect.licenses.table import Grants
from weightgate.inspect.source import ModelSource
from weightgate.records import record

PROBE = 1024
"""Bytes of a weights file that the anonymous client downloads: its first ones."""

_WEIGHTS = (
    *(
        ".safetensors",
        ".gguf",
        ".bin",
        ".pt",
        ".pth",
        ".ckpt",
        ".onnx",
        ".onnx_data",
        ".h5",
        ".keras",
        ".msgpack",
    ),
    *(".tflite", ".pb", ".npz", ".ot", ".nemo", ".mlmodel", ".ggml", ".llamafile"),
)
_NO_WEIGHTS = ("training_args.bin", "optimizer.bin", "optimizer.pt", "scheduler.pt", "scaler.pt")


class Access(Enum):
    """Who can have the files of a commit."""

    PUBLIC = "public"  # an anonymous client just had them
    GATED = "gated"  # anyone may ask for them
    REFUSED = "refused"  # said to be public, and not handed out
    CLOSED = "closed"  # not without being let in
    UNCERTAIN = "uncertain"  # the look settled nothing


@record
class Observation:
    """What was seen of one commit.

    Attributes:
        endpoint: Where it was asked.
        repo: ``owner/name``.
        ours: What the Hub says to the asker, with the asker's token if there is one.
        theirs: What it says to an anonymous client, or how it refuses.
        probe: The weights file that the anonymous client asked for; empty when the commit has none.
        download: How the download of its first bytes failed; ``None`` when it did not, or was not tried.
        at: When.
    """

    endpoint: str
    repo: str
    ours: Revision
    theirs: Revision | HubError
    probe: str
    download: HubError | ModelError | None
    at: datetime


@record
class Row:
    """One row of the decision table: the first whose condition holds decides."""

    access: Access
    reason: str
    holds: Callable[[Observation], bool]


def _refusal(codes: frozenset[str]) -> Callable[[Observation], bool]:
    return lambda o: isinstance(o.theirs, HubError) and o.theirs.code in codes


def _said(test: Callable[[Revision], bool]) -> Callable[[Observation], bool]:
    return lambda o: isinstance(o.theirs, Revision) and test(o.theirs)


def _private(o: Observation) -> bool:
    return isinstance(o.theirs, HubError) and o.theirs.code in REFUSALS and o.ours.private is True


def _contradicts(o: Observation) -> bool:
    """Whether the Hub says one thing to us and another to anonymous clients."""
    theirs = o.theirs
    if not isinstance(theirs, Revision):
        return False
    pairs = (
        (o.ours.private, theirs.private),
        (o.ours.gated, theirs.gated),
        (o.ours.disabled, theirs.disabled),
    )
    return any(a is not None and b is not None and a != b for a, b in pairs)


def _download(codes: frozenset[str]) -> Callable[[Observation], bool]:
    return lambda o: isinstance(o.download, HubError) and o.download.code in codes


TABLE = (
    Row(Access.CLOSED, "the repo is disabled", lambda o: o.ours.disabled is True),
    Row(Access.CLOSED, "the repo is disabled for anonymous clients", _refusal(frozenset({DISABLED}))),
    Row(Access.GATED, "the repo is gated", _refusal(frozenset({GATED}))),
    Row(Access.CLOSED, "the repo is private: the Hub hides it from anonymous clients", _private),
    Row(
        Access.UNCERTAIN,
        "the Hub hides the repo from anonymous clients and does not say that it is private",
        _refusal(REFUSALS),
    ),
    Row(Access.UNCERTAIN, "the anonymous look failed", lambda o: isinstance(o.theirs, HubError)),
    Row(
        Access.UNCERTAIN,
        "anonymous clients are shown another commit",
        lambda o: isinstance(o.theirs, Revision) and o.theirs.sha != o.ours.sha,
    ),
    Row(Access.UNCERTAIN, "the Hub says one thing to us and another to anonymous clients", _contradicts),
    Row(
        Access.UNCERTAIN,
        "the Hub says that the repo is private and shows it to anonymous clients",
        _said(lambda r: r.private is True),
    ),
    Row(
        Access.UNCERTAIN,
        "the Hub does not say whether the repo is private",
        _said(lambda r: r.private is None),
    ),
    Row(Access.CLOSED, "the repo is disabled", _said(lambda r: r.disabled is True)),
    Row(Access.GATED, "the repo is gated", _said(lambda r: r.gated is not None and r.gated is not False)),
    Row(Access.UNCERTAIN, "the Hub does not say whether the repo is gated", _said(lambda r: r.gated is None)),
    Row(Access.UNCERTAIN, "no file with weights lies at this commit", lambda o: not o.probe),
    Row(
        Access.REFUSED,
        "the Hub says that the repo is public and refuses its weights to anonymous clients",
        _download(REFUSALS),
    ),
    Row(Access.UNCERTAIN, "the anonymous download failed", lambda o: o.download is not None),
    Row(Access.PUBLIC, "an anonymous client downloaded the first bytes of the weights", lambda _: True),
)
"""Access, decided by the first row that holds. A field that is left out never counts as no."""

VALUES: Mapping[Access, Mapping[Grants, tuple[str, ...]]] = MappingProxyType(
    {
        Access.PUBLIC: {
            Grants.OPEN: ("open",),
            Grants.RESTRICTED: ("restricted",),
            Grants.UNKNOWN: ("open", "restricted"),
        },
        Access.GATED: dict.fromkeys(Grants, ("restricted",)),
        Access.REFUSED: dict.fromkeys(Grants, ("restricted", "closed")),
        Access.CLOSED: dict.fromkeys(Grants, ("closed",)),
        Access.UNCERTAIN: dict.fromkeys(Grants, ()),
    }
)
"""What openness may be, by access and by what the licence grants; nothing is unknown."""


def weight_files(source: ModelSource) -> tuple[str, ...]:
    """Files that hold weights, by their names alone: what an anonymous client must be able to have."""
    return tuple(
        name
        for name in source.entries
        if name.lower().endswith(_WEIGHTS) and name.rpartition("/")[2] not in _NO_WEIGHTS
    )


def observe(source: HubSource, weights: tuple[str, ...], *, at: datetime | None = None) -> Observation:
    """Look at a commit as an anonymous client: what the Hub says of it, and whether its weights can be had.

    Args:
        source: The commit, as the asker sees it.
        weights: Its weights files; the first bytes of the largest are downloaded.
        at: When; now unless given.
    """
    at = at or datetime.now(UTC)
    probe = max(weights, key=lambda name: (source.entries[name].size, name), default="")
    client = HubClient(HubSession(source.client.endpoint, token=False))
    theirs: Revision | HubError
    download: HubError | ModelError | None = None
    try:
        theirs = client.revision(source.repo, source.revision.sha)
    except HubError as error:
        theirs = error
    else:
        # A repo that says it is not for everyone needs no trial.
        if probe and theirs.private is False and theirs.gated is False:
            download = _try_download(client, source, probe)
    return Observation(client.endpoint, source.repo, source.revision, theirs, probe, download, at)


def _try_download(client: HubClient, source: HubSource, name: str) -> HubError | ModelError | None:
    size = source.entries[name].size
    length = min(PROBE, size)
    if length == 0:
        return ModelError("the weights file is empty", where=source.locate(name))
    try:
        theirs = client.read_range(source.locate(name), source.revision.sha, 0, length, size)
        if theirs != source.read(name, 0, length):
            return ModelError("anonymous clients are served other bytes", where=source.locate(name))
    except (HubError, ModelError) as error:
        return error
    return None


def access_of(observation: Observation) -> tuple[Access, str]:
    """Who can have the files, and why that is so."""
    row = next(row for row in TABLE if row.holds(observation))
    trouble = observation.theirs if isinstance(observation.theirs, HubError) else observation.download
    if trouble is None or row.access in (Access.CLOSED, Access.GATED):
        return row.access, row.reason
    return row.access, f"{row.reason} ({trouble})"


def openness_of(
    observation: Observation,
    licence: LicenseFinding,
    *,
    fact: str = "model.openness",
    grade: Grade = Grade.VERIFIED,
    by: str = "",
) -> Statement:
    """What an observation and the licence published at that commit establish.

    Args:
        observation: What was seen.
        licence: What the licence that lies at that commit grants.
        fact: ``model.openness`` or ``model.base_openness``.
        grade: Weaker than verified when it is only claimed or declared that this is the repo in question.
        by: Who claimed or declared that.
    """
    access, reason = access_of(observation)
    possible = VALUES[access][licence.grants]
    value: Value = one_of(possible) if possible else Unknown(reason)
    why = f"{reason}; licence: {licence.reason}" if access is Access.PUBLIC else reason
    return Statement(
        fact,
        value,
        grade,
        source=f"{observation.endpoint}/{observation.repo}",
        locator=observation.ours.sha,
        method=f"asked without a token at {observation.at:%Y-%m-%dT%H:%M:%SZ}: {why}",
        by=by,
        on=f"{observation.at:%Y-%m-%d}",
    )


def left_open(observation: Observation) -> tuple[str, ...]:
    """What openness rests on and nobody established, in sentences."""
    notes = [f"Whether the publisher of {observation.repo} had the right to license it."]
    if observation.endpoint != PUBLIC_HUB:
        notes.append(
            f"Openness is as seen at {observation.endpoint}, a mirror or self-hosted Hub: whether the public at large "
            "reaches it, and whether it shows what its own source shows, was not established."
        )
    access, reason = access_of(observation)
    if access in (Access.UNCERTAIN, Access.REFUSED):
        notes.append(f"Who can have {observation.repo}: {reason}.")
    return tuple(notes)


def unplaced(source: HubSource, revision: str) -> tuple[str, ...]:
    """What a bare commit leaves open: commits of pull requests, which anyone may open, are had in the same way."""
    if not re.fullmatch("[0-9a-f]{7,40}", revision):
        return ()
    try:
        head = source.client.revision(source.repo).sha
    except HubError:
        head = ""
    if head == source.revision.sha:
        return ()
    note = (
        f"Whether commit {revision} lies on a branch of {source.repo}: it is not the head of the default one"
    )
    return (f"{note}, and anyone may open a pull request.",)
