"""The sentences by which licence texts are told apart, and those with which publishers narrow them.

All are normalised: lower case, words and digits only, one space between, "licence" spelled "license". Taken from the
licences' own texts as SPDX lists them (https://spdx.org/licenses).
"""

from __future__ import annotations

import re

from weightgate.records import record


def normalise(text: str) -> str:
    """Lower case, words and digits only, one space between, "licence" spelled "license"."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("licence", "license")))


@record
class KnownText:
    """A licence by its key sentences.

    Attributes:
        name: Its identifier.
        words: Fewest and most words of its text, in the editions that are about.
        phrases: Sentences that it must have.
        whole: Its whole text where that is short, so that added words show; empty for a long one.
    """

    name: str
    words: tuple[int, int]
    phrases: tuple[str, ...]
    whole: str = ""


ADDED_WORDS = 16
"""Words that a short licence may have beyond its text and its copyright lines: a title, and names of holders."""

_BSD_HEAD = (
    "redistribution and use in source and binary forms with or without modification are permitted provided that the "
    "following conditions are met"
)
_BSD_BODY = (
    "1 redistributions of source code must retain the above copyright notice this list of conditions and the following "
    "disclaimer 2 redistributions in binary form must reproduce the above copyright notice this list of conditions and "
    "the following disclaimer in the documentation and or other materials provided with the distribution"
)
_BSD_NAME = "may be used to endorse or promote products derived from this software without specific prior written permission"
_BSD_TAIL = "even if advised of the possibility of such damage"
_BSD_DISCLAIMER = (
    "this software is provided by the copyright holders and contributors as is and any express or implied warranties "
    "including but not limited to the implied warranties of merchantability and fitness for a particular purpose are "
    "disclaimed in no event shall the copyright holder or contributors be liable for any direct indirect incidental "
    "special exemplary or consequential damages including but not limited to procurement of substitute goods or services "
    "loss of use data or profits or business interruption however caused and on any theory of liability whether in "
    "contract strict liability or tort including negligence or otherwise arising in any way out of the use of this "
    f"software {_BSD_TAIL}"
)
_MIT = (
    "permission is hereby granted free of charge to any person obtaining a copy of this software and associated "
    "documentation files the software to deal in the software without restriction including without limitation the "
    "rights to use copy modify merge publish distribute sublicense and or sell copies of the software and to permit "
    "persons to whom the software is furnished to do so subject to the following conditions the above copyright notice "
    "and this permission notice shall be included in all copies or substantial portions of the software the software is "
    "provided as is without warranty of any kind express or implied including but not limited to the warranties of "
    "merchantability fitness for a particular purpose and noninfringement in no event shall the authors or copyright "
    "holders be liable for any claim damages or other liability whether in an action of contract tort or otherwise "
    "arising from out of or in connection with the software or the use or other dealings in the software"
)

_APACHE_GRANT = (
    "each contributor hereby grants to you a perpetual worldwide non exclusive no charge royalty free irrevocable "
    "copyright license to reproduce prepare derivative works of publicly display publicly perform sublicense and "
    "distribute the work and such derivative works in source or object form"
)
_APACHE_DISCLAIMER = (
    "unless required by applicable law or agreed to in writing software distributed under the license is distributed on "
    "an as is basis without warranties or conditions of any kind either express or implied"
)

KNOWN = (
    KnownText("agpl-3.0", (4900, 6100), (
        "gnu affero general public license version 3 19 november 2007",
        "remote network interaction use with the gnu general public license",
        "you may convey verbatim copies of the program s source code as you receive it",
    )),
    KnownText("gpl-3.0", (4900, 6100), (
        "gnu general public license version 3 29 june 2007",
        "use with the gnu affero general public license",
        "you may convey verbatim copies of the program s source code as you receive it",
    )),
    KnownText("lgpl-2.1", (3800, 4800), (
        "gnu lesser general public license version 2 1 february 1999",
        "you may copy and distribute verbatim copies of the library s complete source code",
    )),
    KnownText("gpl-2.0", (2450, 3300), (
        "gnu general public license version 2 june 1991",
        "you may copy and distribute verbatim copies of the program s source code as you receive it",
    )),
    KnownText("cc-by-4.0", (2300, 3100), (
        "creative commons attribution 4 0 international public license",
        "reproduce and share the licensed material in whole or in part",
        "produce reproduce and share adapted material",
        "no downstream restrictions",
    )),
    KnownText("mpl-2.0", (2200, 2800), (
        "mozilla public license version 2 0",
        "each contributor hereby grants you a world wide royalty free non exclusive license",
        "exhibit a source code form license notice",
    )),
    KnownText("apache-2.0", (1350, 1850), (
        "apache license version 2 0 january 2004",
        _APACHE_GRANT,
        "accepting warranty or additional liability",
    )),
    KnownText("lgpl-3.0", (1000, 1500), (
        "gnu lesser general public license version 3 29 june 2007",
        "incorporates the terms and conditions of version 3 of the gnu general public license",
    )),
    KnownText("cc0-1.0", (850, 1350), (
        "cc0 1 0 universal",
        "waives abandons and surrenders all of affirmer s copyright and related rights",
        "for any purpose whatsoever including without limitation commercial advertising or promotional purposes",
    )),
    KnownText("bsd-3-clause", (190, 330), (_BSD_HEAD, _BSD_NAME, _BSD_TAIL),
              f"{_BSD_HEAD} {_BSD_BODY} 3 neither the name of the copyright holder nor the names of its contributors "
              f"{_BSD_NAME} {_BSD_DISCLAIMER}"),
    KnownText("bsd-2-clause", (150, 280), (_BSD_HEAD, _BSD_TAIL), f"{_BSD_HEAD} {_BSD_BODY} {_BSD_DISCLAIMER}"),
    KnownText("unlicense", (170, 260), (
        "this is free and unencumbered software released into the public domain",
        "for any purpose commercial or non commercial and by any means",
    )),
    KnownText("mit", (140, 260), (
        "permission is hereby granted free of charge to any person obtaining a copy",
        "rights to use copy modify merge publish distribute sublicense and or sell copies",
        "in no event shall the authors or copyright holders be liable",
    ), _MIT),
)  # fmt: skip
"""The licences whose texts are recognised."""

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

OWN = (
    "you may not use this file except in compliance with the license",
    "you may not use this work except in compliance with the license",
    "for any purpose commercial or non commercial and by any means",
    "only for noncommercial distribution",
    "only occasionally and noncommercially",
    "in effect making the program proprietary",
    "shall not be used to construe",
    "may not be used to endorse or promote",
    "could make it effectively proprietary",
    "linking proprietary applications with the library",
    "incorporating your program into proprietary programs",
    "transforming the program into proprietary software",
    "license restrictions of other proprietary libraries",
)
"""Sentences of the licences above that would read as narrowing."""

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
