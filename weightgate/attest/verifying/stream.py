"""Verifying a file of any size: one subject's claims, or those of thousands, a line at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from weightgate.attest.statements.claims import Claim, read_claims, stream_claims
from weightgate.attest.verifying.groups import Unread, groups
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.unsealing import Unsealer
from weightgate.attest.verifying.verify import verify_group
from weightgate.errors import Exit, InputError
from weightgate.records import record
from weightgate.signing.envelope import MAX_ENVELOPE_BYTES

SEVERITY = (
    Exit.SIGNATURE, Exit.UNREACHABLE, Exit.INPUT, Exit.DENY, Exit.LICENSE_REQUIRED, Exit.INDETERMINATE, Exit.OK,
)  # fmt: skip
"""Exit codes of several results, the most severe first (CONTRACT.md, exit codes)."""


@record
class Result:
    """What one subject's claims came to.

    Attributes:
        source: File and line.
        report: The report; nothing when the line is no attestation.
        error: Why it is none.
    """

    source: str
    report: Report | None = None
    error: InputError | None = None

    @property
    def exit(self) -> Exit:
        """The exit code of this result alone."""
        return Exit.INPUT if self.report is None else self.report.exit


def verify_stream(file: IO[bytes], terms: Terms, source: str) -> Iterator[Result]:
    """Verify every subject's claims in a file, in order.

    Args:
        file: The file, from its beginning: JSON Lines, or one document, also over several lines.
        terms: What the verifier wants, checked.
        source: The file's name, for messages.

    Raises:
        InputError: A line is longer than an envelope may be.
    """
    for group in groups(_claims(file, source), Unsealer(terms)):
        if isinstance(group, Unread):
            yield Result(group.source, error=group.error)
        else:
            yield Result(group.main.source, verify_group(group, terms))


def most_severe(codes: Iterable[Exit]) -> Exit:
    """The exit code that several results come to; 0 when there are none."""
    found = set(codes)
    return next((code for code in SEVERITY if code in found), Exit.OK)


def _claims(file: IO[bytes], source: str) -> Iterator[Claim]:
    first = file.readline(MAX_ENVELOPE_BYTES + 1)
    file.seek(0)
    line = first.strip()
    if line[:1] == b"{" and line[-1:] == b"}":
        yield from stream_claims(file, source)
        return
    raw = file.read(MAX_ENVELOPE_BYTES + 1)
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise InputError(f"larger than {MAX_ENVELOPE_BYTES} bytes", where=source, code="too_large")
    yield from read_claims(raw, source)
