"""Phrases by which a licence is named, and those with which publishers narrow one.

All are normalised (:func:`normalise`). Taken from the licences' own texts as SPDX lists them (https://spdx.org/licenses).
"""

from __future__ import annotations

import re

UNREADABLE = "\ufffd"
"""What stands for bytes that are not UTF-8. It counts as a word, so that nothing can be hidden in another encoding."""


def normalise(text: str) -> str:
    """Lower case, words and digits of any script only, one space between, "licence" spelled "license"."""
    return " ".join(re.findall(rf"[^\W_]+|{UNREADABLE}", text.lower().replace("licence", "license")))


_APACHE_DISCLAIMER = (
    "unless required by applicable law or agreed to in writing software distributed under the license is distributed on "
    "an as is basis without warranties or conditions of any kind either express or implied"
)

NARROWING = (
    r"\bnon ?commercial|\bmay not be (?:re)?distributed\b"
    r"|\b(?:re)?distribution (?:is|are) (?:not (?:permitted|allowed)|prohibited|forbidden)\b"
    r"|\bnot for (?:re)?distribution\b|\bno redistribution\b|\bdo not (?:re)?distribute\b"
    r"|\bresearch (?:purposes?|use) only\b|\bonly for research\b|\bfor internal use\b"
    r"|\bfor (?:\w+ )?(?:research|evaluation|academic|personal|internal|educational) (?:use|purposes?)\b"
    r"|\bacceptable use\b|\buse polic(?:y|ies)\b|\buse(?: based)? restrictions?\b|\bprohibited uses?\b"
    r"|\bnot granted\b|\bno (?:rights?|license)s? (?:is|are) (?:hereby )?granted\b|\bnot licensed to\b"
    r"|\bcommons clause\b|\bconfidential\b|\bproprietary\b|\bgood not evil\b|\btrade secrets?\b"
    r"|\b(?:additional|further|following) (?:restrictions?|limitations?) (?:apply|applies|shall apply)\b"
    r"|\b(?:shall|must|may|will|agrees?) not (?:to )?(?:be )?"
    r"(?:used?|redistributed?|export(?:ed)?|host(?:ed)?|deploy(?:ed)?|sell|sold|train(?:ed)?)\b"
    r"|\bmonthly active users\b|\bdomiciled\b|\bembargo|\bexport controls?\b|\bmilitary\b|\bnuclear\b"
)
"""What a publisher adds to narrow a licence: a pattern of normalised text."""

_HARMLESS = (
    "you may not use this file except in compliance with the license",
    "you may not use this work except in compliance with the license",
    "for any purpose commercial or non commercial and by any means",
    "may not be used to endorse or promote",
)
"""Sentences of open licences that would read as narrowing."""


def narrowing(text: str) -> str:
    """The first phrase of a text that narrows a licence, normalised; empty when none is known to."""
    plain = normalise(text)
    for sentence in _HARMLESS:
        plain = plain.replace(sentence, " ")
    found = re.search(NARROWING, plain)
    return found[0] if found else ""


BOILERPLATE = (
    "you may not use this file except in compliance with the license",
    "you may not use this work except in compliance with the license",
    "you may obtain a copy of the license at",
    _APACHE_DISCLAIMER,
    "see the license for the specific language governing permissions and limitations under the license",
)
"""The notice that the Apache License proposes for files, whose first sentence names the licence."""

TITLES = {
    "apache-2.0": r"(?:the )?apache(?: software)?(?: license)?(?: version)? 2 0(?: january 2004)?(?: the license)?",
    "mit": r"(?:the )?mit license(?: mit)?|mit",
    "bsd-3-clause": r"(?:the )?bsd 3 clause(?: license)?",
    "bsd-2-clause": r"(?:the )?bsd 2 clause(?: license)?",
    "cc-by-4.0": r"(?:creative commons attribution|cc by) 4 0(?: international)?(?: public)?(?: license)?",
    "cc0-1.0": r"(?:creative commons )?cc0 1 0(?: universal)?",
}
"""How a file names its licence when it does nothing else: patterns of normalised text."""

LEAD = (
    r"(?:(?:this|these|the) (?:model|models|weights|model weights|work|project|software|repository) (?:is|are) )?"
    r"(?:(?:released|licensed|published|distributed) )?(?:under )?(?:the )?"
)
"""What may stand before such a name."""
