"""What the lists at hand say of one attestation: revoked, superseded, not revoked, or that it cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from weightgate.attest.revocation import CHECK
from weightgate.attest.revocation.entries import KEY_COMPROMISE, SUPERSEDED, Entry
from weightgate.attest.revocation.lists import RevocationList
from weightgate.records import record
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import MAX_AHEAD, write_time

_SHOWN = 3


class Standing(StrEnum):
    """What entitles the signer of a list to revoke an attestation."""

    AUTHORITY = "authority"
    """It may revoke by the trust file, or its key was given: its lists also show that something is not revoked."""

    OWN = "own"
    """It signed the attestation itself: it may take it back, but not vouch that nobody did."""

    NONE = "none"
    """It has no say, or nothing that it signed could be had."""


@record
class Source:
    """One list that a verifier was told to look at.

    Attributes:
        place: The file or URL.
        listed: What it says; nothing when it could not be had, or could not be read.
        signers: Those accepted that signed it.
        problem: Why nothing could be learned of it; empty when something could.
    """

    place: str
    listed: RevocationList | None = None
    signers: tuple[SignedBy, ...] = ()
    problem: str = ""

    @property
    def keyids(self) -> frozenset[str]:
        """Identifiers of the keys that signed it."""
        return frozenset(signer.keyid for signer in self.signers)


@record
class Target:
    """An attestation, as far as it can be revoked.

    Attributes:
        attestations: ``sha256:…`` of each payload of which any revocation counts.
        signers: Those accepted that signed it.
        engine: The engine that decided.
        packs: Digests of the packs that it was decided under.
        model: ``sha256:…`` of the model; empty when it is about none.
        said: When it was signed, by its signer's word; UTC.
        proved: When it was there already, by a trusted timestamp or log; nothing when none says so.
        silent: What an entry may name and this does not say of itself: ``engine``, ``pack``, ``attestation``.
    """

    attestations: tuple[str, ...]
    signers: tuple[SignedBy, ...]
    engine: str
    packs: frozenset[str]
    model: str
    said: datetime
    proved: datetime | None = None
    silent: frozenset[str] = frozenset()


@record
class Clock:
    """What time it is, for revocations.

    Attributes:
        now: The verifier's clock; UTC.
        archive: Whether the question is if the attestation was valid when it was made.
        max_age: The oldest that a list may be to show that something is not revoked; its own word when nothing.
    """

    now: datetime
    archive: bool = False
    max_age: timedelta | None = None


@record
class Judgement:
    """What came of it.

    Attributes:
        check: For the report.
        signers: Those of the target's signers that still count.
    """

    check: Check
    signers: tuple[SignedBy, ...]


MayRevoke = Callable[[Source, Target], bool]
"""Whether those that signed a list may revoke this attestation, whoever they are."""

_Found = list[tuple[Source, Entry]]


def judge(target: Target, sources: Sequence[Source], clock: Clock, may_revoke: MayRevoke) -> Judgement:
    """Hold an attestation against the lists that a verifier was given.

    A list that is stale can still revoke: what is revoked stays so. Only a fresh one whose signer may revoke shows that
    something is not revoked. Of several issues of one list the highest number counts.

    Args:
        target: The attestation.
        sources: The lists; at least one.
        clock: The verifier's clock and limits.
        may_revoke: Who may revoke it, beside those that signed it.
    """
    current = {source: _standing(source, target, may_revoke) for source in _current(sources)}
    whole: _Found = []
    by_signer: _Found = []
    perhaps: _Found = []
    lost: set[str] = set()
    for source, standing in current.items():
        reached = _reached(source, standing, target, may_revoke)
        for entry in _entries(source, reached, target):
            missed = _missed(entry, target)
            if not missed <= target.silent or not _in_time(target, entry, clock):
                continue
            touched = _touched(reached, target, entry)
            if missed:
                perhaps += [(source, entry)] if touched else []
            # Of several signers, one that is revoked, or takes its own back, no longer counts; the others do.
            elif not entry.match.signer and standing is Standing.AUTHORITY:
                whole.append((source, entry))
            elif touched:
                lost |= touched
                by_signer.append((source, entry))
    left = tuple(signer for signer in target.signers if signer.keyid not in lost)
    if whole or (by_signer and not left):
        return Judgement(_revoked([*whole, *by_signer]), left)
    return Judgement(_not_revoked(sources, current, clock, target, left, perhaps), left)


def _standing(source: Source, target: Target, may_revoke: MayRevoke) -> Standing:
    if may_revoke(source, target):
        return Standing.AUTHORITY
    own = source.keyids & {signer.keyid for signer in target.signers}
    return Standing.OWN if own else Standing.NONE


def _current(sources: Sequence[Source]) -> list[Source]:
    """Those that could be read, without those of which a later issue, by the same signers, is at hand."""
    highest: dict[tuple[str, frozenset[str]], int] = {}
    for s in sources:
        if s.listed is not None:
            key = (s.listed.name, s.keyids)
            highest[key] = max(highest.get(key, 0), s.listed.number)
    return [s for s in sources if s.listed and s.listed.number == highest[s.listed.name, s.keyids]]


def _reached(source: Source, standing: Standing, target: Target, may_revoke: MayRevoke) -> frozenset[str]:
    """Keys of the signers whose signature the list can take away: somebody who signs beside them shields none."""
    if standing is Standing.AUTHORITY:
        return frozenset(signer.keyid for signer in target.signers)
    alone = [signer for signer in target.signers if may_revoke(source, replace(target, signers=(signer,)))]
    own = source.keyids & {signer.keyid for signer in target.signers}
    return own | {signer.keyid for signer in alone}


def _entries(source: Source, reached: frozenset[str], target: Target) -> Iterator[Entry]:
    if source.listed is None or not reached:
        return
    yield from (
        source.listed.entries
        if "attestation" in target.silent
        else source.listed.candidates(target.attestations)
    )


def _missed(entry: Entry, target: Target) -> frozenset[str]:
    """What an entry names and an attestation does not have; nothing of one that the entry is about."""
    match = entry.match
    named = (
        ("attestation", match.attestation, target.attestations),
        ("engine", match.engine, (target.engine,)),
        ("pack", match.pack, target.packs),
        ("model", match.model, (target.model,)),
    )
    return frozenset(name for name, wanted, found in named if wanted and wanted not in found)


def _touched(reached: frozenset[str], target: Target, entry: Entry) -> set[str]:
    """Keys of the signers for whose signature the entry holds."""
    named = entry.match.signer
    return {
        signer.keyid
        for signer in target.signers
        if (not named or named in (signer.keyid, signer.identity, *signer.names)) and signer.keyid in reached
    }


def _in_time(target: Target, entry: Entry, clock: Clock) -> bool:
    match = entry.match
    if entry.reason == KEY_COMPROMISE:
        # Whoever has the key can write any time: only what others prove counts.
        if target.proved is not None and match.signed_from and target.proved < match.signed_from:
            return False
        if match.signed_from:
            # Signed after it was lost, by anybody: no earlier day makes that valid.
            return clock.archive or clock.now >= entry.since
        made = target.proved
    else:
        if match.signed_from and target.said < match.signed_from:
            return False
        if match.signed_until and target.said > match.signed_until:
            return False
        made = target.proved or target.said
    if clock.archive:
        return made is None or made >= entry.since
    return clock.now >= entry.since


def _revoked(found: Sequence[tuple[Source, Entry]]) -> Check:
    only_superseded = all(entry.reason == SUPERSEDED for _, entry in found)
    sentences = [_sentence(source, entry) for source, entry in found[:_SHOWN]]
    if len(found) > _SHOWN:
        sentences.append(f"and {len(found) - _SHOWN} more")
    return Check(CHECK, State.STALE if only_superseded else State.CONTRADICTED, "; ".join(sentences))


def _sentence(source: Source, entry: Entry) -> str:
    what = ", ".join(f"{key} {text!r}" for key, text in entry.match.to_json().items())
    if entry.reason == SUPERSEDED:
        said = f"superseded by {entry.superseded_by}"
    else:
        said = f"revoked ({entry.reason})"
    note = f", {entry.note!r}" if entry.note else ""
    return f"{said} from {write_time(entry.since)} by {_named(source)}: {what}{note}"


def _named(source: Source) -> str:
    if source.listed is None:
        return source.place
    return f"{source.place} ({source.listed.name!r} number {source.listed.number})"


def _not_revoked(
    sources: Sequence[Source],
    current: Mapping[Source, Standing],
    clock: Clock,
    target: Target,
    left: Sequence[SignedBy],
    perhaps: _Found,
) -> Check:
    fewer = ""
    if len(left) < len(target.signers):
        fewer = f"; of {len(target.signers)} signers {len(left)} still count"
    problems = [problem for source in sources if (problem := _problem(source, current, clock))]
    problems += [f"{_sentence(*one)}, of which it says nothing" for one in perhaps[:_SHOWN]]
    if problems:
        return Check(CHECK, State.NOT_ESTABLISHED, "cannot be known: " + "; ".join(problems) + fewer)
    names = ", ".join(_named(source) for source in current)
    return Check(CHECK, State.ESTABLISHED, f"not revoked by {names}{fewer}")


def _problem(source: Source, current: Mapping[Source, Standing], clock: Clock) -> str:
    """Why a list does not show that something is not revoked; empty when it does, or when a later issue is at hand."""
    listed = source.listed
    if listed is None:
        return f"{source.place}: {source.problem}"
    if source not in current:
        return ""
    if current[source] is not Standing.AUTHORITY:
        return f"{_named(source)}: its signer may not revoke it"
    if listed.issued > clock.now + MAX_AHEAD:
        return f"{_named(source)}: issued {write_time(listed.issued)}, ahead of this verifier's clock"
    if clock.now > listed.next_update:
        return f"{_named(source)}: stale, the next one was due {write_time(listed.next_update)}"
    if clock.max_age is not None and clock.now - listed.issued > clock.max_age:
        days = (clock.now - listed.issued) / timedelta(days=1)
        limit = clock.max_age / timedelta(days=1)
        return f"{_named(source)}: stale, {days:.1f} days old, at most {limit:g} allowed"
    if any(_equivocates(source, other) for other in current):
        return f"{_named(source)}: there is another list of this number that says something else"
    return ""


def _equivocates(one: Source, other: Source) -> bool:
    a, b = one.listed, other.listed
    if a is None or b is None:
        return False
    return (a.name, one.keyids, a.number) == (b.name, other.keyids, b.number) and a.digest != b.digest
