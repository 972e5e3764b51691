"""Recognising the text of a licence, so that a card's word is held against what was published with it.

A text is recognised when it is a licence's official text word for word, but for copyright lines and layout, or when it
does nothing but name a licence. Anything else is unrecognised, and grants nothing that is known.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from weightgate.inspect.documents.json_file import sha256
from weightgate.inspect.licenses.copyright_lines import is_name, without_copyright_lines
from weightgate.inspect.licenses.digests import DIGESTS
from weightgate.inspect.licenses.files import is_notice, states_license
from weightgate.inspect.licenses.phrases import BOILERPLATE, LEAD, TITLES, narrowing, normalise
from weightgate.inspect.licenses.templates import TEMPLATES, Template
from weightgate.inspect.source import ModelSource, read_small
from weightgate.records import record

MAX_TEXT = 512 * 1024
MAX_TEXTS = 16
MAX_TITLE = 200
"""Longest text, normalised, that may do nothing but name a licence."""

_LONGEST_NAME = 160
_URL = r"(?i)<?\bhttps?://[^\s>)]+|spdx-license-identifier:"
_CLAUSE = r"(?i)\((?:\d{1,2}|[a-z]|[ivx]{1,4})\)|(?<!\S)(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s)"


@record
class LicenseText:
    """A licence's text as it lies beside the weights.

    Attributes:
        file: Path relative to the model's root.
        where: Path or URL of it.
        digest: ``sha256:…`` of its bytes; empty when it was not read.
        name: Identifier of the recognised licence; empty when it was not recognised.
        opening: Its first words, or why it was not read.
    """

    file: str
    where: str
    digest: str
    name: str
    opening: str


def read_license_texts(source: ModelSource) -> tuple[LicenseText, ...]:
    """Read whatever states what others may do with a model, in code-point order of the names.

    Policies of use are among them: they narrow a licence, and are never recognised as one. A notice is, if it holds a
    phrase that narrows. At most :data:`MAX_TEXTS` are read; of those beyond, one stands for all as unrecognised.

    Raises:
        ModelError: A file vanished.
        UnreachableError: The host did not answer.
    """
    names = [name for name in source.entries if states_license(name) or is_notice(name)]
    return tuple(_texts(source, names))


def _texts(source: ModelSource, names: list[str]) -> Iterator[LicenseText]:
    for name in names[:MAX_TEXTS]:
        text = _read(source, name)
        if text is not None:
            yield text
    left = names[MAX_TEXTS:]
    if left:
        why = f"{len(names)} texts, at most {MAX_TEXTS} are read"
        yield LicenseText(left[0], source.locate(left[0]), "", "", why)


def _read(source: ModelSource, name: str) -> LicenseText | None:
    """A text; ``None`` for a notice that narrows nothing."""
    where, size = source.locate(name), source.entries[name].size
    if size > MAX_TEXT:
        return LicenseText(name, where, "", "", f"{size} bytes, at most {MAX_TEXT} are read")
    raw = read_small(source, name, MAX_TEXT)
    # A copyright sign in another encoding is no reason to refuse a licence.
    text = raw.decode("utf-8", errors="replace")
    if not states_license(name) and not narrowing(text):
        return None
    return LicenseText(name, where, sha256(raw), recognise(text), " ".join(text[:400].split())[:80])


def recognise(text: str) -> str:
    """Identifier of the licence whose text this is; empty when it is none that is known, or one that was changed."""
    words = words_of(text)
    named = DIGESTS.get(digest_of(words), "")
    return named or next((t.name for t in TEMPLATES if _is_copy(words, t)), "") or _title_only(text)


def words_of(text: str) -> str:
    """A text as licences are compared: normalised, without copyright lines, URLs and the numbers of clauses."""
    return normalise(re.sub(_CLAUSE, " ", _bare(text)))


def digest_of(words: str) -> str:
    """Digest of a normalised text, whatever its words are divided by."""
    return hashlib.sha256(words.replace(" ", "").encode()).hexdigest()


def _bare(text: str) -> str:
    return re.sub(_URL, " ", without_copyright_lines(text))


def _is_copy(words: str, template: Template) -> bool:
    slot = f"(.{{1,{_LONGEST_NAME}}}?)"
    pattern = re.escape(template.text).replace(re.escape("<>"), slot)
    found = re.fullmatch(rf"(?:(?:{template.title}|license) )?{pattern}", words)
    return found is not None and all(map(is_name, found.groups()))


def _title_only(text: str) -> str:
    """The licence of a file that says nothing but its name, in the notice that the licence itself proposes."""
    plain = normalise(_bare(text))
    for sentence in BOILERPLATE:
        plain = plain.replace(sentence, " ")
    plain = " ".join(plain.split())
    if len(plain) > MAX_TITLE:
        return ""
    for name, title in TITLES.items():
        if re.fullmatch(rf"(?:{LEAD}(?:{title})(?: |$)){{1,3}}", plain):
            return name
    return ""
