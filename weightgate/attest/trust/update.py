"""A trust file's own updates, by the rules of The Update Framework for its root (TUF 1.0, sections 5.3 and 6.1).

A new file takes the place of the current one only when the threshold of the current root *and* that of its own root signed
its very bytes, its version is higher, and it is in date. What is ours: a pack's minimum version never falls, and a pack
that must be signed stays so. TUF wants each version in turn; here versions may be left out, because every file is whole.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from weightgate.attest.trust.limits import day_of
from weightgate.attest.trust.model import write_version
from weightgate.attest.trust.read import parse_trust, read_bytes
from weightgate.attest.trust.signatures import SignatureFile, read_signature_file, signers_over
from weightgate.attest.trust.trust import Trust
from weightgate.errors import InputError
from weightgate.files.bounded import unreadable
from weightgate.files.output import write_whole
from weightgate.records import record

RULES: dict[str, str] = {
    "version_not_higher": "the version is higher than the current one's",
    "old_root": "the threshold of the current file's root signed it",
    "new_root": "the threshold of its own root signed it",
    "expired": "it has not expired",
    "not_begun": "it holds today already",
    "minimum_lowered": "no pack's minimum_version is lower than before, or gone",
    "signing_dropped": "no pack that had to be signed need be so no more",
}
"""Each rule of an update: the code of its breach, and what it asks for."""

_MAX_TRIES = 16


@record
class Breach:
    """A rule that an update breaks.

    Attributes:
        code: A name of :data:`RULES`.
        message: What was found against what was needed.
    """

    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        """As the command prints it."""
        return {"code": self.code, "message": self.message}


@record
class Update:
    """What became of an update.

    Attributes:
        current: The file that was there.
        new: The file that is to take its place.
        breaches: The rules that it breaks; it took its place only where there is none.
        signed: Who of either root signed it.
        notes: Signatures that do not count, in words.
    """

    current: Trust
    new: Trust
    breaches: tuple[Breach, ...]
    signed: tuple[str, ...]
    notes: tuple[str, ...]


def update(current: Path, new: Path, signatures: Path, *, now: datetime) -> Update:
    """Put a new trust file in place of the current one, whole, if every rule is kept.

    Args:
        current: The file that is trusted now; replaced on success.
        new: The file that is to take its place.
        signatures: Its signatures, of both roots.
        now: This machine's clock.

    Raises:
        InputError: A file cannot be read, or is none of its kind (exit 4).
        SignatureError: A signature file or a succession is malformed (exit 6).
        UsageError: The file cannot be written.
    """
    raw = read_bytes(new)
    wanted, signed = (
        parse_trust(raw, str(new)),
        read_signature_file(signatures),
    )
    target = current.resolve()
    with _held(target, current) as mode:
        outcome = judge(parse_trust(read_bytes(target), str(current)), wanted, signed, now)
        if not outcome.breaches:
            write_whole(target, raw, mode=mode)
    return outcome


def judge(current: Trust, new: Trust, signatures: SignatureFile, now: datetime) -> Update:
    """Whether a new trust file may take the place of the current one.

    Args:
        current: The file that is trusted now.
        new: The file that is to take its place.
        signatures: What was signed of it.
        now: This machine's clock.
    """
    old_names, notes = _roots(current, new, signatures, now)
    new_names, more = _roots(new, new, signatures, now)
    breaches = [
        *_version(current, new),
        *_quorum("old_root", current, old_names),
        *_quorum("new_root", new, new_names),
    ]
    breaches += [*_dates(new, day_of(now)), *_packs(current, new)]
    signed = tuple(sorted(old_names | new_names))
    return Update(current, new, tuple(breaches), signed, tuple(dict.fromkeys((*notes, *more))))


def _roots(
    trust: Trust, new: Trust, signatures: SignatureFile, now: datetime
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Which identities of a file's root signed the new file, and what does not count."""
    listed = trust.root.identities if trust.root is not None else ()
    # No other key is tried: a file of signatures that do not say whose they are would be tried with each.
    own = (one.key for one in trust.identities.values() if set(trust.stands_for(one.name)) & set(listed))
    signers, notes = signers_over(new, signatures, [key for key in own if key is not None])
    return trust.acting(trust.names_of(signers, now), listed, now), notes


def _quorum(code: str, trust: Trust, names: frozenset[str]) -> Iterator[Breach]:
    of = f"{trust.source} version {trust.version}"
    if trust.root is None:
        yield Breach(code, f"{of} has no root, so that nobody can sign for it")
    elif len(names) < trust.root.threshold:
        who = ", ".join(sorted(names)) or "none"
        listed = ", ".join(trust.root.identities)
        yield Breach(code, f"the root of {of} needs {trust.root.threshold} of {listed}; signed: {who}")


def _version(current: Trust, new: Trust) -> Iterator[Breach]:
    if new.version <= current.version:
        yield Breach(
            "version_not_higher",
            f"version {new.version} is not higher than {current.version}, which is trusted now",
        )


def _dates(new: Trust, today: str) -> Iterator[Breach]:
    if new.expires < today:
        yield Breach("expired", f"it expired on {new.expires}; it is {today}")
    if new.start > today:
        yield Breach("not_begun", f"it holds from {new.start} on; it is {today}")


def _packs(current: Trust, new: Trust) -> Iterator[Breach]:
    for name, old in current.packs.items():
        rule = new.pack_rule(name)
        if old.minimum is not None and (rule.minimum is None or rule.minimum < old.minimum):
            now = "gone" if rule.minimum is None else write_version(rule.minimum)
            yield Breach(
                "minimum_lowered", f"minimum_version of {name} was {write_version(old.minimum)}, and is {now}"
            )
        if old.signed and not rule.signed:
            yield Breach("signing_dropped", f"{name} had to be signed, and need be so no more")


@contextmanager
def _held(target: Path, shown: Path) -> Iterator[int]:
    """Hold the file against other updates, so that of two at once the older can never win; gives the file's mode."""
    for _ in range(_MAX_TRIES):
        try:
            handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            hint = "the first trust file is put in place by hand, once its digest has been compared by another way"
            raise unreadable(error, shown, hint) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            held = os.fstat(handle)
            if target.exists() and os.path.samestat(held, target.stat()):
                yield held.st_mode & 0o777
                return
        finally:
            os.close(handle)
    raise InputError("it is replaced all the time", where=str(shown), hint="try again", code="unreadable")
