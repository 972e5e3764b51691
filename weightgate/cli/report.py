"""A verification report as JSON, of one attestation or of each in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.attest.verifying.report import Report

REPORT_SCHEMA = "weightgate/verification/v1"


def report_json(report: Report, attestation: str) -> dict[str, Any]:
    """The report; one that refuses is shaped as an error too (CONTRACT.md, exit codes)."""
    data = {"schema": REPORT_SCHEMA, **report.to_json()}
    if report.exit != Exit.SIGNATURE:
        return data
    failed = report.refused_for
    error = {
        "code": failed[0].id if failed[0].state != "not_established" else "not_established",
        "message": "; ".join(f"{check.id}: {check.detail}" for check in failed),
        "where": attestation,
        "hint": None,
    }
    return {**data, "error": error}
