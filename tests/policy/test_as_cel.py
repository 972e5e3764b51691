"""A parsed condition written as CEL again means the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.property.strategies import SCOPE, condition_texts
from weightgate.policy.as_cel import MAX_SHOWN, as_cel, operator, shortened
from weightgate.policy.cel import lower, parse


@settings(deadline=None, max_examples=150)
@given(condition_texts())
def test_what_is_written_reads_as_the_same(text: str) -> None:
    node = parse(text, SCOPE)
    written = as_cel(node)
    assert lower(written, parse(written, SCOPE), SCOPE) == lower(text, node, SCOPE)
    assert as_cel(parse(written, SCOPE)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('model.openness   ==\n"open"', 'model.openness == "open"'),
        ("!( model.special_purpose )", "!model.special_purpose"),
        ('!(model.license == "mit")', '!(model.license == "mit")'),
        (
            'model.special_purpose && (model.license == "a" || true)',
            'model.special_purpose && (model.license == "a" || true)',
        ),
        ("values.limit < model.training_operations", "values.limit < model.training_operations"),
        ('model.license in ["a", "\\"b\\""]', 'model.license in ["a", "\\"b\\""]'),
        (
            "model.special_purpose ? true : destination.tier == 1",
            "model.special_purpose ? true : destination.tier == 1",
        ),
        ('"NVEU" in operator.authorizations', '"NVEU" in operator.authorizations'),
        ('model.license == "façade"', 'model.license == "façade"'),
    ],
)
def test_how_it_is_written(text: str, written: str) -> None:
    assert as_cel(parse(text, SCOPE)) == written
    assert shortened(parse(text, SCOPE)) == written


def test_long_conditions_are_shortened_in_their_middle() -> None:
    node = parse(" || ".join(f'model.license == "licence {n}"' for n in range(20)), SCOPE)
    short = shortened(node)
    assert len(short) == MAX_SHOWN + 1
    assert short.count("…") == 1
    assert as_cel(node).startswith(short.partition("…")[0])
    assert as_cel(node).endswith(short.partition("…")[2])


@pytest.mark.parametrize(("name", "sign"), [("_<=_", "<="), ("@in", "in"), ("!_", "!"), ("_&&_", "&&")])
def test_operators_as_they_are_written(name: str, sign: str) -> None:
    assert operator(name) == sign
