"""Revocation lists for tests, signed by real keys, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.attest.samples import KEY, NOW
from weightgate.attest.revocation.entries import Entry, Match
from weightgate.attest.revocation.judge import Source
from weightgate.attest.revocation.lists import RevocationList, compose_list
from weightgate.attest.revocation.revise import digest_of
from weightgate.attest.revocation.sources import open_source
from weightgate.attest.statements.asked import NOTHING_ASKED, Asked
from weightgate.attest.trust import Trust
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.verify import verify
from weightgate.signing.accepted import Accepted
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey

LISTED = RevocationList("gate", 7, NOW, NOW + timedelta(days=30), ())


def entry(reason: str = "mistake", *, since: datetime = NOW, superseded_by: str = "", **match: Any) -> Entry:
    """A revocation of what has all that is named."""
    return Entry(Match(**match), reason, since, superseded_by=superseded_by)


def listed(*entries: Entry, key: PrivateKey = KEY, **changes: Any) -> bytes:
    """A signed list of these revocations."""
    return seal(compose_list(replace(LISTED, entries=entries, **changes)), key)


def source(raw: bytes, keys: Sequence[PrivateKey] = (KEY,), at: datetime = NOW) -> Source:
    """The list as a verifier has it who accepts these keys."""
    return open_source("list.json", raw, Accepted(tuple(key.public for key in keys)), at)


def digest(raw: bytes) -> str:
    """By what an attestation is revoked."""
    return digest_of(raw, "a.json")[0]


def held_against(
    raw: bytes,
    *lists: bytes,
    keys: Sequence[PrivateKey] = (KEY,),
    trust: Trust | None = None,
    at: datetime = NOW,
    asked: Asked = NOTHING_ASKED,
    max_list_age: timedelta | None = None,
) -> Report:
    """The report of a verifier who has these lists."""
    accepted = Accepted(tuple(key.public for key in keys)) if trust is None else trust.accepted()
    sources = [open_source(f"list{number}.json", one, accepted, at) for number, one in enumerate(lists)]
    return verify(
        raw, keys=[] if trust else [key.public for key in keys], trust=trust, at=at, asked=asked,
        lists=sources, max_list_age=max_list_age,
    )  # fmt: skip
