"""What is wrong with a trust file, or will be: each finding with its code, its place and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Any

from weightgate.attest.trust.codes import CODES
from weightgate.attest.trust.grants import DECIDE, SIGN_PACKS
from weightgate.attest.trust.limits import day_of
from weightgate.attest.trust.model import Grant, Identity, PackRule
from weightgate.attest.trust.read import parse_trust
from weightgate.attest.trust.trust import Trust
from weightgate.errors import InputError, SignatureError
from weightgate.files.codes import Severity
from weightgate.files.yaml import Document, Path_, parse_yaml
from weightgate.policy.source import find_pack, shipped_packs
from weightgate.records import record

SOON_DAYS = 30
"""How long before its last day a file is said to expire soon."""
LATE_DAYS = 3 * 366
"""How far ahead a last day is said to be late."""
STRONG_RSA_BITS = 3072
"""128 bits of strength, as NIST SP 800-57 part 1 counts it."""


_VERSION = re.compile(rb"^version: *[\"']?([0-9.]+)", re.MULTILINE)


@record
class Finding:
    """One thing that lint found.

    Attributes:
        code: A name of :data:`~weightgate.attest.trust.codes.CODES`.
        message: What was found, against what was needed.
        where: ``file:line:column``; for what is said of a whole file, its name.
        hint: What to do.
    """

    code: str
    message: str
    where: str
    hint: str

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return CODES[self.code].severity if self.code in CODES else Severity.ERROR

    def to_json(self) -> dict[str, str]:
        """The finding as a JSON object."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "where": self.where,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        """``file:line:column: severity: message [code]``."""
        return f"{self.where}: {self.severity}: {self.message} [{self.code}]"


def lint(raw: bytes, source: str, *, now: datetime) -> list[Finding]:
    """Everything that is to be said of a trust file, by its place; one that cannot be read is a finding too.

    Args:
        raw: The file's bytes.
        source: Its name, for messages.
        now: This machine's clock.
    """
    try:
        trust = parse_trust(raw, source)
    except (InputError, SignatureError) as error:
        return [Finding(error.code, error.message, error.where or source, error.hint or _hint(error.code))]
    look = _Look(trust, parse_yaml(raw, source), day_of(now))
    return sorted(look.findings(), key=_order)


def _hint(code: str) -> str:
    fix = CODES[code].fix if code in CODES else ""
    return fix[:1].lower() + fix[1:].replace("`", "").removesuffix(".")


def _order(finding: Finding) -> tuple[int, int, str]:
    _, line, column = (*finding.where.rsplit(":", 2), "", "")[:3]
    known = line.isdecimal() and column.isdecimal()
    return (int(line), int(column), finding.code) if known else (0, 0, finding.code)


@record
class _Look:
    """One look at a file that can be read."""

    trust: Trust
    document: Document
    today: str

    def findings(self) -> Iterator[Finding]:
        """Everything that was found."""
        yield from self._dates()
        yield from self._root()
        if not any(True for _ in self.trust.all_grants()):
            yield self._found("no_grants", "there is no grant", ())
        for grant in self.trust.all_grants():
            yield from self._grant(grant)
        for identity in self.trust.identities.values():
            yield from self._identity(identity)
        yield from self._authorities()
        yield from self._packs()

    def _found(self, code: str, message: str, path: Path_) -> Finding:
        return Finding(code, message, self.document.where_key(*path), _hint(code))

    def _dates(self) -> Iterator[Finding]:
        expires = self.trust.expires
        if expires < self.today:
            yield self._found("expired", f"it expired on {expires}", ("expires",))
        elif _days(self.today, expires) <= SOON_DAYS:
            yield self._found("expires_soon", f"it expires on {expires}", ("expires",))
        elif _days(self.today, expires) > LATE_DAYS:
            yield self._found("expires_late", f"it expires on {expires}", ("expires",))
        if self.trust.start > self.today:
            yield self._found("not_begun", f"it holds from {self.trust.start} on", ("from",))

    def _root(self) -> Iterator[Finding]:
        root = self.trust.root
        if root is None:
            yield self._found("no_root", "there is no root", ())
        elif root.threshold == 1:
            yield self._found("root_of_one", "the root's threshold is 1", ("root", "threshold"))
        elif self._acting(root.identities) < root.threshold:
            said = f"the root takes {root.threshold}, and {self._acting(root.identities)} of its lines of keys act"
            yield self._found("threshold_too_high", said, ("root", "threshold"))

    def _acting(self, names: tuple[str, ...]) -> int:
        """How many identities there are at most at one time: a line of successors is one."""
        return len({self.trust.stands_for(name)[-1] for name in names})

    def _grant(self, grant: Grant) -> Iterator[Finding]:
        path: Path_ = (grant.kind, grant.index)
        most = self._acting(grant.identities)
        if grant.threshold > most:
            said = f"{grant.place} takes {grant.threshold} identities, and names {most} that ever act at one time"
            yield self._found("threshold_too_high", said, (*path, "threshold"))
        if grant.until and grant.until < self.today:
            yield self._found("window_ended", f"{grant.place} ended on {grant.until}", (*path, "until"))
        elif grant.until and all(self._begins(name) > grant.until for name in grant.identities):
            said = f"{grant.place} ends on {grant.until}, before any of its identities acts"
            yield self._found("window_ended", said, (*path, "until"))
        if not grant.limits and not grant.until:
            yield self._found("no_limits", f"{grant.place} has no limit", path)
        if grant.kind == DECIDE and not grant.verifier_id:
            yield self._found("no_verifier_id", f"{grant.place} has no verifier_id", path)

    def _begins(self, name: str) -> str:
        return self.trust.term(name)[0]

    def _identity(self, identity: Identity) -> Iterator[Finding]:
        path: Path_ = ("identities", identity.name)
        if identity.name not in self._used:
            yield self._found("unused_identity", f"nothing names {identity.name}", path)
        bits = getattr(identity.key.crypto() if identity.key else None, "key_size", STRONG_RSA_BITS)
        if identity.key is not None and identity.key.algorithm.startswith("rsa") and bits < STRONG_RSA_BITS:
            said = f"{identity.name} has an RSA key of {bits} bits; {STRONG_RSA_BITS} are as strong as the other kinds"
            yield self._found("weak_key", said, path)
        for root in identity.authority.roots if identity.authority else ():
            yield from self._certificate(identity.name, root, path)

    def _authorities(self) -> Iterator[Finding]:
        for authority in self.trust.timestamp_authorities:
            for root in authority.roots:
                yield from self._certificate(authority.name, root, ("timestamp_authorities", authority.name))

    def _certificate(self, name: str, root: Any, path: Path_) -> Iterator[Finding]:
        start, end = day_of(root.not_valid_before_utc), day_of(root.not_valid_after_utc)
        if not start <= self.today <= end or end < self.trust.expires:
            said = (
                f"the certificate of {name} is valid from {start} to {end}, the file to {self.trust.expires}"
            )
            yield self._found("ca_expires", said, path)

    @cached_property
    def _used(self) -> frozenset[str]:
        """Identities that something names, and all that stand for one, or once did."""
        named = {name for grant in self.trust.all_grants() for name in grant.identities}
        named |= {name for grant in self.trust.all_grants() for name in grant.limits.get("signers", ())}
        named |= set(self.trust.root.identities if self.trust.root else ())
        lines = [set(self.trust.stands_for(name)) for name in self.trust.identities]
        return frozenset(name for line in lines if line & named for name in line)

    def _packs(self) -> Iterator[Finding]:
        for name, rule in self.trust.packs.items():
            path: Path_ = ("packs", name)
            if not self._allows(DECIDE, name):
                yield self._found("unreachable_pack", f"nobody may decide under {name}", path)
            if rule.signed and not self._allows(SIGN_PACKS, name):
                yield self._found("unreachable_pack", f"{name} must be signed, and nobody may sign it", path)
            if rule.digests is None and rule.minimum is None and not rule.signed:
                yield self._found("open_pack_rule", f"the rule for {name} asks for nothing", path)
            problem = _shipped(rule)
            if problem:
                yield self._found("shipped_refused", problem, path)

    def _allows(self, kind: str, pack: str) -> bool:
        grants = self.trust.grants[kind]
        return any("packs" not in grant.limits or pack in grant.limits["packs"] for grant in grants)


def _days(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _shipped(rule: PackRule) -> str:
    """Why a pack of the rule's name, as it is shipped, does not meet the rule; empty when it does, or there is none."""
    if rule.name not in shipped_packs():
        return ""
    pack = find_pack(rule.name)
    stated = _VERSION.search(pack.text)
    answer = rule.allows(pack.digest, stated[1].decode() if stated else "", signed=True)
    return "" if answer.granted else answer.because
