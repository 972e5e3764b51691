"""Looking at a model from Python, without deciding anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from weightgate.asking.given import PathLike
from weightgate.asking.model import KeysLike, inspected, manifest_of, reference_of
from weightgate.facts.derived import with_derived
from weightgate.facts.encode import encode_fact
from weightgate.facts.merge import contradictions, merge
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Contradiction, Facts
from weightgate.inspect.inspection import Inspection

if TYPE_CHECKING:
    from weightgate.inspect.manifest import Progress

INSPECTION_SCHEMA = "weightgate/inspection/v1"


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
    model_keys: KeysLike = (),
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
    named = reference_of(model)
    found = inspected(named, model_keys, endpoint=endpoint, token=token, progress=progress)
    facts = with_derived(merge(found.statements))
    return ModelReport(found, facts, tuple(contradictions(facts)))


def digest(
    model: PathLike,
    *,
    model_keys: KeysLike = (),
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
    return manifest_of(reference_of(model), endpoint, token, progress, model_keys)
