"""Batches, and files of many attestations, against bare cryptography. ``python -m benchmarks.bench_attestations``.

Everything is timed in turn in one process, by the processor's time, and every goal is a ratio to a bare signature or
verification of the same run, since absolute figures move from machine to machine. The goals were set where a bare Ed25519 verification took
104 µs: 5,000 attestations a second are 200 µs each, or 1.92 of them.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from statistics import median
from typing import Any

from benchmarks.measure import Goal, conclude, table
from tests.attest.samples import KEY, NOW, PACK, decide
from weightgate.attest.statements.attested import compose
from weightgate.attest.statements.batch import Batches, leaf_of, seal_batch, unseal_by
from weightgate.attest.statements.claims import stream_claims
from weightgate.attest.statements.vsa import compose_vsas
from weightgate.attest.verifying.believed import believed_of
from weightgate.attest.verifying.groups import groups
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.unsealing import Unsealer
from weightgate.attest.verifying.verify import verify_group
from weightgate.signing.envelope import PAYLOAD_TYPE, pae, seal
from weightgate.signing.merkle import Tree, root_from_inclusion

MANY = 10_000
PER_SECOND = 5000
VERIFIER = "https://example.com/gate/v1"
BARE_VERIFY_US = 104
"""A bare Ed25519 verification on the machine for which PERFORMANCE's goals were set, in microseconds."""

BYTES = 2048
"""Size of the statement that PERFORMANCE's signing table is about."""


def main() -> None:
    """Measure and print."""
    conclude([*_batch(), *_files()])


def _batch() -> list[Goal]:
    """A tree over many statements, and one member of it."""
    payloads = [_statement(BYTES, number) for number in range(MANY)]
    members = list(seal_batch(payloads, KEY))
    batches = Batches(unseal_by([KEY.public]))
    batches.unseal(members[0], "m")
    tree = Tree(map(leaf_of, payloads))
    proof, middle = tree.inclusion(MANY // 2), MANY // 2

    def built() -> None:
        Tree(map(leaf_of, payloads)).inclusions()

    seconds = _in_turn({"hash, tree and proofs of all": built}, calls=1, rounds=7)
    each = {"hash, tree and proof, a subject": seconds["hash, tree and proofs of all"] / MANY}
    each |= _in_turn(
        {
            "sha256 of a subject": lambda: leaf_of(payloads[middle]),
            "proof of a member": lambda: root_from_inclusion(leaf_of(payloads[middle]), middle, MANY, proof),
            "open a member, its root known": lambda: batches.unseal(members[middle], "m"),
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
    files = {}
    for what, payloads in kinds.items():
        files[f"{what} in a batch"] = b"".join(seal_batch(payloads, KEY))
        files[f"{what}, each signed"] = b"".join(seal(payload, KEY) for payload in payloads[: MANY // 10])
    candidates: dict[str, Callable[[], object]] = {name: partial(_verify, raw) for name, raw in files.items()}
    bare = _bare_verification()
    candidates["verify, ed25519"] = lambda: [bare() for _ in range(1000)]
    seconds = _in_turn(candidates, calls=1, rounds=5)
    each = {name: taken / len(files[name].splitlines()) for name, taken in seconds.items() if name in files}
    alone = seconds["verify, ed25519"] / 1000
    table("one attestation of a file, verified whole", each | {"verify, ed25519": alone})
    limit = 1e6 / PER_SECOND / BARE_VERIFY_US
    return [Goal(f"{name} / verify", taken / alone, limit) for name, taken in each.items()]


def _verify(raw: bytes) -> None:
    """Verify every attestation of a file.

    Raises:
        SystemExit: One is not genuine, so what it took means nothing.
    """
    terms = Terms(believed_of([KEY.public]), NOW)
    for number, group in enumerate(groups(stream_claims(io.BytesIO(raw), "f"), Unsealer(terms))):
        if not verify_group(group, terms).genuine:
            raise SystemExit(f"attestation {number} is not genuine")


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
