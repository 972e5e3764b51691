"""The words of a command line that names files to write, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_KEEPS = ("keys", "ledger", "policy", "trust")
"""Groups of commands whose ``-o`` names no attestation: what is there is kept whatever happens."""


class Words(NamedTuple):
    """Words before ``--``, by what they may be.

    Attributes:
        outputs: Values of ``--output``.
        results: Values of ``--result``.
        attestations: Values of ``--attest``, and of ``-o`` when it does not name a key, a proof, a trust file or a pack.
        others: All else: each may name something that is read.
    """

    outputs: list[str]
    results: list[str]
    attestations: list[str]
    others: list[str]


def sort_words(arguments: Sequence[str]) -> Words:
    """Sort the words after the program's name; they need not be ones that a command takes."""
    words = Words([], [], [], [])
    keys: list[str] = []
    written = {
        "--output": words.outputs,
        "--result": words.results,
        "--attest": words.attestations,
        "-o": keys if arguments[:1] and arguments[0] in _KEEPS else words.attestations,
    }
    awaited = words.others
    for word in arguments:
        name, equals, value = word.partition("=")
        if word == "--":
            break
        if word in written:
            awaited = written[word]
            continue
        if awaited is not words.others:
            awaited.append(word)
        elif equals and name in written and name != "-o":
            written[name].append(value)
        elif word.startswith("-o"):
            written["-o"].append(word[2:])
        else:
            words.others.append(value if equals and name.startswith("--") else word)
        awaited = words.others
    return words
