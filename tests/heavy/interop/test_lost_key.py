"""A key is lost: what a real timestamp authority saw before that stays valid, and nothing else that it signed does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.attest.samples import PACK, decide
from tests.heavy.interop.timestamp_fixtures import Authority, authority
from weightgate.attest.revocation.entries import Entry, Match
from weightgate.attest.revocation.lists import RevocationList, compose_list
from weightgate.attest.revocation.sources import open_source
from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.attested import compose
from weightgate.attest.verifying.believed import believed_of
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.verify import verify_one
from weightgate.signing.accepted import Accepted
from weightgate.signing.certificates import Authority as Root
from weightgate.signing.envelope import seal
from weightgate.signing.keys import generate
from weightgate.signing.sealing import Sealer

__all__ = ["authority"]

LOST, OTHER = generate(), generate()
DAY = timedelta(days=1)


def signed(authority: Authority, *, stamped: bool) -> bytes:
    """A decision in a bundle, by the key that will be lost."""
    authority.mode = "good"
    payload = compose(decide("DE"), [PACK], now=datetime.now(UTC))
    return Sealer((LOST,), bundle=True, timestamp_url=authority.url if stamped else "").seal(payload)


def held(raw: bytes, lost_from: datetime, roots: tuple[Root, ...], *, archive: bool = False) -> Report:
    """The report of a verifier who knows from when on the key was lost."""
    now = datetime.now(UTC).replace(microsecond=0)
    entry = Entry(Match(signer=LOST.keyid, signed_from=lost_from), "key_compromise", lost_from)
    listed = seal(compose_list(RevocationList("gate", 1, now, now + DAY, (entry,))), OTHER)
    keys = (LOST.public, OTHER.public)
    source = open_source("list.json", listed, Accepted(keys), now)
    terms = Terms(believed_of(keys), now, Asked(max_age_days=1e6, archive=archive), lists=(source,))
    return verify_one(raw, replace(terms, stampers=roots), "a.json")


def states(report: Report) -> dict[str, str]:
    """How each check came out."""
    return {check.id: str(check.state) for check in report.checks}


def test_what_was_stamped_before_a_key_was_lost_stays_valid(authority: Authority) -> None:
    raw, roots = signed(authority, stamped=True), (Root("time", (authority.root,)),)
    tomorrow, yesterday = (datetime.now(UTC).replace(microsecond=0) + n * DAY for n in (1, -1))
    for archive in (False, True):
        kept = held(raw, tomorrow, roots, archive=archive)
        assert (states(kept)["timestamp"], states(kept)["revocation"]) == ("established", "established")
        assert states(held(raw, yesterday, roots, archive=archive))["revocation"] == "contradicted"


def test_without_a_timestamp_by_somebody_trusted_nothing_of_a_lost_key_is_valid(authority: Authority) -> None:
    roots = (Root("time", (authority.root,)),)
    tomorrow = datetime.now(UTC).replace(microsecond=0) + DAY
    for raw, trusted in ((signed(authority, stamped=False), roots), (signed(authority, stamped=True), ())):
        report = held(raw, tomorrow, trusted, archive=True)
        assert (states(report)["timestamp"], states(report)["revocation"]) == (
            "not_established",
            "contradicted",
        )
        # A revocation that is dated ahead counts from its day on, for whoever asks about now.
        assert states(held(raw, tomorrow, trusted))["revocation"] == "established"


def test_an_archive_is_judged_at_the_time_of_the_stamp(authority: Authority) -> None:
    raw, roots = signed(authority, stamped=True), (Root("time", (authority.root,)),)
    report = held(raw, datetime.now(UTC).replace(microsecond=0) + DAY, roots, archive=True)
    [age] = [check for check in report.checks if check.id == "age"]
    assert "by the timestamp of 'time'" in age.detail
