"""A pack as a page in Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.policy_cases.packs import PACK, cases, toy
from tools import packs
from weightgate.policy.pack import Pack
from weightgate.policy.show import show
from weightgate.policy.show.markdown import markdown
from weightgate.policy.show.markup import code, escaped, link
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
        "- From 2026-01-01: **effective**. [tests](#source-tests): in force. It binds.\n",
        '- <a id="switch-storage"></a>**storage**: Does it bind inside?\n  - *strict* (taken unless another is chosen): It does.\n  - *not at all*: It does not.\n',
        "Choose with `--set toy.storage=READING`. Source: [tests](#source-tests): doubt.\n  - Nobody knows.\n",
        (
            "### tier-1\n\nTier 1 is free to operators of Tier 1 and 2 (T1, T2).\n\n**Allow**, about hosting, when\n\n"
            "- all of these hold:\n  - the model's openness is not open\n  - the destination's tier is 1\n\nunless\n\n"
            "- the operator's tier is 3\n\n- Source: [tests](#source-tests): tier 1.\n"
        ),
        "- How an application is looked at is not stated.\n- What would help: Obtain one.\n",
        "- To be kept: Keep the status.\n",
        "In parentheses after a rule's title: the rows or places of the text that the rule carries.\n",
        "  - [*veu*](#term-veu) does not hold\n",
        "- India (IN), Brazil (BR) from 2026-01-01. ",
        "- Tier 1: Germany (DE), United States (US) from 2025-01-01. ",
        (
            '## Sources\n\n- <a id="source-tests"></a>**tests**: What these tests say. '
            "[https://example.org/tests](https://example.org/tests)\n"
        ),
        "**Licence required**, about fine-tuning from 2026-01-01, when\n",
        "  - the model's fine-tune share is more than [*limit*](#value-limit) (0.25)\n  - the destination's country is in [*some*](#value-some) (IN, BR)\n",
        "- Shown by the cases: “one case”; “two \\*cases\\*”.\n",
        "<a id=\"term-veu\"></a>**veu** means\n\n- at least one of these holds:\n  - the operator's authorizations include UVEU\n",
        "- 0.25 from 2025-01-01. [tests](#source-tests): limit. Grade U: uncertain: the stricter reading is taken. A guess.\n",
        "- India (IN) from 2025-01-01 until 2025-12-31 (not on this day). [tests](#source-tests): some.",
        "- Tier 3: Cambodia (KH) from 2025-01-01 until 2025-12-31 (not on this day). [tests](#source-tests): gone.",
        "- Tier 2: every other country from 2025-01-01. [tests](#source-tests): second.",
        '- Open weights stay free (`open-stays`: at most allow, given `model.openness == "open"`).\n',
        "**Deny.** Nothing allows this.\n\n- What would help: Ask.\n- Source: [tests](#source-tests): default.\n",
    ],
)  # fmt: skip
def test_the_page_says_everything_in_sentences(page: str, expected: str) -> None:
    assert expected in page


def test_as_known_on_a_day_the_page_leaves_out_what_came_later(tmp_path: Path) -> None:
    page = markdown(show(toy(tmp_path), "2026-03-14", "2025-12-31"))
    assert "as it stands on 2026-03-14, as known on 2025-12-31: **announced**" in page
    assert "Brazil" not in page
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


def test_terms_stand_before_the_rules_and_sources_at_the_end(page: str) -> None:
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == [
        "## What the text was worth",
        "## What the text leaves open",
        "## Terms",
        "## Rules",
        "## Values",
        "## Table: tier",
        "## What holds whatever the facts",
        "## Where no rule applies",
        "## Sources",
    ]


def test_one_empty_line_is_enough(page: str) -> None:
    assert "\n\n\n" not in page


def test_without_rows_nothing_is_said_of_parentheses(tmp_path: Path) -> None:
    bare = re.sub(r"    row: .*\n", "", PACK)
    assert "parentheses" not in markdown(show(toy(tmp_path, bare), "2026-03-14"))


def test_a_review_policy_that_is_stated_is_named(tmp_path: Path) -> None:
    stated = PACK.replace("review_policy: unstated", "review_policy: presumption_of_denial")
    page = markdown(show(toy(tmp_path, stated), "2026-03-14"))
    assert "- An application is looked at with: presumption of denial.\n" in page


def test_before_anything_was_known_the_page_says_so_and_nothing_else(tmp_path: Path) -> None:
    assert markdown(show(toy(tmp_path), "2026-03-14", "2024-12-31")) == (
        "# A small pack\n\nPack `toy`, version 1.2.3: nothing of this pack was known on 2024-12-31; "
        "it first became known on 2025-01-01.\n"
    )


def test_a_quotient_stays_one_and_large_numbers_are_powers(tmp_path: Path) -> None:
    third = PACK.replace("value: 0.25,", "value: 1/3,").replace(
        'when: model.openness == "open"', "when: model.training_operations < 8e25 && developer.revenue > 5e8"
    )
    page = markdown(show(toy(tmp_path, third), "2026-03-14"))
    assert "is more than [*limit*](#value-limit) (1/3)\n" in page
    assert "- 1/3 from 2025-01-01. " in page
    assert "operations are less than 8 \N{MULTIPLICATION SIGN} 10^25 operations\n" in page
    assert "revenue is more than USD 500 million\n" in page
    assert "0.333" not in page


def test_a_source_says_who_published_it_and_when(tmp_path: Path) -> None:
    stated = PACK.replace(
        "title: What these tests say,", "title: What *these* say, publisher: A_B, published: 2024-12-01,"
    )
    page = markdown(show(toy(tmp_path, stated), "2026-03-14"))
    assert "**tests**: What \\*these\\* say. A\\_B, published on 2024-12-01. [https" in page


def hrefs(text: str) -> list[str]:
    """Where the links of a text lead, as a reader of Markdown takes them."""
    tokens = MarkdownIt("commonmark").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return [str(one.attrs["href"]) for one in inner if one.type == "link_open"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "//example.org/",
        "HTTPS://",
        "https://bank.example@evil.example/",
        "https://ex\u0430mple.org/",
        "https://example.org/ x](javascript:alert(1))",
        "https://example.org\\@evil.example",
        "`](javascript:alert(1))`",
        "see below",
    ],
)
def test_what_is_no_plain_link_of_the_web_is_no_link(url: str) -> None:
    assert hrefs(link(url)) == []


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://example.org", "https://example.org"),
        ("http://example.org:8080/a?b=c&d=e#f", "http://example.org:8080/a?b=c&d=e#f"),
        ("https://example.org/a_(b)_[c]", "https://example.org/a_%28b%29_%5Bc%5D"),
        ("https://example.org/a)[x](javascript:b)", "https://example.org/a%29%5Bx%5D%28javascript:b%29"),
        ("https://example.org/%28", "https://example.org/%28"),
        ("https://example.org/?a&lt;b", "https://example.org/?a&lt%3Bb"),
    ],
)
def test_a_link_leads_where_it_says(url: str, href: str) -> None:
    assert hrefs(link(url)) == [href]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_whatever_a_url_ends_in_it_is_one_link_to_its_host_or_none(tail: str) -> None:
    found = hrefs(link("https://example.org/" + tail))
    assert len(found) <= 1
    assert all(one.startswith("https://example.org/") for one in found)


@pytest.mark.parametrize("name", shipped_packs())
def test_every_link_within_a_page_has_its_place(name: str) -> None:
    page = markdown(show(find_pack(name), "2026-06-01"))
    places = re.findall(r'<a id="([^"]+)"></a>', page)
    assert len(places) == len(set(places))
    wanted = {href[1:] for href in hrefs(page) if href.startswith("#")}
    assert wanted <= set(places)
    assert {f"source-{one}" for one in Pack(find_pack(name)).document.sources} <= set(places)
    assert not re.search(r"[0-9]e[+-]?[0-9]{2} operations", page)


CASE = "- {name: open, facts: {model.openness: open}, expect: allow}\n"


def test_a_page_of_the_documentation_says_why_it_shows_its_day(tmp_path: Path) -> None:
    source = toy(tmp_path)
    cases(tmp_path, CASE)
    page = packs.page(source)
    day = "shown as of 2026-01-01, the last day on which something in the pack changes: **effective**.\n"
    assert f"Pack `toy`, version 1.2.3, {day}" in page
    assert "- Shown by the cases: “open”.\n" in page


def test_the_list_of_pages_has_the_status_of_each_that_day(tmp_path: Path) -> None:
    (line,) = [line for line in packs.index([toy(tmp_path)]).splitlines() if line.startswith("- ")]
    assert line.startswith("- [A small pack](")
    assert line.endswith(", **effective** on 2026-01-01): Open weights go anywhere, others by tier.")


def test_the_last_change_may_be_a_status_of_a_rule(tmp_path: Path) -> None:
    stayed = (
        PACK + "    status: [{from: 2027-05-01, status: not_enforced, cite: {source: tests, place: a}}]\n"
    )
    assert packs.last_change(Pack(toy(tmp_path, stayed))) == "2027-05-01"


@pytest.mark.parametrize(
    ("text", "written"),
    [("a", "`a`"), ("a `b` c", "`` a `b` c ``"), ("a\n``<b>", "``` a ``<b> ```"), ("`", "`` ` ``")],
)
def test_code_is_never_left_by_a_backtick(text: str, written: str) -> None:
    assert code(text) == written
