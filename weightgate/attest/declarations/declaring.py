"""Making a declaration: facts with their sources and days, over a model's digest, as the statement to sign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.declarations.declaration import PREDICATE_TYPE, SUBJECT
from weightgate.errors import InputError
from weightgate.facts.encode import parse_day
from weightgate.signing.accepted import read_sealed
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import Subject, compose_statement, parse_statement, write_time


def declare(model: str, facts: Mapping[str, Mapping[str, Any]], sealer: Sealer, *, now: datetime) -> bytes:
    """Sign what a developer knows of a model.

    Args:
        model: ``sha256:…``, the model's root digest.
        facts: As :func:`with_details` gives them.
        sealer: Who signs, and in which form.
        now: The signer's clock, with its offset.

    Returns:
        A DSSE envelope or a Sigstore bundle, as one line of JSON.
    """
    return sealer.seal(compose(model, facts, now=now))


def with_details(
    facts: Mapping[str, Mapping[str, Any]], details: Mapping[str, str | None], now: datetime
) -> dict[str, dict[str, Any]]:
    """Facts to declare, each with its source and its days.

    Args:
        facts: As :func:`weightgate.attest.declarations.declarable.facts_of` gives them.
        details: ``source``, ``by``, ``on`` and ``until`` for the facts that do not state their own.
        now: The signer's clock.

    Raises:
        InputError: A source or an end is missing (code ``incomplete``), or the days make it hold on no day
            (``bad_date``).
    """
    days = {
        key: parse_day(details[key], f"--{key}") for key in ("on", "until") if details.get(key) is not None
    }
    texts = {key: text for key in ("source", "by") if (text := details.get(key))}
    today = now.astimezone(UTC).date().isoformat()
    found = {}
    for name, said in facts.items():
        found[name] = {"value": said["value"], **texts, **days, **said}
        _refuse_incomplete(name, found[name], today)
    return found


def _refuse_incomplete(name: str, said: Mapping[str, Any], today: str) -> None:
    for key, why in (("source", "where it is known from"), ("until", "until which day it holds")):
        if not said.get(key):
            raise InputError(
                f"{name}: no {key}", where=f"--{key}", hint=f"say {why}: --{key} …", code="incomplete"
            )
    if said["until"] < today:
        raise InputError(f"{name}: {said['until']} is past", where="--until", code="bad_date")
    if said.get("on", today) > today:
        hint = "what is not so yet cannot be declared"
        raise InputError(f"{name}: {said['on']} is still to come", where="--on", hint=hint, code="bad_date")


def compose(model: str, facts: Mapping[str, Mapping[str, Any]], *, now: datetime) -> bytes:
    """The statement that declares facts of a model, as the bytes to sign.

    Args:
        model: ``sha256:…``, the model's root digest.
        facts: As :func:`with_details` gives them.
        now: The signer's clock.
    """
    predicate = {"facts": {name: dict(facts[name]) for name in sorted(facts)}, "createdOn": write_time(now)}
    subject = Subject.of(SUBJECT, model)
    return compose_statement([subject], PREDICATE_TYPE, predicate)


def summary(raw: bytes, source: str) -> dict[str, Any]:
    """What was just signed, for showing: the model's digest, and each fact as it stands in the declaration."""
    statement = parse_statement(read_sealed(raw, source).envelope.payload, source)
    return {"model": f"sha256:{statement.only_subject().sha256}", "facts": statement.predicate["facts"]}
