"""Declarations for tests: keys and trust files of tests/attest/trust, and a model that is a digest."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.attest.trust.samples import KEYS, NOW, document, text
from weightgate.attest.declarations.declarable import facts_of
from weightgate.attest.declarations.declaration import Declaration, read
from weightgate.attest.declarations.declaring import compose, with_details
from weightgate.attest.declarations.evidence import graded
from weightgate.attest.trust import Trust, parse_trust
from weightgate.facts.statements import Statement
from weightgate.files.yaml import Document
from weightgate.signing.accepted import Accepted
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey

MODEL = "sha256:" + "ab" * 32
OTHER_MODEL = "sha256:" + "cd" * 32
TODAY = NOW.date().isoformat()
UNTIL = "2027-03-31"
LAB = KEYS["release"]
COMPUTE = {"model.training_operations": 2.5e25}

Change = Callable[[dict[str, Any]], object]


def payload(
    facts: Mapping[str, Any] = COMPUTE, *, model: str = MODEL, now: datetime = NOW, **details: str
) -> bytes:
    """The statement that declares facts of the model."""
    given = {"source": "training log", "until": UNTIL} | details
    return compose(model, with_details(facts_of(Document(facts, "facts", {})), given, now), now=now)


def declared(
    facts: Mapping[str, Any] = COMPUTE,
    *keys: PrivateKey,
    model: str = MODEL,
    now: datetime = NOW,
    **details: str,
) -> bytes:
    """A declaration, signed by the lab unless by others."""
    return seal(payload(facts, model=model, now=now, **details), *(keys or (LAB,)))


def changed(change: Change, raw: bytes | None = None) -> bytes:
    """What a careless or lying holder of the key would sign: the sample's statement after ``change``."""
    statement = json.loads(base64.b64decode(json.loads(raw or declared())["payload"]))
    change(statement)
    return seal(json.dumps(statement).encode(), LAB)


def trust(*grants: Mapping[str, Any], **changes: Any) -> Trust:
    """A trust file with these grants to declare; the lab may declare anything unless some are given."""
    declare = [{"identities": ["release"], **grant} for grant in grants] or [{"identities": ["release"]}]
    return parse_trust(text(document(declare=declare, **changes)), "trust.yaml")


def opened(raw: bytes, by: Trust | None = None, *, now: datetime = NOW) -> Declaration:
    """A declaration as somebody with that trust file reads it."""
    return read(raw, "d.json", accepted=Accepted() if by is None else by.accepted(), now=now)


def said(
    raw: bytes, by: Trust | None = None, *, now: datetime = NOW, as_of: str = TODAY
) -> dict[str, Statement]:
    """What a declaration comes to, fact by fact."""
    return {one.fact: one for one in graded(opened(raw, by, now=now), as_of, by, now=now)}
