"""Rules as diagrams over one table of nodes, against looking at them one by one; a world is a cell of each variable."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.builder import LICENSE, UNSAID, Builder, leaf_of
from weightgate.policy.diagram import TRUE
from weightgate.policy.ir import Condition, IsIn, Not
from weightgate.policy.verdicts import Verdict

OPEN, SPECIAL = IsIn("model.openness", ("open",)), IsIn("model.special_purpose", (True,))
CONDITIONS: tuple[Condition, ...] = (OPEN, Not(OPEN), SPECIAL, Not(SPECIAL), LICENSE, Not(LICENSE))
AWC, REQUIRED = Verdict.ALLOW_WITH_CONDITIONS, Verdict.LICENSE_REQUIRED

entries = st.lists(st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(Verdict)), max_size=5)


def test_leaves_stand_in_the_order_of_their_verdicts() -> None:
    assert [leaf_of(verdict) for verdict in sorted(Verdict)] == [1, 2, 3, 4]
    assert min(map(leaf_of, Verdict)) > UNSAID


def test_a_rule_that_asks_for_a_licence_says_two_things() -> None:
    builder = Builder([LICENSE], {})
    licensed = builder.build(LICENSE)
    assert builder.said(TRUE, Verdict.DENY) == [(Verdict.DENY, TRUE, False)]
    assert builder.said(TRUE, REQUIRED) == [
        (REQUIRED, builder.diagram.negate(licensed), False),
        (AWC, licensed, True),
    ]


@given(entries, st.sampled_from(Verdict))
def test_the_strictest_of_what_is_said_else_the_default(
    rules: Sequence[tuple[Condition, Verdict]], default: Verdict
) -> None:
    builder = Builder(CONDITIONS, {})
    diagram, roots = builder.diagram, [builder.build(condition) for condition, _ in rules]
    said = [
        one for root, (_, verdict) in zip(roots, rules, strict=True) for one in builder.said(root, verdict)
    ]
    strictest = builder.strictest((verdict, root) for verdict, root, _ in said)
    decided = builder.decided(strictest, default)
    licence = builder.levels["operator.authorizations", "LICENSE"]
    for world in product(*(range(count) for count in diagram.counts)):
        lifted = {REQUIRED: AWC} if world[licence] else {}
        applies = [v for root, (_, v) in zip(roots, rules, strict=True) if diagram.leaf(root, world)]
        expected = [lifted.get(verdict, verdict) for verdict in applies]
        assert diagram.leaf(strictest, world) == max(map(leaf_of, expected), default=UNSAID)
        assert diagram.leaf(decided, world) == max(expected, default=default)
