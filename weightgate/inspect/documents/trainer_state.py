"""``trainer_state.json``: the operations that a training run of transformers counted for itself."""

from __future__ import annotations

import re

from weightgate.errors import ModelError
from weightgate.inspect.documents.json_file import JsonFile, read_json
from weightgate.inspect.source import ModelSource
from weightgate.records import record

MAX_STATE = 64 * 1024 * 1024
MAX_STATES = 32

# What the JSON reader says of the three words that Python writes for numbers that are not finite.
_NOT_FINITE = frozenset(f"{word} is not JSON" for word in ("NaN", "Infinity", "-Infinity"))

_STATE = re.compile(r"(?:.*/)?trainer_state\.json\Z", re.DOTALL)
_CHECKPOINT = re.compile(r"(?:.*/)?checkpoint-([0-9]{1,12})/trainer_state\.json\Z", re.DOTALL)


@record
class TrainerState:
    """The counters of one checkpoint.

    Attributes:
        name: Path relative to the model's root.
        where: Path or URL of the file.
        digest: ``sha256:…`` of its bytes.
        total_flos: Operations counted so far in the run; ``None`` when absent, null or 0, which the trainer writes
            when it could not count.
        global_step: Steps of the optimiser.
        train_batch_size: Samples in one step of one device.
        tokens_seen: Tokens, when the run was told to count them.
        problem: Why nothing was read; empty otherwise.
    """

    name: str
    where: str
    digest: str
    total_flos: float | None = None
    global_step: int | None = None
    train_batch_size: int | None = None
    tokens_seen: int | None = None
    problem: str = ""


@record
class TrainerStates:
    """Every checkpoint that was read.

    Attributes:
        states: In the order in which they were read.
        left_out: How many more files there are than were read.
    """

    states: tuple[TrainerState, ...] = ()
    left_out: int = 0

    @property
    def furthest(self) -> TrainerState | None:
        """The checkpoint that counted most.

        The counter runs on within a run, so checkpoints are never added up; and a new stage begins at 0, so that the
        largest is a lower bound of what was spent.
        """
        counted = [s for s in self.states if s.total_flos is not None]
        return max(counted, key=lambda s: s.total_flos or 0.0, default=None)


def read_trainer_states(source: ModelSource) -> TrainerStates:
    """Read the trainer states of a model and of its checkpoints, the furthest first, at most :data:`MAX_STATES`.

    Raises:
        ModelError: One is too long, not JSON, or has a counter of another type.
        UnreachableError: The host did not answer.
    """
    names = sorted((name for name in source.entries if _STATE.match(name)), key=_order)
    states = tuple(_read(source, name) for name in names[:MAX_STATES])
    return TrainerStates(states, max(0, len(names) - MAX_STATES))


def _order(name: str) -> tuple[bool, int, str]:
    """The final state first, then checkpoints from the last to the first."""
    checkpoint = _CHECKPOINT.match(name)
    return checkpoint is not None, -int(checkpoint[1]) if checkpoint else 0, name


def _read(source: ModelSource, name: str) -> TrainerState:
    try:
        return _state(read_json(source, name, max_bytes=MAX_STATE))
    except ModelError as error:
        # The Trainer itself writes NaN for a loss that diverged, which is no JSON. Nothing is lost by going on: this
        # file can only tighten, and whoever could damage it could leave it out.
        if error.message not in _NOT_FINITE:
            raise
        where = source.locate(name)
        return TrainerState(name, where, "", problem=f"{error.message}, so its counters were not read")


def _state(file: JsonFile) -> TrainerState:
    return TrainerState(
        name=file.name,
        where=file.where,
        digest=file.digest,
        total_flos=file.number("total_flos") or None,
        global_step=file.count("global_step"),
        train_batch_size=file.count("train_batch_size"),
        tokens_seen=file.count("num_input_tokens_seen"),
    )
