from __future__ import annotations

from time import process_time

from weightgate.policy.lint import lint
from weightgate.policy.source import find_pack


def test_the_draft_pack_is_looked_at_within_two_seconds() -> None:
    source = find_pack("us-ai-diffusion-draft")
    started = process_time()
    found = lint(source)
    assert process_time() - started < 2
    assert [(one.code, one.rule) for one in found] == [("kept_for_its_reasons", "closed-weights-tier-3")]


def test_a_rule_that_denies_what_the_default_denies_is_kept_for_its_reasons() -> None:
    """It names the reason and the way out, which the default cannot."""
    notes = [one for one in lint(find_pack("us-embargoes")) if one.severity == "note"]
    assert {one.code for one in notes} == {"kept_for_its_reasons"}
