"""``weightgate check``: decide whether a model's weights may go somewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from weightgate.cli.options import question_options
from weightgate.cli.output import emit
from weightgate.cli.progress import progress
from weightgate.cli.question import Options


@click.command()
@click.argument("model", metavar="MODEL")
@question_options
def check(**options: Any) -> int:
    """Decide whether a model's weights may go somewhere.

    MODEL is a folder (./…), owner/name[@revision] on the Hub, or - when there is none at hand.

    The exit code is the verdict: 0 allow or allow with conditions, 1 deny, 2 licence required, 3 indeterminate.
    """
    asked = Options(**options)
    asked.refuse_unavailable()
    outputs = asked.outputs()
    signer = asked.signer()
    from weightgate import api

    with progress("hashing") as bar:
        decision = api.check(asked.model, asked.to, **asked.for_api(), progress=bar)
    attestation = asked.sign(decision, signer)
    data = decision.to_json()
    if attestation is not None and asked.attest_to:
        from weightgate.files.output import write_whole

        write_whole(Path(asked.attest_to), attestation)

    def page() -> Any:
        from weightgate.cli.show_decision import decision_page

        return decision_page(data)

    emit(outputs, lambda: data, page)
    return int(decision.exit)
