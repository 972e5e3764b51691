"""What the rules say together in one view, and what hangs on one of them.

What one rule says is a diagram whose leaf is that of its verdict (:func:`~weightgate.policy.builder.leaf_of`) where it
applies, and 0 where it does not. What they say together is a diagram of *standings*: the strictest that is said, whether more than one rule says so, and
whether a laxer rule applies too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from weightgate.policy.builder import Builder, leaf_of
from weightgate.policy.diagram import FALSE, Diagram, Ref
from weightgate.policy.lint.views import View
from weightgate.policy.verdicts import Verdict

NOTHING: Ref = ~0
"""Where nothing is said."""

# A standing is four times what is said, plus these.
_SHARED = 2
_LAXER_TOO = 1

_LIFTED = leaf_of(Verdict.ALLOW_WITH_CONDITIONS)
_LICENSE = ("operator.authorizations", "LICENSE")


def _join(a: int, said: int) -> int:
    """The standing with one more rule."""
    top = a >> 2
    if not said or not top:
        return a or said << 2
    if said == top:
        return a | _SHARED
    return a | _LAXER_TOO if said < top else said << 2 | _LAXER_TOO


class Together:
    """The rules of one view, or of several that are alike, with their verdicts.

    Attributes:
        builder: The variables, and the table of nodes.
        rules: When each rule applies, by its index in the pack.
        says: What each rule says.
        standing: What they say together.
    """

    def __init__(
        self,
        builder: Builder,
        rules: Mapping[int, Ref],
        says: Mapping[int, Ref],
        standing: Ref,
        default: Verdict,
    ) -> None:
        self.builder = builder
        self.diagram: Diagram = builder.diagram
        self.rules = rules
        self.says = says
        self.standing = standing
        self.default = leaf_of(default)

    @cached_property
    def verdict(self) -> Ref:
        """The pack's verdict: what is said, or the default where nothing is."""
        return self.diagram.map_leaves(lambda leaf: (leaf >> 2) or self.default, self.standing)

    def matters(self, index: int) -> bool:
        """Whether the verdict would somewhere be another without a rule."""

        def join(standing: int, own: int) -> int:
            alone = 0 < own == standing >> 2 and not standing & _SHARED
            return int(alone and (own != self.default or bool(standing & _LAXER_TOO)))

        return self.diagram.apply(join, self.standing, self.says[index]) != FALSE

    def agrees(self, index: int) -> bool:
        """Whether the verdict is somewhere what a rule says that applies there."""
        return (
            self.diagram.apply(lambda s, own: int(0 < own == s >> 2), self.standing, self.says[index])
            != FALSE
        )

    def not_lifted(self, asks: Ref) -> Ref:
        """Where ``asks`` holds and a licence is required, and with one added the verdict is still stricter than lifted."""
        level = self.builder.levels[_LICENSE]
        required = leaf_of(Verdict.LICENSE_REQUIRED)
        before = self.diagram.fix(self.verdict, level, 0)
        after = self.diagram.fix(self.verdict, level, 1)
        return self.diagram.all_of(
            (
                self.diagram.fix(asks, level, 0),
                self.diagram.map_leaves(lambda leaf: int(leaf == required), before),
                self.diagram.map_leaves(lambda leaf: int(leaf > _LIFTED), after),
            )
        )

    @property
    def nowhere(self) -> Ref:
        """Where no rule applies."""
        return self.diagram.map_leaves(lambda leaf: int(not leaf), self.standing)


Look = tuple[View, Together]
"""A view, and its rules together."""


def look(views: Iterable[View], verdicts: Mapping[int, Verdict], default: Verdict) -> list[Look]:
    """Each view with its rules together; of views that are alike, these are the same object."""
    tables: dict[Builder, _Table] = {}
    found = []
    for view in views:
        if view.builder not in tables:
            tables[view.builder] = _Table(view.builder, verdicts, default)
        found.append((view, tables[view.builder].together(view.rules)))
    return found


class _Table:
    """What is worked out once for all views over one table of nodes."""

    def __init__(self, builder: Builder, verdicts: Mapping[int, Verdict], default: Verdict) -> None:
        self.builder = builder
        self.verdicts = verdicts
        self.default = default
        self._says: dict[tuple[Ref, Verdict], Ref] = {}
        self._joined: dict[tuple[Ref, Ref], Ref] = {}
        self._made: dict[tuple[tuple[int, Ref], ...], Together] = {}

    def together(self, rules: Mapping[int, Ref]) -> Together:
        """The rules of one view together."""
        key = tuple(rules.items())
        if key not in self._made:
            says = {i: self.said(ref, self.verdicts[i]) for i, ref in rules.items()}
            standing = NOTHING
            for said in says.values():
                standing = self.joined(standing, said)
            self._made[key] = Together(self.builder, rules, says, standing, self.default)
        return self._made[key]

    def said(self, ref: Ref, verdict: Verdict) -> Ref:
        """What one rule says where it applies; a licence lifts one that asks for it."""
        key = ref, verdict
        if key not in self._says:
            self._says[key] = self.builder.strictest(
                (said, where) for said, where, _ in self.builder.said(ref, verdict)
            )
        return self._says[key]

    def joined(self, standing: Ref, said: Ref) -> Ref:
        """The standing with one more rule; views that begin alike share the way."""
        key = standing, said
        if key not in self._joined:
            self._joined[key] = self.builder.diagram.apply(_join, standing, said)
        return self._joined[key]
