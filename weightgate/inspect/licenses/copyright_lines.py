"""Lines that say who holds the rights in a work, told apart from sentences that say what others may do with it.

They differ from copy to copy of a licence, so they are set aside before a text is compared. What is set aside is not
read, so a line that says anything beyond names, years and addresses is not.
"""

from __future__ import annotations

import re

MAX_WORDS = 16

_LINE = re.compile(r"[^\w\n]*(?:portions |modifications |parts )?(?:copyright\b|\(c\)|©)(.*)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")
_RESERVED = re.compile(r"all rights reserved", re.IGNORECASE)
# "copyright holders", as a licence goes on about them.
_NO_HOLDER = re.compile(r"\W*(?:holders?|owners?|licen[cs]e|notices?|and|law|or)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<!\b[A-Za-z])(?<!\bInc)(?<!\bLtd)(?<!\bCorp)(?<!\bCo)[.:;!?]\s+[^\W\d_]")
# "Institute for …", "2017 to present".
_IN_A_NAME = re.compile(
    r"\b\d{4} to(?= present\b)|\b(?:institute|cent(?:er|re)|foundation|association|society|agency|school|laboratory) for\b",
    re.IGNORECASE,
)
_SAYS_MORE = re.compile(
    r"\b(?:you|your|we|must|shall|should|cannot|would|is|are|be|been|not|no|non|never|only|for|to|in|with|without|any"
    r"|every|us(?:e|es|ed|ing|ers?|age)|licen[cs]\w+|pay\w*|fees?|costs?|charg\w+|requir\w+|needs?|grants?|granted|exclud\w+"
    r"|except\w*|unless|if|commercial\w*|noncommercial\w*|permi\w+|prohibit\w+|forbid\w*|forbidden|restrict\w+|subject|terms?"
    r"|agree\w*|contact|ask|prior|personal|confidential|proprietary|evaluation|academic|educational|redistribut\w*"
    r"|distribut\w*|host\w*|deploy\w*|export\w*|sell\w*|sold|train\w*|sanction\w*|embargo\w*)\b",
    re.IGNORECASE,
)


def without_copyright_lines(text: str) -> str:
    """A text without the lines that name holders of rights, and without "All rights reserved"."""
    return "\n".join(line for line in text.splitlines() if not is_copyright_line(line))


def is_copyright_line(line: str) -> bool:
    """Whether a line names holders of rights, and says nothing else."""
    bare = _ADDRESS.sub(" ", line)
    found = _LINE.fullmatch(_RESERVED.sub(" ", bare))
    if found is None:
        return _RESERVED.fullmatch(line.strip(" \t.*#>/-")) is not None
    rest = found[1]
    return _NO_HOLDER.match(rest) is None and not _SENTENCE_END.search(rest) and is_name(rest)


def is_name(text: str) -> bool:
    """Whether a few words can be a holder's name: they are few, and none of them says what others may do."""
    words = re.findall(r"[^\W_]+", text)
    return len(words) <= MAX_WORDS and not _SAYS_MORE.search(_IN_A_NAME.sub(" ", text))
