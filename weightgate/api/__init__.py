"""The public functions: one question, one answer, the same as on the command line.

Each function takes paths or plain Python values, and raises an error of :mod:`weightgate.errors` for all that a caller
can cause. Nothing is printed, and no file is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, Unpack

from weightgate import asking
from weightgate.api.underived import underived
from weightgate.api.verifying import VerifyOptions, verify, verify_each
from weightgate.errors import SignatureError
from weightgate.facts.derived import with_derived
from weightgate.facts.encode import encode_fact
from weightgate.facts.merge import contradictions, merge
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Contradiction, Facts, Grade
from weightgate.given import (
    FactsLike,
    file_of,
    given_of,
    hold_packs,
    read_bytes,
    sealer_of,
    texts_of,
    trust_of,
)
from weightgate.inspect.inspection import Inspection
from weightgate.policy.source import DEFAULT_PACK, find_pack

if TYPE_CHECKING:
    from weightgate.attest.disclosure.sign import Disclosed
    from weightgate.attest.trust import Trust
    from weightgate.decide.decision import Decision
    from weightgate.given import KeyLike
    from weightgate.inspect.manifest import Progress
    from weightgate.operators.profile import Operator
    from weightgate.policy.pack import Pack
    from weightgate.signing.sealing import Sealer

__all__ = [
    "CheckOptions",
    "ModelReport",
    "VerifyOptions",
    "attest",
    "attest_batch",
    "attest_minimal",
    "check",
    "digest",
    "inspect",
    "load_policy",
    "read_decision",
    "statements",
    "verify",
    "verify_each",
    "why_not",
]

INSPECTION_SCHEMA = "weightgate/inspection/v1"

PathLike = str | os.PathLike[str]
"""A file or folder."""


class CheckOptions(TypedDict, total=False):
    """What :func:`check` takes beside model and destinations, for those who pass it on."""

    activity: str
    operator: PathLike | Mapping[str, Any] | Operator | None
    facts: FactsLike | Sequence[FactsLike] | None
    policy: asking.PackLike | Sequence[asking.PackLike]
    switches: Mapping[str, str] | None
    as_of: str | date | None
    known_at: str | date | None
    status: str
    require_grade: Mapping[str, Grade | str] | None
    digest: str | None
    trust: PathLike | Trust | None
    pack_signatures: Sequence[PathLike]
    insecure: Sequence[str]
    model_keys: asking.KeysLike
    endpoint: str | None
    token: str | bool | None
    progress: Progress | None


def check(  # noqa: PLR0913 - each is one of the command's options, and optional
    model: PathLike,
    to: str | Sequence[str],
    *,
    activity: str = "host",
    operator: PathLike | Mapping[str, Any] | Operator | None = None,
    facts: FactsLike | Sequence[FactsLike] | None = None,
    policy: asking.PackLike | Sequence[asking.PackLike] = DEFAULT_PACK,
    switches: Mapping[str, str] | None = None,
    as_of: str | date | None = None,
    known_at: str | date | None = None,
    status: str = "as-written",
    require_grade: Mapping[str, Grade | str] | None = None,
    digest: str | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
    insecure: Sequence[str] = (),
    model_keys: asking.KeysLike = (),
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> Decision:
    """Decide whether a model's weights may go somewhere.

    Args:
        model: A folder (``./…``, ``/…`` or a :class:`~pathlib.Path`), ``owner/name[@revision]`` on the Hub, ``sig:FILE``
            for an OMS signature that names it, or ``-`` when there is none at hand.
        to: Destinations: countries, or ``provider/region``.
        activity: ``host`` or ``fine_tune``.
        operator: Who runs the destinations: a file, what such a file holds, or an Operator.
        facts: What the asker declares: files, or mappings of fact names to values; or files of signed declarations.
        policy: Packs: names of shipped ones, paths, or packs that :func:`load_policy` read.
        switches: Readings to take where a pack's text leaves one open, by ``PACK.SWITCH``; defaults unless given.
        as_of: The day that the decision is about, UTC; today unless given.
        known_at: The law as known that day; today unless given.
        status: ``as-written``, or ``in-force`` to leave out packs that bound nobody that day.
        require_grade: Least grade that a fact's value must rest on to count.
        digest: ``sha256:…`` that the model must have; names the model when there is none at hand.
        trust: Whose declarations count as verified, for which facts, and what packs must be: a trust file.
        pack_signatures: Files of signatures of packs, beside those that lie with them as ``FILE.sig``.
        insecure: What was asked for that makes this no decision to rely on, in words.
        model_keys: Keys whose signature counts when the model is named as ``sig:FILE``; for nothing else.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Raises:
        InputError: A file, value or name is malformed or unknown.
        PolicyError: A pack does not load, or none applies.
        ModelError: The model's files are damaged, lying or unsafe to read.
        UnreachableError: The model cannot be read.
        SignatureError: The model has another digest than ``digest`` or a declaration (code ``binding``), a declaration's
            signature does not hold, the trust file is out of date (``trust``) or refuses a pack (``pack_rules``).
        NotAvailableYet: The activity is ``export_compute``.
    """
    from weightgate.decide import Question, decide

    now = datetime.now(UTC)
    question = asking.checked(
        Question(
            asking.activity_of(activity), asking.destinations_of(to), asking.packs_of(policy),
            asking.day_of(as_of, now), asking.operator_of(operator), status, asking.grades_of(require_grade),
            texts_of(insecure, "insecure"), asking.known_day_of(known_at), asking.switches_of(switches),
        )
    )  # fmt: skip
    trusted = trust_of(trust, now)
    hold_packs(question.packs, trusted, pack_signatures, now)
    given = given_of(facts, question.as_of).graded(question.as_of, trusted, now)
    wanted = asking.digest_of(digest)
    named = asking.reference_of(model)
    if named == "-" and not asking.keys_of(model_keys):
        inspection = Inspection("-", digest=wanted)
    else:
        base = asking.base_of(given.vouched)
        inspection = asking.inspected(
            named, model_keys, endpoint=endpoint, token=token, base=base, progress=progress
        )
        asking.bind(inspection, wanted)
    question, said = given.into(question, inspection)
    return decide(question, inspection, said, now=now)


class HubOptions(TypedDict, total=False):
    """How a model on the Hub is reached, and who is told how far it is."""

    endpoint: str | None
    token: str | bool | None
    progress: Progress | None


class ModelReport(NamedTuple):
    """What can be learned of a model.

    Attributes:
        inspection: The model as it was found.
        facts: What the findings establish, with their evidence.
        contradictions: Facts about which sources disagree.
    """

    inspection: Inspection
    facts: Facts
    contradictions: tuple[Contradiction, ...]

    def to_json(self) -> dict[str, Any]:
        """As ``inspect --output json`` prints it."""
        found = self.inspection
        return {
            "schema": INSPECTION_SCHEMA,
            "model": {
                "reference": found.reference,
                "revision": found.revision or None,
                "digest": found.digest or None,
            },
            "facts": {name: encode_fact(fact, FACTS[name].unit) for name, fact in sorted(self.facts.items())},
            "contradictions": [{"fact": c.fact, "sources": list(c.sources)} for c in self.contradictions],
            "not_established": list(found.not_established),
        }


def inspect(
    model: PathLike,
    *,
    model_keys: asking.KeysLike = (),
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> ModelReport:
    """Look at a model without deciding anything.

    Args:
        model: As for :func:`check`.
        model_keys: Keys whose signature counts when the model is named as ``sig:FILE``; for nothing else.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Raises:
        InputError: ``model`` is no reference.
        ModelError: A file is damaged, lying or unsafe to read.
        UnreachableError: The model cannot be read.
    """
    named = asking.reference_of(model)
    found = asking.inspected(named, model_keys, endpoint=endpoint, token=token, progress=progress)
    facts = with_derived(merge(found.statements))
    return ModelReport(found, facts, tuple(contradictions(facts)))


def digest(
    model: PathLike,
    *,
    model_keys: asking.KeysLike = (),
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Work out a model's manifest and root digest, and look at nothing else of it.

    Raises:
        InputError: ``model`` is no reference, or ``-``.
        ModelError: A file cannot be hashed, or the Hub reports no digest for a large one.
        UnreachableError: The model cannot be read.
    """
    return asking.manifest_of(asking.reference_of(model), endpoint, token, progress, model_keys)


def load_policy(name_or_path: PathLike) -> Pack:
    """Read and check a policy pack: a shipped one by its name, or a file.

    Raises:
        PolicyError: There is no such pack, or it does not load; with file, line and column.
    """
    from weightgate.policy.pack import Pack

    return Pack(asking.packs_of(name_or_path)[0])


def attest(  # noqa: PLR0913 - each is one of the command's options, and optional
    decision: Decision | Mapping[str, Any] | PathLike,
    key: KeyLike | Sequence[KeyLike] | Sealer,
    *,
    model: PathLike | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
    model_keys: asking.KeysLike = (),
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
    model_keys: asking.KeysLike = (),
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
    return seal(
        underived(decision, model, model_keys, trust=trust, pack_signatures=pack_signatures, **hub),
        sealer=sealer,
        now=datetime.now(UTC),
    )


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
        many = (asking.underived_of(decision, where) for where, decision in read)
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
    model_keys: asking.KeysLike = (),
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


def read_decision(file: PathLike) -> tuple[dict[str, Any], bool]:
    """Read the decision in a file, whether it is a decision or an attestation, whose signature is not checked.

    Returns:
        The decision as JSON, and whether it came out of an attestation.

    Raises:
        InputError: The file is neither.
        SignatureError: It is a malformed attestation.
    """
    from weightgate.attest.claims import decision_inside
    from weightgate.attest.make import read_decision as parse

    source = str(file_of(file, "file"))
    raw = read_bytes(source)
    inside = decision_inside(raw, source)
    return (parse(raw, source), False) if inside is None else (inside.decision, True)


def why_not(file: PathLike, verdict: str) -> dict[str, Any]:
    """Say what keeps a decision from a verdict, after deciding again from its own inputs.

    Args:
        file: A decision, or an attestation, whose signature is not checked.
        verdict: ``allow``, ``allow_with_conditions``, ``license_required`` or ``deny``.

    Returns:
        As :func:`weightgate.decide.why_not.why_not` gives it.

    Raises:
        UsageError: There is no such verdict (code ``unknown_verdict``).
        InputError: The file is neither, or its inputs cannot be read.
        PolicyError: A pack of the decision is not to be found.
        SignatureError: A pack is another version now, or the decision does not follow from its inputs.
    """
    from weightgate.attest.claims import decision_inside
    from weightgate.attest.make import find_packs
    from weightgate.attest.make import read_decision as parse
    from weightgate.decide.again import case_again
    from weightgate.decide.why_not import reading_of
    from weightgate.decide.why_not import why_not as explain

    asked = asking.verdict_of(verdict)
    source = str(file_of(file, "file"))
    raw = read_bytes(source)
    inside = decision_inside(raw, source)
    decision = parse(raw, source) if inside is None else inside.decision
    packs = tuple(find_packs(decision, find_pack, source)) if inside is None else inside.packs
    case = case_again(decision, packs, cap=Grade.VERIFIED)
    if [str(v) for v in case.settle().possible] != decision["possible"]:
        raise SignatureError(
            "the decision does not follow from its own inputs",
            where=source,
            hint="decide again with: weightgate check",
            code="decision_differs",
        )
    return explain(case, asked, reading_of(decision))
