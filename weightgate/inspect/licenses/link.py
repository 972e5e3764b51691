"""Where a card's ``license_link`` leads: to the licence that it names, to a text beside the weights, or elsewhere."""

from __future__ import annotations

import re

from weightgate.inspect.licenses.table import license_table
from weightgate.inspect.names import identifier

_VERSIONED = re.compile(r"(?:-only|-or-later|\+)\Z")
_STEWARDS = {
    "apache-2.0": ("apache.org/licenses/license-2.0",),
    "mpl-2.0": ("mozilla.org/mpl/2.0", "mozilla.org/en-us/mpl/2.0"),
    "cc0-1.0": ("creativecommons.org/publicdomain/zero/1.0",),
    "unlicense": ("unlicense.org",),
}
_HUB_FILE = re.compile(r"(?:huggingface\.co|hf\.co)/[^/]+/[^/]+/(?:blob|resolve|raw)/[^/]+/(.+)")


def leads_to(link: str, name: str) -> bool:
    """Whether a link is a well-known address of a licence: its steward's, the OSI's, SPDX's, or the one in the table."""
    name = _VERSIONED.sub("", identifier(name))
    address = _address(link)
    known = {
        *(
            f"{host}/{name}"
            for host in ("spdx.org/licenses", "choosealicense.com/licenses", "gnu.org/licenses")
        ),
        *(f"opensource.org/{folder}/{name}" for folder in ("license", "licenses")),
        f"opensource.org/license/{name.replace('.', '-')}",
        f"gnu.org/licenses/old-licenses/{name}",
        *_STEWARDS.get(name, ()),
    }
    commons = re.fullmatch(r"cc-(by(?:-nc|-nd|-sa)*)-(\d\.\d)", name)
    if commons:
        known.add(f"creativecommons.org/licenses/{commons[1]}/{commons[2]}")
    row = license_table().get(name)
    if row is not None:
        known.add(_address(row.source))
    return address in known


def linked_file(link: str) -> str:
    """Path, in its repo, of the file that a link names; empty when it leads away from the Hub."""
    if "://" not in link:
        return link.partition("#")[0].removeprefix("./")
    found = _HUB_FILE.fullmatch(re.sub(r"\Ahttps?://(?:www\.)?|[?#].*", "", link, flags=re.IGNORECASE))
    return found[1] if found else ""


def _address(link: str) -> str:
    """A URL as it is compared: without scheme, query, file extension, and the names of Creative Commons' own pages."""
    plain = re.sub(r"\Ahttps?://(?:www\.)?|#.*", "", link.strip().lower()).rstrip("/")
    return re.sub(r"(?:/(?:legalcode|deed)(?:\.[a-z]{2})?|\.(?:html?|txt|php))+\Z", "", plain).rstrip("/")
