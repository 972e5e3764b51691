"""Verifying from Python: one attestation, or a file of many."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from weightgate.asking.again import again_with, base_in
from weightgate.asking.evidence import signatures_of
from weightgate.asking.given import PathLike, file_of, texts_of
from weightgate.asking.model import KeysLike, found_of, reference_of
from weightgate.asking.question import PackLike, activity_of, destinations_of, operator_of, packs_of
from weightgate.files.bounded import opened_file, read_bytes

if TYPE_CHECKING:
    from weightgate.attest.disclosure.commitments import Opening
    from weightgate.attest.replay.deriving import DecideAgain
    from weightgate.attest.statements.asked import Asked
    from weightgate.attest.trust import Trust
    from weightgate.attest.verifying.from_files import Named
    from weightgate.attest.verifying.report import Report
    from weightgate.attest.verifying.stream import Result
    from weightgate.attest.verifying.terms import Terms
    from weightgate.inspect.manifest import Progress
    from weightgate.operators.profile import Operator


class VerifyOptions(TypedDict, total=False):
    """What :func:`verify` takes beside attestation and keys."""

    trust: Trust | PathLike | None
    model: PathLike | None
    model_keys: KeysLike
    to: str | Sequence[str]
    operator: PathLike | Mapping[str, Any] | Operator | None
    activity: str | None
    policy: PackLike | Sequence[PackLike]
    gate: bool
    archive: bool
    any_verdict: bool
    replay: bool | str
    opening: PathLike | Sequence[PathLike]
    max_age_days: float | None
    at: datetime | None
    revocations: str | Sequence[str]
    max_revocation_age_days: float | None
    timestamp_authority: PathLike | Sequence[PathLike]
    verifier_id: str | Sequence[str]
    pack_signatures: PathLike | Sequence[PathLike]
    log_key: str | Sequence[str]
    endpoint: str | None
    token: str | bool | None
    progress: Progress | None


def verify(attestation: bytes | PathLike, keys: KeysLike = (), **options: Unpack[VerifyOptions]) -> Report:
    """Verify an attestation against whom you believe, and against what is to be deployed.

    Args:
        attestation: The claims about one subject, or their file: an envelope, a Sigstore bundle, a member of a batch, a
            summary, or a decision with its summaries as JSON Lines.
        keys: The public keys to accept, each for everything, or their files.
        **options: ``trust``: who may say what, instead of keys: a trust file. ``model``: the model that it must be
            about; names and digests of all its files are compared. ``model_keys``: keys whose signature counts when the
            model is named as ``sig:FILE``. ``to``: destinations that it must cover. ``operator``, ``activity``: those that it must be about. ``policy``: packs that it must have been made
            under, byte for byte. ``gate``: whether model, destination, operator and activity must all be given and
            match, and no what-if passes. ``archive``: whether the question is if it was valid when it was made, instead
            of now. ``any_verdict``: whether the report's exit code is 0 for anything genuine, instead of the verdict's
            own. ``replay``: whether to derive the verdict again from what is inside; ``"model"`` inspects ``model`` again too.
            ``opening``: files with openings that the signer of a minimal attestation showed. ``max_age_days``: the oldest that
            it may be; 30, or what the trust file says, unless given. ``at``: the verifier's clock, with its offset; now
            unless given. ``revocations``: revocation lists: files, or URLs, which are fetched.
            ``max_revocation_age_days``: the oldest that a list may be. ``timestamp_authority``: certificates of whom to
            believe about time. ``verifier_id``: for which verifiers the keys may speak, in summaries. ``log_key``:
            keys of logs, one of which must have it. ``pack_signatures``: files of signatures of packs, beside those
            inside. ``endpoint``, ``token``, ``progress``: as for :func:`inspect`.

    Returns:
        A report of what is established and what is not; ``genuine`` says whether everything asked for holds.

    Raises:
        InputError: The file is no attestation at all, or a key, name or file cannot be read.
        UsageError: Neither keys nor a trust file, or both; or what cannot be asked together.
        UnreachableError: The model cannot be read.
    """
    from weightgate.attest.verifying.verify import verify_one

    terms = _terms(keys, options)
    if isinstance(attestation, bytes):
        return verify_one(attestation, terms, "attestation")
    source = str(file_of(attestation, "attestation"))
    return verify_one(read_bytes(source), _with_proof(terms, source), source)


def verify_each(
    attestations: PathLike, keys: KeysLike = (), **options: Unpack[VerifyOptions]
) -> Iterator[Result]:
    """Verify a file of any size: each subject's claims in turn.

    Args:
        attestations: A file of JSON Lines; of one attestation, it gives one result.
        keys: As for :func:`verify`.
        **options: As for :func:`verify`.

    Raises:
        InputError: The file cannot be read, or a line is too long.
        UsageError: As for :func:`verify`.
        UnreachableError: The model cannot be read.
    """
    from weightgate.attest.verifying.stream import verify_stream

    path = file_of(attestations, "attestations")
    terms = _with_proof(_terms(keys, options), str(path))
    with opened_file(str(path)) as file:
        yield from verify_stream(file, terms, str(path))


def _with_proof(terms: Terms, source: str) -> Terms:
    """The terms, with the proof that lies beside a file of one attestation."""
    from weightgate.ledger import PROOF_SUFFIX

    proof = source + PROOF_SUFFIX
    return replace(terms, log_proof=read_bytes(proof)) if Path(proof).is_file() else terms


def _terms(keys: KeysLike, options: VerifyOptions) -> Terms:
    """What a verifier wants, with all that it names read; a model is hashed last."""
    from weightgate.attest.replay.deriving import replay_of
    from weightgate.attest.verifying.from_files import terms_of

    unknown = sorted(set(options) - set(VerifyOptions.__annotations__))
    if unknown:
        raise TypeError(f"verify() got an unexpected keyword argument {unknown[0]!r}")
    named, asked = _named(keys, options), _asked(options)
    replay = replay_of(options.get("replay", False), options.get("model"))
    again: DecideAgain | None = None
    if replay:
        from weightgate.decide.again import decide_again as again
    any_verdict = options.get("any_verdict", False)
    terms = terms_of(
        named, asked, at=options.get("at") or datetime.now(UTC), any_verdict=any_verdict, decide_again=again
    )
    terms = replace(terms, pack_signatures=signatures_of(options.get("pack_signatures", ())))
    return _with_model(terms, replay, options)


def _named(keys: KeysLike, options: VerifyOptions) -> Named:
    """Whom to believe, as it is named."""
    from weightgate.attest.verifying.from_files import Named
    from weightgate.signing.keys import PublicKey

    given = keys if isinstance(keys, Sequence) and not isinstance(keys, str | bytes) else [keys]
    trust, stampers = options.get("trust"), options.get("timestamp_authority", ())
    return Named(
        [key if isinstance(key, PublicKey) else file_of(key, "keys") for key in given],
        file_of(trust, "--trust") if isinstance(trust, str | os.PathLike) else trust,
        texts_of(options.get("revocations", ()), "--revocations"),
        options.get("max_revocation_age_days"),
        [
            file_of(one, "--timestamp-authority")
            for one in (stampers if isinstance(stampers, list | tuple) else [stampers])
        ],
        texts_of(options.get("verifier_id", ()), "--verifier-id"),
        texts_of(options.get("log_key", ()), "--log-key"),
    )


def _asked(options: VerifyOptions) -> Asked:
    """What the attestation must be about, but for the model."""
    from weightgate.attest.statements.asked import Asked

    operator, activity = options.get("operator"), options.get("activity")
    return Asked(
        destinations=destinations_of(options["to"]) if options.get("to") else (),
        operator=None if operator is None else operator_of(operator).digest,
        activity=None if activity is None else activity_of(activity),
        packs=packs_of(options.get("policy", ())),
        gate=options.get("gate", False),
        max_age_days=options.get("max_age_days"),
        archive=options.get("archive", False),
        openings=_openings(options.get("opening", ())),
    )


def _with_model(terms: Terms, replay: str, options: VerifyOptions) -> Terms:
    """The terms, with the model that it must be about, and the way to inspect it again when that is asked."""
    from weightgate.attest.replay.deriving import MODEL

    model = options.get("model")
    if model is None:
        return terms
    reference = reference_of(model)
    hub = options.get("endpoint"), options.get("token"), options.get("progress")
    if replay == MODEL:
        from weightgate.attest.replay.inspecting import ModelAgain

        terms = replace(terms, inspect_again=ModelAgain(reference, base_in, again_with, *hub))
    found = found_of(reference, *hub, options.get("model_keys", ()), terms.believed.trust)
    return replace(terms, asked=replace(terms.asked, model=found))


def _openings(files: PathLike | Sequence[PathLike]) -> tuple[Opening, ...]:
    if not files:
        return ()
    from weightgate.attest.disclosure.commitments import read_openings

    listed = [files] if isinstance(files, str | os.PathLike) else list(files)
    named = [str(file_of(file, "--opening")) for file in listed]
    return tuple(opening for name in named for opening in read_openings(read_bytes(name), name))
