"""An archive asks whether an attestation was valid when it was made, and says on whose word it knows when that was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.revocation.samples import digest, entry, listed, source
from tests.attest.samples import KEY, NOW, PACK, ROOT, check, decide, detail, refused, resigned, sign, state
from weightgate.attest.revocation.judge import Clock, Target, judge
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.believed import believed_of
from weightgate.attest.verifying.counted import moment_of
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.unsealing import Stamped, Unsealed
from weightgate.attest.verifying.verify import verify
from weightgate.errors import Exit, UsageError
from weightgate.signing.accepted import SignedBy
from weightgate.version import ENGINE

RAW = sign(decide("DE"))
ARCHIVE = Asked(archive=True)
DAY = timedelta(days=1)
YEARS = NOW + 4000 * DAY


def test_what_was_valid_when_it_was_made_stays_so_in_an_archive() -> None:
    assert [c.id for c in check(RAW, at=YEARS).refused_for] == ["age", "validity"]
    report = check(RAW, at=YEARS, asked=ARCHIVE)
    assert (report.genuine, report.mode) == (True, "archive")
    said = "judged at 2026-03-14T09:30:00Z, when it was signed, by the signer's word"
    assert detail(report, "age") == f"0.0 days old, at most 30 allowed; {said}"
    assert detail(report, "validity").endswith(said)


def test_what_was_stale_when_it_was_signed_is_stale_in_an_archive() -> None:
    raw = sign(decide("DE"), now=NOW + 40 * DAY)
    assert refused(raw, "age", at=YEARS, asked=ARCHIVE).startswith("40.0 days old, at most 30 allowed")


def test_an_archive_does_not_believe_the_future() -> None:
    raw = resigned(RAW, lambda s: s["predicate"].update(createdOn="2026-04-14T09:30:00Z"))
    assert "time" in [c.id for c in check(raw, asked=ARCHIVE).refused_for]


def test_a_gate_and_an_archive_are_two_questions() -> None:
    with pytest.raises(UsageError, match="a gate asks whether it holds now"):
        check(RAW, asked=Asked(archive=True, gate=True))


def test_a_revocation_from_a_later_day_on_is_passed_over() -> None:
    for days, genuine in ((1, True), (0, False), (-1, False)):
        lists = [source(listed(entry(attestation=digest(RAW), since=NOW + days * DAY)))]
        report = verify(RAW, keys=[KEY.public], at=NOW + 9 * DAY, asked=ARCHIVE, lists=lists)
        assert report.genuine is genuine


# Timestamps


def target(said: datetime, proved: datetime | None) -> Target:
    """An attestation that was signed and stamped so."""
    signer = SignedBy(KEY.keyid, "ed25519")
    return Target(
        ("sha256:" + "0" * 64,), (signer,), ENGINE, frozenset([PACK.digest]), f"sha256:{ROOT}", said, proved
    )


def judged(target_: Target, archive: bool = True, **match: Any) -> str:
    """What a list says that revokes the lost key so."""
    lost = entry("key_compromise", signer=KEY.keyid, since=match.pop("since", NOW), **match)
    found = judge(target_, [source(listed(lost))], Clock(NOW, archive=archive), lambda *_: True)
    return str(found.check.state)


@given(said=st.integers(-9, 9), proved=st.integers(-9, 9), start=st.integers(-9, 9))
def test_after_a_key_is_lost_only_a_timestamp_says_when_it_signed(said: int, proved: int, start: int) -> None:
    window: dict[str, Any] = {"signed_from": NOW + start * DAY}
    stamped = target(NOW + said * DAY, NOW + proved * DAY)
    expected = "contradicted" if proved >= start else "established"
    assert judged(stamped, archive=False, **window) == expected
    unstamped = target(NOW + said * DAY, None)
    assert judged(stamped, archive=True, **window) == expected
    assert judged(unstamped, archive=False, **window) == "contradicted"
    assert judged(unstamped, **window) == "contradicted"
    assert judged(stamped) == ("contradicted" if proved >= 0 else "established")


def test_the_moment_is_the_timestamps_when_there_is_one() -> None:
    terms = Terms(believed_of([KEY.public]), YEARS, ARCHIVE)
    stamped = Stamped(NOW + DAY, "a clock")
    assert moment_of(NOW, stamped, terms).judged == NOW + DAY
    assert "by the timestamp of 'a clock'" in moment_of(NOW, stamped, terms).said
    assert moment_of(NOW, None, terms).judged == NOW
    now = replace(terms, asked=Asked())
    assert moment_of(NOW, stamped, now).judged == YEARS


def test_a_timestamp_before_the_signing_is_contradicted() -> None:
    from weightgate.attest.verifying.counted import timestamp_check
    from weightgate.attest.verifying.unsealing import Root
    from weightgate.signing.accepted import read_sealed

    sealed = read_sealed(RAW, "a.json")
    terms = Terms(believed_of([KEY.public]), NOW)
    for days, expected in ((1, "established"), (-1, "contradicted")):
        root = Root(sealed, (), Stamped(NOW + days * DAY, "a clock"))
        assert timestamp_check(Unsealed((), "a.json", root=root), NOW, terms).state == expected
    assert state(check(RAW), "timestamp") == "not_established"
    assert check(RAW).exit == Exit.OK
