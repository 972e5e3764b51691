"""Which files of a model state what others may do with it, by their names.

A licence that narrows another is as binding in ``weights/LICENSE`` or ``EULA.txt`` as it is in ``LICENSE``. Taking a file
for a licence that is none makes a model's openness unknown; overlooking one makes it wrong.
"""

from __future__ import annotations

import re

_MARKS = (
    "licen",
    "eula",
    "copying",
    "terms",
    "tos",
    "aup",
    "agree",
    "legal",
    "restrict",
    "polic",
    "acceptable",
    "notice",
)
_ALWAYS = r"licen[cs]e|\b(?:eulas?|copying|terms ?of(?: ?use| ?service)?|us(?:e|age) ?polic(?:y|ies)|use ?restrictions?|acceptable ?use)\b"
# Words that name data and parts of programs as well: a robot's policy, legal terms, subject-verb agreement.
_IN_DOCUMENTS = r"\b(?:terms|tos|aup|agreements?|legal|restrictions?|polic(?:y|ies))\b"
_FOLDER = r"(?i)(?:.*/)?(?:licen[cs]es?|eulas?|legal|terms)/"
_DATA = r"(?i).*\.(?:json|ya?ml|toml|ini|cfg|xml)"
_NO_TEXT = (
    r"(?i).*\.(?:py|pyc|ipynb|js|ts|c|cc|cpp|h|hpp|cu|rs|go|sh|safetensors|bin|gguf|pth?|ckpt|onnx|h5|msgpack|np[yz]|pkl"
    r"|pickle|png|jpe?g|gif|webp|svg|mp[34]|wav|flac|csv|tsv|jsonl|parquet|arrow)"
)


def states_license(path: str) -> bool:
    """Whether a file is a licence, terms, an agreement or a policy of use: by its own name, or by its folder's."""
    if not _may_be_text(path):
        return False
    folder, _, name = path.rpartition("/")
    words = _words(name)
    if re.search(_ALWAYS, words) or re.match(_FOLDER, f"{folder}/", re.DOTALL):
        return True
    return re.search(_IN_DOCUMENTS, words) is not None and not re.fullmatch(_DATA, name, re.DOTALL)


def is_notice(path: str) -> bool:
    """Whether a file is a notice, as the Apache License has them: harmless, unless it narrows the licence."""
    if not _may_be_text(path):
        return False
    return re.search(r"\bnotices?\b", _words(path.rpartition("/")[2])) is not None


def _may_be_text(path: str) -> bool:
    lower = path.lower()
    return any(mark in lower for mark in _MARKS) and not re.fullmatch(_NO_TEXT, path, re.DOTALL)


def _words(name: str) -> str:
    """A file's name as words in lower case: ``Terms_of-UsePolicy.md`` is ``terms of use policy md``."""
    return " ".join(re.findall("[a-z]+", re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()))
