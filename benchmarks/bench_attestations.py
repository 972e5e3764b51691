"""Signing and verifying: what statements cost above bare cryptography. ``python -m benchmarks.bench_attestations``.

Everything is timed in turn in one process, by the processor's time, and every goal is a ratio to a bare signature or
verification of the same run, since absolute figures move from machine to machine. The goals were set where a bare Ed25519 verification took
104 µs: 5,000 attestations a second are 200 µs each, or 1.92 of them.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from functools import cache
from statistics import median
from typing import Any

from benchmarks.measure import Goal, conclude, table
from tests.attest.samples import KEY, NOW, PACK, decide
from weightgate.attest.batch import Batches, opened_by, seal_batch
from weightgate.attest.believed import believed_of
from weightgate.attest.claims import stream_claims
from weightgate.attest.groups import groups
from weightgate.attest.opening import Opener
from weightgate.attest.statement import compose
from weightgate.attest.terms import Terms
from weightgate.attest.verify import verify_group
from weightgate.attest.vsa import compose_vsas
from weightgate.signing.envelope import PAYLOAD_TYPE, pae, read_envelope, seal, signers_of
from weightgate.signing.keys import ECDSA_P256, PrivateKey, generate
from weightgate.signing.merkle import Tree, leaf_hash, root_from_inclusion
from weightgate.signing.statement import parse_statement

MANY = 10_000
ROUNDS = 3
VERIFIER = "https://example.com/gate/v1"
BARE_VERIFY_US = 104
"""A bare Ed25519 verification on the machine for which PERFORMANCE's goals were set, in microseconds."""

BYTES = 2048
"""Size of the statement that PERFORMANCE's signing table is about."""


def main() -> None:
    """Measure and print."""
    goals = [*_one(KEY, "ed25519"), *_one(generate(ECDSA_P256), "ecdsa-p256"), *_batch(), *_files()]
    conclude(goals)


def _one(key: PrivateKey, name: str) -> list[Goal]:
    """One envelope against its bare signature."""
    payload = _statement(BYTES)
    signed = pae(PAYLOAD_TYPE, payload)
    signature, envelope = key.sign(signed), seal(payload, key)

    def verified() -> None:
        found = read_envelope(envelope, "a")
        if not signers_of(found, [key.public]):
            raise SystemExit("the signature does not hold, so what it took means nothing")
        parse_statement(found.payload, "a")

    seconds = _in_turn(
        {
            f"sign, {name}": lambda: key.sign(signed),
            f"seal {BYTES} bytes, {name}": lambda: seal(payload, key),
            f"verify, {name}": lambda: key.public.verify(signature, signed),
            f"open and parse {BYTES} bytes, {name}": verified,
        },
        calls=300,
    )
    table(f"one envelope, {name}", seconds)
    sign, sealing, verify, opening = seconds.values()
    return [
        Goal(f"seal / sign, {name}", sealing / sign, 1.35),
        Goal(f"open and parse / verify, {name}", opening / verify, 1.35),
    ]


def _batch() -> list[Goal]:
    """A tree over many statements, and one member of it."""
    payloads = [_statement(BYTES, number) for number in range(MANY)]
    leaves = [pae(PAYLOAD_TYPE, payload) for payload in payloads]
    members = list(seal_batch(payloads, KEY))
    batches = Batches(opened_by([KEY.public]))
    batches.open(members[0], "m")
    tree = Tree(map(leaf_hash, leaves))
    proof, middle = tree.inclusion(MANY // 2), MANY // 2

    def built() -> None:
        made = Tree([leaf_hash(pae(PAYLOAD_TYPE, payload)) for payload in payloads])
        made.inclusions()

    seconds = _in_turn({"hash, tree and proofs of all": built}, calls=1, rounds=7)
    each = {"hash, tree and proof, a subject": seconds["hash, tree and proofs of all"] / MANY}
    each |= _in_turn(
        {
            "sha256 of a subject": lambda: leaf_hash(leaves[middle]),
            "proof of a member": lambda: root_from_inclusion(leaf_hash(leaves[middle]), middle, MANY, proof),
            "open a member, its root known": lambda: batches.open(members[middle], "m"),
            "verify, ed25519": _bare_verification(),
        },
        calls=300,
    )
    table(f"a batch of {MANY} statements of {BYTES} bytes", each)
    bare = each["verify, ed25519"]
    return [
        Goal(
            "hash, tree and proof of a subject / verify",
            each["hash, tree and proof, a subject"] / bare,
            3 / BARE_VERIFY_US,
        ),
        Goal("proof of a member / verify", each["proof of a member"] / bare, 9 / BARE_VERIFY_US),
    ]


def _bare_verification() -> Callable[[], object]:
    signed = pae(PAYLOAD_TYPE, _statement(BYTES))
    signature = KEY.sign(signed)
    return lambda: KEY.public.verify(signature, signed)


def _files() -> list[Goal]:
    """Files of many attestations, verified whole: signatures, every check, a report of each."""
    decision = _decided()
    kinds = {
        "summaries": [compose_vsas(decision, VERIFIER, b"%d" % number)[0] for number in range(MANY)],
        "decisions": [_decision(decision, number) for number in range(MANY)],
    }
    seconds: dict[str, float] = {}
    for what, payloads in kinds.items():
        seconds[f"{what} in a batch"] = _verified(b"".join(seal_batch(payloads, KEY)))
        few = payloads[: MANY // 10]
        seconds[f"{what}, each signed"] = _verified(b"".join(seal(payload, KEY) for payload in few))
    bare = _in_turn({"bare": _bare_verification()}, calls=500)["bare"]
    table("one attestation of a file, verified whole", seconds | {"verify, ed25519": bare})
    limit = 1e6 / 5000 / BARE_VERIFY_US
    return [Goal(f"{name} / verify", each / bare, limit) for name, each in seconds.items()]


def _verified(raw: bytes) -> float:
    """Seconds of this processor for one attestation of a file; the median of some rounds.

    Raises:
        SystemExit: One is not genuine, so what it took means nothing.
    """
    terms = Terms(believed_of([KEY.public]), NOW)
    times = []
    for _ in range(ROUNDS):
        begin, count = time.process_time(), 0
        for group in groups(stream_claims(io.BytesIO(raw), "f"), Opener(terms)):
            count += 1
            if not verify_group(group, terms).genuine:
                raise SystemExit(f"attestation {count} is not genuine")
        times.append((time.process_time() - begin) / count)
    return median(times)


def _in_turn(
    candidates: Mapping[str, Callable[[], object]], *, calls: int, rounds: int = 9
) -> dict[str, float]:
    """Median seconds of this processor for a call of each candidate, measured in turn."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            begin = time.process_time()
            for _ in range(calls):
                call()
            times[name].append((time.process_time() - begin) / calls)
    return {name: median(each) for name, each in times.items()}


def _decision(decision: dict[str, Any], number: int) -> bytes:
    """The statement of a decision that differs from the others."""
    return compose(decision | {"number": number}, [PACK], now=NOW)


@cache
def _decided() -> dict[str, Any]:
    return decide("DE")


def _statement(size: int, number: int = 0) -> bytes:
    """A summary that was filled up to a size."""
    raw = compose_vsas(_decided(), VERIFIER, b"%d" % number)[0]
    filling = b'"filling":"' + b"x" * (size - len(raw) - 13) + b'",'
    return raw.replace(b'"predicate":{', b'"predicate":{' + filling, 1)


if __name__ == "__main__":
    main()
