from __future__ import annotations

from pathlib import Path
from time import process_time

from tests.policy.lint.packs import HEAD, RULES, found, linted, only, place, rule


def test_a_pack_whose_diagram_outgrows_its_bound(tmp_path: Path) -> None:
    """Members are looked at in order of their names: pairs that lie far apart double the diagram each."""
    pairs = " || ".join(f'"a{n:02}" in model.labels && "b{n:02}" in model.labels' for n in range(18))
    text = HEAD + RULES + rule(pairs)
    assert found(tmp_path, text) == [("diagram_too_large", place(text, "- id: open"))]


def test_a_pack_that_changes_on_too_many_days(tmp_path: Path) -> None:
    days = [
        f"20{year}-{month:02}-{day:02}"
        for year in range(25, 37)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    rows = "".join(
        f"    - {{from: {day}, value: [X{n}], cite: {{source: law, place: p}}, grade: V}}\n"
        for n, day in enumerate(days[:1800])
    )
    text = HEAD + "values:\n  names:\n" + rows + RULES
    one = only(tmp_path, text)
    assert one.code == "too_large"
    assert one.where.endswith(":" + place(text, "- id: open"))


def test_a_pack_with_too_many_readings_is_not_looked_at_in_all_of_them(tmp_path: Path) -> None:
    readings = "readings: {off: It is not., on: It is.}"
    switches = "".join(
        f"  s{n}: {{title: One, default: off, {readings}, cites: [{{source: law, place: p}}]}}\n"
        for n in range(15)
    )
    used = " || ".join(f'switches.s{n} == "on"' for n in range(15))
    text = HEAD + "switches:\n" + switches + RULES + rule(f'model.openness == "closed" && ({used})')
    started = process_time()
    findings = linted(tmp_path, text)
    assert process_time() - started < 5
    assert [one.code for one in findings] == ["not_looked_at", "untested_rule"]
    assert findings[0].message == (
        "2 rules, in every reading and on all days, are 65536 to look at; lint takes 20000"
    )


def test_a_pack_that_can_be_asked_and_whose_readings_together_are_too_large(tmp_path: Path) -> None:
    def pairs(shift: int) -> str:
        return " || ".join(
            f'"a{n:02}" in model.labels && "b{(n + shift) % 14:02}" in model.labels' for n in range(14)
        )

    names = [f"r{n}" for n in range(9)]
    readings = ", ".join(f"{name}: It is." for name in names)
    switch = (
        f"  s: {{title: One, default: r0, readings: {{{readings}}}, cites: [{{source: law, place: p}}]}}\n"
    )
    each = [rule(f'switches.s == "{name}" && ({pairs(n)})', name=name) for n, name in enumerate(names)]
    text = HEAD + "switches:\n" + switch + RULES + "".join(each)
    codes = {one.code for one in linted(tmp_path, text)}
    assert codes == {"not_looked_at", "untested_rule"}
