"""Words of a pack in Markdown: what its author wrote is never markup, and only links that are safe are links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from weightgate.policy.sentences import Clause, Word
from weightgate.policy.show.shown import ShownCite, ShownSource

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?#][!-~]*)?\Z")
"""A link that leads where it seems to: no name or password before the host, and nothing but ASCII."""
_KEPT = ":/?#@!$&'+,=%"
"""Characters of a URL that stay; whatever could end a link in Markdown is written with its number."""


def escaped(text: str) -> str:
    """A text in which nothing is markup and which stays on its line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def anchored(kind: str, name: str) -> str:
    """The place that links to something named lead to.

    Args:
        kind: What it is, in one word.
        name: Its identifier.
    """
    return f'<a id="{_anchor(kind, name)}"></a>'


def cited(cites: Iterable[ShownCite]) -> str:
    """Where something stands: the short name of each source, which leads to its entry, and the place."""
    return "; ".join(
        f"[{escaped(cite.source)}](#{_anchor('source', cite.source)}): {escaped(cite.place)}"
        for cite in cites
    )


def source(one: ShownSource) -> str:
    """The entry of a source."""
    published = f"published on {one.published}" if one.published else ""
    about = ", ".join(filter(None, (escaped(one.publisher), published)))
    says = [f"{escaped(one.title)}.", f"{about[:1].upper()}{about[1:]}." if about else ""]
    says.append(link(one.url) if one.url else "")
    return f"{anchored('source', one.id)}**{escaped(one.id)}**: " + " ".join(filter(None, says))


def link(url: str) -> str:
    """A URL as a link, when it is one of the web; anything else as it is written, which leads nowhere."""
    if not _WEB.match(url):
        return "`" + " ".join(url.split()).replace("`", "'") + "`"
    return f"[{escaped(url)}]({quote(url, safe=_KEPT)})"


def sentence(clause: Clause) -> str:
    """A sentence of a condition, in which terms, values and switches lead to where they are explained."""
    return "".join(map(_word, clause.words))


def _word(word: Word) -> str:
    if not word.kind:
        left, right = " " * word.text.startswith(" "), " " * word.text.endswith(" ")
        return f"{left}{escaped(word.text)}{right}"
    named = f"*{escaped(word.text)}*"
    return named if word.kind == "reading" else f"[{named}](#{_anchor(word.kind, word.text)})"


def _anchor(kind: str, name: str) -> str:
    return f"{kind}-{name.replace(' ', '_')}"


def code(text: str) -> str:
    """A text as it is written, in which nothing is markup, on one line."""
    plain = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{plain}{pad}{fence}"
