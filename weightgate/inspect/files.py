"""Everything a model's own files say, as statements with their grade: counted headers, and claims of every kind.

Openness is not said here. No file can show who else can have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Unknown, Value
from weightgate.inspect.documents.config import Config, Experts, read_config
from weightgate.inspect.licenses.files import is_notice, states_license
from weightgate.inspect.names import identifier
from weightgate.inspect.origin import Base, Origin, origin_of
from weightgate.inspect.sizes import active_share, gguf_experts, size_statements
from weightgate.inspect.source import ModelSource
from weightgate.inspect.weights.reading import Weights, read_weights
from weightgate.inspect.weights.tensors import WeightsSummary
from weightgate.records import record

# A reader is loaded when its file is there: most models lack most of these, and each costs start-up time.
if TYPE_CHECKING:
    from weightgate.inspect.compute import Counted
    from weightgate.inspect.documents.adapter import Adapter
    from weightgate.inspect.documents.card import Card
    from weightgate.inspect.documents.trainer_state import TrainerState, TrainerStates
    from weightgate.inspect.licenses.finding import LicenseFinding
    from weightgate.inspect.licenses.text import LicenseText

LICENSE = "model.license"
_WHOLE_TEXT = "the whole text is that of this licence"
ARCHITECTURE = "model.architecture"
FINETUNE = "model.finetune_operations"
TRAINING = "model.training_operations"


@record
class FilesReport:
    """What the files of a model say.

    Attributes:
        statements: About facts; none about openness.
        not_established: What a reader might take for granted and was not established, in sentences.
        notes: What is odd without being an error, in sentences.
        bases: Models that this one was made from.
        relation: How; empty when not said.
        card: The card, if there is one.
        license_texts: Texts of licences beside the weights.
        weights: The sets of weights, counted, and what may hold weights and was not read.
    """

    statements: tuple[Statement, ...]
    not_established: tuple[str, ...]
    notes: tuple[str, ...]
    bases: tuple[Base, ...]
    relation: str
    card: Card | None
    license_texts: tuple[LicenseText, ...]
    weights: Weights

    @property
    def base(self) -> Base | None:
        """The base, when the files name exactly one."""
        return self.bases[0] if len(self.bases) == 1 else None

    def license(self) -> LicenseFinding:
        """The licence published with the model, and what it grants. Reads the table of licences."""
        from weightgate.inspect.licenses.finding import license_of

        return license_of(self.card, self.license_texts)


def statements_of(source: ModelSource) -> FilesReport:
    """Read every file of a model that says something about it.

    Raises:
        ModelError: A file is damaged, lying or unsafe to read; the message names it and the place in it.
        UnreachableError: The host did not answer.
    """
    card, config, adapter = _card(source), read_config(source), _adapter(source)
    states, texts = _trainer_states(source), _license_texts(source)
    weights = read_weights(source)
    sets = weights.summaries
    origin = origin_of(source, adapter, card, sets)
    experts = (config.experts if config else None) or gguf_experts(sets)
    run = _count(states.furthest if states else None, adapter, origin, sets, experts)
    statements = [
        *size_statements(source, weights, config, experts),
        *_architecture(source, config, sets),
        *_licenses(source, card, texts, sets),
        *origin.statements,
        *_operations(states, run, derived=bool(adapter or origin.bases or origin.relation)),
    ]
    return FilesReport(
        statements=tuple(statements),
        not_established=tuple(_left_open(adapter, run, config)),
        notes=tuple(_notes(card, config, states, origin, weights)),
        bases=origin.bases,
        relation=origin.relation,
        card=card,
        license_texts=texts,
        weights=weights,
    )


def _card(source: ModelSource) -> Card | None:
    if "README.md" not in source.entries:
        return None
    from weightgate.inspect.documents.card import read_card

    return read_card(source)


def _adapter(source: ModelSource) -> Adapter | None:
    if "adapter_config.json" not in source.entries:
        return None
    from weightgate.inspect.documents.adapter import read_adapter

    return read_adapter(source)


def _trainer_states(source: ModelSource) -> TrainerStates | None:
    if not any(name.endswith("trainer_state.json") for name in source.entries):
        return None
    from weightgate.inspect.documents.trainer_state import read_trainer_states

    return read_trainer_states(source)


def _license_texts(source: ModelSource) -> tuple[LicenseText, ...]:
    if not any(states_license(name) or is_notice(name) for name in source.entries):
        return ()
    from weightgate.inspect.licenses.text import read_license_texts

    return read_license_texts(source)


def _architecture(
    source: ModelSource, config: Config | None, weights: tuple[WeightsSummary, ...]
) -> Iterator[Statement]:
    if config is not None and (config.architectures or config.model_type):
        name, key = (
            (", ".join(config.architectures), "architectures")
            if config.architectures
            else (config.model_type, "model_type")
        )
        yield Statement(ARCHITECTURE, Known(name), Grade.CLAIMED, config.where, key, config.digest)
        return
    # Only without a configuration: GGUF has its own names, which would seem to contradict it.
    for summary in weights:
        arch = summary.metadata.get("general.architecture")
        if isinstance(arch, str) and arch and summary.role == "model":
            where = source.locate(summary.files[0])
            yield Statement(ARCHITECTURE, Known(arch), Grade.CLAIMED, where, "general.architecture")


def _licenses(
    source: ModelSource,
    card: Card | None,
    texts: tuple[LicenseText, ...],
    weights: tuple[WeightsSummary, ...],
) -> Iterator[Statement]:
    said = [*_card_license(card), *map(_text_license, texts)]
    for summary in weights:
        name = summary.metadata.get("general.license")
        if isinstance(name, str) and identifier(name):
            where = source.locate(summary.files[0])
            said.append(Statement(LICENSE, Known(identifier(name)), Grade.CLAIMED, where, "general.license"))
    yield from said or [
        Statement(LICENSE, Unknown("no licence is published"), Grade.CLAIMED, source.reference)
    ]


def _card_license(card: Card | None) -> Iterator[Statement]:
    if card is None or not (card.licenses or card.license_name):
        return
    names = card.license_names
    value: Value
    if len(names) == 1:
        value = Known(names[0])
    elif names:
        value = Unknown("the card names several: " + ", ".join(names)[:300])
    else:
        value = Unknown(f"the card says only {', '.join(card.licenses)[:100]!r}")
    locator = card.locator("license" if card.licenses else "license_name")
    yield Statement(LICENSE, value, Grade.CLAIMED, card.where, locator, card.digest)


def _text_license(text: LicenseText) -> Statement:
    value = (
        Known(text.name) if text.name else Unknown(f"the text is not recognised; it begins {text.opening!r}")
    )
    grade = Grade.INFERRED if text.name else Grade.CLAIMED
    return Statement(LICENSE, value, grade, text.where, "text", text.digest, _WHOLE_TEXT if text.name else "")


def _count(
    state: TrainerState | None,
    adapter: Adapter | None,
    origin: Origin,
    weights: tuple[WeightsSummary, ...],
    experts: Experts | None,
) -> Counted | None:
    if state is None or state.total_flos is None:
        return None
    from weightgate.inspect.compute import count_operations

    frozen = adapter is not None or origin.relation == "adapter"
    return count_operations(state.total_flos, adapter=frozen, active_share=active_share(weights, experts))


def _operations(states: TrainerStates | None, run: Counted | None, *, derived: bool) -> Iterator[Statement]:
    if states is None:
        return
    fact = FINETUNE if derived else TRAINING
    state = states.furthest
    if run is None or state is None:
        for state in states.states[:1]:
            reason = state.problem or "the trainer did not count operations: total_flos is absent or 0"
            yield Statement(fact, Unknown(reason), Grade.CLAIMED, state.where, "total_flos", state.digest)
        return
    evidence = (Grade.CLAIMED, state.where, "total_flos", state.digest)
    if derived:
        yield Statement(FINETUNE, run.range, *evidence, run.method)
    yield Statement(TRAINING, run.at_least, *evidence, f"{run.method}; this stage alone, so at least")


def _left_open(adapter: Adapter | None, run: Counted | None, config: Config | None) -> Iterator[str]:
    if run is not None:
        yield (
            "Whether the operations counted in trainer_state.json are all there were: the file can be edited, and covers "
            "one stage on one trainer."
        )
        if adapter is not None and config is None:
            yield (
                "Whether the base is a mixture of experts, all of which the trainer counts: its configuration was not "
                "read, so the count may be too high."
            )
    if adapter is not None and adapter.base and not adapter.revision:
        yield f"Which revision of {adapter.base} the adapter was made from: its configuration does not pin it."


def _notes(
    card: Card | None,
    config: Config | None,
    states: TrainerStates | None,
    origin: Origin,
    weights: Weights,
) -> Iterator[str]:
    if card is not None and card.note:
        yield f"{card.where}: {card.note}"
    if config is not None:
        yield from config.notes
        if config.quantization:
            yield f"{config.where}: quantised by {config.quantization}"
    if states is not None:
        yield from (f"{state.where}: {state.problem}" for state in states.states if state.problem)
        if states.left_out:
            yield f"{states.left_out} trainer states of earlier checkpoints were not read"
    yield from origin.notes
    yield from weights.notes
    for summary in weights.summaries:
        yield from summary.notes
    for item in weights.not_understood:
        yield f"{item.name} may hold weights and was not read: {item.why}"
