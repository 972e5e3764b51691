"""What lint says of rules, against the definition: every world looked at, one by one, with and without each rule."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.lint.packs import HEAD, TABLE, rule
from weightgate.policy.builder import LICENSE
from weightgate.policy.define import Part, Ruling, World, verdict_in, worlds
from weightgate.policy.ir import Condition, Const, Or, simplify
from weightgate.policy.lint import Finding, lint
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import VERDICTS, Verdict

ATOMS = (
    'model.openness == "open"',
    'model.openness == "closed"',
    "model.special_purpose",
    "destination.tier == 1",
    "destination.tier >= 2",
    'destination.country == "CN"',
    '"LICENSE" in operator.authorizations',
    '"AIA" in operator.authorizations',
)
SAID = ("never_true", "always_overruled", "kept_for_its_reasons", "contained_rule", "same_rule", "not_lifted")

literals = st.builds(lambda no, atom: no + f"({atom})", st.sampled_from(("", "!")), st.sampled_from(ATOMS))
conditions = st.builds(
    lambda parts, join: join.join(parts),
    st.lists(literals, min_size=1, max_size=3),
    st.sampled_from((" && ", " || ")),
)
rules = st.lists(st.tuples(conditions, st.sampled_from(tuple(VERDICTS))), min_size=1, max_size=4)
defaults = st.sampled_from(("allow", "license_required", "deny"))


def said_of(text: str) -> set[tuple[str, str]]:
    """What lint says of the rules, and of the default."""
    findings: list[Finding] = lint(PackSource("p.yaml", "./no/such/folder/pack.yaml", text.encode()))
    return {(one.code, one.rule) for one in findings if one.code in SAID}


class Brute:
    """A pack with one standing, looked at world by world."""

    def __init__(self, text: str) -> None:
        pack = Pack(PackSource("p.yaml", "p.yaml", text.encode()))
        (standing,) = pack.standings
        self.standing: PackAt = standing
        self.default = VERDICTS[pack.document.default.verdict]
        self.conditions: list[Condition] = [
            simplify(one.condition, {"activity": "host"}) for one in standing.rules
        ]
        self.names = [one.rule.id for one in standing.rules]
        self.verdicts = [VERDICTS[one.rule.verdict] for one in standing.rules]
        self.rulings = [Ruling(c, v) for c, v in zip(self.conditions, self.verdicts, strict=True)]
        # Mentions everything that any rule does, so that its worlds tell everything apart.
        everything = Ruling(Or((*self.conditions, LICENSE, Const(True))), Verdict.ALLOW)
        self.worlds = list(worlds([self.part([everything])]))
        self.applies = [self.where(condition) for condition in self.conditions]

    def part(self, rulings: Sequence[Ruling], default: Verdict | None = None) -> Part:
        """Some rules about one place of which nothing is known."""
        return Part(0, rulings, self.default if default is None else default, self.standing.tiers, {})

    def where(self, condition: Condition) -> frozenset[int]:
        """The worlds in which a condition holds."""
        part = self.part([Ruling(condition, Verdict.DENY)], Verdict.ALLOW)
        return frozenset(n for n, world in enumerate(self.worlds) if verdict_in(part, world) is Verdict.DENY)

    def verdict(self, world: World, without: int | None = None) -> Verdict:
        """The verdict, without one of the rules."""
        return verdict_in(self.part([r for i, r in enumerate(self.rulings) if i != without]), world)

    def said(self) -> set[tuple[str, str]]:
        """What there is to say."""
        found = set()
        for i, name in enumerate(self.names):
            if not self.applies[i]:
                found.add(("never_true", name))
            elif all(self.verdict(world) == self.verdict(world, i) for world in self.worlds):
                found |= {(code, name) for code in self.idle(i)}
            if self.verdicts[i] is Verdict.LICENSE_REQUIRED and self.stays(self.applies[i]):
                found.add(("not_lifted", name))
        nowhere = frozenset(range(len(self.worlds))) - frozenset().union(*self.applies)
        if self.default is Verdict.LICENSE_REQUIRED and self.stays(nowhere):
            found.add(("not_lifted", ""))
        return found

    def idle(self, i: int) -> list[str]:
        """What to say of a rule without which every verdict would be the same."""
        alike = [j for j in range(len(self.names)) if self.same(i, j)]
        if alike[0] != i:
            return ["same_rule"]
        if len(alike) > 1:
            return []
        own = self.part([self.rulings[i]])
        if not any(verdict_in(own, self.worlds[n]) == self.verdict(self.worlds[n]) for n in self.applies[i]):
            return ["always_overruled"]
        others = (j for j in range(len(self.names)) if j != i and self.verdicts[i] == self.verdicts[j])
        around = any(self.applies[i] <= self.applies[j] for j in others)
        return ["contained_rule" if around else "kept_for_its_reasons"]

    def same(self, i: int, j: int) -> bool:
        """Whether two rules say the same; those with conditions, each has its own."""
        own = i == j or self.verdicts[i] is not Verdict.ALLOW_WITH_CONDITIONS
        return own and self.verdicts[i] == self.verdicts[j] and self.applies[i] == self.applies[j]

    def stays(self, where: frozenset[int]) -> bool:
        """Whether a licence is required in one of some worlds, and with one added more than that is still asked."""
        held = "operator.authorizations", 0, ""
        for n in where:
            world = self.worlds[n]
            authorizations = world[held]
            assert isinstance(authorizations, frozenset)
            if "LICENSE" in authorizations or self.verdict(world) is not Verdict.LICENSE_REQUIRED:
                continue
            if self.verdict({**world, held: authorizations | {"LICENSE"}}) > Verdict.ALLOW_WITH_CONDITIONS:
                return True
        return False


@given(rules, defaults)
@settings(max_examples=60, deadline=None)
def test_lint_says_what_looking_at_every_world_finds(entries: list[tuple[str, str]], default: str) -> None:
    text = HEAD.replace("verdict: deny", f"verdict: {default}") + TABLE + "rules:\n"
    text += "".join(rule(when, verdict, f"r{n}") for n, (when, verdict) in enumerate(entries))
    assert said_of(text) == Brute(text).said()
