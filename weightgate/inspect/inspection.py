"""What looking at a model established."""

from __future__ import annotations

from weightgate.facts.statements import Statement
from weightgate.records import record


@record
class ManifestEntry:
    """One file of the manifest that identifies a model.

    Attributes:
        name: Path relative to the model's root, with ``/``.
        digest: Hex SHA-256 of the file's bytes.
        reported: Whether the digest is the host's word; otherwise it was computed here.
    """

    name: str
    digest: str
    reported: bool = False


@record
class Inspection:
    """A model as it was found.

    Attributes:
        reference: The model as the user wrote it; ``-`` when there is none at hand.
        revision: Commit on the Hub, 40 hex digits; empty for a folder.
        digest: ``sha256:…``, the OMS root digest; empty when it could not be had.
        manifest: The files behind the digest, in code-point order of their names.
        statements: All that was found to say about facts.
        not_established: What a reader might take for granted and was not established, in sentences.
    """

    reference: str
    revision: str = ""
    digest: str = ""
    manifest: tuple[ManifestEntry, ...] = ()
    statements: tuple[Statement, ...] = ()
    not_established: tuple[str, ...] = ()
