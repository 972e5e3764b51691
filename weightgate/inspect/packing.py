"""Whether stored elements are parameters: quantised weights pack several parameters into one stored element.

GPTQ and AWQ store eight 4-bit weights in one I32, bitsandbytes two in one U8, compressed-tensors and MXFP4 their own
packings; each adds scales and zero points that are no parameters. How many weights there were cannot be told from
the header alone with certainty, so the number is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from weightgate.files.json import parse_json
from weightgate.inspect.source import ModelSource, read_small

MAX_CONFIG = 8 * 1024 * 1024

_PACKED_NAME = re.compile(
    r"(?:^|[._])(?:qweight|qzeros|g_idx|weight_packed|weight_zero_point|absmax|quant_map|nested_absmax|SCB"
    r"|quant_state\.\S+|blocks)$"
)
_PACKING_DTYPES = frozenset({"U8", "I8", "I32", "U32", "F4", "F6_E2M3", "F6_E3M2", "U16", "I16"})


def quantization_method(source: ModelSource, folder: str) -> str:
    """Quantisation method that the ``config.json`` beside the weights names; empty when it names none.

    Raises:
        InputError: The file is not JSON.
        ModelError: The file is too large.
    """
    name = f"{folder}/config.json" if folder else "config.json"
    if name not in source.entries:
        return ""
    config = parse_json(read_small(source, name, MAX_CONFIG), source.locate(name))
    settings: Any = config.get("quantization_config") if isinstance(config, dict) else None
    if settings is None:
        return ""
    method = settings.get("quant_method") if isinstance(settings, dict) else None
    return method if isinstance(method, str) and method else "unnamed"


def packed_reason(method: str, names: Sequence[str], dtypes: Sequence[str]) -> str:
    """Why the stored elements are not the parameters; empty when they are.

    Args:
        method: What :func:`quantization_method` found.
        names: Names of tensors.
        dtypes: Their stored types.
    """
    if method:
        return (
            f"config.json says that the weights are quantised ({method}): stored elements are not parameters"
        )
    if _PACKING_DTYPES.isdisjoint(dtypes):
        return ""
    for name, dtype in zip(names, dtypes, strict=True):
        if dtype in _PACKING_DTYPES and (name.endswith("weight") or _PACKED_NAME.search(name)):
            return f"tensor {name!r} of type {dtype} looks like packed weights: stored elements are not parameters"
    return ""
