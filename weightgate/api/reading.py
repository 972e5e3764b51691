"""Reading packs and decisions from Python, and asking what keeps a decision from a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weightgate.asking.given import PathLike, file_of
from weightgate.asking.question import packs_of, verdict_of
from weightgate.errors import SignatureError
from weightgate.facts.statements import Grade
from weightgate.files.bounded import read_bytes
from weightgate.policy.source import find_pack

if TYPE_CHECKING:
    from weightgate.policy.pack import Pack


def load_policy(name_or_path: PathLike) -> Pack:
    """Read and check a policy pack: a shipped one by its name, or a file.

    Raises:
        PolicyError: There is no such pack, or it does not load; with file, line and column.
    """
    from weightgate.policy.pack import Pack

    return Pack(packs_of(name_or_path)[0])


def read_decision(file: PathLike) -> tuple[dict[str, Any], bool]:
    """Read the decision in a file, whether it is a decision or an attestation, whose signature is not checked.

    Returns:
        The decision as JSON, and whether it came out of an attestation.

    Raises:
        InputError: The file is neither.
        SignatureError: It is a malformed attestation.
    """
    from weightgate.attest.make import read_decision as parse
    from weightgate.attest.statements.claims import decision_inside

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
    from weightgate.attest.make import find_packs
    from weightgate.attest.make import read_decision as parse
    from weightgate.attest.statements.claims import decision_inside
    from weightgate.decide.again import case_again
    from weightgate.decide.why_not import reading_of
    from weightgate.decide.why_not import why_not as explain

    asked = verdict_of(verdict)
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
