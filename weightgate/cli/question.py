"""The options of check and guard, as the API takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from weightgate.cli.output import Output, deliver, parse_outputs
from weightgate.errors import NotAvailableYet, UsageError
from weightgate.policy.source import DEFAULT_PACK

if TYPE_CHECKING:
    from typing import TypedDict

    from weightgate.api import CheckOptions
    from weightgate.attest.keys import PrivateKey
    from weightgate.decide.decision import Decision
    from weightgate.inspect.manifest import Progress

    class Options(TypedDict):
        """What check was called with; each key is an option of the same name."""

        model: str
        to: tuple[str, ...]
        activity: str
        operator: str | None
        facts: tuple[str, ...]
        policy: tuple[str, ...]
        switches: tuple[str, ...]
        as_of: str | None
        known_at: str | None
        status: str
        require_grade: tuple[str, ...]
        digest: str | None
        attest_to: str | None
        key: str | None
        config: str | None
        output: tuple[str, ...]


def refuse_unavailable(asked: Options) -> None:
    """Refuse what this version does not have.

    Raises:
        NotAvailableYet: ``--set``, ``--known-at`` or ``--config`` is given.
    """
    later = {"--set": asked["switches"], "--known-at": asked["known_at"], "--config": asked["config"]}
    for name, value in later.items():
        if value:
            raise NotAvailableYet(name)


def outputs_of(asked: Options, *more: str | None) -> tuple[Output, ...]:
    """The results wanted; they and ``more`` may lie neither inside the model nor over another file of the question's.

    Raises:
        UsageError: An unknown format, or a path as :func:`weightgate.cli.paths.check_paths` refuses it.
    """
    outputs = parse_outputs(asked["output"])
    written = [*(o.path for o in outputs), asked["attest_to"], *more]
    if not any(written):
        return outputs
    from weightgate.cli.paths import check_paths

    check_paths(
        written,
        read=[asked["operator"], *asked["facts"], *asked["policy"], asked["key"]],
        model=asked["model"],
    )
    return outputs


def signer_of(asked: Options) -> PrivateKey | None:
    """The key for ``--attest``, read before anything is decided.

    Raises:
        UsageError: ``--attest`` is given without a key.
        InputError: The key cannot be read.
    """
    if not asked["attest_to"]:
        # A key alone asks for nothing; WEIGHTGATE_KEY may be set for other commands.
        return None
    if not asked["key"]:
        raise UsageError("--attest needs --key", hint="give both: --attest PATH --key KEY")
    from weightgate.cli.secrets import load_signer

    return load_signer(Path(asked["key"]))


def for_api(asked: Options, progress: Progress | None) -> CheckOptions:
    """The options that :func:`weightgate.api.check` takes."""
    return {
        "activity": asked["activity"],
        "operator": asked["operator"],
        "facts": asked["facts"],
        "policy": asked["policy"] or DEFAULT_PACK,
        "as_of": asked["as_of"],
        "status": asked["status"],
        "require_grade": _grades(asked["require_grade"]),
        "digest": asked["digest"],
        "progress": progress,
    }


def write_attestation(asked: Options, decision: Decision, signer: PrivateKey | None) -> None:
    """Write the attestation that ``--attest`` asks for."""
    if signer is None or asked["attest_to"] is None:
        return
    from weightgate.api import attest

    deliver(Path(asked["attest_to"]), attest(decision, signer))


def told(decision: Decision) -> dict[str, Any]:
    """The decision as JSON, with the shipped packs that were not asked and would be stricter."""
    from weightgate.asking import stricter_packs

    data = decision.to_json()
    return data | {"not_asked": stricter_packs(data)}


def _grades(asked: tuple[str, ...]) -> dict[str, str]:
    grades: dict[str, str] = {}
    for text in asked:
        fact, equals, grade = text.partition("=")
        if not equals:
            hint = "write FACT=GRADE, such as model.openness=verified"
            raise UsageError(
                f"{text!r} has no '='", where="--require-grade", hint=hint, code="bad_require_grade"
            )
        if grades.get(fact, grade) != grade:
            message = f"{fact} is asked for as {grades[fact]} and as {grade}"
            raise UsageError(message, where="--require-grade", hint="give it once", code="bad_require_grade")
        grades[fact] = grade
    return grades
