"""The way from a verifier's model to the facts that it shows now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from weightgate.attest.replay.deriving import DecideAgain
from weightgate.facts.encode import decode_statement
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import SIGNED, Grade, Statement
from weightgate.inspect.inspection import Inspection
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.inspect.manifest import Progress


@record
class ModelAgain:
    """A model that is to be inspected again, to hold an attested decision to it.

    Attributes:
        reference: The model.
        base_in: From a decision to the base model that its asker declared.
        decide_with: From what was found to the engine that decides with it; refuses another model.
        endpoint: Address of the Hub; ``HF_ENDPOINT`` when ``None``.
        token: The Hub token.
        progress: Told bytes hashed and bytes in all.
    """

    reference: str
    base_in: Callable[[Mapping[str, Any], Sequence[Statement]], str | None]
    decide_with: Callable[[Inspection, Mapping[str, Any], str], DecideAgain]
    endpoint: str | None = None
    token: str | bool | None = None
    progress: Progress | None = None

    def __call__(self, decision: dict[str, Any]) -> DecideAgain:
        """Inspect it, and give the engine that decides with what was found.

        Raises:
            InputError: The decision's statements cannot be read.
            SignatureError: It is not the model that the decision is about (code ``binding``).
            ModelError: A file is damaged, lying or unsafe to read.
            UnreachableError: It cannot be read.
        """
        from weightgate.inspect.model import inspect_model

        base = self.base_in(decision, list(_vouched(decision)))
        found = inspect_model(
            self.reference, endpoint=self.endpoint, token=self.token, base=base, progress=self.progress
        )
        return self.decide_with(found, decision, self.reference)


def _vouched(decision: Mapping[str, Any]) -> Iterator[Statement]:
    """What signed declarations said, where the attester's trust file vouched; whether it rightly did is a check of its own."""
    for number, entry in enumerate(decision["inputs"]["statements"]):
        signed = str(entry.get("method") or "").startswith(SIGNED)
        if signed and entry["grade"] == str(Grade.VERIFIED) and entry["fact"] in FACTS:
            yield decode_statement(FACTS[entry["fact"]], entry, f"inputs.statements[{number}]")
