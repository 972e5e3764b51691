"""Signing decisions from Python."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from weightgate.api.inspecting import HubOptions
from weightgate.asking.again import underived, underived_of
from weightgate.asking.given import PathLike, file_of
from weightgate.asking.model import KeysLike
from weightgate.asking.sealer import sealer_of

if TYPE_CHECKING:
    from weightgate.asking.sealer import KeyLike
    from weightgate.attest.disclosure.sign import Disclosed
    from weightgate.attest.trust import Trust
    from weightgate.decide.decision import Decision
    from weightgate.inspect.manifest import Progress
    from weightgate.signing.sealing import Sealer


def attest(  # noqa: PLR0913 - each is one of the command's options, and optional
    decision: Decision | Mapping[str, Any] | PathLike,
    key: KeyLike | Sequence[KeyLike] | Sealer,
    *,
    model: PathLike | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
    model_keys: KeysLike = (),
    passphrase: bytes | None = None,
    bundle: bool = False,
    timestamp_url: str = "",
    verifier_id: str | None = None,
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> bytes:
    """Sign a decision, after deciding again from its own inputs.

    A :class:`~weightgate.decide.decision.Decision` of this process keeps its grades. One that was read from a file keeps
    none above declared, unless ``model`` is given: then the model is inspected again, and what is signed rests on
    what was found.

    Args:
        decision: From :func:`check`, its JSON, or the file that holds it.
        key: The key to sign with, its file, or a URI such as ``hsm:2``; or several, for one envelope; or a
            :class:`~weightgate.signing.sealing.Sealer`, which says the form too.
        model: The model that it is about.
        trust: With ``model``: the trust file that grades the declarations which the decision carries, and says what
            its packs must be.
        pack_signatures: As for :func:`check`.
        model_keys: Keys whose signature counts when the model is named as ``sig:FILE``; for nothing else.
        passphrase: Of the key files, or the PIN of a token.
        bundle: Whether to write Sigstore bundles v0.3, which hold one signature.
        timestamp_url: Address of an RFC 3161 authority that is to say when a bundle was signed; empty for none.
        verifier_id: Who decides, as a URI: with it the decision's summaries are signed too (SLSA VSA, in-toto SVR).
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Returns:
        DSSE envelopes or bundles, each one line of JSON: the decision's own first.

    Raises:
        InputError: The decision or a key cannot be read.
        UnreachableError: A token, a key service or the timestamp authority cannot be reached.
        SignatureError: The decision does not follow from its inputs, the model is not the one it is about, or the trust
            file is out of date or refuses a pack.
        UsageError: ``verifier_id`` is no URI, the keys cannot sign in that form, an extra is missing, or ``trust`` is
            given without ``model``.
    """
    from weightgate.attest.make import attest_many

    sealer = sealer_of(key, passphrase, bundle, timestamp_url)
    sealer.check()
    one = underived(decision, model, model_keys, endpoint, token, progress, trust, pack_signatures)
    return b"".join(attest_many([one], sealer=sealer, now=datetime.now(UTC), verifier_id=verifier_id))


def attest_minimal(  # noqa: PLR0913 - each is one of the command's options, and optional
    decision: Decision | Mapping[str, Any] | PathLike,
    key: KeyLike | Sequence[KeyLike] | Sealer,
    *,
    model: PathLike | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
    model_keys: KeysLike = (),
    passphrase: bytes | None = None,
    bundle: bool = False,
    timestamp_url: str = "",
    **hub: Unpack[HubOptions],
) -> Disclosed:
    """Sign a decision so that it discloses no more than its verdicts need; docs/disclosure.md says what that is.

    Arguments and errors are those of :func:`attest`; ``hub`` takes ``endpoint``, ``token`` and ``progress``.

    Returns:
        ``attestation``, one line of JSON, and ``openings``, JSON Lines to keep secret, each of which shows one withheld
        value.

    Raises:
        InputError: The inputs cannot be said without their sources (code ``not_withheld``).
    """
    from weightgate.attest.disclosure.sign import attest_minimal as seal

    sealer = sealer_of(key, passphrase, bundle, timestamp_url)
    sealer.check()
    again = underived(decision, model, model_keys, trust=trust, pack_signatures=pack_signatures, **hub)
    return seal(again, sealer=sealer, now=datetime.now(UTC))


def attest_batch(
    decisions: Iterable[Decision | Mapping[str, Any]] | PathLike,
    key: KeyLike | Sequence[KeyLike] | Sealer,
    *,
    passphrase: bytes | None = None,
    verifier_id: str | None = None,
) -> bytes:
    """Sign many decisions with one signature, after deciding each again; arguments and errors as for :func:`attest`.

    Args:
        decisions: The decisions, or a file of them, one a line.
        key: The key to sign with, its file or a URI; or several, which all sign the one root.
        passphrase: Of the key files, or the PIN of a token.
        verifier_id: Who decides, as a URI.

    Returns:
        A member of the batch for each statement, in order: a line of JSON that verifies alone.
    """
    from weightgate.attest.make import attest_many
    from weightgate.impact import read_decisions

    sealer = sealer_of(key, passphrase)
    if isinstance(decisions, str | os.PathLike):
        read = read_decisions(file_of(decisions, "decisions"))
        many = (underived_of(decision, where) for where, decision in read)
    else:
        many = (underived(decision) for decision in decisions)
    now = datetime.now(UTC)
    return b"".join(attest_many(many, sealer=sealer, now=now, verifier_id=verifier_id, batch=True))


def statements(  # noqa: PLR0913 - each is one of the command's options, and optional
    decision: Decision | Mapping[str, Any] | PathLike,
    *,
    model: PathLike | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
    model_keys: KeysLike = (),
    verifier_id: str | None = None,
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """What :func:`attest` would sign, for another program to sign; arguments and errors as there.

    Returns:
        In-toto statements as JSON, the decision's own first.
    """
    from weightgate.attest.make import statements as compose

    one = underived(decision, model, model_keys, endpoint, token, progress, trust, pack_signatures)
    return compose(one, now=datetime.now(UTC), verifier_id=verifier_id)
