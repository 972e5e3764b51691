"""The way from a verifier's model to the facts that it shows now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from weightgate.attest.replay import DecideAgain
from weightgate.errors import UsageError
from weightgate.inspect.inspection import Inspection
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.inspect.manifest import Progress

INSIDE, MODEL = "inside", "model"
REPLAYS = (INSIDE, MODEL)
"""What a verdict may be derived from again: what is inside the attestation, or the model beside it as well."""


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
    base_in: Callable[[Mapping[str, Any]], str | None]
    decide_with: Callable[[Inspection, Mapping[str, Any], str], DecideAgain]
    endpoint: str | None = None
    token: str | bool | None = None
    progress: Progress | None = None

    def __call__(self, decision: dict[str, Any]) -> DecideAgain:
        """Inspect it, and give the engine that decides with what was found.

        Raises:
            SignatureError: It is not the model that the decision is about (code ``binding``).
            ModelError: A file is damaged, lying or unsafe to read.
            UnreachableError: It cannot be read.
        """
        from weightgate.inspect.model import inspect_model

        base = self.base_in(decision)
        found = inspect_model(
            self.reference, endpoint=self.endpoint, token=self.token, base=base, progress=self.progress
        )
        return self.decide_with(found, decision, self.reference)


def replay_of(replay: bool | str, model: object) -> str:
    """What a verdict is to be derived from again; empty for nothing.

    Args:
        replay: Yes or no, or one of :data:`REPLAYS`.
        model: The model that the verifier named; ``None`` for none.

    Raises:
        UsageError: There is no such way (code ``unknown_replay``), or the model is to be inspected and none is named
            (``model_missing``).
    """
    if isinstance(replay, bool):
        return INSIDE if replay else ""
    if replay not in REPLAYS:
        hint = "write --replay, --replay=inside or --replay=model"
        message = f"nothing is replayed from {replay!r}"[:120]
        raise UsageError(message, where="--replay", hint=hint, code="unknown_replay")
    if replay == MODEL and model is None:
        message = "--replay=model needs --model"
        raise UsageError(message, where="--replay", hint="name the model", code="model_missing")
    return replay
