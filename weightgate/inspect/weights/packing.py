"""Whether stored elements are parameters: quantised weights pack several parameters into one stored element.

GPTQ and AWQ store eight 4-bit weights in one I32, bitsandbytes two in one U8, compressed-tensors and MXFP4 their own
packings; each adds scales and zero points that are no parameters. How many weights there were cannot be told from
the header alone with certainty, so the number is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from weightgate.inspect.documents.config import MAX_CONFIG
from weightgate.inspect.documents.json_file import read_json
from weightgate.inspect.source import ModelSource

_PACKED_NAME = re.compile(
    r"(?:^|[._])(?:qweight|qzeros|g_idx|weight_packed|weight_zero_point|absmax|quant_map|nested_absmax|SCB"
    r"|quant_state\.\S+|blocks|W_q|Qidxs|codes|trellis)$"
)
_SCALE_NAME = re.compile(r"(?:^|[._])(?:(?:weight|input|k|v|q|output)_)?scales?(?:_inv|_2)?$")
_PACKING_DTYPES = frozenset({"U8", "I8", "I32", "U32", "F4", "F6_E2M3", "F6_E3M2", "U16", "I16"})
_EIGHT_BITS = frozenset({"F8_E5M2", "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0"})
_INTEGERS = _PACKING_DTYPES | {"I64", "U64", "QI8", "QU8", "QI32"}

_MOST_INTEGERS = 1 / 8
"""Share of integers among stored elements above which they are no buffers. Positions and masks take less; packings
whose names are not known take more, since they pack what most parameters are in."""


def quantization_method(source: ModelSource, folder: str) -> str:
    """Quantisation method that the ``config.json`` beside the weights names; empty when it names none.

    Raises:
        ModelError: The file is too large, or not a JSON object.
        UnreachableError: The host did not answer.
    """
    name = f"{folder}/config.json" if folder else "config.json"
    if name not in source.entries:
        return ""
    settings: Any = read_json(source, name, max_bytes=MAX_CONFIG).data.get("quantization_config")
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
    present = set(dtypes)
    if not _EIGHT_BITS.isdisjoint(present):
        for name in names:
            if _SCALE_NAME.search(name):
                return f"tensor {name!r} beside weights of 8 bits is no parameter, but a scale of some"
    if _PACKING_DTYPES.isdisjoint(present):
        return ""
    for name, dtype in zip(names, dtypes, strict=True):
        if dtype in _PACKING_DTYPES and (name.endswith("weight") or _PACKED_NAME.search(name)):
            return f"tensor {name!r} of type {dtype} looks like packed weights: stored elements are not parameters"
    return ""


def integer_reason(counts: Mapping[str, int]) -> str:
    """Why so many integers are not parameters, whatever their names; empty when there are few.

    Args:
        counts: Stored elements by stored type, of a whole set of weights.
    """
    whole = sum(counts.values())
    integers = sum(count for dtype, count in counts.items() if dtype in _INTEGERS)
    if integers <= whole * _MOST_INTEGERS:
        return ""
    return f"{integers} of {whole} stored elements are integers, which looks like packed weights"
