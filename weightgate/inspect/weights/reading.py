"""All weights of a model, whatever their format: what was read of each, and what was not understood.

Nothing is skipped in silence: a file that may hold weights is either read or listed with the reason why not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from weightgate.errors import ModelError
from weightgate.inspect.source import ModelSource
from weightgate.inspect.weights import shards
from weightgate.inspect.weights.packing import integer_reason, packed_reason, quantization_method
from weightgate.inspect.weights.tensors import Role, Tally, TensorInfo, WeightsSummary

__all__ = ["NotUnderstood", "TensorInfo", "Weights", "WeightsSummary", "read_weights"]

LARGE = 1024 * 1024
"""Bytes from which on a file of no known kind is taken for possible weights."""

_TORCH = (".bin", ".pt", ".pth", ".ckpt")
_PICKLED = (".pkl", ".pickle", ".joblib", ".dill", ".pdparams")
_OTHER_WEIGHTS = {
    ".h5": "HDF5",
    ".hdf5": "HDF5",
    ".keras": "Keras",
    ".msgpack": "Flax msgpack",
    ".onnx": "ONNX",
    ".onnx_data": "ONNX external data",
    ".tflite": "TensorFlow Lite",
    ".pb": "TensorFlow",
    ".npz": "NumPy",
    ".npy": "NumPy",
    ".ot": "rust-bert",
    ".nemo": "NeMo",
    ".mlmodel": "Core ML",
    ".ggml": "GGML before GGUF",
    ".llamafile": "llamafile",
    ".engine": "TensorRT",
    ".zip": "zip archive",
    ".tar": "tar archive",
    ".gz": "gzip archive",
    ".zst": "Zstandard archive",
    ".7z": "7-Zip archive",
}
_NO_WEIGHTS = frozenset(
    [
        ".json",
        ".jsonl",
        ".txt",
        ".md",
        ".model",
        ".py",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".svg",
        ".mp4",
        ".wav",
        ".mp3",
        ".flac",
        ".pdf",
        ".csv",
        ".tsv",
        ".parquet",
        ".arrow",
        ".yaml",
        ".yml",
        ".vocab",
        ".bpe",
        ".tiktoken",
        ".spm",
        ".html",
        ".ipynb",
        ".log",
        ".toml",
        ".jinja",
        ".spdx",
        ".tfevents",
    ]
)
# Beside the weights, never among them: what transformers.Trainer keeps of its own state.
_TRAINER_STATE = re.compile(
    r"(?:.*/)?(?:training_args\.bin|optimizer\.(?:pt|bin)|scheduler\.pt|scaler\.pt|rng_state\S*\.pth)"
)


_ASK = "do not load it; ask the publisher for safetensors"


class NotUnderstood(NamedTuple):
    """A file that may hold weights and was not read.

    Attributes:
        name: Name of the file inside the model.
        size: Bytes.
        why: What it is, or why it was not read, in a sentence.
    """

    name: str
    size: int
    why: str


class Weights(NamedTuple):
    """All weights of a model.

    Attributes:
        summaries: One for each set of weights; several formats of the same weights are several sets.
        not_understood: What may hold weights and was not read. While there is any, the parameters are not known.
        notes: What was left aside on purpose, in sentences.
    """

    summaries: tuple[WeightsSummary, ...]
    not_understood: tuple[NotUnderstood, ...] = ()
    notes: tuple[str, ...] = ()

    def of_role(self, role: Role) -> tuple[WeightsSummary, ...]:
        """The sets that are part of this."""
        return tuple(summary for summary in self.summaries if summary.role == role)


def read_weights(source: ModelSource) -> Weights:
    """Find and read all weights of a model.

    Raises:
        ModelError: A file is damaged or lies, a shard is missing or too many, or a pickle is unsafe.
        UnreachableError: The host did not answer.
    """
    names = list(source.entries)
    state = [name for name in names if _TRAINER_STATE.fullmatch(name)]
    summaries = [
        *_read_safetensors(source, [name for name in names if name.endswith(".safetensors")]),
        *_read_gguf(source, [name for name in names if name.endswith(".gguf")]),
    ]
    unread: list[NotUnderstood] = []
    torch = [name for name in names if name.endswith(_TORCH) and name not in state]
    _read_torch_files(source, torch, summaries, unread)
    pickled = [name for name in names if name.endswith(_PICKLED)]
    _read_pickles(source, pickled, unread)
    unread.extend(_others(source, names))
    return Weights(
        tuple(sorted(summaries, key=lambda summary: summary.files)),
        tuple(sorted(unread, key=lambda item: item.name)),
        tuple(_trainer_state(source, name) for name in state),
    )


def _read_safetensors(source: ModelSource, names: Sequence[str]) -> Iterator[WeightsSummary]:
    left = set(names)
    for index_name in source.entries:
        if index_name.endswith(".safetensors.index.json"):
            index = shards.read_index(source, index_name)
            left.difference_update(index.shards)
            yield _safetensors_set(source, index.shards, index)
    for files in shards.numbered_sets(source, sorted(left)):
        yield _safetensors_set(source, files, None)


def _safetensors_set(source: ModelSource, files: Sequence[str], index: shards.Index | None) -> WeightsSummary:
    from weightgate.inspect.weights.safetensors import read_header

    tally = Tally()
    where_found: dict[str, str] = {}
    folder = files[0].rpartition("/")[0]
    method = quantization_method(source, folder)
    reason = ""
    metadata: dict[str, str | int | float | bool] = {}
    size = count = 0
    for file in files:
        header = read_header(source, file)
        dtypes = [kind.dtype for kind in header.kinds]
        tally.add(header.names, dtypes, [kind.elements for kind in header.kinds])
        where_found.update(dict.fromkeys(header.names, file))
        count += len(header.names)
        reason = reason or packed_reason(method, header.names, dtypes)
        metadata.update(header.metadata)
        size += header.size
    if count != len(where_found):
        raise _twice(source, files)
    reason = reason or integer_reason(tally.dtypes)
    notes = []
    if index is not None:
        shards.check_tensors(index, where_found, source.locate(index.file))
        if index.total_size not in (None, size):
            notes.append(f"{index.file} claims {index.total_size} bytes of tensors, there are {size}")
    role: Role = "adapter" if _is_adapter(source, files[0]) else "model"
    return tally.summary(
        format="safetensors", role=role, files=files, reason=reason, metadata=metadata, notes=notes
    )


def _twice(source: ModelSource, files: Sequence[str]) -> ModelError:
    """The error that names the first tensor that is in two shards."""
    from weightgate.inspect.weights.safetensors import read_header

    seen: dict[str, str] = {}
    for file in files:
        for tensor in read_header(source, file).names:
            if tensor in seen:
                message = f"tensor {tensor!r} is in {seen[tensor]!r} as well"
                return ModelError(message, where=source.locate(file), code="shards")
            seen[tensor] = file
    return ModelError(
        "the shards changed while they were read", where=source.reference, code="changed_while_read"
    )


def _read_gguf(source: ModelSource, names: Sequence[str]) -> Iterator[WeightsSummary]:
    if not names:
        return
    from weightgate.inspect.weights.gguf import read_gguf, summarize_gguf

    for files in shards.numbered_sets(source, names):
        yield summarize_gguf([read_gguf(source, file) for file in files], source.locate(files[0]))


def _read_torch_files(
    source: ModelSource, names: Sequence[str], summaries: list[WeightsSummary], unread: list[NotUnderstood]
) -> None:
    if not names:
        return
    from weightgate.inspect.weights.torch_zip import is_pickled, is_tar

    for name in names:
        if is_tar(source, name):
            message = "unsafe pickle: a tar, whose pickles torch.load would load and which is not read here"
            raise ModelError(message, where=source.locate(name), hint=_ASK, code="unsafe_pickle")
    known = [name for name in names if is_pickled(source, name)]
    why = "neither a zip nor a pickle of torch.save"
    unread.extend(NotUnderstood(name, source.entries[name].size, why) for name in names if name not in known)
    left = set(known)
    for index_name in source.entries:
        if index_name.endswith(".bin.index.json"):
            index = shards.read_index(source, index_name)
            left.difference_update(index.shards)
            _torch_set(source, index.shards, index, summaries, unread)
    for files in shards.numbered_sets(source, sorted(left)):
        _torch_set(source, files, None, summaries, unread)


def _torch_set(
    source: ModelSource,
    files: Sequence[str],
    index: shards.Index | None,
    summaries: list[WeightsSummary],
    unread: list[NotUnderstood],
) -> None:
    from weightgate.inspect.weights.torch_zip import read_torch

    tally = Tally()
    found: dict[str, str] = {}
    method = quantization_method(source, files[0].rpartition("/")[0])
    reason = ""
    readable = True
    notes: list[str] = []
    for file in files:
        read = read_torch(source, file)
        if read.reason:
            unread.append(NotUnderstood(file, source.entries[file].size, read.reason))
            reason = reason or f"{file}: {read.reason}"
            readable = readable and bool(read.names)
        tally.add_tensors(read.tensors)
        dtypes = [tensor.dtype for tensor in read.tensors]
        reason = reason or packed_reason(method, [tensor.name for tensor in read.tensors], dtypes)
        for name in read.names:
            if found.setdefault(name, file) != file:
                raise ModelError(
                    f"tensor {name!r} is in {found[name]!r} as well", where=source.locate(file), code="shards"
                )
        notes.extend(f"{file}: {note}" for note in read.notes)
    if index is not None and readable:
        shards.check_tensors(index, found, source.locate(index.file))
    reason = reason or integer_reason(tally.dtypes)
    role: Role = "adapter" if _is_adapter(source, files[0]) else "model"
    summaries.append(tally.summary(format="torch", role=role, files=files, reason=reason, notes=notes))


def _is_adapter(source: ModelSource, name: str) -> bool:
    """Whether weights are PEFT's: by their own name, or lying beside an adapter's config and no model's."""
    folder, slash, base = name.rpartition("/")
    beside = folder + slash
    lone = f"{beside}adapter_config.json" in source.entries and f"{beside}config.json" not in source.entries
    return base.startswith("adapter_model.") or lone


def _read_pickles(source: ModelSource, names: Sequence[str], unread: list[NotUnderstood]) -> None:
    if not names:
        return
    from weightgate.inspect.weights.pickle_safety import require_safe
    from weightgate.inspect.weights.torch_zip import is_pickled, scan_pickles

    for name in names:
        if is_pickled(source, name):
            for scan in scan_pickles(source, name):
                require_safe(scan, source.locate(name))
        unread.append(
            NotUnderstood(name, source.entries[name].size, "a pickle that is no file of torch.save")
        )


def _others(source: ModelSource, names: Sequence[str]) -> Iterator[NotUnderstood]:
    for name in names:
        size = source.entries[name].size
        suffix = "." + name.rpartition("/")[2].rpartition(".")[2].lower()
        if suffix in _OTHER_WEIGHTS:
            yield NotUnderstood(name, size, f"{_OTHER_WEIGHTS[suffix]}: this format is not read")
        elif size >= LARGE and suffix not in _NO_WEIGHTS and not _is_read(name):
            yield NotUnderstood(name, size, "a large file of no known kind")


def _is_read(name: str) -> bool:
    read = (".safetensors", ".gguf", *_TORCH, *_PICKLED)
    return name.endswith(read) or _TRAINER_STATE.fullmatch(name) is not None


def _trainer_state(source: ModelSource, name: str) -> str:
    """Look at a trainer's pickled state, which is no part of the weights but comes with them."""
    from weightgate.inspect.weights.pickle_safety import require_training_state
    from weightgate.inspect.weights.torch_zip import is_pickled, scan_pickles

    if not is_pickled(source, name):
        return f"{name} is named as a trainer's state is, but is no file of torch.save"
    for scan in scan_pickles(source, name):
        require_training_state(scan, source.locate(name))
    return f"{name} is a trainer's pickled state, no weights; loading it runs the code that it names"
