"""The statement: its subject, its bytes, and payloads that are none."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.samples import NOW, PACK, ROOT, decide
from weightgate.attest.statements.attested import compose, manifest_problem, read_predicate, subject_of
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.facts.encode import encode_value
from weightgate.facts.values import Known
from weightgate.signing.statement import canonical, parse_statement


def statement(**changes: Any) -> dict[str, Any]:
    return dict(json.loads(compose(decide("DE"), [PACK], now=NOW))) | changes


def refused(raw: bytes) -> str:
    with pytest.raises(SignatureError) as caught:
        parse_statement(raw, "a.json").only_subject()
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "statement")
    return caught.value.message


def test_the_statement_is_in_toto_v1_about_the_model() -> None:
    made = statement()
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "https://weightgate.dev/decision/v1"
    assert made["subject"] == [{"name": "model", "digest": {"sha256": ROOT}}]
    predicate = made["predicate"]
    assert predicate["decision"] == decide("DE")
    assert predicate["packs"] == [{"name": "toy", "digest": PACK.digest, "text": PACK.text.decode()}]
    assert predicate["createdOn"] == "2026-03-14T09:30:00Z"
    assert predicate["engine"] == predicate["decision"]["engine"]
    assert predicate["hypothetical"] is False


def test_with_no_model_the_subject_is_the_request() -> None:
    decision = decide("DE", model=False)
    name, digest = subject_of(decision)
    assert name == "weightgate:request"
    assert digest == hashlib.sha256(canonical(decision["inputs"])).hexdigest()
    reordered = json.loads(json.dumps(decision["inputs"]))
    reordered["request"] = dict(reversed(reordered["request"].items()))
    assert subject_of(decision | {"inputs": reordered}) == (name, digest)


def test_a_digest_that_was_only_named_is_no_model_at_hand() -> None:
    decision = decide("DE", model=False)
    decision["model"]["digest"] = f"sha256:{ROOT}"
    assert subject_of(decision)[0] == "weightgate:request"


@pytest.mark.parametrize("digest", [None, "sha256:" + "0" * 64, ROOT])
def test_a_digest_that_is_not_the_root_is_refused(digest: str | None) -> None:
    decision = decide("DE")
    decision["model"]["digest"] = digest
    with pytest.raises(InputError, match="root of the manifest is sha256:" + ROOT) as caught:
        subject_of(decision)
    assert (caught.value.code, caught.value.where) == ("bad_decision", "inputs.manifest")


GOOD = "0" * 64


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["a", "b/c", "b/d"], ""),
        (["B", "a", "é"], ""),
        (["b", "a"], ""),
        (["a", "a"], "manifest: 'a' is not normal, or is in the manifest twice"),
        (["../a"], "manifest: '../a' is no name of a file inside a model"),
        (["/a"], "manifest: '/a' is no name of a file inside a model"),
        (["a//b"], "manifest: 'a//b' is not normal, or is in the manifest twice"),
        (["./a"], "manifest: './a' is not normal, or is in the manifest twice"),
        (["a/"], "manifest: 'a/' is no name of a file inside a model"),
        ([""], "manifest: '' is no name of a file inside a model"),
        (["a\0"], r"manifest: 'a\x00' is no name of a file inside a model"),
    ],
)
def test_names_of_a_manifest(names: list[str], problem: str) -> None:
    manifest = [{"name": name, "digest": GOOD, "reported": False} for name in names]
    assert manifest_problem(manifest) == problem


@pytest.mark.parametrize(
    "digest", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "sha256:" + GOOD, GOOD + "\n"]
)
def test_digests_of_a_manifest(digest: str) -> None:
    problem = manifest_problem([{"name": "a", "digest": digest, "reported": False}])
    assert problem == f"manifest[0]: {digest[:80]!r} is no SHA-256"


def test_a_manifest_of_another_shape() -> None:
    assert manifest_problem([{"name": "a"}]) == "manifest[0].digest: missing"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"x", "the signed payload is refused: not JSON"),
        (b'{"_type":1,"_type":2}', "the signed payload is refused: key '_type' is there twice"),
        (b"[]", "statement: needed an object"),
        (b"{}", "statement._type: missing"),
        (b"[" * 200 + b"]" * 200, "nested too deeply"),
    ],
)
def test_payloads_that_are_no_statement(raw: bytes, message: str) -> None:
    assert refused(raw).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"_type": "https://in-toto.io/Statement/v0.1"},
            "_type is 'https://in-toto.io/Statement/v0.1', needed",
        ),
        ({"subject": []}, "0 subjects, needed one"),
        ({"subject": [{"name": "a", "digest": {"sha256": ""}}] * 2}, "2 subjects, needed one"),
        (
            {"subject": [{"name": "a", "digest": {"sha512": ""}}]},
            "statement.subject[0].digest.sha256: missing",
        ),
        ({"predicate": []}, "statement.predicate: needed an object"),
        ({"predicateType": 7}, "statement.predicateType: needed text"),
        ({"note": "\ud800"}, "the signed payload is refused: half a surrogate pair"),
    ],
)
def test_statements_of_another_kind(changes: dict[str, Any], message: str) -> None:
    assert refused(json.dumps(statement(**changes)).encode()).startswith(message)


def test_an_escaped_pair_of_surrogates_is_unicode() -> None:
    made = statement()
    made["predicate"]["note"] = "\U0001f600"
    assert parse_statement(json.dumps(made).encode(), "a").predicate["note"] == "\U0001f600"


def bad_predicate(made: dict[str, Any]) -> str:
    with pytest.raises(SignatureError) as caught:
        read_predicate(parse_statement(json.dumps(made).encode(), "a"))
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "predicate")
    return caught.value.message


def test_a_predicate_reads_back() -> None:
    attested = read_predicate(parse_statement(compose(decide("DE"), [PACK], now=NOW), "a"))
    assert attested.subject == ("model", ROOT)
    assert attested.packs == (PACK,)
    assert attested.digests == (PACK.digest,)
    assert attested.created == attested.decided == NOW


@pytest.mark.parametrize("key", ["decision", "packs", "createdOn", "engine", "hypothetical"])
def test_a_predicate_without_a_field(key: str) -> None:
    made = statement()
    del made["predicate"][key]
    assert bad_predicate(made) == f"predicate.{key}: missing"


@pytest.mark.parametrize(("key", "value"), [("engine", "other"), ("hypothetical", "why")])
def test_a_predicate_that_disagrees_with_its_decision(key: str, value: str) -> None:
    made = statement()
    made["predicate"][key] = value
    assert bad_predicate(made) == f"predicate.{key} is not the decision's own"


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-03-14", "2026-03-14T09:30:00", "2026-13-14T09:30:00Z"]
)
def test_times_that_are_none(text: str) -> None:
    made = statement()
    made["predicate"]["createdOn"] = text
    assert bad_predicate(made).startswith(f"predicate.createdOn: {text!r} is no time with an offset")


@pytest.mark.parametrize("value", [float("inf"), "\ud800"])
def test_what_cannot_be_written(value: Any) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught:
        compose(decide("DE") | {"note": value}, [PACK], now=NOW)
    assert caught.value.code == "bad_statement"


@given(st.floats(min_value=0, allow_infinity=False))
def test_a_fact_survives_the_statement_exactly(number: float) -> None:
    decision = decide("DE") | {"extra": encode_value(Known(number))}
    made = json.loads(compose(decision, [PACK], now=NOW))
    assert made["predicate"]["decision"]["extra"]["value"] == number
