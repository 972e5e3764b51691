"""Names as files write them, in the one form in which they are compared."""

from __future__ import annotations

import re

MAX_IDENTIFIER = 200

_HUB_URL = r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/([\w.-]+/[\w.-]+?)(?:/.*|\.git)?"


def identifier(text: str) -> str:
    """A licence's name as it is compared: in lower case, since SPDX identifiers know no case (SPDX 2.3, annex D)."""
    return " ".join(text.split()).lower()[:MAX_IDENTIFIER]


def plain_name(text: str) -> str:
    """``owner/name`` of a URL on the Hub; any other text as it is."""
    if "://" not in text:
        return text
    url = re.fullmatch(_HUB_URL, text, re.ASCII)
    return url[1] if url else text
