"""Verification of a model: a report of what its signature establishes about the files that are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from weightgate.errors import Exit, ModelError
from weightgate.oms.held import Comparison, Difference, hold_folder, hold_stream
from weightgate.records import record
from weightgate.signing.checks import Check, State

if TYPE_CHECKING:
    from weightgate.inspect.hashing import Progress
    from weightgate.oms.statement import ModelStatement
    from weightgate.oms.unsealing import Unsealed
    from weightgate.signing.accepted import SignedBy

MAX_DETAIL = 4000
SHOWN = 20
"""Differences that a check's detail names; the report lists them all."""


@record
class ModelAsked:
    """What of a model is to be verified.

    Attributes:
        only: Files or shards in use; all when empty.
        ignore: Paths that the verifier leaves out, relative to the model.
        allow_unsigned: Whether files that nobody signed may lie there.
    """

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow_unsigned: bool = False


EVERYTHING = ModelAsked()


@record
class ModelReport:
    """What verifying a model came to.

    Attributes:
        genuine: Whether everything holds; false means exit 6.
        signer: Who signed; nothing when nobody accepted did.
        checks: Each check that was reached, in order.
        differences: How the model departs from its signature.
        compared: How many files or shards were hashed.
        statement: What is signed; look at ``genuine`` first.
    """

    genuine: bool
    signer: SignedBy | None
    checks: tuple[Check, ...]
    differences: tuple[Difference, ...] = ()
    compared: int = 0
    statement: ModelStatement | None = field(default=None, repr=False)

    @property
    def exit(self) -> Exit:
        """The exit code."""
        return Exit.OK if self.genuine else Exit.SIGNATURE

    def to_json(self) -> dict[str, Any]:
        """As ``model verify --output json`` prints it."""
        by, said = self.signer, self.statement
        how = said and said.serialization
        return {
            "genuine": self.genuine,
            "signer": by and {
                "keyid": by.keyid, "algorithm": by.algorithm,
                "identity": by.identity or None, "issuer": by.issuer or None,
            },
            "model": said and {
                "name": said.name or None, "root": f"sha256:{said.root}", "resources": len(said.resources),
                "method": how and how.method, "shard_size": how and how.shard_size,
            },
            "compared": self.compared,
            "checks": [check.to_json() for check in self.checks],
            "differences": [each.to_json() for each in self.differences],
            "exit": int(self.exit),
        }  # fmt: skip


def verify_folder(
    unsealed: Unsealed,
    path: Path,
    *,
    reference: str = "",
    asked: ModelAsked = EVERYTHING,
    signature: Path | None = None,
    progress: Progress | None = None,
) -> ModelReport:
    """Hold a signature against a folder, or a file as a model.

    Args:
        unsealed: The signature file, unsealed.
        path: The model.
        reference: The model as the user wrote it.
        asked: What of it is to be verified.
        signature: Where the signature lies: in the model, it is no part of it.
        progress: Told bytes hashed and bytes in all.

    Raises:
        UnreachableError: The model is not there, or may not be read.
        UsageError: A path to leave out is none, or a hash is not to be had here.
    """
    if unsealed.statement is None:
        return ModelReport(False, unsealed.signer, _shown(unsealed.checks))
    ignore = [*asked.ignore, *_own_name(signature, path)]
    try:
        found = hold_folder(
            unsealed.statement, path, reference=reference, only=asked.only, ignore=ignore, progress=progress
        )
    except ModelError as error:
        return _refused(unsealed, error)
    return _report(unsealed, found, asked)


def verify_stream(unsealed: Unsealed, only: str, stream: BinaryIO) -> ModelReport:
    """Hold a signature against one file, or whole shards of it, that come in as a stream.

    Args:
        unsealed: The signature file, unsealed.
        only: Which of the signed files it is; or ``NAME:START:END``.
        stream: Its bytes.
    """
    if unsealed.statement is None:
        return ModelReport(False, unsealed.signer, _shown(unsealed.checks))
    try:
        found = hold_stream(unsealed.statement, only, stream)
    except ModelError as error:
        return _refused(unsealed, error)
    return _report(unsealed, found, ModelAsked(only=(only,)))


def _report(unsealed: Unsealed, found: Comparison, asked: ModelAsked) -> ModelReport:
    differing = [each for each in found.differences if each.problem != "unsigned"]
    unsigned = [each for each in found.differences if each.problem == "unsigned"]
    method = unsealed.statement.serialization.method if unsealed.statement else "files"
    checks = [*unsealed.checks, _files(differing, found, asked, method), _unsigned(unsigned, found, asked)]
    if found.notes:
        checks.append(Check("links", State.NOT_ESTABLISHED, "; ".join(found.notes)))
    genuine = all(check.state is not State.CONTRADICTED for check in checks)
    return ModelReport(
        genuine, unsealed.signer, _shown(checks), found.differences, found.compared, unsealed.statement
    )


def _files(differing: Sequence[Difference], found: Comparison, asked: ModelAsked, method: str) -> Check:
    if differing:
        return Check("files", State.CONTRADICTED, _sentences(differing))
    of = f" of {', '.join(map(repr, asked.only))}" if asked.only else ""
    return Check(
        "files", State.ESTABLISHED, f"all {found.compared} {method}{of} have the digests that are signed"
    )


def _unsigned(unsigned: Sequence[Difference], found: Comparison, asked: ModelAsked) -> Check:
    if asked.only:
        return Check(
            "unsigned_files", State.NOT_ESTABLISHED, "not asked: what else lies there was not looked at"
        )
    left_out = _left_out(found.ignored)
    if not unsigned:
        return Check("unsigned_files", State.ESTABLISHED, f"no file lies there that is not signed{left_out}")
    state = State.NOT_ESTABLISHED if asked.allow_unsigned else State.CONTRADICTED
    return Check("unsigned_files", state, _sentences(unsigned) + left_out)


def _left_out(ignored: Sequence[str]) -> str:
    if not ignored:
        return ""
    rest = f"; and {len(ignored) - SHOWN} more" if len(ignored) > SHOWN else ""
    return f"; left out: {', '.join(repr(name[:150]) for name in ignored[:SHOWN])}{rest}"


def _sentences(differences: Sequence[Difference]) -> str:
    rest = len(differences) - SHOWN
    return "; ".join(map(str, differences[:SHOWN])) + (f"; and {rest} more" if rest > 0 else "")


def _refused(unsealed: Unsealed, error: ModelError) -> ModelReport:
    """A model that cannot be compared: it is not what was signed, which has none of that."""
    check = Check("files", State.CONTRADICTED, str(error))
    return ModelReport(
        False, unsealed.signer, _shown([*unsealed.checks, check]), statement=unsealed.statement
    )


def _own_name(signature: Path | None, model: Path) -> list[str]:
    if signature is None or not model.is_dir():
        return []
    try:
        return [signature.resolve().relative_to(model.resolve()).as_posix()]
    except ValueError:
        return []


def _shown(checks: Sequence[Check]) -> tuple[Check, ...]:
    return tuple(Check(c.id, c.state, _printable(c.detail[:MAX_DETAIL])) for c in checks)


def _printable(text: str) -> str:
    """``text`` on one line, with no character that moves a terminal's cursor or turns the writing direction."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
