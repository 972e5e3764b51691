"""What rules say together, against looking at them one by one; a world is a cell of each of three variables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.lint.packs import HEAD, rule
from weightgate.policy.diagram import Diagram, Ref
from weightgate.policy.lint.verdicts import Together, look
from weightgate.policy.lint.views import views
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import VERDICTS, Verdict

# A LICENSE is always a variable: every licence is about one.
ATOMS = ('model.openness == "open"', "model.special_purpose", '"LICENSE" in operator.authorizations')
AWC, REQUIRED = Verdict.ALLOW_WITH_CONDITIONS, Verdict.LICENSE_REQUIRED

entries = st.lists(
    st.tuples(st.sampled_from(("{0}", "!({0})")), st.sampled_from(ATOMS), st.sampled_from(tuple(VERDICTS))),
    min_size=1,
    max_size=5,
)
defaults = st.sampled_from(("allow", "license_required", "deny"))


def together(rules: list[tuple[str, str, str]], default: str) -> Together:
    """The rules of one pack together."""
    text = HEAD.replace("verdict: deny", f"verdict: {default}") + "rules:\n"
    text += "".join(
        rule(form.format(atom), verdict, f"r{n}") for n, (form, atom, verdict) in enumerate(rules)
    )
    pack = Pack(PackSource("p.yaml", "p.yaml", text.encode()))
    verdicts = {n: VERDICTS[verdict] for n, (_, _, verdict) in enumerate(rules)}
    ((_, one),) = look(views(pack), verdicts, VERDICTS[default])
    return one


def leaf(diagram: Diagram, ref: Ref, world: tuple[int, ...]) -> int:
    """The leaf that a world leads to."""
    while ref >= 0:
        ref = diagram.kids[ref][world[diagram.level[ref]]]
    return ~ref


def worlds(diagram: Diagram) -> Iterator[tuple[int, ...]]:
    """Every combination of cells."""
    return product(*(range(count) for count in diagram.counts))


def said(one: Together, verdicts: list[Verdict], world: tuple[int, ...]) -> dict[int, Verdict]:
    """What each rule says that applies in a world."""
    licence = one.builder.levels["operator.authorizations", "LICENSE"]
    lifted = {REQUIRED: AWC} if world[licence] else {}
    applies = [n for n, ref in one.rules.items() if leaf(one.diagram, ref, world)]
    return {n: lifted.get(verdicts[n], verdicts[n]) for n in applies}


@given(entries, defaults)
@settings(max_examples=60, deadline=None)
def test_the_verdict_is_the_strictest_of_what_is_said_else_the_default(
    rules: list[tuple[str, str, str]], default: str
) -> None:
    one = together(rules, default)
    verdicts = [VERDICTS[verdict] for _, _, verdict in rules]
    for world in worlds(one.diagram):
        all_said = said(one, verdicts, world)
        assert leaf(one.diagram, one.verdict, world) - 1 == max(all_said.values(), default=VERDICTS[default])
        assert leaf(one.diagram, one.nowhere, world) == (not all_said)


@given(entries, defaults)
@settings(max_examples=60, deadline=None)
def test_a_rule_matters_where_the_verdict_without_it_is_another(
    rules: list[tuple[str, str, str]], default: str
) -> None:
    one = together(rules, default)
    verdicts = [VERDICTS[verdict] for _, _, verdict in rules]
    every = [said(one, verdicts, world) for world in worlds(one.diagram)]

    def verdict(all_said: dict[int, Verdict], without: int = -1) -> Verdict:
        return max((v for n, v in all_said.items() if n != without), default=VERDICTS[default])

    for n in range(len(rules)):
        assert one.matters(n) is any(verdict(all_said) != verdict(all_said, n) for all_said in every)
        assert one.agrees(n) is any(n in all_said and all_said[n] == verdict(all_said) for all_said in every)


def test_views_that_are_alike_are_worked_out_once() -> None:
    switches = (
        "switches:\n  wide:\n    title: Wide?\n    default: narrow\n    readings: {narrow: It is., wide: It is not.}\n"
        "    cites: [{source: law, place: p}]\n"
    )
    text = (
        HEAD
        + switches
        + "rules:\n"
        + rule('model.openness == "open"')
        + rule('switches.wide == "wide" && model.openness == "closed"', name="third", activity="fine_tune")
    )
    pack = Pack(PackSource("p.yaml", "p.yaml", text.encode()))
    found = look(views(pack), {0: Verdict.ALLOW, 1: Verdict.ALLOW}, Verdict.DENY)
    hosts = [one for view, one in found if view.activity == "host"]
    tunes = [one for view, one in found if view.activity == "fine_tune"]
    assert len(hosts) == len(tunes) == 2
    assert hosts[0] is hosts[1]
    assert tunes[0] is not tunes[1]
