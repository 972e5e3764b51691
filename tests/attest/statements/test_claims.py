"""Several statements in one file: what is written, in which order, and how any file is taken apart."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.samples import KEY, NOW, PACK, check, decide, find_pack, payload_of, sign
from weightgate.attest.make import Underived, attest_many
from weightgate.attest.statements.attested import PREDICATE_TYPE
from weightgate.attest.statements.claims import (
    MAX_CLAIMS,
    Claim,
    Kind,
    compose_claims,
    peek,
    read_claims,
    stream_claims,
)
from weightgate.attest.statements.svr import SVR_TYPE
from weightgate.attest.statements.vsa import VSA_TYPE, agreement, read_vsa
from weightgate.decide.again import decide_again
from weightgate.errors import Exit, InputError, UsageError
from weightgate.facts.statements import Grade
from weightgate.signing.checks import State
from weightgate.signing.envelope import MAX_ENVELOPE_BYTES
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import parse_statement

VERIFIER = "https://example.com/gate/v1"
RAW = sign(decide("DE"))


def claims(
    *destinations: str, verifier_id: str | None = VERIFIER, batch: bool = False, model: bool = True
) -> bytes:
    decision = Underived(decide(*destinations, model=model), find_pack, decide_again, Grade.VERIFIED)
    signed = attest_many([decision], sealer=Sealer((KEY,)), now=NOW, verifier_id=verifier_id, batch=batch)
    return b"".join(signed)


def kinds(raw: bytes) -> list[str]:
    return [payload_of(claim.raw)["predicateType"] for claim in read_claims(raw, "c")]


def test_the_decision_comes_first_then_a_vsa_for_each_destination_then_the_svr() -> None:
    assert kinds(claims("DE", "AE")) == [PREDICATE_TYPE, VSA_TYPE, VSA_TYPE, SVR_TYPE]


def test_without_a_verifier_there_is_the_decision_alone_as_ever() -> None:
    assert claims("DE", verifier_id=None) == RAW
    assert kinds(RAW) == [PREDICATE_TYPE]


def test_a_decision_with_no_model_at_hand_has_no_summaries() -> None:
    assert kinds(claims("DE", model=False)) == [PREDICATE_TYPE]


def test_every_claim_is_sealed_alone_and_each_summary_names_the_decisions_statement() -> None:
    own, *rest = read_claims(claims("DE", "AE"), "c")
    assert check(own.raw).genuine
    decision = payload_of(own.raw)["predicate"]["decision"]
    for claim in rest[:-1]:
        vsa = read_vsa(parse_statement(peek(claim), "vsa"))
        assert vsa.inputs == ({"sha256": hashlib.sha256(peek(own)).hexdigest()},)
        assert agreement(vsa, decision, peek(own)).state is State.ESTABLISHED


def test_a_verifier_that_is_no_uri_signs_nothing() -> None:
    with pytest.raises(UsageError, match="is no URI"):
        claims("DE", verifier_id="me")


def test_composing_is_deterministic() -> None:
    decision = decide("DE", "AE")
    made = [compose_claims(decision, [PACK], now=NOW, verifier_id=VERIFIER) for _ in range(2)]
    assert made[0] == made[1]


def test_each_kind_of_line_is_told_by_its_media_type() -> None:
    lines = [
        RAW,
        b'{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{}}\n',
        claims("DE", batch=True, verifier_id=None),
        b'{"mediaType":"application/vnd.c2sp.tlog-proof.v1","proof":""}\n',
    ]
    found = read_claims(b"".join(lines), "c.jsonl")
    assert [claim.kind for claim in found] == [Kind.DSSE, Kind.BUNDLE, Kind.MEMBER, Kind.PROOF]
    assert [claim.source for claim in found] == [f"c.jsonl:{n}" for n in (1, 2, 3, 4)]
    assert list(stream_claims(io.BytesIO(b"".join(lines)), "c.jsonl")) == [
        Claim(claim.kind, line, claim.source) for claim, line in zip(found, lines, strict=True)
    ]


@pytest.mark.parametrize(
    "line",
    [
        b'{"mediaType":"application/json"}',
        b'{"mediaType":["application/vnd.c2sp.tlog-proof"]}',
        b'{"mediaType":1,"mediaType":2}',
        b'["mediaType"]',
        b'"mediaType"',
        b"{",
        b"",
    ],
)
def test_anything_else_is_left_to_the_reader_of_envelopes(line: bytes) -> None:
    assert [claim.kind for claim in read_claims(line, "c")] == [Kind.DSSE]


def test_one_document_over_several_lines_is_one_claim() -> None:
    laid_out = json.dumps(json.loads(RAW), indent=2).encode()
    [claim] = read_claims(laid_out, "a.json")
    assert (claim.raw, claim.source) == (laid_out, "a.json")
    assert check(claim.raw).genuine


def test_empty_lines_say_nothing_and_line_ends_may_be_of_any_kind() -> None:
    found = read_claims(b"\n" + RAW.rstrip() + b"\r\n\n  \n" + RAW, "c")
    assert [claim.source for claim in found] == ["c:2", "c:5"]
    assert all(check(claim.raw).genuine for claim in found)


def test_the_number_of_claims_is_bounded() -> None:
    assert len(read_claims(b"{}\n" * MAX_CLAIMS, "c")) == MAX_CLAIMS
    with pytest.raises(InputError, match=f"at most {MAX_CLAIMS} claims") as caught:
        read_claims(b"{}\n" * (MAX_CLAIMS + 1), "c")
    assert (caught.value.code, caught.value.exit) == ("too_large", Exit.INPUT)


def test_a_streamed_line_is_bounded_and_the_file_is_not() -> None:
    assert sum(1 for _ in stream_claims(io.BytesIO(b"{}\n" * 50_000), "c")) == 50_000
    long = io.BytesIO(RAW + b"{" + b" " * MAX_ENVELOPE_BYTES + b"}")
    stream = stream_claims(long, "c")
    assert next(stream).raw == RAW
    with pytest.raises(InputError, match="larger than") as caught:
        next(stream)
    assert caught.value.where == "c:2"


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    whole = read_claims(raw, "c")
    assert whole
    assert b"".join(claim.raw for claim in stream_claims(io.BytesIO(raw), "c")).split() == raw.split()
