from __future__ import annotations

from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.lint.packs import HEAD, RULES, found, only, place, rule
from weightgate.facts.values import Scalar
from weightgate.policy.ir import holds
from weightgate.policy.lint import lint
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.source import PackSource

HEADED = """\
switches:
  wide:
    title: Wide or narrow?
    default: narrow
    readings: {narrow: It is narrow., wide: It is wide., broad: It is broad.}
    cites: [{source: law, place: p}]
"""


def cases(*readings: str) -> str:
    """An open and a closed model in each reading."""
    return "".join(
        f"- {{name: {reading} {openness}, set: {{wide: {reading}}}, facts: {{model.openness: {openness}}}, expect: deny}}\n"
        for reading in ("narrow", *readings)
        for openness in ("open", "closed")
    )


def test_a_reading_that_changes_nothing(tmp_path: Path) -> None:
    text = HEAD + HEADED + RULES + rule('switches.wide == "wide" && model.openness == "closed"')
    one = only(tmp_path, text, cases("wide", "broad"))
    assert (one.code, one.severity) == ("idle_switch", "warning")
    assert one.message == "wide: broad changes nothing, against narrow"
    assert one.where.endswith(":" + place(text, "broad:"))


def test_a_switch_all_of_whose_readings_change_nothing(tmp_path: Path) -> None:
    text = HEAD + HEADED + RULES.replace('== "open"', '== "open" && (switches.wide == "wide" || true)')
    assert found(tmp_path, text) == [
        ("idle_switch", place(text, "wide: It")),
        ("idle_switch", place(text, "broad:")),
    ]


def test_a_reading_that_changes_the_reasons_only_is_worth_a_note(tmp_path: Path) -> None:
    text = HEAD + HEADED.replace(", broad: It is broad.", "") + RULES
    text += rule('switches.wide == "wide" && model.openness == "closed"', "deny")
    assert found(tmp_path, text, cases("wide")) == [
        ("switch_of_reasons", place(text, "wide: It")),
        ("kept_for_its_reasons", place(text, "second")),
    ]


def test_a_default_that_is_looser_than_another_reading(tmp_path: Path) -> None:
    text = HEAD + HEADED.replace(", broad: It is broad.", "") + RULES
    text += rule('switches.wide == "narrow" && model.openness == "closed"')
    assert found(tmp_path, text, cases("wide")) == [("looser_default", place(text, "narrow", 2))]
    one = only(tmp_path, text, cases("wide"))
    assert one.severity == "warning"
    assert one.message == "wide: narrow, the default, is looser for some facts than wide"
    assert one.hint == "let the strict reading be the default; policy prove sample shows the facts"
    assert found(tmp_path, text.replace("default: narrow", "default: wide"), cases("wide")) == []


def test_a_switch_that_matters_only_beside_another(tmp_path: Path) -> None:
    """Each alone changes nothing: a combination of both does."""
    one = HEADED.replace(", broad: It is broad.", "")
    other = one.removeprefix("switches:\n").replace("  wide:", "  long:", 1)
    both = rule('switches.wide == "wide" && switches.long == "wide" && model.openness == "closed"')
    text = HEAD + one + other + RULES + both
    joint = "- {name: j, set: {wide: wide, long: wide}, facts: {model.openness: closed}, expect: allow}\n"
    assert found(tmp_path, text, cases("wide") + joint) == []


ATOMS = (
    'model.openness == "open"', 'model.openness == "closed"', "model.special_purpose",
    'switches.one == "off"', 'switches.one == "on"', 'switches.two == "off"', 'switches.two == "on"',
)  # fmt: skip
TWO = "switches:\n" + "".join(
    f"  {name}: {{title: Which?, default: off, readings: {{off: Not., on: It is.}}, cites: [{{source: law, place: p}}]}}\n"
    for name in ("one", "two")
)
conditions = st.builds(
    lambda parts, join: join.join(parts),
    st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3),
    st.sampled_from((" && ", " || ")),
)
entries = st.lists(st.tuples(conditions, st.sampled_from(("allow", "deny"))), min_size=1, max_size=3)


def effects(pack: Pack, name: str) -> tuple[bool, bool]:
    """Whether a switch changes a verdict, and whether it changes which rules apply, in some world."""
    ruled, decided = False, False
    other = "two" if name == "one" else "one"
    for beside in ("off", "on"):
        sides = [world_by_world(pack, {name: own, other: beside}) for own in ("off", "on")]
        ruled |= [rules for rules, _ in sides[0]] != [rules for rules, _ in sides[1]]
        decided |= [verdict for _, verdict in sides[0]] != [verdict for _, verdict in sides[1]]
    return decided, ruled


def world_by_world(pack: Pack, switches: dict[str, str]) -> list[tuple[tuple[str, ...], str]]:
    """The rules that apply and the verdict in each world."""
    (standing,) = pack.read(Reading(switches=switches))
    found = []
    for openness, special in product(("open", "restricted", "closed"), (False, True)):
        world: dict[str, Scalar | frozenset[str]] = {
            "model.openness": openness,
            "model.special_purpose": special,
        }
        applies = [one.rule for one in standing.rules if holds(one.condition, world)]
        verdicts = {rule.verdict for rule in applies} or {"deny"}
        found.append((tuple(rule.id for rule in applies), "deny" if "deny" in verdicts else "allow"))
    return found


@given(entries)
@settings(max_examples=80, deadline=None)
def test_switches_change_what_looking_at_every_world_finds(rules: list[tuple[str, str]]) -> None:
    text = (
        HEAD
        + TWO
        + "rules:\n"
        + "".join(rule(when, verdict, f"r{n}") for n, (when, verdict) in enumerate(rules))
    )
    source = PackSource("p.yaml", "./no/p.yaml", text.encode())
    found = {(one.code, one.message.partition(":")[0]) for one in lint(source) if "switch" in one.code}
    expected = set()
    for name in ("one", "two"):
        decided, ruled = effects(Pack(source), name)
        if f"switches.{name}" in text and not decided:
            expected.add(("switch_of_reasons" if ruled else "idle_switch", name))
    assert found == expected
