"""A pack as a page in Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy_cases.packs import PACK, toy
from weightgate.policy.pack import Pack
from weightgate.policy.show import show
from weightgate.policy.show.markdown import escaped, markdown
from weightgate.policy.source import find_pack, shipped_packs

MORE = """\
switches:
  storage:
    title: Does it bind inside?
    default: strict
    readings: {strict: It does., not_at_all: It does not.}
    cites: [{source: tests, place: doubt}]
    note: Nobody knows.
invariants:
  - {id: open-stays, title: Open weights stay free, given: model.openness == "open", activity: host, at_most: allow}
"""


@pytest.fixture
def page(tmp_path: Path) -> str:
    return markdown(show(toy(tmp_path, PACK + MORE), "2026-03-14"), {"open": ["one case", "two *cases*"]})


@pytest.mark.parametrize(
    "expected",
    [
        "# A small pack\n\nOpen weights go anywhere, others by tier.\n",
        "Pack `toy`, version 1.2.3, as it stands on 2026-03-14: **effective**.\n",
        "Where none applies: **deny** (Nothing allows this).\n",
        "- From 2026-01-01: **effective**. What these tests say: in force. It binds.\n",
        "- **storage**: Does it bind inside?\n  - *strict* (taken unless another is chosen): It does.\n  - *not at all*: It does not.\n",
        "Choose with `--set toy.storage=READING`. Source: What these tests say: doubt.\n  - Nobody knows.\n",
        (
            "### tier-1\n\nTier 1 is free to operators of Tier 1 and 2 (T1, T2).\n\n**Allow**, about hosting, when\n\n"
            "- all of these hold:\n  - the model's openness is not open\n  - the destination's tier is 1\n\nunless\n\n"
            "- the operator's tier is 3\n\n- Source: What these tests say: tier 1.\n"
        ),
        "- An application is looked at with: unstated.\n- What would help: Obtain one.\n",
        "- To be kept: Keep the status.\n",
        "**Licence required**, about fine-tuning from 2026-01-01, when\n",
        "  - the model's fine-tune share is more than *limit* (0.25)\n  - the destination's country is in *some* (IN, BR)\n",
        "- Shown by the cases: “one case”; “two \\*cases\\*”.\n",
        "**veu** means\n\n- at least one of these holds:\n  - the operator's authorizations include UVEU\n",
        "- 0.25 from 2025-01-01. What these tests say: limit. Grade U: uncertain: the stricter reading is taken. A guess.\n",
        "- IN from 2025-01-01 until 2025-12-31 (not on this day). What these tests say: some.",
        "- Tier 3: KH from 2025-01-01 until 2025-12-31 (not on this day). What these tests say: gone.",
        "- Tier 2: every other country from 2025-01-01. What these tests say: second.",
        '- Open weights stay free (`open-stays`: at most allow, given `model.openness == "open"`).\n',
        "**Deny.** Nothing allows this.\n- Source: What these tests say: default.\n",
    ],
)  # fmt: skip
def test_the_page_says_everything_in_sentences(page: str, expected: str) -> None:
    assert expected in page


def test_as_known_on_a_day_the_page_leaves_out_what_came_later(tmp_path: Path) -> None:
    page = markdown(show(toy(tmp_path), "2026-03-14", "2025-12-31"))
    assert "as it stands on 2026-03-14, as known on 2025-12-31: **announced**" in page
    assert "IN, BR" not in page
    assert "### large-fine-tune" not in page


@pytest.mark.parametrize(
    "hostile", ["# head", "[x](http://e)", "<b>x</b>", "a | b", "*x*", "`x`", "![x](y)", "x\n\n# y", "\\*x"]
)
def test_texts_of_a_pack_are_no_markup(tmp_path: Path, hostile: str) -> None:
    quoted = "'" + hostile.replace("'", "''").replace("\n\n", "\n\n      ") + "'"
    text = PACK.replace("title: Open weights are free", f"title: {quoted}").replace(
        "remedy: Obtain one.", f"remedy: {quoted}"
    )
    page = markdown(show(toy(tmp_path, text), "2026-03-14"))
    assert escaped(hostile) in page
    assert page.count(escaped(hostile)) == 2
    assert not any(line.startswith(("# head", "# y")) for line in page.splitlines())


def test_what_is_escaped_stays_on_its_line() -> None:
    assert escaped("a\n# b [c](d) <e>") == "a \\# b \\[c\\](d) \\<e\\>"


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_has_a_page_with_every_rule(name: str) -> None:
    source = find_pack(name)
    page = markdown(show(source, "2026-06-01"))
    for rule in Pack(source).document.rules:
        assert f"### {rule.id}\n" in page
        assert escaped(rule.title) in page
