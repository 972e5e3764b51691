"""What a declaration says, and what of it counts: by whose trust file, for which fact, model and day."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.declarations.samples import (
    COMPUTE,
    LAB,
    MODEL,
    OTHER_MODEL,
    TODAY,
    UNTIL,
    changed,
    declared,
    opened,
    payload,
    said,
    trust,
)
from tests.attest.trust.samples import KEYS, NOW, STRANGER, at, key_of, successor
from weightgate.attest.declarations.declarable import MAX_FACTS, facts_of
from weightgate.attest.declarations.declaration import MAX_BYTES, PREDICATE_TYPE, bind, is_sealed
from weightgate.attest.declarations.declaring import with_details
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.facts.factfile import declare as by_the_asker
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.facts.statements import Grade
from weightgate.facts.values import Interval, Known, Unknown
from weightgate.files.yaml import Document
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import seal
from weightgate.signing.keys import ALGORITHMS, generate

DECLARABLE = [spec for spec in FACTS.values() if spec.name.startswith("model.")]
REFUSED = (Exit.INPUT, Exit.SIGNATURE)


def values_of(spec: FactSpec) -> st.SearchStrategy[Any]:
    """Values of a fact, as a facts file spells them."""
    numbers = st.floats(0, 1e30)
    plain: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.BOOL: st.booleans(),
        Kind.NUMBER: numbers,
        Kind.DATE: st.dates().map(str),
        Kind.TEXT: st.text(min_size=1, max_size=20).filter(str.strip),
    }
    if spec.kind is Kind.LIST:
        names = st.sampled_from(spec.domain) if spec.domain else st.text(min_size=1, max_size=9)
        return st.lists(names, unique=True, max_size=4)
    one = st.sampled_from(spec.domain) if spec.kind is Kind.ENUM else plain[spec.kind]
    several = st.lists(one, min_size=2, max_size=3, unique=True).map(lambda each: {"one_of": each})
    between = (
        st.tuples(numbers, numbers).map(sorted).map(lambda ends: dict(zip(("min", "max"), ends, strict=True)))
    )
    return one | (between if spec.kind is Kind.NUMBER else several)


FACTS_DECLARED = st.lists(st.sampled_from(DECLARABLE), min_size=1, max_size=5, unique=True).flatmap(
    lambda specs: st.fixed_dictionaries({spec.name: values_of(spec) for spec in specs})
)


@given(FACTS_DECLARED)
def test_what_is_declared_is_what_a_facts_file_would_have_said(facts: dict[str, Any]) -> None:
    found = said(declared(facts), trust())
    stated = {one.fact: one for one in by_the_asker(facts, "facts", TODAY)}
    assert {name: one.value for name, one in found.items()} == {n: s.value for n, s in stated.items()}
    assert {one.grade for one in found.values()} == {Grade.VERIFIED}
    claims = said(declared(facts))
    assert {name: one.value for name, one in claims.items()} == {n: s.value for n, s in stated.items()}
    assert {one.grade for one in claims.values()} == {Grade.CLAIMED}


def test_a_statement_says_where_it_comes_from() -> None:
    raw = declared(by="Example AI", on="2026-01-05")
    one = said(raw, trust())["model.training_operations"]
    assert (one.value, one.grade, one.by) == (Known(2.5e25), Grade.VERIFIED, "release")
    assert (one.source, one.locator) == ("d.json", "predicate.facts.model.training_operations")
    assert (one.on, one.until) == ("2026-01-05", UNTIL)
    assert one.method == "signed declaration, from training log"
    assert one.digest == opened(raw).digest
    claim = said(raw)["model.training_operations"]
    assert claim.by == "Example AI, unverified"
    assert claim.method.endswith("; a claim: there is no trust file")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_of_key_declares(algorithm: str) -> None:
    key = generate(algorithm)
    by = trust(identities={"release": {"key": key.public.pem().decode()}}, root=None, decide=None)
    assert said(declared(COMPUTE, key), by)["model.training_operations"].grade is Grade.VERIFIED


def test_a_sigstore_bundle_declares_too() -> None:
    raw = write_bundle(declared(), Material(hint=LAB.keyid))
    assert is_sealed(raw)
    assert said(raw, trust())["model.training_operations"].grade is Grade.VERIFIED


# --- whose word counts ---


def grade_of(raw: bytes, by: Any, **options: Any) -> tuple[Grade, str]:
    one = said(raw, by, **options)["model.training_operations"]
    return one.grade, one.method


GRANTED: dict[str, tuple[dict[str, Any], ...]] = {
    "anything": ({},),
    "the fact": ({"facts": ["model.openness", "model.training_operations"]},),
    "the model": ({"models": [MODEL]},),
    "the day": ({"from": TODAY, "until": TODAY},),
    "the second grant": ({"facts": ["model.openness"]}, {"facts": ["model.training_operations"]}),
}
NOT_GRANTED: dict[str, tuple[dict[str, Any], str]] = {
    "another fact": ({"facts": ["model.openness"]}, "facts are model.openness, and not"),
    "another model": ({"models": [OTHER_MODEL]}, "models are"),
    "another signer": ({"identities": ["bot"]}, "nobody who signed it is named under declare"),
    "one of two": ({"identities": ["release", "bot"], "threshold": 2}, "it takes 2 of release, bot"),
    "later": ({"from": "2026-03-15"}, "it holds from 2026-03-15, and this was signed on 2026-03-14"),
    "earlier": ({"until": "2026-03-13"}, "it holds until 2026-03-13"),
}


@pytest.mark.parametrize("name", GRANTED)
def test_what_the_trust_file_grants_is_verified(name: str) -> None:
    assert grade_of(declared(), trust(*GRANTED[name]))[0] is Grade.VERIFIED


@pytest.mark.parametrize("name", NOT_GRANTED)
def test_what_it_does_not_grant_is_a_claim_and_says_why(name: str) -> None:
    grant, because = NOT_GRANTED[name]
    grade, method = grade_of(declared(), trust(grant))
    assert grade is Grade.CLAIMED
    assert because in method


def test_each_fact_of_a_declaration_has_the_grade_that_is_granted_for_it() -> None:
    facts = {"model.openness": "closed", **COMPUTE}
    found = said(declared(facts, by="Example AI"), trust({"facts": ["model.openness"]}))
    assert found["model.openness"].grade is Grade.VERIFIED
    # The signature holds, so the name is the signer's own and no claim; the word is.
    assert (found["model.training_operations"].grade, found["model.training_operations"].by) == (
        Grade.CLAIMED,
        "release",
    )


def test_a_stranger_claims_and_may_sign_beside_somebody_known() -> None:
    assert grade_of(declared(COMPUTE, STRANGER), trust())[0] is Grade.CLAIMED
    assert grade_of(declared(COMPUTE, STRANGER, LAB), trust())[0] is Grade.VERIFIED
    both = trust({"identities": ["release", "bot"], "threshold": 2})
    assert grade_of(declared(COMPUTE, LAB, KEYS["bot"]), both)[0] is Grade.VERIFIED


def test_a_borrowed_keyid_is_an_error_and_no_claim() -> None:
    for name, sign in (("release", STRANGER), ("bot", LAB)):
        forged = json.loads(declared(COMPUTE, sign))
        forged["signatures"][0]["keyid"] = KEYS[name].keyid
        with pytest.raises(SignatureError) as caught:
            said(json.dumps(forged).encode(), trust())
        assert (caught.value.code, caught.value.where) == ("signature", "d.json")
        assert KEYS[name].keyid in caught.value.message


def test_a_key_whose_term_is_over_cannot_date_back() -> None:
    raw = declared()
    ending = trust({"until": "2026-03-20"})
    assert grade_of(raw, ending, now=at("2026-03-20"))[0] is Grade.VERIFIED
    grade, method = grade_of(raw, ending, now=at("2026-03-21"))
    assert grade is Grade.CLAIMED
    assert "it holds until 2026-03-20, and this was signed on 2026-03-21" in method


def test_a_fact_counts_as_verified_no_longer_than_its_grant() -> None:
    """A decision must not say that it holds for years when the key that it rests on counts for a week."""
    heirs = {"release": key_of("release"), "release-2": successor("release-2", "release", "2026-03-30")}
    for by, last in (
        (trust(), UNTIL),
        (trust({"until": "2026-03-20"}), "2026-03-20"),
        (trust(expires="2026-03-18"), "2026-03-18"),
        (trust(identities=heirs, root=None, decide=None), "2026-03-29"),
    ):
        assert grade_of(declared(), by)[0] is Grade.VERIFIED
        assert said(declared(), by)["model.training_operations"].until == last
    assert said(declared())["model.training_operations"].until == UNTIL


def test_a_key_that_another_has_replaced_declares_no_more() -> None:
    heirs = {"release": key_of("release"), "release-2": successor("release-2", "release", "2026-04-01")}
    by = trust({"identities": ["release"]}, identities=heirs, root=None, decide=None)
    assert grade_of(declared(), by)[0] is Grade.VERIFIED
    assert grade_of(declared(), by, now=at("2026-04-01"))[0] is Grade.CLAIMED
    anew = declared(COMPUTE, KEYS["release-2"], now=at("2026-04-02"))
    assert grade_of(anew, by, now=at("2026-04-02"))[0] is Grade.VERIFIED


@given(index=st.integers(0, len(declared()) - 1), byte=st.integers(0, 255))
def test_any_other_byte_is_refused_or_no_more_than_a_claim(index: int, byte: int) -> None:
    raw = bytearray(declared())
    before, raw[index] = raw[index], byte
    if before == byte or (index == len(raw) - 1 and bytes([byte]).isspace()):
        return
    assert outcome(bytes(raw)) in (*REFUSED, Grade.CLAIMED)


def outcome(raw: bytes) -> Grade | Exit:
    """The grade of all that a file says, or how reading it ends."""
    if not is_sealed(raw):
        return Exit.INPUT
    try:
        grades = {one.grade for one in said(raw, trust()).values()}
    except (InputError, SignatureError) as error:
        return error.exit
    assert len(grades) == 1
    return grades.pop()


def test_no_flipped_byte_of_a_declaration_is_verified() -> None:
    raw = declared()
    assert outcome(raw) is Grade.VERIFIED
    inside = raw.index(b'"keyid":"') + 9
    for index in range(len(raw)):
        flipped = bytearray(raw)
        flipped[index] ^= 0x01
        # Another keyid is that of a key nobody knows: what it signed is a claim.
        allowed = (Grade.CLAIMED,) if inside <= index < inside + 64 else REFUSED
        assert outcome(bytes(flipped)) in allowed, index


# --- which model, and which day ---


def test_a_declaration_is_about_its_model_and_no_other() -> None:
    found = opened(declared())
    bind(found, MODEL, "./m")
    for model, reference, hint in (
        (OTHER_MODEL, "./m", "leave the declaration out"),
        ("", "./m", "leave the declaration out"),
        ("", "-", f"--digest {MODEL}"),
    ):
        with pytest.raises(SignatureError) as caught:
            bind(found, model, reference)
        assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "binding")
        assert MODEL in caught.value.message
        assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("as_of", "known"), [("2026-01-04", False), ("2026-01-05", True), (UNTIL, True), ("2027-04-01", False)]
)
@pytest.mark.parametrize("vouched", [False, True])
def test_what_does_not_hold_that_day_is_unknown(as_of: str, *, known: bool, vouched: bool) -> None:
    by = trust() if vouched else None
    one = said(declared(on="2026-01-05"), by, as_of=as_of)["model.training_operations"]
    assert isinstance(one.value, Unknown) is not known
    if isinstance(one.value, Unknown):
        assert one.value.reason in (
            f"declared of 2026-01-05, after {as_of}",
            f"declared until {UNTIL}, before {as_of}",
        )


def test_a_declaration_from_the_future_is_refused() -> None:
    raw = declared(now=NOW + timedelta(minutes=6))
    with pytest.raises(SignatureError) as caught:
        opened(raw)
    assert caught.value.code == "time"
    assert opened(raw, now=NOW + timedelta(minutes=2)).model == MODEL


# --- what is no declaration ---


def fact(statement: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = statement["predicate"]["facts"]["model.training_operations"]
    return found


MALFORMED: dict[str, tuple[Callable[[dict[str, Any]], object], str, str]] = {
    "a decision": (lambda s: s.update(predicateType="https://weightgate.dev/decision/v1"), "predicate_type", "needed"),
    "another statement": (lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"), "statement", "_type"),
    "two models": (lambda s: s["subject"].append(s["subject"][0]), "statement", "2 subjects"),
    "no model": (lambda s: s["subject"].clear(), "statement", "0 subjects"),
    "a short digest": (lambda s: s["subject"][0].update(digest={"sha256": "ab"}), "statement", "SHA-256"),
    "capitals": (lambda s: s["subject"][0].update(digest={"sha256": "AB" * 32}), "statement", "SHA-256"),
    "two digests": (lambda s: s["subject"][0]["digest"].update(sha512="ab"), "statement", "one SHA-256"),
    "no facts": (lambda s: s["predicate"]["facts"].clear(), "predicate", "0 facts"),
    "facts as a list": (lambda s: s["predicate"].update(facts=[]), "predicate", "an object"),
    "an unknown fact": (lambda s: s["predicate"]["facts"].update({"model.opennes": fact(s)}), "predicate", "unknown fact"),
    "the operator": (lambda s: s["predicate"]["facts"].update({"operator.name": fact(s)}), "predicate", "no fact about a model"),
    "what was asked": (lambda s: s["predicate"]["facts"].update(as_of=fact(s)), "predicate", "no fact about a model"),
    "no value": (lambda s: fact(s).pop("value"), "predicate", "cannot read"),
    "null": (lambda s: fact(s).update(value=None), "predicate", "nothing is stated"),
    "text": (lambda s: fact(s).update(value="many"), "predicate", "needed a number"),
    "negative": (lambda s: fact(s).update(value=-1), "predicate", "at least 0"),
    "backwards": (lambda s: fact(s).update(value={"min": 2, "max": 1}), "predicate", "above max"),
    "no source": (lambda s: fact(s).pop("source"), "predicate", "source: missing"),
    "an empty source": (lambda s: fact(s).update(source=""), "predicate", "spelled"),
    "no end": (lambda s: fact(s).pop("until"), "predicate", "until: missing"),
    "no such day": (lambda s: fact(s).update(until="2026-02-30"), "predicate", "is not a day"),
    "a limit that is not known": (lambda s: fact(s).update(only_in="DE"), "predicate", "unknown key"),
    "a field that is not known": (lambda s: s["predicate"].update(unless="x"), "predicate", "unless"),
    "another spelling": (lambda s: fact(s).update(value={"value": 2.5e25}), "predicate", "spelled as"),
    "no time": (lambda s: s["predicate"].pop("createdOn"), "predicate", "createdOn: missing"),
    "a time without offset": (lambda s: s["predicate"].update(createdOn="2026-03-14T09:30:00"), "predicate", "offset"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("known", [False, True])
def test_a_malformed_declaration_is_refused_whoever_signed_it(name: str, *, known: bool) -> None:
    change, code, message = MALFORMED[name]
    with pytest.raises(SignatureError) as caught:
        opened(changed(change), trust() if known else None)
    assert (caught.value.exit, caught.value.code, caught.value.where) == (Exit.SIGNATURE, code, "d.json")
    assert message in caught.value.message


def test_a_fact_twice_is_refused() -> None:
    text = payload().replace(b'"facts":{', b'"facts":{"model.training_operations":{},', 1)
    with pytest.raises(SignatureError) as caught:
        opened(seal(text, LAB))
    assert (caught.value.code, "is there twice" in caught.value.message) == ("statement", True)


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(InputError) as caught:
        opened(b"{" + b" " * MAX_BYTES)
    assert caught.value.code == "too_large"


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1e300, "", "\x1b[31m", [], {}, [[]], {"a": 1}]
)


@given(data=st.data(), junk=JUNK)
def test_a_holder_of_the_key_who_signs_junk_anywhere_breaks_nothing(data: st.DataObject, junk: Any) -> None:
    def change(statement: dict[str, Any]) -> None:
        here: Any = statement
        while True:
            key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
            if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
                here[key] = junk
                return
            here = here[key]

    # A name and a subject's name are for people, and may be any text.
    assert outcome(changed(change)) in (*REFUSED, Grade.VERIFIED)


@pytest.mark.parametrize(
    ("raw", "sealed"),
    [
        (declared(), True),
        (b"  " + declared(), True),
        (b'{"payload": 1}', True),
        (b'{"model.openness": "closed"}', False),
        (b'{"model.openness": {"value": "closed", "source": "\\"payload\\""}}', False),
        (b"model.openness: closed\n", False),
        (b"payload: x\n", False),
        (b"[]", False),
        (b"", False),
        (b"{" * 100_000, False),
        (b'{"payload": ' + b"9" * 5000 + b"}", False),
    ],
)
def test_an_envelope_is_told_from_a_facts_file(raw: bytes, *, sealed: bool) -> None:
    assert is_sealed(raw) is sealed


# --- what can be declared ---


def refusal(facts: Any, **details: str | None) -> InputError:
    given_details = {"source": "log", "until": UNTIL} | details
    with pytest.raises(InputError) as caught:
        with_details(facts_of(Document(facts, "f.yaml", {})), given_details, NOW)
    assert caught.value.exit is Exit.INPUT
    return caught.value


def test_facts_about_models_alone_can_be_declared() -> None:
    for name in FACTS:
        if not name.startswith("model."):
            assert refusal({name: 1}).code == "not_declarable", name
    assert refusal({"model.opennes": "open"}).hint == "did you mean model.openness?"
    assert refusal({"opennes": "open"}).hint == "did you mean model.openness?"
    assert "--operator" in refusal({"operator.headquarters": "DE"}).hint
    assert "--to" in refusal({"destination.country": "DE"}).hint


@pytest.mark.parametrize(
    ("facts", "details", "code"),
    [
        ({}, {}, "no_facts"),
        ([], {}, "bad_facts"),
        ({"model.openness": None}, {}, "bad_value"),
        ({"model.openness": "opne"}, {}, "bad_value"),
        (COMPUTE, {"source": None}, "incomplete"),
        (COMPUTE, {"until": None}, "incomplete"),
        (COMPUTE, {"until": "2026-03-13"}, "bad_date"),
        (COMPUTE, {"until": "tomorrow"}, "bad_date"),
        (COMPUTE, {"on": "2026-03-15"}, "bad_date"),
    ],
)
def test_what_cannot_be_declared(facts: Any, details: dict[str, str | None], code: str) -> None:
    assert refusal(facts, **details).code == code


def test_too_many_facts_and_one_twice() -> None:
    with pytest.raises(InputError, match="stated twice"):
        facts_of(Document(COMPUTE, "a", {}), Document(COMPUTE, "b", {}))
    assert len(DECLARABLE) <= MAX_FACTS


def test_a_fact_s_own_details_stand_before_those_given_for_all() -> None:
    facts = {
        "model.openness": {
            "value": "closed",
            "source": "us",
            "until": TODAY,
            "by": "Ann",
            "on": "2026-01-01",
        },
        **COMPUTE,
    }
    found = with_details(facts_of(Document(facts, "f", {})), {"source": "log", "until": UNTIL}, NOW)
    assert found["model.openness"] == facts["model.openness"]
    assert found["model.training_operations"] == {"value": 2.5e25, "source": "log", "until": UNTIL}


def test_the_statement_is_as_the_specification_has_it() -> None:
    facts = {
        "model.training_operations": {"min": 1e25},
        "model.openness": {"one_of": ["restricted", "closed"]},
    }
    statement = json.loads(base64.b64decode(json.loads(declared(facts, by="Ann"))["payload"]))
    details = {"source": "training log", "by": "Ann", "until": UNTIL}
    assert statement == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": MODEL.removeprefix("sha256:")}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "facts": {
                "model.openness": {"value": {"one_of": ["restricted", "closed"]}, **details},
                "model.training_operations": {"value": {"min": 1e25}, **details},
            },
            "createdOn": "2026-03-14T09:30:00Z",
        },
    }
    assert isinstance(said(declared(facts))["model.training_operations"].value, Interval)
