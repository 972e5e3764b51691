"""``weightgate explain``: a decision or an attestation in words."""

from __future__ import annotations

from typing import Any

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths
from weightgate.errors import NotAvailableYet

EXPLANATION_SCHEMA = "weightgate/explanation/v1"


@click.command()
@click.argument("file", metavar="DECISION|ATTESTATION")
@option("--why-not", metavar="VERDICT", help="Say what would lead to another verdict (not available yet).")
@OUTPUT
def explain(file: str, why_not: str | None, output: tuple[str, ...]) -> int:
    """Show a decision, or the decision inside an attestation, in words.

    Nothing is verified: weightgate verify does that.
    """
    if why_not is not None:
        raise NotAvailableYet("--why-not")
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[file])
    from weightgate import api

    decision, attested = api.read_decision(file)
    from weightgate.cli.show_decision import check_shown, decision_page

    check_shown(decision, file)

    def data() -> dict[str, Any]:
        kind = "attestation" if attested else "decision"
        return {
            "schema": EXPLANATION_SCHEMA,
            "kind": kind,
            "signature_checked": False,
            "decision": decision,
        }

    def page() -> Page:
        note = Line(
            "The signature of this attestation was NOT checked: weightgate verify does that.",
            style="bold red",
        )
        return [*([note] if attested else []), *decision_page(decision)]

    emit(outputs, data, page)
    return 0
