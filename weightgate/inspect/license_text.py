"""Recognising the text of a licence, so that a card's word is held against what was published with it.

A text is recognised when it has the licence's own key sentences and about its length, and none of the phrases with
which publishers narrow one. Anything else is unrecognised, and grants nothing that is known.
"""

from __future__ import annotations

import re
from collections import Counter

from weightgate.inspect.documents import sha256
from weightgate.inspect.license_phrases import (
    ADDED_WORDS,
    BOILERPLATE,
    KNOWN,
    LEAD,
    NARROWING,
    OWN,
    TITLES,
    KnownText,
    normalise,
)
from weightgate.inspect.source import ModelSource
from weightgate.records import record

MAX_TEXT = 512 * 1024
MAX_TEXTS = 16

_FILE = r"(?:un)?licen[cs]es?(?:[-._ ].*)?|copying(?:[-._ ].*)?|.*use[-_ ]?policy(?:\.\w+)?|.*[-_. ]licen[cs]e(?:\.\w+)?"
_NO_TEXT = r".*\.(?:py|json|ya?ml|safetensors|bin|gguf|pth?|png|jpe?g)"
_COPYRIGHT = r"(?im)^[^\w\n]*(?:copyright|\(c\)|©|all rights reserved)[^\n]*$"
_URL = r"(?i)https?://[^\s>)]+|spdx-license-identifier:"


@record
class LicenseText:
    """A licence's text as it lies beside the weights.

    Attributes:
        file: Path relative to the model's root.
        where: Path or URL of it.
        digest: ``sha256:…`` of its bytes; empty when it was too long to read.
        name: Identifier of the recognised licence; empty when it was not recognised.
        opening: Its first words, or why it was not read.
    """

    file: str
    where: str
    digest: str
    name: str
    opening: str


def read_license_texts(source: ModelSource) -> tuple[LicenseText, ...]:
    """Read the licence texts at the model's root, at most :data:`MAX_TEXTS`, in code-point order of their names.

    Files that state a policy of use are among them: they narrow a licence, and are never recognised as one.

    Raises:
        ModelError: A file vanished.
        UnreachableError: The host did not answer.
    """
    names = [n for n in source.entries if _is_license(n)]
    return tuple(_read(source, name) for name in names[:MAX_TEXTS])


def _is_license(name: str) -> bool:
    flags = re.IGNORECASE | re.DOTALL
    named = "/" not in name and re.fullmatch(_FILE, name, flags) is not None
    return named and re.fullmatch(_NO_TEXT, name, flags) is None


def _read(source: ModelSource, name: str) -> LicenseText:
    where, size = source.locate(name), source.entries[name].size
    if size > MAX_TEXT:
        return LicenseText(name, where, "", "", f"{size} bytes, at most {MAX_TEXT} are read")
    raw = source.read(name, 0, MAX_TEXT)
    # A copyright sign in another encoding is no reason to refuse a licence; what cannot be read is not recognised.
    text = raw.decode("utf-8", errors="replace")
    return LicenseText(name, where, sha256(raw), recognise(text), " ".join(text[:400].split())[:80])


def recognise(text: str) -> str:
    """Identifier of the licence whose text this is; empty when it is none that is known, or one that was changed."""
    plain = normalise(text)
    foreign = plain
    for own in OWN:
        foreign = foreign.replace(own, " ")
    if re.search(NARROWING, foreign):
        return ""
    count = plain.count(" ") + 1
    for known in KNOWN:
        if known.words[0] <= count <= known.words[1] and all(phrase in plain for phrase in known.phrases):
            return known.name if _nothing_added(text, known) else ""
    return _title_only(text)


def _nothing_added(text: str, known: KnownText) -> bool:
    if not known.whole:
        return True
    bare = Counter(normalise(_bare(text)).split())
    return (bare - Counter(known.whole.split())).total() <= ADDED_WORDS


def _bare(text: str) -> str:
    return re.sub(_URL, " ", re.sub(_COPYRIGHT, " ", text))


def _title_only(text: str) -> str:
    """The licence of a file that says nothing but its name, in the notice that the licence itself proposes."""
    plain = normalise(_bare(text))
    for sentence in BOILERPLATE:
        plain = plain.replace(sentence, " ")
    plain = " ".join(plain.split())
    if len(plain) > 200:
        return ""
    for name, title in TITLES.items():
        if re.fullmatch(rf"(?:{LEAD}(?:{title})(?: |$)){{1,3}}", plain):
            return name
    return ""
