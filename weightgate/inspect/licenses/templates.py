"""Short licences, word for word, with places for the holder's name where their texts have them.

Texts as SPDX lists them (https://spdx.org/licenses), normalised; numbers of clauses are left out, since copies have dots
in their place. ``<>`` is a name.
"""

from __future__ import annotations

from weightgate.records import record

_BSD = (
    "redistribution and use in source and binary forms with or without modification are permitted provided that the "
    "following conditions are met redistributions of source code must retain the above copyright notice this list of "
    "conditions and the following disclaimer redistributions in binary form must reproduce the above copyright notice "
    "this list of conditions and the following disclaimer in the documentation and or other materials provided with the "
    "distribution "
)
_BSD_NAMES = (
    "neither the name of <> nor the names of <> may be used to endorse or promote products derived from this software "
    "without specific prior written permission "
)
_BSD_DISCLAIMER = (
    "this software is provided by <> as is and any express or implied warranties including but not limited to the "
    "implied warranties of merchantability and fitness for a particular purpose are disclaimed in no event shall <> be "
    "liable for any direct indirect incidental special exemplary or consequential damages including but not limited to "
    "procurement of substitute goods or services loss of use data or profits or business interruption however caused and "
    "on any theory of liability whether in contract strict liability or tort including negligence or otherwise arising in "
    "any way out of the use of this software even if advised of the possibility of such damage"
)
_MIT = (
    "permission is hereby granted free of charge to any person obtaining a copy of this software and associated "
    "documentation files the software to deal in the software without restriction including without limitation the "
    "rights to use copy modify merge publish distribute sublicense and or sell copies of the software and to permit "
    "persons to whom the software is furnished to do so "
)
_MIT_NOTICE = (
    "subject to the following conditions the above copyright notice and this permission notice shall be included in all "
    "copies or substantial portions of the software "
)
_MIT_DISCLAIMER = (
    "the software is provided as is without warranty of any kind express or implied including but not limited to the "
    "warranties of merchantability fitness for a particular purpose and noninfringement in no event shall the authors or "
    "copyright holders be liable for any claim damages or other liability whether in an action of contract tort or "
    "otherwise arising from out of or in connection with the software or the use or other dealings in the software"
)
_ISC = (
    "permission to use copy modify and or distribute this software for any purpose with or without fee is hereby granted "
    "provided that the above copyright notice and this permission notice appear in all copies the software is provided as "
    "is and <> disclaims all warranties with regard to this software including all implied warranties of merchantability "
    "and fitness in no event shall <> be liable for any special direct indirect or consequential damages or any damages "
    "whatsoever resulting from loss of use data or profits whether in an action of contract negligence or other tortious "
    "action arising out of or in connection with the use or performance of this software"
)


@record
class Template:
    """A short licence.

    Attributes:
        name: Its identifier.
        title: Pattern of the headings under which it stands.
        text: Its words.
    """

    name: str
    title: str
    text: str


TEMPLATES = (
    Template("mit", r"(?:the )?(?:mit|expat) license(?: mit)?", _MIT + _MIT_NOTICE + _MIT_DISCLAIMER),
    Template("mit-0", r"mit no attribution(?: license)?", _MIT.strip() + " " + _MIT_DISCLAIMER),
    Template(
        "bsd-2-clause",
        r"(?:the )?(?:bsd 2 clause|simplified bsd|bsd)(?: simplified)? license",
        _BSD + _BSD_DISCLAIMER,
    ),
    Template(
        "bsd-3-clause",
        r"(?:the )?(?:bsd 3 clause|new bsd|modified bsd|bsd)(?: new or revised)? license",
        _BSD + _BSD_NAMES + _BSD_DISCLAIMER,
    ),
    Template("isc", r"(?:the )?isc license(?: isc)?", _ISC),
)
"""The short licences whose texts are recognised."""
