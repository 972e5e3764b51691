"""``config.json``: architecture, mixture of experts, and quantisation, as the model's own configuration states them."""

from __future__ import annotations

from weightgate.errors import ModelError
from weightgate.inspect.documents.json_file import JsonFile, read_json
from weightgate.inspect.source import ModelSource
from weightgate.records import record

CONFIG = "config.json"
MAX_CONFIG = 8 * 1024 * 1024

# What model families call the same three numbers; found in the configuration classes of transformers 5.
_TOTAL = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts", "num_routed_experts")
_PER_TOKEN = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "experts_per_token",
    "moe_top_k",
    "moe_topk",
    "moe_k",
    "num_selected_experts",
    "top_k_experts",
)
_SHARED = ("n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts")

# Where a model of several modalities keeps the configuration of its language model.
_SECTIONS = ("text_config", "llm_config", "language_config", "ffn_config", "thinker_config")


@record
class Experts:
    """A mixture of experts.

    Attributes:
        total: Routed experts in a layer, at least 2.
        per_token: How many of them compute one token; ``None`` when not stated.
        shared: Experts that compute every token.
        locator: The key that gave ``total``.
    """

    total: int
    per_token: int | None
    shared: int
    locator: str

    @property
    def least_share(self) -> float:
        """Share of the routed experts that surely computes each token: one expert when not stated."""
        return (self.per_token or 1) / self.total


@record
class Config:
    """What a configuration states.

    Attributes:
        where: Path or URL of the file.
        digest: ``sha256:…`` of its bytes.
        architectures: Names of model classes.
        model_type: Family.
        experts: The mixture of experts; ``None`` for a dense model, or one whose experts were not understood.
        quantization: Method of ``quantization_config``; empty when there is none.
        notes: What was not understood.
    """

    where: str
    digest: str
    architectures: tuple[str, ...] = ()
    model_type: str = ""
    experts: Experts | None = None
    quantization: str = ""
    notes: tuple[str, ...] = ()


def read_config(source: ModelSource) -> Config | None:
    """Read the configuration of a model; ``None`` when it has none.

    Raises:
        ModelError: Too long, not JSON, or a value of another type.
        UnreachableError: The host did not answer.
    """
    if CONFIG not in source.entries:
        return None
    file = read_json(source, CONFIG, max_bytes=MAX_CONFIG)
    notes: list[str] = []
    return Config(
        where=file.where,
        digest=file.digest,
        architectures=file.texts("architectures"),
        model_type=file.text("model_type") or "",
        experts=_experts(file, notes),
        quantization=_quantization(file, notes),
        notes=tuple(notes),
    )


def _experts(file: JsonFile, notes: list[str]) -> Experts | None:
    sections = [file, *(s for s in map(file.section, _SECTIONS) if s is not None)]
    sections += [s for s in (inner.section("text_config") for inner in sections[1:]) if s is not None]
    for section in sections:
        found = _first(section, _TOTAL, notes)
        if found is not None and found[1] > 1:
            return _mixture(section, *found, notes)
    return None


def _mixture(section: JsonFile, key: str, total: int, notes: list[str]) -> Experts:
    per_token = _first(section, _PER_TOKEN, notes)
    shared = _first(section, _SHARED, notes)
    if per_token is not None and not 1 <= per_token[1] <= total:
        raise ModelError(
            f"{per_token[0]} is {per_token[1]}, needed 1 to {total}, which is {key}",
            where=f"{section.where}: {per_token[0]}",
            code="bad_value",
        )
    if per_token is None:
        notes.append(
            f"{section.where}: a mixture of {total} experts that does not say how many compute a token"
        )
    return Experts(total, per_token[1] if per_token else None, shared[1] if shared else 0, key)


def _first(section: JsonFile, keys: tuple[str, ...], notes: list[str]) -> tuple[str, int] | None:
    """The first of some synonyms that is there; a list that repeats one number is that number."""
    for key in keys:
        value = section.data.get(key)
        if isinstance(value, list):
            if value and all(type(item) is int and item == value[0] and item >= 0 for item in value):
                return key, value[0]
            notes.append(f"{section.where}: {key} differs between layers and was not understood")
            continue
        number = section.count(key)
        if number is not None:
            return key, number
    return None


def _quantization(file: JsonFile, notes: list[str]) -> str:
    if file.data.get("quantization_config") is None:
        return ""
    section = file.section("quantization_config")
    if section is None:
        raise ModelError(
            "quantization_config is no object",
            where=f"{file.where}: quantization_config",
            code="bad_type",
        )
    method = section.text("quant_method")
    if method:
        return method
    if section.flag("load_in_4bit") or section.flag("load_in_8bit"):
        return "bitsandbytes"
    notes.append(f"{section.where}: names no method")
    return "unnamed"
