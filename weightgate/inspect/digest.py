"""A model's manifest and root digest, wherever it lies, and nothing else of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weightgate.errors import InputError
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.manifest import manifest_of_folder, root_digest
from weightgate.inspect.reference import FolderReference, HubReference, parse_reference

if TYPE_CHECKING:
    from weightgate.inspect.hashing import Progress


def manifest_of(
    reference: str, endpoint: str | None, token: str | bool | None, progress: Progress | None
) -> Inspection:
    """Work out a model's manifest.

    Args:
        reference: A folder, a file, or a repository on the Hub.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Raises:
        InputError: ``reference`` is no reference, or ``-``.
        ModelError: A file cannot be hashed, or the Hub reports no digest for a large one.
        UnreachableError: The model cannot be read.
    """
    named = parse_reference(reference)
    if not isinstance(named, FolderReference | HubReference):
        raise InputError(
            "there is no model at hand", hint="name a folder or a repository", code="bad_reference"
        )
    revision = ""
    if isinstance(named, FolderReference):
        from weightgate.inspect.folder import FolderSource

        manifest = manifest_of_folder(FolderSource(named.path, reference=named.text), progress=progress)
    else:
        from weightgate.inspect.hub.client import HubClient
        from weightgate.inspect.hub.http import HubSession
        from weightgate.inspect.hub.manifest import manifest_of_revision
        from weightgate.inspect.hub.source import open_on_hub

        client = HubClient(HubSession(endpoint, token))
        source = open_on_hub(client, named.name, named.revision, reference=named.text)
        manifest, revision = manifest_of_revision(source, progress=progress), source.revision.sha
    return Inspection(named.text, revision, root_digest(manifest), manifest)
