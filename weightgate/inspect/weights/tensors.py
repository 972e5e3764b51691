"""What a weights file says of its tensors, in the same words for every format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from weightgate.records import record

Role = Literal["model", "adapter", "projector"]
"""What weights are part of: the model itself, an adapter to another model, or a vision projector beside one."""

_ROUTED = re.compile(r"(?:^|\.)experts\.|_exps\b")
_INPUT_EMBEDDING = re.compile(
    r"(?:^|[._])(?:embed_tokens|wte|wpe|word_embeddings|position_embeddings|token_type_embeddings|embed_positions"
    r"|tok_embeddings|embed_in|token_embd|position_embd|shared)(?:\.|$)"
)
_OUTPUT_HEAD = re.compile(r"(?:^|\.)(?:lm_head|embed_out)(?:\.|$)|^output\.weight$")
_EMBEDDING_MARKS = ("emb", "wte", "wpe", "shared", "lm_head", "output.weight")


class TensorInfo(NamedTuple):
    """One tensor, as its file declares it.

    Attributes:
        name: As in the file.
        dtype: The format's own name of the stored type, such as ``BF16`` or ``Q4_K``.
        shape: Sizes of its dimensions, in the format's order.
        elements: Product of the shape.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    elements: int


@record
class WeightsSummary:
    """One set of weights: a file, or the shards that make one.

    Attributes:
        format: ``safetensors``, ``gguf`` or ``torch``.
        role: What the weights are part of.
        files: Names of the files read, in code-point order.
        parameters: Exact number of logical parameters; None when it cannot be known from the file.
        reason: Why ``parameters`` is None; empty otherwise.
        dtypes: Stored elements by stored type.
        expert_parameters: Parameters in routed experts, shared experts not among them; None with ``parameters``.
        embedding_parameters: Parameters of embeddings, input and output; None with ``parameters``.
        head_parameters: Those of ``embedding_parameters`` that are the output head.
        metadata: The file's own key-value metadata: the author's word.
        notes: What is odd without being an error, in sentences.
    """

    format: str
    role: Role
    files: tuple[str, ...]
    parameters: int | None
    reason: str = ""
    dtypes: Mapping[str, int] = field(default_factory=dict)
    expert_parameters: int | None = None
    embedding_parameters: int | None = None
    head_parameters: int | None = None
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Folder of the files inside the model; empty for its root."""
        return self.files[0].rpartition("/")[0]


@dataclass
class Tally:
    """Running counts over the tensors of one set of weights.

    Names decide what is an expert and what an embedding: a file says nothing else about it. The patterns are those
    of transformers' model classes and of llama.cpp's tensor names.
    """

    elements: int = 0
    experts: int = 0
    embeddings: int = 0
    heads: int = 0
    dtypes: Counter[str] = field(default_factory=Counter)

    def add(self, names: Sequence[str], dtypes: Sequence[str], counts: Sequence[int]) -> None:
        """Count tensors given as columns of one length: name, stored type, elements."""
        total = sum(counts)
        self.elements += total
        if len(set(dtypes)) == 1:
            self.dtypes[dtypes[0]] += total
        else:
            for dtype, count in zip(dtypes, counts, strict=True):
                self.dtypes[dtype] += count
        # One look at all names together spares most files the look at each.
        joined = "\n".join(names)
        if "exp" in joined:
            self.experts += _matching(_ROUTED, names, counts)
        if any(mark in joined for mark in _EMBEDDING_MARKS):
            heads = _matching(_OUTPUT_HEAD, names, counts)
            self.heads += heads
            self.embeddings += heads + _matching(_INPUT_EMBEDDING, names, counts)

    def add_tensors(self, tensors: Iterable[TensorInfo]) -> None:
        """Count tensors given one by one."""
        rows = tuple(tensors)
        self.add([row.name for row in rows], [row.dtype for row in rows], [row.elements for row in rows])

    def summary(
        self,
        *,
        format: str,  # noqa: A002  (the attribute's name)
        role: Role,
        files: Sequence[str],
        reason: str = "",
        metadata: Mapping[str, str | int | float | bool] | None = None,
        notes: Sequence[str] = (),
    ) -> WeightsSummary:
        """The counts as a summary; with a ``reason``, as one whose parameters are unknown."""
        known = not reason
        return WeightsSummary(
            format=format,
            role=role,
            files=tuple(sorted(files)),
            parameters=self.elements if known else None,
            reason=reason,
            dtypes=dict(sorted(self.dtypes.items())),
            expert_parameters=self.experts if known else None,
            embedding_parameters=self.embeddings if known else None,
            head_parameters=self.heads if known else None,
            metadata=metadata or {},
            notes=tuple(notes),
        )


def _matching(pattern: re.Pattern[str], names: Sequence[str], counts: Sequence[int]) -> int:
    return sum(count for name, count in zip(names, counts, strict=True) if pattern.search(name))
