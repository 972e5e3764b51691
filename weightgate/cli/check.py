"""``weightgate check``: decide whether a model's weights may go somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from weightgate.cli.options import question_options
from weightgate.cli.output import emit
from weightgate.cli.progress import progress
from weightgate.cli.question import (
    for_api,
    outputs_of,
    refuse_unavailable,
    signer_of,
    tell_claims,
    told,
    write_attestation,
)

if TYPE_CHECKING:
    from weightgate.cli.page import Page
    from weightgate.cli.question import Options


@click.command()
@click.argument("model", metavar="MODEL")
@question_options
def check(**asked: Unpack[Options]) -> int:
    """Decide whether a model's weights may go somewhere.

    MODEL is a folder (./…), owner/name[@revision] on the Hub, or - when there is none at hand.

    The exit code is the verdict: 0 allow or allow with conditions, 1 deny, 2 licence required, 3 indeterminate.
    """
    refuse_unavailable(asked)
    outputs = outputs_of(asked)
    signer = signer_of(asked)
    from weightgate import api

    with progress("hashing") as bar:
        decision = api.check(asked["model"], asked["to"], **for_api(asked, bar))
    tell_claims(decision)
    write_attestation(asked, decision, signer)
    data = told(decision)

    def page() -> Page:
        from weightgate.asking.otherwise import other_readings
        from weightgate.cli.show_decision import decision_page

        return decision_page(data | {"other_readings": other_readings(data)})

    emit(outputs, lambda: data, page)
    return int(decision.exit)
