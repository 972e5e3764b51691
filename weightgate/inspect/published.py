"""Openness of a folder: unknown, unless the whole of it is a revision that an anonymous client can download.

A snapshot in the Hugging Face cache says in its path which revision it is of. That is only a claim; it is believed when
every file of the revision, and no other, lies in the folder with the same digest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from weightgate.errors import ModelError, UnreachableError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Unknown
from weightgate.inspect.inspection import ManifestEntry

FACT = "model.openness"
FOLDER_OPENNESS = "a folder proves nothing about who else can have it"

# As huggingface_hub.file_download.repo_folder_name writes it.
_REPO = re.compile(r"models--(?P<name>.+)\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


class Published(NamedTuple):
    """What a folder's own revision on the Hub establishes.

    Attributes:
        statement: About ``model.openness``.
        not_established: What it rests on and nobody established, in sentences.
        revision: The commit that the folder holds whole; empty when that is not established.
    """

    statement: Statement
    not_established: tuple[str, ...] = ()
    revision: str = ""


def snapshot_of(folder: Path) -> tuple[str, str] | None:
    """Repo and commit that a snapshot folder of the Hugging Face cache is named after; ``None`` for other folders."""
    path = folder.absolute()
    repo = _REPO.match(path.parent.parent.name)
    if path.parent.name != "snapshots" or repo is None or not _COMMIT.match(path.name):
        return None
    return repo["name"].replace("--", "/", 1), path.name


def unproven(reference: str) -> Published:
    """A folder of which nothing says where else it lies."""
    return Published(Statement(FACT, Unknown(FOLDER_OPENNESS), Grade.VERIFIED, reference))


def look_up_snapshot(
    reference: str,
    repo: str,
    commit: str,
    manifest: Sequence[ManifestEntry],
    *,
    endpoint: str | None,
    token: str | bool | None,
) -> Published:
    """Compare a folder with the revision that it is named after, and look at that revision as an anonymous client.

    Args:
        reference: The folder, as the user wrote it.
        repo: ``owner/name`` on the Hub.
        commit: 40 hex digits.
        manifest: The folder's manifest, computed here.
        endpoint: Address of the Hub; the client's own unless given.
        token: The asker's token, as for the Hub's source.

    Returns:
        Unknown, with the reason, when the Hub cannot be asked or the folder differs; never an error.
    """
    from weightgate.inspect.documents.card import read_card
    from weightgate.inspect.hub.client import HubClient
    from weightgate.inspect.hub.http import HubSession
    from weightgate.inspect.hub.manifest import manifest_of_revision
    from weightgate.inspect.hub.source import open_on_hub
    from weightgate.inspect.licenses.finding import license_of
    from weightgate.inspect.licenses.text import read_license_texts
    from weightgate.inspect.manifest import compare
    from weightgate.inspect.openness import left_open, observe, openness_of, unplaced, weight_files

    named = f"{FOLDER_OPENNESS}; it is named after {repo}@{commit}"
    try:
        source = open_on_hub(HubClient(HubSession(endpoint, token)), repo, commit)
        found = compare(manifest_of_revision(source), manifest)
        if found:
            first = (*found.missing, *found.unexpected, *found.changed)[0]
            return _unknown(reference, f"{named}, which differs from it, such as in {first!r}")
        observation = observe(source, weight_files(source))
        licence = license_of(read_card(source), read_license_texts(source))
        statement = openness_of(observation, licence)
    except (UnreachableError, ModelError) as error:
        return _unknown(reference, f"{named}, which could not be compared: {error.message}")
    notes = (*left_open(observation), *licence.notes, *unplaced(source, commit))
    return Published(statement, notes, source.revision.sha)


def _unknown(reference: str, reason: str) -> Published:
    return Published(Statement(FACT, Unknown(reason), Grade.VERIFIED, reference))
