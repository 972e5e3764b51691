"""``adapter_config.json``: what a PEFT adapter was trained on."""

from __future__ import annotations

from weightgate.inspect.documents.json_file import read_json
from weightgate.inspect.source import ModelSource
from weightgate.records import record

ADAPTER_CONFIG = "adapter_config.json"
MAX_ADAPTER_CONFIG = 8 * 1024 * 1024


@record
class Adapter:
    """What an adapter's configuration states.

    Attributes:
        where: Path or URL of the file.
        digest: ``sha256:…`` of its bytes.
        kind: ``peft_type``, such as ``LORA``; empty when not stated.
        base: The model that it adapts, as written; empty when not stated.
        revision: The base's revision; empty when null, so that the base is not pinned.
    """

    where: str
    digest: str
    kind: str
    base: str
    revision: str

    @property
    def notes(self) -> tuple[str, ...]:
        """What the configuration leaves open."""
        if not self.base:
            return (f"{self.where}: the adapter names no base",)
        if not self.revision:
            return (f"{self.where}: the base {self.base} is not pinned to a revision",)
        return ()


def read_adapter(source: ModelSource) -> Adapter | None:
    """Read the configuration of an adapter; ``None`` when the model is none.

    Raises:
        ModelError: Too long, not JSON, or a value of another type.
        UnreachableError: The host did not answer.
    """
    if ADAPTER_CONFIG not in source.entries:
        return None
    file = read_json(source, ADAPTER_CONFIG, max_bytes=MAX_ADAPTER_CONFIG)
    return Adapter(
        where=file.where,
        digest=file.digest,
        kind=file.text("peft_type") or "",
        base=(file.text("base_model_name_or_path") or "").strip(),
        revision=(file.text("revision") or "").strip(),
    )
