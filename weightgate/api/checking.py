"""Deciding from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from weightgate.asking.evidence import FactsLike, given_of, hold_packs, trust_of
from weightgate.asking.given import PathLike, texts_of
from weightgate.asking.model import KeysLike, base_of, bind, inspected, keys_of, reference_of
from weightgate.asking.question import (
    PackLike,
    activity_of,
    checked,
    day_of,
    destinations_of,
    digest_of,
    grades_of,
    known_day_of,
    operator_of,
    packs_of,
    switches_of,
)
from weightgate.facts.statements import Grade
from weightgate.inspect.inspection import Inspection
from weightgate.policy.source import DEFAULT_PACK

if TYPE_CHECKING:
    from weightgate.attest.trust import Trust
    from weightgate.decide.decision import Decision
    from weightgate.inspect.manifest import Progress
    from weightgate.operators.profile import Operator


class CheckOptions(TypedDict, total=False):
    """What :func:`check` takes beside model and destinations, for those who pass it on."""

    activity: str
    operator: PathLike | Mapping[str, Any] | Operator | None
    facts: FactsLike | Sequence[FactsLike] | None
    policy: PackLike | Sequence[PackLike]
    switches: Mapping[str, str] | None
    as_of: str | date | None
    known_at: str | date | None
    status: str
    require_grade: Mapping[str, Grade | str] | None
    digest: str | None
    trust: PathLike | Trust | None
    pack_signatures: Sequence[PathLike]
    insecure: Sequence[str]
    model_keys: KeysLike
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
    policy: PackLike | Sequence[PackLike] = DEFAULT_PACK,
    switches: Mapping[str, str] | None = None,
    as_of: str | date | None = None,
    known_at: str | date | None = None,
    status: str = "as-written",
    require_grade: Mapping[str, Grade | str] | None = None,
    digest: str | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
    insecure: Sequence[str] = (),
    model_keys: KeysLike = (),
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
    question = checked(
        Question(
            activity_of(activity), destinations_of(to), packs_of(policy),
            day_of(as_of, now), operator_of(operator), status, grades_of(require_grade),
            texts_of(insecure, "insecure"), known_day_of(known_at), switches_of(switches),
        )
    )  # fmt: skip
    trusted = trust_of(trust, now)
    hold_packs(question.packs, trusted, pack_signatures, now)
    given = given_of(facts, question.as_of).graded(question.as_of, trusted, now)
    wanted = digest_of(digest)
    named = reference_of(model)
    if named == "-" and not keys_of(model_keys):
        inspection = Inspection("-", digest=wanted)
    else:
        base = base_of(given.vouched)
        inspection = inspected(
            named, model_keys, trust=trusted, endpoint=endpoint, token=token, base=base, progress=progress
        )
        bind(inspection, wanted)
    question, said = given.into(question, inspection)
    return decide(question, inspection, said, now=now)
