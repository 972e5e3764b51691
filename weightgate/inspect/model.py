"""From a model reference to everything that was found to say about it: the one entrance to this package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from weightgate.errors import InputError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Unknown
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.inspect.manifest import Progress, manifest_of_folder, root_digest
from weightgate.inspect.names import plain_name
from weightgate.inspect.origin import Base
from weightgate.inspect.published import look_up_snapshot, snapshot_of, unproven
from weightgate.inspect.reference import (
    FolderReference,
    HubReference,
    ModelReference,
    NoModel,
    SignatureReference,
    is_proposal,
    parse_reference,
    proposal_reason,
)

if TYPE_CHECKING:
    from weightgate.inspect.base_openness import BaseLook, NamedBase
    from weightgate.inspect.files import FilesReport
    from weightgate.inspect.hub.client import HubClient
    from weightgate.inspect.hub.source import HubSource

OWNER = "model.owner"


def inspect_model(
    reference: ModelReference | str,
    *,
    endpoint: str | None = None,
    token: str | bool | None = None,
    base: str | None = None,
    base_grade: Grade = Grade.DECLARED,
    progress: Progress | None = None,
    want_digest: bool = True,
) -> Inspection:
    """Look at a model: what its files say, where it lies, and who else can have it.

    A folder needs no network, unless ``base`` asks to look at a base on the Hub, or the folder is a snapshot in the
    Hugging Face cache, which is compared with the revision that it is named after.

    Args:
        reference: The model, or how the user wrote it.
        endpoint: Address of the Hub; the client's own (``HF_ENDPOINT``) unless given.
        token: The asker's token, ``False`` for none, or ``None`` for the client's own.
        base: The model that this one was made from, ``owner/name[@revision]``, named by the asker or a signer rather
            than by the model's files; its openness is looked at too.
        base_grade: How far the word of who named ``base`` carries.
        progress: Told bytes hashed and bytes in all.
        want_digest: Whether to work out manifest and root digest, for which every file of a folder is read.

    Raises:
        InputError: ``reference`` or ``base`` is no reference.
        ModelError: A file is damaged, lying or unsafe to read.
        UnreachableError: The model cannot be read; on the Hub, ``code`` says why
            (:mod:`weightgate.inspect.hub.errors`).
    """
    if isinstance(reference, str):
        reference = _unsigned(parse_reference(reference))
    declared = _declared_base(base, base_grade)
    if isinstance(reference, NoModel):
        return Inspection(reference.text)
    if isinstance(reference, FolderReference):
        found = _in_folder(reference, progress, endpoint, token, want_digest=want_digest)
        client = _client(endpoint, token) if declared else None
    else:
        client = _client(endpoint, token)
        found = _on_hub(client, reference, progress, want_digest=want_digest)
    looks = list(_base_looks(found.report, declared, client, on_hub=isinstance(reference, HubReference)))
    return Inspection(
        reference=reference.text,
        revision=found.revision,
        digest=root_digest(found.manifest) if found.manifest else "",
        manifest=found.manifest,
        statements=(*found.report.statements, *found.statements, *(look.statement for look in looks)),
        not_established=tuple(
            dict.fromkeys(
                (
                    *found.report.not_established,
                    *found.report.notes,
                    *found.not_established,
                    *(sentence for look in looks for sentence in look.not_established),
                )
            )
        ),
    )


def _unsigned(reference: ModelReference | SignatureReference) -> ModelReference:
    """The reference, unless it is a signature, of which nothing may be believed before it is verified."""
    if isinstance(reference, SignatureReference):
        raise InputError(
            "a signature, which has no files to inspect",
            where=reference.text,
            hint="name the model itself; where its digest is enough, name the signer's key with --model-key PUB",
            code="model_key",
        )
    return reference


class _Found(NamedTuple):
    """What the model's own place says, its base apart."""

    report: FilesReport
    statements: tuple[Statement, ...]
    not_established: tuple[str, ...]
    manifest: tuple[ManifestEntry, ...] = ()
    revision: str = ""


def _in_folder(
    reference: FolderReference,
    progress: Progress | None,
    endpoint: str | None,
    token: str | bool | None,
    *,
    want_digest: bool,
) -> _Found:
    from weightgate.inspect.files import statements_of
    from weightgate.inspect.folder import FolderSource

    source = FolderSource(reference.path, reference=reference.text)
    report = statements_of(source)
    manifest = manifest_of_folder(source, progress=progress) if want_digest else ()
    snapshot = snapshot_of(reference.path)
    published = unproven(reference.text)
    if snapshot is not None and manifest:
        published = look_up_snapshot(reference.text, *snapshot, manifest, endpoint=endpoint, token=token)
    notes = (*published.not_established, *_left_out(source.ignored))
    return _Found(report, (published.statement,), notes, manifest, published.revision)


def _on_hub(
    client: HubClient, reference: HubReference, progress: Progress | None, *, want_digest: bool
) -> _Found:
    from weightgate.inspect.files import statements_of
    from weightgate.inspect.hub.manifest import manifest_of_revision, without_digest
    from weightgate.inspect.hub.source import open_on_hub
    from weightgate.inspect.openness import left_open, observe, openness_of, unplaced, weight_files

    source = open_on_hub(client, reference.name, reference.revision, reference=reference.text)
    report = statements_of(source)
    notes = [*_left_out(source.ignored), *_moved(source)]
    statements: tuple[Statement, ...]
    if is_proposal(reference.revision):
        statements = (_not_published(source, reference),)
    else:
        observation = observe(source, weight_files(source))
        licence = report.license()
        notes = [*left_open(observation), *notes, *licence.notes, *unplaced(source, reference.revision)]
        statements = (openness_of(observation, licence), *_owner(source))
    manifest: tuple[ManifestEntry, ...] = ()
    undigested = without_digest(source)
    if want_digest and not undigested:
        manifest = manifest_of_revision(source, progress=progress)
        notes.extend(_reported(manifest, client.endpoint))
    elif want_digest:
        notes.append(
            f"The model's digest: {client.endpoint} reports no SHA-256 for {undigested[0]!r}, which is too large to "
            "fetch."
        )
    return _Found(report, statements, tuple(notes), manifest, source.revision.sha)


def _not_published(source: HubSource, reference: HubReference) -> Statement:
    """What a pull request shows of who can have the model: nothing."""
    reason = Unknown(proposal_reason(source.repo, reference.revision))
    where = f"{source.client.endpoint}/{source.repo}"
    return Statement("model.openness", reason, Grade.VERIFIED, where, source.revision.sha)


def _owner(source: HubSource) -> Iterator[Statement]:
    """The namespace that the repo lies in, which the Hub gives to one account or organisation alone."""
    seen = source.revision
    namespace = seen.repo.rpartition("/")[0]
    name = namespace or seen.author
    if not name:
        return
    where = f"{source.client.endpoint}/{source.repo}"
    disagree = seen.author and namespace and seen.author.lower() != namespace.lower()
    value = (
        Unknown(f"the Hub names {seen.author!r} as author of {seen.repo!r}")
        if disagree
        else Known(name.lower())
    )
    yield Statement(OWNER, value, Grade.VERIFIED, where, seen.sha, method="namespace on the Hub")


def _moved(source: HubSource) -> Iterator[str]:
    if source.revision.repo.lower() != source.repo.lower():
        yield (
            f"Whether {source.repo} is still the repo that was meant: the Hub answers for it with "
            f"{source.revision.repo!r}."
        )


def _left_out(ignored: tuple[str, ...]) -> Iterator[str]:
    if ignored:
        shown = ", ".join(ignored[:5]) + (f" and {len(ignored) - 5} more" if len(ignored) > 5 else "")
        yield f"What lies in {shown}: it is no part of the model's digest, and was not read."


def _reported(manifest: tuple[ManifestEntry, ...], endpoint: str) -> Iterator[str]:
    count = sum(entry.reported for entry in manifest)
    if count:
        yield (
            f"The digests of {count} large files: they are those that {endpoint} reports; nothing large was downloaded."
        )


def _client(endpoint: str | None, token: str | bool | None) -> HubClient:
    from weightgate.inspect.hub.client import HubClient
    from weightgate.inspect.hub.http import HubSession

    return HubClient(HubSession(endpoint, token))


def _declared_base(text: str | None, grade: Grade) -> NamedBase | None:
    if text is None:
        return None
    from weightgate.inspect.base_openness import NamedBase

    reference = parse_reference(plain_name(text))
    if not isinstance(reference, HubReference):
        hint = "write owner/name[@revision]; a base that lies elsewhere is described by --facts"
        raise InputError("a base is looked at on the Hub", where=repr(text), hint=hint, code="bad_reference")
    return NamedBase(Base(reference.name, reference.revision), grade, "the asker")


def _base_looks(
    report: FilesReport, declared: NamedBase | None, client: HubClient | None, *, on_hub: bool
) -> Iterator[BaseLook]:
    """A look at the base that the asker names, and at those that the files name, if they are others."""
    if declared is None and not report.bases:
        return
    from weightgate.inspect.base_openness import look_at_base

    now = datetime.now(UTC)
    others = _other_bases(report, declared)
    looks = [_look_at_claimed(named, client if on_hub else None, report, now) for named in others]
    if declared is not None and client is not None:
        yield _unless_unseen(look_at_base(client, declared, now), looks)
    yield from looks


def _other_bases(report: FilesReport, declared: NamedBase | None) -> list[NamedBase]:
    """The base that the files name; for several, the first, which stands for them all."""
    from weightgate.inspect.base_openness import NamedBase

    source = next((s.source for s in report.statements if s.fact == "model.base"), "the model's files")
    others = [
        base for base in report.bases if declared is None or base.name.lower() != declared.base.name.lower()
    ]
    return [NamedBase(base, Grade.CLAIMED, source) for base in others[:1]]


def _look_at_claimed(
    named: NamedBase, client: HubClient | None, report: FilesReport, now: datetime
) -> BaseLook:
    from weightgate.inspect.base_openness import look_at_base, unseen

    if len(report.bases) > 1:
        names = ", ".join(base.name for base in report.bases)
        return unseen(named, f"made from several: {names[:300]}")
    if client is None:
        reason = f"the base {named.base.name}, which a file names, was not looked at: a folder is judged without the Hub"
        return unseen(named, reason)
    return look_at_base(client, named, now)


def _unless_unseen(look: BaseLook, claimed: list[BaseLook]) -> BaseLook:
    """What the asker's base shows, unless the files name another of which nothing was seen: it may be the true one."""
    statement = look.statement
    unknown = [other.statement.value for other in claimed if isinstance(other.statement.value, Unknown)]
    if not unknown or statement.grade is not Grade.DECLARED:
        return look
    reason = f"the files name another base than {statement.by or statement.source}: {unknown[0].reason}"
    return replace(look, statement=replace(statement, value=Unknown(reason)))
