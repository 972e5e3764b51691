"""Batches: each member verifies alone, and can be no other member, of no other size, under no other root."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attest.samples import KEY, NOW, OTHER_KEY, decide, find_pack
from weightgate.attest.make import Underived, attest_many
from weightgate.attest.statements.attested import PREDICATE_TYPE, compose, read_predicate
from weightgate.attest.statements.batch import (
    BATCH_SUBJECT,
    BATCH_TYPE,
    MAX_ROOT_BYTES,
    MAX_ROOTS,
    MEMBER_MEDIA_TYPE,
    TREE,
    Batches,
    leaf_of,
    member_line,
    peek_member,
    seal_batch,
    unseal_by,
)
from weightgate.decide.again import decide_again
from weightgate.errors import Exit, InputError, SignatureError, WeightgateError
from weightgate.facts.statements import Grade
from weightgate.signing.checks import State
from weightgate.signing.envelope import PAYLOAD_TYPE, pae, read_envelope, seal, signers_of
from weightgate.signing.keys import PrivateKey, PublicKey
from weightgate.signing.merkle import Tree, inclusion_proof, leaf_hash, node_hash, root_hash
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import Subject, compose_statement, parse_statement

PAYLOADS = [b'{"a":%d}' % number for number in range(7)]


def batch(count: int = 7, key: PrivateKey = KEY) -> list[bytes]:
    return list(seal_batch([b'{"a":%d}' % number for number in range(count)], key))


def opened(raw: bytes, key: PrivateKey = KEY) -> bytes:
    return Batches(unseal_by([key.public])).unseal(raw, "m").payload


def edited(raw: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(raw) | changes).encode()


def refused(raw: bytes, key: PrivateKey = KEY) -> str:
    with pytest.raises(SignatureError) as caught:
        opened(raw, key)
    assert (caught.value.exit, caught.value.where[:1]) == (Exit.SIGNATURE, "m")
    return caught.value.code


def signed_root(leaves: Sequence[bytes], **changes: Any) -> bytes:
    """A root as a holder of the key could sign it, and not as weightgate does."""
    predicate: dict[str, Any] = {"tree": TREE, "size": len(leaves)} | changes
    digest = changes.pop("sha256", root_hash(leaves).hex())
    kind = changes.pop("kind", BATCH_TYPE)
    subject = Subject(BATCH_SUBJECT, {"sha256": digest})
    return base64.b64encode(seal(compose_statement([subject], kind, predicate), KEY))


MEMBERS = batch()


@pytest.mark.parametrize("size", range(1, 71))
def test_every_member_of_every_size_verifies_alone(size: int) -> None:
    members = batch(size)
    assert [opened(member) for member in members] == [b'{"a":%d}' % number for number in range(size)]
    leaves = [leaf_hash(pae(PAYLOAD_TYPE, b'{"a":%d}' % number)) for number in range(size)]
    for index, member in enumerate(members):
        proof = b"".join(inclusion_proof(leaves, index))
        assert base64.b64decode(json.loads(member)["proof"]) == proof


def test_a_member_is_written_as_the_page_says() -> None:
    member = json.loads(MEMBERS[2])
    assert list(member) == ["mediaType", "index", "proof", "payloadType", "payload", "root"]
    assert (member["mediaType"], member["index"]) == (MEMBER_MEDIA_TYPE, 2)
    assert member["payloadType"] == PAYLOAD_TYPE
    root = read_envelope(base64.b64decode(member["root"]), "root")
    assert signers_of(root, [KEY.public]) == (KEY.public,)
    statement = parse_statement(root.payload, "root")
    assert statement.predicate_type == "https://weightgate.dev/batch/v1"
    assert statement.predicate == {"tree": "rfc6962-sha256", "size": 7}
    leaves = [leaf_hash(pae(PAYLOAD_TYPE, payload)) for payload in PAYLOADS]
    assert statement.only_subject() == Subject("weightgate:batch", {"sha256": root_hash(leaves).hex()})


@given(st.binary(max_size=300))
def test_a_leaf_is_the_hash_of_what_a_signature_would_be_over(payload: bytes) -> None:
    assert leaf_of(payload) == leaf_hash(pae(PAYLOAD_TYPE, payload))


def test_what_was_proved_is_told() -> None:
    found = Batches(unseal_by([KEY.public])).unseal(MEMBERS[5], "m")
    root = parse_statement(read_envelope(found.root, "r").payload, "r").only_subject().sha256
    assert (found.check.id, found.check.state) == ("batch", State.ESTABLISHED)
    assert found.check.detail == f"entry 5 of 7 under root sha256:{root}"
    assert found.signers == (KEY.public,)


def test_another_key_signed_nothing() -> None:
    assert refused(MEMBERS[0], OTHER_KEY) == "signature"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_no_member_is_another_index_or_has_another_payload(size: int) -> None:
    members = batch(size)
    for index, member in enumerate(members):
        for other in (*range(size), size, size + 1, -1, 2**70):
            if other != index:
                assert refused(edited(member, index=other)) in ("batch", "envelope")
        for payload in {*PAYLOADS, b""} - {b'{"a":%d}' % index}:
            assert refused(edited(member, payload=base64.b64encode(payload).decode())) == "batch"


def test_no_member_belongs_to_another_batch() -> None:
    for one, other in (
        (batch(7), batch(6)),
        (batch(7), batch(8)),
        (batch(8), list(seal_batch(PAYLOADS[:1] * 8, KEY))),
    ):
        for mine, theirs in zip(one[1:6], other[1:6], strict=True):
            assert refused(edited(mine, root=json.loads(theirs)["root"])) == "batch"


@pytest.mark.parametrize("count", [1, 2])
def test_a_root_that_is_no_batch_covers_nothing(count: int) -> None:
    leaves = [leaf_hash(pae(PAYLOAD_TYPE, payload)) for payload in PAYLOADS[:count]]
    proof = Tree(leaves).inclusion(0)
    sealed = {
        "another kind": signed_root(leaves, kind="https://weightgate.dev/decision/v1"),
        "another tree": signed_root(leaves, tree="rfc9162"),
        "a size in words": signed_root(leaves, size=str(count)),
        "no size": signed_root(leaves, size=0),
        "a size that is true": signed_root(leaves, size=True),
        "another size": signed_root(leaves, size=count + 2),
        "a size beyond doubles": signed_root(leaves, size=2**53 + 1),
        "no root": signed_root(leaves, sha256=""),
        "a short root": signed_root(leaves, sha256="ab"),
        "a root in capitals": signed_root(leaves, sha256=root_hash(leaves).hex().upper()),
        "no hex": signed_root(leaves, sha256="z" * 64),
    }
    for name, root in sealed.items():
        assert refused(member_line(0, proof, PAYLOADS[0], root)) in ("batch", "statement"), name
    assert opened(member_line(0, proof, PAYLOADS[0], signed_root(leaves))) == PAYLOADS[0]


def test_an_inner_node_is_no_leaf() -> None:
    """Second preimages: the two children of a node, offered as a statement, hash to something else."""
    leaves = [leaf_hash(pae(PAYLOAD_TYPE, payload)) for payload in PAYLOADS[:4]]
    root = signed_root(leaves)
    node = leaves[0] + leaves[1]
    sibling = node_hash(leaves[2], leaves[3])
    for payload in (node, b"\x01" + node, leaves[0]):
        assert refused(member_line(0, [sibling], payload, root)) == "batch"
        assert refused(member_line(0, [leaves[1], sibling], payload, root)) == "batch"


def test_a_leaf_is_bound_to_its_payload_type() -> None:
    other = "application/vnd.other+json"
    leaves = [leaf_hash(pae(other, PAYLOADS[0]))]
    member = member_line(0, [], PAYLOADS[0], signed_root(leaves))
    assert refused(member) == "batch"
    assert refused(edited(member, payloadType=other)) == "envelope"
    bare = [leaf_hash(PAYLOADS[0])]
    assert refused(member_line(0, [], PAYLOADS[0], signed_root(bare))) == "batch"


def test_a_batch_is_no_member_of_itself() -> None:
    root = base64.b64decode(json.loads(MEMBERS[0])["root"])
    with pytest.raises(InputError, match="no attestation") as caught:
        opened(root)
    assert caught.value.code == "no_attestation"


@pytest.mark.parametrize("root", [MEMBERS[0], b"", b"{}", b"\xff", b"[" * 9999, b'{"payload":1}'])
def test_a_root_that_is_no_envelope_is_a_malformed_member(root: bytes) -> None:
    assert refused(edited(MEMBERS[0], root=base64.b64encode(root).decode())) == "envelope"


@pytest.mark.parametrize(
    "changes",
    [
        {"proof": ""},
        {"proof": base64.b64encode(b"x" * 31).decode()},
        {"proof": base64.b64encode(b"x" * 32 * 3).decode()},
        {"proof": base64.b64encode(b"x" * 32 * 65).decode()},
        {"proof": []},
        {"proof": json.loads(MEMBERS[1])["proof"]},
        {"payload": json.loads(MEMBERS[0])["payload"] + "\n"},
        {"payload": json.loads(MEMBERS[0])["payload"].rstrip("=")},
        {"payload": None},
        {"payloadType": None},
        {"index": 0.0},
        {"index": "0"},
        {"index": False},
        {"index": None},
        {"root": None},
        {"root": "e30"},
        {"note": "nobody signed this"},
    ],
)
def test_a_malformed_member_is_refused(changes: dict[str, Any]) -> None:
    assert refused(edited(MEMBERS[0], **changes)) in ("batch", "envelope")


@pytest.mark.parametrize("field", ["index", "proof", "payloadType", "payload", "root"])
def test_a_missing_or_doubled_field_is_refused(field: str) -> None:
    fields = json.loads(MEMBERS[0])
    without = {key: value for key, value in fields.items() if key != field}
    assert refused(json.dumps(without).encode()) == "envelope"
    doubled = MEMBERS[0].rstrip()[:-1] + f',"{field}":{json.dumps(fields[field])}}}'.encode()
    assert refused(doubled) == "envelope"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", seal(b"{}", KEY), b'{"mediaType":"x"}'])
def test_what_is_no_member_is_an_input_error(raw: bytes) -> None:
    with pytest.raises((InputError, SignatureError)) as caught:
        opened(raw)
    assert caught.value.exit in (Exit.INPUT, Exit.SIGNATURE)
    with pytest.raises(WeightgateError):
        peek_member(raw, "m")


def test_every_flipped_byte_is_refused() -> None:
    sample = batch(3)[1]
    for index in range(len(sample) - 1):
        for mask in (0x01, 0x20, 0x80):
            flipped = bytearray(sample)
            flipped[index] ^= mask
            with pytest.raises(WeightgateError) as caught:
                opened(bytes(flipped))
            assert caught.value.exit in (Exit.INPUT, Exit.SIGNATURE)


@given(index=st.integers(0, len(MEMBERS[3]) - 2), byte=st.integers(0, 255))
@settings(max_examples=300)
def test_any_other_byte_anywhere_is_refused(index: int, byte: int) -> None:
    changed = MEMBERS[3][:index] + bytes([byte]) + MEMBERS[3][index + 1 :]
    if changed != MEMBERS[3]:
        with pytest.raises(WeightgateError):
            opened(changed)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20), st.data())
def test_any_payloads_come_out_as_they_went_in(payloads: list[bytes], data: st.DataObject) -> None:
    members = list(seal_batch(payloads, KEY, OTHER_KEY))
    index = data.draw(st.integers(0, len(payloads) - 1))
    for key in (KEY, OTHER_KEY):
        assert opened(members[index], key) == payloads[index]
    assert peek_member(members[index], "m") == payloads[index]


def test_a_roots_signature_is_verified_once_for_the_very_bytes_it_came_in() -> None:
    asked: list[bytes] = []

    def counting(raw: bytes, source: str) -> tuple[bytes, tuple[PublicKey, ...]]:
        asked.append(raw)
        return unseal_by([KEY.public])(raw, source)

    batches = Batches(counting)
    for member in MEMBERS * 3:
        batches.unseal(member, "m")
    assert len(asked) == 1
    # The same root in another spelling is another root to look at.
    respelled = base64.b64encode(base64.b64decode(json.loads(MEMBERS[0])["root"]) + b" ").decode()
    batches.unseal(edited(MEMBERS[0], root=respelled), "m")
    assert len(asked) == 2


def test_a_refused_root_stays_refused_and_is_not_looked_at_again() -> None:
    asked: list[bytes] = []

    def counting(raw: bytes, source: str) -> tuple[bytes, tuple[PublicKey, ...]]:
        asked.append(raw)
        return unseal_by([OTHER_KEY.public])(raw, source)

    batches = Batches(counting)
    for number, member in enumerate(MEMBERS):
        with pytest.raises(SignatureError) as caught:
            batches.unseal(member, f"m:{number}")
        assert (caught.value.code, caught.value.where) == ("signature", f"m:{number}")
    assert len(asked) == 1


def test_a_root_that_would_fill_the_memory_is_refused() -> None:
    padded = json.loads(base64.b64decode(json.loads(MEMBERS[0])["root"]))
    sealed = json.dumps(padded).encode()
    for size in (MAX_ROOT_BYTES * 3 // 4, MAX_ROOT_BYTES):
        root = base64.b64encode(sealed + b" " * (size - len(sealed))).decode()
        if len(root) > MAX_ROOT_BYTES:
            assert refused(edited(MEMBERS[0], root=root)) == "envelope"
        else:
            assert opened(edited(MEMBERS[0], root=root)) == PAYLOADS[0]


def test_the_roots_that_are_kept_are_bounded() -> None:
    batches = Batches(unseal_by([KEY.public]))
    for number in range(MAX_ROOTS + 3):
        [member] = seal_batch([b"%d" % number], KEY)
        batches.unseal(member, "m")
    assert len(batches._roots) == MAX_ROOTS


@pytest.mark.parametrize("payloads", [[], range(2**20 + 1)])
def test_an_empty_or_endless_batch_is_an_input_error(payloads: Any) -> None:
    with pytest.raises(InputError, match="needed 1 to") as caught:
        list(seal_batch(payloads, KEY))
    assert caught.value.code == "too_large"


def test_decisions_are_signed_at_once_and_each_reads_back() -> None:
    asked = [decide("DE"), decide("CN"), decide("AE", openness="open")]
    many = [Underived(decision, find_pack, decide_again, Grade.VERIFIED) for decision in asked]
    members = list(attest_many(many, sealer=Sealer((KEY,)), now=NOW, batch=True))
    batches = Batches(unseal_by([KEY.public]))
    for member, decision in zip(members, asked, strict=True):
        statement = parse_statement(batches.unseal(member, "m").payload, "m")
        assert statement.predicate_type == PREDICATE_TYPE
        assert read_predicate(statement).decision == decision
    assert len({json.loads(member)["root"] for member in members}) == 1


def test_one_decision_that_does_not_follow_stops_the_whole_batch() -> None:
    asked = [decide("DE"), decide("DE") | {"verdict": "deny", "possible": ["deny"], "exit": 1}]
    many = [Underived(d, find_pack, decide_again, Grade.VERIFIED, f"d:{n}") for n, d in enumerate(asked)]
    with pytest.raises(SignatureError, match="verdict: stated") as caught:
        list(attest_many(many, sealer=Sealer((KEY,)), now=NOW, batch=True))
    assert caught.value.where == "d:1"


def test_a_statement_in_a_batch_is_the_one_that_would_be_signed_alone() -> None:
    one = Underived(decide("DE"), find_pack, decide_again, Grade.VERIFIED)
    [member] = attest_many([one], sealer=Sealer((KEY,)), now=NOW, batch=True)
    [alone] = attest_many([one], sealer=Sealer((KEY,)), now=NOW)
    assert opened(member) == read_envelope(alone, "a").payload
    assert opened(member) == compose(one.decision, [find_pack("shipped:toy")], now=NOW)
