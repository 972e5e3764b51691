"""The public functions: one question, one answer, the same as on the command line.

Each function takes paths or plain Python values, and raises an error of :mod:`weightgate.errors` for all that a caller
can cause. Nothing is printed, and no file is written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from weightgate import asking
from weightgate.decide import Question, decide
from weightgate.decide.decision import Decision
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
    read_bytes,
    signatures_of,
    signed_of,
    texts_of,
    trust_of,
)
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.model import inspect_model
from weightgate.policy.source import DEFAULT_PACK, find_pack

if TYPE_CHECKING:
    from weightgate.attest.replay import DecideAgain
    from weightgate.attest.trust import Trust
    from weightgate.attest.verify import Report
    from weightgate.inspect.manifest import Progress
    from weightgate.operators.profile import Operator
    from weightgate.policy.pack import Pack
    from weightgate.signing.keys import PrivateKey, PublicKey

__all__ = [
    "CheckOptions",
    "ModelReport",
    "attest",
    "check",
    "digest",
    "inspect",
    "load_policy",
    "read_decision",
    "verify",
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
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> Decision:
    """Decide whether a model's weights may go somewhere.

    Args:
        model: A folder (``./…``, ``/…`` or a :class:`~pathlib.Path`), ``owner/name[@revision]`` on the Hub, or ``-``
            when there is none at hand.
        to: Destinations: countries, or ``provider/region``.
        activity: ``host`` or ``fine_tune``.
        operator: Who runs the destinations: a file, what such a file holds, or an Operator.
        facts: What the asker declares: files, or mappings of fact names to values; or what others declare: files of
            signed declarations, which count as claims, or as verified where ``trust`` names the key for the fact.
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
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Raises:
        InputError: A file, value or name is malformed or unknown.
        PolicyError: A pack does not load, or none applies.
        ModelError: The model's files are damaged, lying or unsafe to read.
        UnreachableError: The model cannot be read.
        SignatureError: The model has another digest than ``digest`` or than a declaration (code ``binding``), or a
            declaration is malformed or its signature does not hold, or the trust file does not hold today (``trust``),
            or does not let a pack decide (``pack_rules``).
        NotAvailableYet: The activity is ``export_compute``.
    """
    now = datetime.now(UTC)
    question = asking.checked(
        Question(
            asking.activity_of(activity), asking.destinations_of(to), asking.packs_of(policy),
            asking.day_of(as_of, now), asking.operator_of(operator), status, asking.grades_of(require_grade),
            texts_of(insecure, "insecure"), asking.known_day_of(known_at), asking.switches_of(switches),
        )
    )  # fmt: skip
    given, trusted = given_of(facts, question.as_of), trust_of(trust, now)
    if trusted is not None:
        from weightgate.attest.signed_packs import demand

        demand(question.packs, trusted, now=now, more=signatures_of(pack_signatures))
    signed = signed_of(given, question.as_of, trusted, now)
    wanted = asking.digest_of(digest)
    named = asking.reference_of(model)
    if named == "-":
        inspection = Inspection("-", digest=wanted)
    else:
        vouched = () if signed is None else signed.verified
        base = asking.base_of((*given.declared, *vouched))
        inspection = inspect_model(named, endpoint=endpoint, token=token, base=base, progress=progress)
        asking.bind(inspection, wanted)
    said = given.declared
    if signed is not None:
        signed.hold_to(inspection)
        question, said = signed.into(question), (*said, *signed.statements)
    return decide(question, inspection, said, now=now)


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
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> ModelReport:
    """Look at a model without deciding anything.

    Args:
        model: As for :func:`check`.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Raises:
        InputError: ``model`` is no reference.
        ModelError: A file is damaged, lying or unsafe to read.
        UnreachableError: The model cannot be read.
    """
    found = inspect_model(asking.reference_of(model), endpoint=endpoint, token=token, progress=progress)
    facts = with_derived(merge(found.statements))
    return ModelReport(found, facts, tuple(contradictions(facts)))


def digest(
    model: PathLike,
    *,
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
    return asking.manifest_of(asking.reference_of(model), endpoint, token, progress)


def load_policy(name_or_path: PathLike) -> Pack:
    """Read and check a policy pack: a shipped one by its name, or a file.

    Raises:
        PolicyError: There is no such pack, or it does not load; with file, line and column.
    """
    from weightgate.policy.pack import Pack

    return Pack(asking.packs_of(name_or_path)[0])


def attest(
    decision: Decision | Mapping[str, Any] | PathLike,
    key: PrivateKey | PathLike,
    *,
    model: PathLike | None = None,
    trust: PathLike | Trust | None = None,
    passphrase: bytes | None = None,
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
        key: The key to sign with, or its file.
        model: The model that it is about.
        trust: With ``model``: the trust file that grades the declarations which the decision carries.
        passphrase: Of the key's file.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Returns:
        A DSSE envelope, as one line of JSON.

    Raises:
        InputError: The decision or the key cannot be read.
        SignatureError: The decision does not follow from its inputs, or the model is not the one it is about.
    """
    from weightgate.attest.make import attest as seal
    from weightgate.attest.make import check_decision, read_decision
    from weightgate.attest.signed_facts import signed_again
    from weightgate.decide.again import decide_again
    from weightgate.signing.keys import PrivateKey, load_private

    source, now = "decision", datetime.now(UTC)
    if isinstance(decision, Decision):
        data = decision.to_json()
    elif isinstance(decision, Mapping):
        data = check_decision(dict(decision), source)
    else:
        source = str(file_of(decision, "decision"))
        data = read_decision(read_bytes(source), source)
    signer = key if isinstance(key, PrivateKey) else load_private(file_of(key, "key"), passphrase)
    again: DecideAgain = decide_again
    cap = Grade.VERIFIED if isinstance(decision, Decision) else Grade.DECLARED
    if model is not None:
        signed = signed_again(data, trust_of(trust, now), now=now)
        base = asking.base_in(data, signed.verified)
        named = asking.reference_of(model)
        found = inspect_model(named, endpoint=endpoint, token=token, base=base, progress=progress)
        again, cap = asking.again_with(found, data, source, signed), Grade.VERIFIED
    return seal(
        data,
        signer=signer,
        find_pack=find_pack,
        decide_again=again,
        cap=cap,
        now=now,
        source=source,
    )


def read_decision(file: PathLike) -> tuple[dict[str, Any], bool]:
    """Read the decision in a file, whether it is a decision or an attestation, whose signature is not checked.

    Returns:
        The decision as JSON, and whether it came out of an attestation.

    Raises:
        InputError: The file is neither.
        SignatureError: It is a malformed attestation.
    """
    from weightgate.attest.make import read_decision as parse
    from weightgate.attest.statement import read_predicate
    from weightgate.files.json import parse_json
    from weightgate.signing.envelope import read_envelope
    from weightgate.signing.statement import parse_statement

    source = str(file_of(file, "file"))
    raw = read_bytes(source)
    data = parse_json(raw, source)
    if isinstance(data, dict) and "payload" in data:
        statement = parse_statement(read_envelope(raw, source).payload, source)
        return read_predicate(statement).decision, True
    return parse(raw, source), False


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
    from weightgate.attest.make import find_packs
    from weightgate.attest.statement import read_predicate
    from weightgate.decide.again import case_again
    from weightgate.decide.why_not import reading_of
    from weightgate.decide.why_not import why_not as explain
    from weightgate.signing.envelope import read_envelope
    from weightgate.signing.statement import parse_statement

    asked = asking.verdict_of(verdict)
    source = str(file_of(file, "file"))
    decision, attested = read_decision(file)
    if attested:
        packs = read_predicate(
            parse_statement(read_envelope(read_bytes(source), source).payload, source)
        ).packs
    else:
        packs = tuple(find_packs(decision, find_pack, source))
    case = case_again(decision, packs, cap=Grade.VERIFIED)
    if [str(v) for v in case.settle().possible] != decision["possible"]:
        raise SignatureError(
            "the decision does not follow from its own inputs",
            where=source,
            hint="decide again with: weightgate check",
            code="decision_differs",
        )
    return explain(case, asked, reading_of(decision))


def verify(  # noqa: PLR0913 - each is one of the command's options, and optional
    attestation: bytes | PathLike,
    keys: PublicKey | PathLike | Sequence[PublicKey | PathLike],
    *,
    model: PathLike | None = None,
    to: str | Sequence[str] = (),
    operator: PathLike | Mapping[str, Any] | Operator | None = None,
    activity: str | None = None,
    policy: asking.PackLike | Sequence[asking.PackLike] = (),
    gate: bool = False,
    any_verdict: bool = False,
    replay: bool = False,
    max_age_days: float = 30.0,
    at: datetime | None = None,
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify an attestation against the keys given, and against what is to be deployed.

    Args:
        attestation: The envelope, or its file.
        keys: The public keys to accept, or their files.
        model: The model that it must be about; names and digests of all its files are compared.
        to: Destinations that it must cover.
        operator: The operator that it must be about.
        activity: The activity that it must be about.
        policy: Packs that it must have been made under, byte for byte.
        gate: Whether model, destination, operator and activity must all be given and match, and no what-if passes.
        any_verdict: Whether the report's exit code is 0 for anything genuine, instead of the verdict's own.
        replay: Whether to derive the verdict again from what is inside.
        max_age_days: The oldest that it may be.
        at: The verifier's clock, with its offset; now unless given.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` unless given.
        token: The Hub token, ``False`` for none; the client's own unless given.
        progress: Told bytes hashed and bytes in all.

    Returns:
        A report of what is established and what is not; ``genuine`` says whether everything asked for holds.

    Raises:
        InputError: The file is no attestation at all, or a key, name or file cannot be read.
        UnreachableError: The model cannot be read.
    """
    from weightgate.attest.asked import Asked
    from weightgate.attest.verify import verify as run
    from weightgate.decide.again import decide_again
    from weightgate.signing.keys import PublicKey, load_public

    source = "attestation" if isinstance(attestation, bytes) else str(file_of(attestation, "attestation"))
    given = keys if isinstance(keys, Sequence) and not isinstance(keys, str | bytes) else [keys]
    accepted = [k if isinstance(k, PublicKey) else load_public(file_of(k, "keys")) for k in given]
    raw = attestation if isinstance(attestation, bytes) else read_bytes(source)
    profile = None if operator is None else asking.operator_of(operator)
    asked = Asked(
        model=None
        if model is None
        else asking.found_of(asking.reference_of(model), endpoint, token, progress),
        destinations=asking.destinations_of(to) if to else (),
        operator=None if profile is None else profile.digest,
        activity=None if activity is None else asking.activity_of(activity),
        packs=asking.packs_of(policy),
        gate=gate,
        max_age_days=max_age_days,
    )
    return run(
        raw, keys=accepted, at=at or datetime.now(UTC), asked=asked, any_verdict=any_verdict,
        decide_again=decide_again if replay else None, source=source,
    )  # fmt: skip
