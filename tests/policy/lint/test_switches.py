from __future__ import annotations

from pathlib import Path

from tests.policy.lint.packs import HEAD, RULES, found, only, place, rule

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


def test_a_switch_that_matters_only_beside_another(tmp_path: Path) -> None:
    """Each alone changes nothing: a combination of both does."""
    one = HEADED.replace(", broad: It is broad.", "")
    other = one.removeprefix("switches:\n").replace("  wide:", "  long:", 1)
    both = rule('switches.wide == "wide" && switches.long == "wide" && model.openness == "closed"')
    text = HEAD + one + other + RULES + both
    joint = "- {name: j, set: {wide: wide, long: wide}, facts: {model.openness: closed}, expect: allow}\n"
    assert found(tmp_path, text, cases("wide") + joint) == []
