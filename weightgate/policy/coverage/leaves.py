"""The leaves of a pack's decision diagrams: every activity, verdict and rule that decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weightgate.policy.cases_file import NO_RULE
from weightgate.policy.compiled import CompiledActivity, CompiledPack
from weightgate.policy.coverage.covered import Covered
from weightgate.policy.diagram import ONLY_TRUE, Ref, leaves
from weightgate.policy.pack import Pack
from weightgate.policy.verdicts import VERDICTS, Verdict


class LeavesSeen:
    """Every activity, verdict and rule that decides it, and which of them cases lead to."""

    def __init__(self, pack: Pack, compiled: CompiledPack) -> None:
        self._pack = pack
        self._default = VERDICTS[pack.document.default.verdict]
        self._all: dict[tuple[str, Verdict, str], bool] = {}
        done = set()
        for span in compiled.spans:
            for activity, about in span.activities.items():
                if id(about) not in done:
                    done.add(id(about))
                    for verdict, rule, root in self._roots(about):
                        if _meet(about, root, verdict):
                            self._all.setdefault((activity, verdict, rule), False)

    def reach(self, activity: str, about: CompiledActivity, masks: Sequence[int]) -> None:
        """Note which leaves the facts certainly lead to."""
        found = leaves(about.level, about.kids, about.root, masks)
        for verdict, rule, root in self._roots(about):
            settled = found == 1 << verdict and leaves(about.level, about.kids, root, masks) == ONLY_TRUE
            if settled and (activity, verdict, rule) in self._all:
                self._all[activity, verdict, rule] = True

    def covered(self) -> tuple[Covered, ...]:
        """What was found, in the pack's order."""
        place = {rule.id: i for i, rule in enumerate(self._pack.document.rules)}
        where = {name: self._pack.yaml.where("rules", i, "id") for name, i in place.items()}
        where[NO_RULE] = self._pack.yaml.where("default")
        ordered = sorted(self._all, key=lambda key: (place.get(key[2], len(place)), key[0], key[1]))
        return tuple(
            Covered(
                "leaf",
                f"{activity}, {verdict} by {rule}",
                where[rule],
                frozenset({True}) if self._all[activity, verdict, rule] else frozenset(),
                frozenset({True}),
            )
            for activity, verdict, rule in ordered
        )

    def _roots(self, about: CompiledActivity) -> Iterator[tuple[Verdict, str, Ref]]:
        yield from ((rule.verdict, rule.id, rule.root) for rule in about.rules)
        yield self._default, NO_RULE, about.default


def _meet(about: CompiledActivity, rule: Ref, verdict: Verdict) -> bool:
    """Whether some facts make a rule apply and its verdict stand."""
    level, kids = about.level, about.kids
    seen = {(rule, about.root)}
    stack = list(seen)
    while stack:
        pair = stack.pop()
        tested = [level[ref] for ref in pair if ref >= 0]
        if not tested:
            if pair == (~1, ~int(verdict)):
                return True
            continue
        first = min(tested)
        count = next(len(kids[ref]) for ref in pair if ref >= 0 and level[ref] == first)
        for cell in range(count):
            a, b = (kids[ref][cell] if ref >= 0 and level[ref] == first else ref for ref in pair)
            if a != ~0 and (a, b) not in seen:
                seen.add((a, b))
                stack.append((a, b))
    return False
