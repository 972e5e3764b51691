"""What a trust file says, as frozen records; :mod:`weightgate.attest.trust.trust` answers questions about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from weightgate.destinations.places import Destination
from weightgate.records import record
from weightgate.signing.accepted import Keyless
from weightgate.signing.keys import PublicKey

if TYPE_CHECKING:
    from weightgate.signing.certificates import Authority

SCHEMA = "weightgate/trust/v1"

Version = tuple[int, int, int]


@record
class Answer:
    """Whether something is granted, and why or why not, in one line.

    Attributes:
        granted: Whether it is.
        because: Why, or why not.
        until: The last UTC day on which the same question has the same answer by the same grant; empty where none is known.
    """

    granted: bool
    because: str
    until: str = ""

    def __bool__(self) -> bool:
        """Whether it is granted."""
        return self.granted


@record
class Succession:
    """How a key came to stand for another.

    Attributes:
        identity: The identity whose key signed the statement.
        start: UTC day from which the new key acts, and the old one no more.
    """

    identity: str
    start: str


@record
class Identity:
    """Somebody who signs. Exactly one of ``key``, ``authority`` and ``keyless`` is there.

    Attributes:
        name: Its name in the file.
        key: Its public key.
        authority: Who vouches for it by certificate, and under which subject.
        keyless: Its Sigstore identity.
        succeeds: Whose place its key has taken; ``None`` when it is nobody's successor.
        notes: For people.
    """

    name: str
    key: PublicKey | None = None
    authority: Authority | None = None
    keyless: Keyless | None = None
    succeeds: Succession | None = None
    notes: str = ""


@record
class Root:
    """Who signs the next version of the file: so many of these identities."""

    identities: tuple[str, ...]
    threshold: int


@record
class Grant:
    """One entry of ``decide``, ``declare``, ``revoke``, ``sign_models`` or ``sign_packs``.

    Attributes:
        kind: The list it stands in.
        index: Its number in that list, from 0.
        identities: Who is meant.
        threshold: How many of them it takes, each counted once.
        start: First UTC day of signing; empty: since ever.
        until: Last UTC day of signing; empty: no end.
        limits: The accepted values by what they limit (``verdicts``, ``packs`` …); what is absent is not limited.
        places: ``destinations`` of ``limits``, resolved.
        verifier_id: URI under which it signs summaries; empty when it may sign under none.
        notes: For people.
    """

    kind: str
    index: int
    identities: tuple[str, ...]
    threshold: int
    start: str
    until: str
    limits: Mapping[str, tuple[str, ...]]
    places: tuple[Destination, ...] = field(repr=False)
    verifier_id: str = ""
    notes: str = ""

    @property
    def place(self) -> str:
        """``decide[0]``."""
        return f"{self.kind}[{self.index}]"


@record
class PackRule:
    """What a pack of one name must be.

    Attributes:
        name: The pack's name.
        digests: Digests allowed; ``None``: any.
        minimum: Lowest version allowed; ``None``: any.
        signed: Whether it must be signed by whom ``sign_packs`` names.
    """

    name: str
    digests: tuple[str, ...] | None = None
    minimum: Version | None = None
    signed: bool = False

    def allows(self, digest: str, version: str, *, signed: bool) -> Answer:
        """Whether a pack of this name may have decided.

        Args:
            digest: ``sha256:…`` of its bytes, worked out here.
            version: What it says its version is.
            signed: Whether somebody signed it whom ``sign_packs`` names for it.
        """
        if self.digests is not None and digest not in self.digests:
            listed = ", ".join(self.digests[:3]) + (" …" if len(self.digests) > 3 else "")
            return Answer(False, f"{self.name} is {digest[:80]}; allowed: {listed}")
        found = parse_version(version)
        if self.minimum is not None and (found is None or found < self.minimum):
            least = write_version(self.minimum)
            return Answer(False, f"{self.name} has version {version[:40]!r}, needed {least} or later")
        if self.signed and not signed:
            return Answer(False, f"{self.name} must be signed by whom sign_packs names, and is not")
        return Answer(True, f"{self.name} {version[:40]} is as the trust file wants it")


def parse_version(text: str) -> Version | None:
    """A pack's version, three whole numbers joined by points; ``None`` for anything else."""
    parts = text.split(".")
    plain = all(part.isascii() and part.isdecimal() and len(part) <= 9 for part in parts)
    if len(parts) != 3 or not plain:
        return None
    major, minor, patch = map(int, parts)
    return major, minor, patch


def write_version(version: Sequence[int]) -> str:
    """A version as text."""
    return ".".join(map(str, version))
