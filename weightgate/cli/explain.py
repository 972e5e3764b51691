"""``weightgate explain``: a decision or an attestation in words."""

from __future__ import annotations

from typing import Any

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths

EXPLANATION_SCHEMA = "weightgate/explanation/v1"
UNCHECKED = "The signature of this attestation was NOT checked: weightgate verify does that."


@click.command()
@click.argument("file", metavar="DECISION|ATTESTATION")
@option(
    "--why-not", metavar="VERDICT",
    help="Decide again, and say what keeps it from allow, allow_with_conditions, license_required or deny.",
)  # fmt: skip
@OUTPUT
def explain(file: str, why_not: str | None, output: tuple[str, ...]) -> int:
    """Show a decision, or the decision inside an attestation, in words; as a memo with --output markdown.

    Nothing is verified: weightgate verify does that.
    """
    outputs = parse_outputs(output, also=("markdown",))
    check_paths([o.path for o in outputs], read=[file])
    from weightgate import api

    decision, attested = api.read_decision(file)
    from weightgate.cli.show_decision import check_shown, decision_page

    check_shown(decision, file)
    against = None if why_not is None else api.why_not(file, why_not)

    def data() -> dict[str, Any]:
        found = {
            "schema": EXPLANATION_SCHEMA,
            "kind": "attestation" if attested else "decision",
            "signature_checked": False,
            "decision": decision,
        }
        return found if against is None else found | {"why_not": against}

    def page() -> Page:
        note = [Line(UNCHECKED, style="bold red")] if attested else []
        if against is None:
            return [*note, *decision_page(decision)]
        from weightgate.cli.show_why_not import why_not_page

        return [*note, *why_not_page(decision, against)]

    def memo() -> str:
        from weightgate.cli.memo import memo_text

        return memo_text(decision, against, UNCHECKED if attested else "")

    emit(outputs, data, page, others={"markdown": memo})
    return 0
