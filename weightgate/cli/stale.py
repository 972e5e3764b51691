"""What an earlier run left where this one's result was to go: after a failure it must not be taken for this one's.

A file is replaced only if it is one of ours. Whatever else lies there (a model's file, a key, somebody's notes) was named
by mistake, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from weightgate.cli.output import deliver
from weightgate.cli.paths import is_device, same_file
from weightgate.cli.text import printable, tell
from weightgate.cli.words import Words, sort_words
from weightgate.errors import WeightgateError
from weightgate.files.output import refuse_inside

# Every result of ours begins with its schema: weightgate.cli.output.as_json keeps the order. A pack is no result.
_RESULT = re.compile(rb'\s*\{\s*"schema"\s*:\s*"weightgate/(?!pack/)')
_HEAD = 256
MAX_ATTESTATION = 64 * 1024 * 1024


def replace_stale(
    arguments: Sequence[str], outputs: Sequence[str], described: Mapping[str, Any], content: bytes
) -> None:
    """Write an error over earlier results, and say on stderr which files were left as they are.

    Args:
        arguments: The words after the program's name.
        outputs: Paths of the outputs asked for.
        described: The error, as JSON.
        content: The same, as bytes.
    """
    words = sort_words(arguments)
    stopped = {**described, "started": False, "command_exit": None, "decision": None}
    for path, new in _targets(words, outputs, content, stopped):
        target = Path(path)
        try:
            if is_device(target) or not target.is_file():
                continue
            if _is_ours(target, path in words.attestations) and not _is_read(target, words, described):
                deliver(target, new)
                continue
        except (OSError, ValueError, WeightgateError):
            pass
        tell(f"note: the error was not written to {printable(path)}, which is left as it is")


def _targets(
    words: Words, outputs: Sequence[str], content: bytes, stopped: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    from weightgate.cli.output import as_json

    results = dict.fromkeys(filter(None, words.results), as_json(stopped))
    yield from results.items()
    for path in dict.fromkeys((*outputs, *words.attestations)):
        if path and path not in results:
            yield path, content


def _is_ours(target: Path, attestation: bool) -> bool:
    with target.open("rb") as file:
        if _RESULT.match(file.read(_HEAD)):
            return True
        if not attestation:
            return False
        file.seek(0)
        raw = file.read(MAX_ATTESTATION + 1)
    from weightgate.attest.declarations.declaration import PREDICATE_TYPE as DECLARATION_TYPE
    from weightgate.attest.statements.attested import PREDICATE_TYPE
    from weightgate.oms.statement import PREDICATE_TYPE as MODEL_TYPE
    from weightgate.signing.accepted import read_sealed
    from weightgate.signing.statement import parse_statement

    try:
        statement = parse_statement(read_sealed(raw, "").envelope.payload, "")
    except WeightgateError:
        return False
    return bool(statement.predicate_type in (PREDICATE_TYPE, MODEL_TYPE, DECLARATION_TYPE))


def _is_read(target: Path, words: Words, described: Mapping[str, Any]) -> bool:
    """Whether the file may be an input, or is what the error is about; the words need not have been parsed."""
    where = str(described["error"]["where"] or "")
    if where and (where.startswith(f"{target}:") or same_file(target, Path(where))):
        return True
    return any(_is_or_holds(Path(word), target) for word in words.others if word)


def _is_or_holds(path: Path, target: Path) -> bool:
    try:
        if not path.is_dir():
            return same_file(path, target)
    except (OSError, ValueError):
        return False  # too long, or no path at all
    try:
        refuse_inside(target, path)
    except WeightgateError:
        return True
    return False
