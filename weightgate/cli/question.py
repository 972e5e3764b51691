"""The options of check and guard, as the API takes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.cli.output import Output, deliver, parse_outputs, refuse_in_model
from weightgate.errors import NotAvailableYet, UsageError
from weightgate.policy.source import DEFAULT_PACK

if TYPE_CHECKING:
    from weightgate.api import CheckOptions
    from weightgate.attest.keys import PrivateKey
    from weightgate.decision import Decision
    from weightgate.inspect.manifest import Progress


@dataclass(frozen=True)
class Options:
    """What check was called with; each field is an option of the same name."""

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

    def refuse_unavailable(self) -> None:
        """Refuse what this version does not have.

        Raises:
            NotAvailableYet: ``--set``, ``--known-at`` or ``--config`` is given.
        """
        for name, value in (
            ("--set", self.switches),
            ("--known-at", self.known_at),
            ("--config", self.config),
        ):
            if value:
                raise NotAvailableYet(name)

    def outputs(self, *more: str | None) -> tuple[Output, ...]:
        """The results wanted; none may lie inside the model, nor may any of ``more``.

        Raises:
            UsageError: An unknown format, or a path inside the model.
        """
        outputs = parse_outputs(self.output)
        others = [Path(path) if path else None for path in (self.attest_to, *more)]
        refuse_in_model([*(o.path for o in outputs), *others], self.model)
        return outputs

    def signer(self) -> PrivateKey | None:
        """The key for ``--attest``, read before anything is decided.

        Raises:
            UsageError: Only one of ``--attest`` and ``--key`` is given.
            InputError: The key cannot be read.
        """
        if bool(self.attest_to) != bool(self.key):
            given, needed = ("--attest", "--key") if self.attest_to else ("--key", "--attest")
            raise UsageError(f"{given} needs {needed}", hint="give both: --attest PATH --key KEY")
        if self.key is None:
            return None
        from weightgate.cli.secrets import load_signer

        return load_signer(Path(self.key))

    def for_api(self, progress: Progress | None) -> CheckOptions:
        """The options that :func:`weightgate.api.check` takes."""
        return {
            "activity": self.activity,
            "operator": self.operator,
            "facts": self.facts,
            "policy": self.policy or DEFAULT_PACK,
            "as_of": self.as_of,
            "status": self.status,
            "require_grade": _grades(self.require_grade),
            "digest": self.digest,
            "progress": progress,
        }

    def write_attestation(self, decision: Decision, signer: PrivateKey | None) -> None:
        """Write the attestation that ``--attest`` asks for."""
        if signer is None or self.attest_to is None:
            return
        from weightgate.api import attest

        deliver(Path(self.attest_to), attest(decision, signer))


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
            raise UsageError(f"{fact} is there twice", where="--require-grade", code="bad_require_grade")
        grades[fact] = grade
    return grades
