"""The memo: its parts, and that nothing which a model, a pack or a file says becomes markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.commands import prepare
from tests.cli.shell import Shell
from weightgate.cli.memo import escaped, memo_text

HEADINGS = [
    "# Memo",
    "## Question",
    "## Short answer",
    "## Facts relied on, and who says so",
    "## Rules that apply",
    "## Unsettled",
    "## What would change it",
]
HOSTILE = (
    "# Approved", "## Short answer", "<script>alert(1)</script>", "[click](https://evil.example)", "![x](https://e.example)",
    "- allow", "1. allow", "> allow", "***allow***", "`x`", "a\n# b", "---", "===", "<https://evil.example>",
    "https://evil.example", "www.evil.example", "a@evil.example", "@octocat", "&lt;b&gt;", "|a|b|", "~~~", "\\", "$x$",
    "[^1]: x", "[a]: https://evil.example", "\x1b[2J", "\ud800", "#1", "+ x", "x\\",
)  # fmt: skip


def decision_of(shell: Shell, *words: str) -> dict[str, Any]:
    """A decision as JSON."""
    data: dict[str, Any] = shell.here("check", *words, "--output", "json").json
    return data


def memo_of(shell: Shell, data: dict[str, Any], *words: str) -> str:
    """The memo about a decision."""
    shell.write("d.json", json.dumps(data))
    done = shell.here("explain", "d.json", "--output", "markdown", *words)
    assert done.code == 0, done.err
    return done.out


def headings(memo: str) -> list[str]:
    """The lines that are headings."""
    return [line for line in memo.splitlines() if re.match(r" {0,3}#", line)]


def test_the_parts_come_in_their_order(shell: Shell) -> None:
    data = decision_of(shell, "./m", "--to", "AE", "--facts", "closed.yaml", "--operator", "gb.yaml")
    memo = memo_of(shell, data)
    assert headings(memo) == HEADINGS
    assert "About hosting ./m in AE, by a, on " in memo
    assert "- Pack us-ai-diffusion-draft, version 1.0.0, status: **superseded** (sha256:" in memo
    assert "**License required.** This is what us-ai-diffusion-draft 1.0.0 says of the facts below" in memo
    assert "legal" not in memo


def test_facts_say_who_says_so_and_in_which_grade(shell: Shell) -> None:
    data = decision_of(shell, "./m", "--to", "AE", "--facts", "closed.yaml", "--operator", "gb.yaml")
    memo = memo_of(shell, data)
    openness = next(line for line in memo.splitlines() if line.startswith("- model.openness: **closed**"))
    assert "closed.yaml; declared by whoever asked" in openness
    assert openness.endswith("The verdict rests on this word.")
    assert "- destination.tier: **2** (table tier of us-ai-diffusion-draft)." in memo


def test_rules_are_quoted_with_their_sources(shell: Shell) -> None:
    data = decision_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    memo = memo_of(shell, data)
    assert "> Weights that are not open may not be hosted in Tier 3\n" in memo
    assert "- Rule us-ai-diffusion-draft/closed-weights-tier-3, **deny** in IR\n" in memo
    assert "- Source: Press report of January 2025" in memo
    assert "- What would help: Host it in a Tier 1 region" in memo


def test_what_would_change_it_and_how_long_it_holds(shell: Shell) -> None:
    shell.write("until.yaml", "model.openness: {value: closed, until: 2026-12-31}\n")
    data = decision_of(shell, "-", "--to", "IR", "--facts", "until.yaml", "--as-of", "2026-06-01")
    memo = memo_of(shell, data)
    assert "- **allow**: model.openness: open instead of closed" in memo
    assert "Holds until 2026-12-31: model.openness is declared until 2026-12-31." in memo
    assert "Hypothetical: as\\_of 2026-06-01 is not today" in memo
    data["valid_until"] = {"date": None, "because": None}
    assert "No date is known on which it changes." in memo_of(shell, data)


def test_what_is_unsettled(shell: Shell) -> None:
    data = decision_of(shell, "./m", "--to", "JP", "--facts", "closed.yaml", "--facts", "open.yaml")
    memo = memo_of(shell, data).partition("## Unsettled")[2]
    assert "**What would settle the verdict**" in memo
    assert "**Sources disagree**\n\n- model.openness: " in memo
    settled = decision_of(shell, "-", "--to", "IR", "--facts", "closed.yaml")
    assert (
        memo_of(shell, settled | {"not_established": [], "switches": {}})
        .partition("## Unsettled")[2]
        .startswith("\n\nNothing.\n")
    )


def test_conditions_and_several_destinations(shell: Shell, conditional: list[str]) -> None:
    memo = memo_of(shell, decision_of(shell, "./m", *conditional))
    assert "## Conditions to keep\n\n- Keep the security standards" in memo
    several = memo_of(shell, decision_of(shell, "./m", "--to", "JP,IR", "--facts", "closed.yaml"))
    assert "- IR: deny\n- JP: " in several or "- JP: indeterminate\n- IR: deny\n" in several


def test_the_short_answer_names_stricter_packs_that_were_not_asked(shell: Shell) -> None:
    data = decision_of(shell, "-", "--to", "KP", "--facts", "closed.yaml", "--policy", "us-ny-raise")
    answer = memo_of(shell, data).partition("## Short answer")[2].partition("##")[0]
    assert "us-embargoes (deny)" in answer.partition("**Not asked, and stricter: ")[2]
    assert "Not asked" not in memo_of(shell, data | {"not_asked": []})
    perhaps = memo_of(shell, data | {"not_asked": [{"pack": "p", "verdict": "indeterminate"}]})
    assert "**Not asked, and perhaps stricter: p.**" in perhaps


def test_readings_are_told_and_those_that_were_chosen_in_the_short_answer(shell: Shell) -> None:
    asked = ("-", "--to", "IR", "--facts", "closed.yaml")
    strict, loose = (
        memo_of(shell, decision_of(shell, *asked, *more))
        for more in ((), ("--set", "us-ai-diffusion-draft.restricted_weights=open"))
    )
    told = "**Where the text is open, it was read so**\n\n- us-ai-diffusion-draft.restricted\\_weights: "
    assert f"{told}closed\n" in strict
    assert f"{told}open\n" in loose
    chosen = "Read with us-ai-diffusion-draft.restricted\\_weights as open, and not as closed."
    assert chosen in loose.partition("## Facts")[0]
    assert "Read with" not in strict


def test_a_condition_is_due_and_does_not_end(shell: Shell, conditional: list[str]) -> None:
    data = decision_of(shell, "./m", *conditional)
    data["conditions"][0]["due"] = "2026-12-31"
    memo = memo_of(shell, data).partition("## Conditions to keep")[2]
    assert "(due: 2026-12-31)\n" in memo.partition("##")[0]


def test_why_not_is_a_part_of_its_own(shell: Shell) -> None:
    data = decision_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    memo = memo_of(shell, data, "--why-not", "allow")
    assert headings(memo) == [*HEADINGS, "## Why not allow"]
    assert "  - because model.openness is closed, says closed.yaml\n" in memo


def test_a_memo_on_an_attestation_says_first_that_nothing_was_checked(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("explain", "attestation.json", "--output", "markdown=memo.md")
    assert (done.code, done.out) == (0, "")
    memo = (shell.folder / "memo.md").read_text(encoding="utf-8")
    assert memo.startswith("**The signature of this attestation was NOT checked: ")


def test_markdown_is_for_explain_alone(shell: Shell) -> None:
    done = shell.here("check", "./m", "--to", "IR", "--output", "markdown")
    assert done.code == 4
    assert "--output markdown is not available yet" in done.err
    assert "weightgate explain FILE --output markdown writes a memo" in " ".join(done.err.split())
    prepare(shell)
    assert (
        "--output html is not available yet" in shell.here("explain", "decision.json", "--output", "html").err
    )


def texts_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all texts that are shown."""
    if isinstance(value, str):
        yield path
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in items:
        yield from texts_in(inner, (*path, key))


def with_text(data: Any, path: tuple[str | int, ...], text: str) -> Any:
    """The same data with another text at a place."""
    if not path:
        return text
    key, *rest = path
    inner = with_text(data[key], tuple(rest), text)
    if isinstance(data, dict):
        return {**data, key: inner}
    return [inner if index == key else one for index, one in enumerate(data)]


SHOWN = ("reasons", "missing", "flips", "conditions", "rests_on", "contradictions", "not_established", "left_out",
         "valid_until", "packs", "destinations", "model", "operator", "hypothetical", "as_of", "not_asked", "switches")  # fmt: skip
FIXED = ("verdict", "applies", "possible")


def skeleton(memo: str) -> list[str]:
    """What a reader of Markdown takes for structure: headings, quotes, items, and how many lines there are."""
    return [re.match(r" *(#+ [A-Z].*|>|-|\*\*[A-Z]|)", line).group() for line in memo.splitlines()]  # type: ignore[union-attr]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_stranger_changes_what_is_markup(shell: Shell, text: str) -> None:
    data = decision_of(shell, "./m", "--to", "IR,AE", "--facts", "closed.yaml", "--operator", "gb.yaml")
    places = [
        path
        for key in SHOWN
        for path in texts_in(data[key], (key,))
        if path[-1] not in FIXED and "possible" not in path
    ]
    assert len(places) > 60
    harmless = everywhere(data, places, "harmless")
    hostile = everywhere(data, places, text)
    assert [len(s) for s in skeleton(memo_text(hostile, None, ""))] == [
        len(s) for s in skeleton(memo_text(harmless, None, ""))
    ]


def everywhere(data: dict[str, Any], places: list[tuple[str | int, ...]], text: str) -> dict[str, Any]:
    """The decision with one text in all places."""
    for place in places:
        data = with_text(data, place, text)
    return data


SAFE_TEXT = st.text(max_size=40) | st.sampled_from(HOSTILE)
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*([`*_\[\]<>#|~!&$])")


@given(SAFE_TEXT)
def test_escaped_text_is_one_line_without_markup(text: str) -> None:
    line = escaped(text)
    assert "\n" not in line
    assert UNESCAPED.search(line) is None
    assert re.match(r"\d{0,9}[-+.):]\s|[-+=]+$|={2}|-{2}", line) is None
    assert re.search(r"(?i)://[^\u2060]|www\.[^\u2060]|@[^\u2060]", line) is None
    assert line.encode().decode() == line


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a?b=1", "`https://example.org/a?b=1`"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://e.org/`x`", "https://\u2060e.org/\\`x\\`"),
        ("https://e.org/ x", "https://\u2060e.org/ x"),
    ],
)
def test_an_address_can_be_copied_and_is_no_link(shell: Shell, url: str, shown: str) -> None:
    data = decision_of(shell, "./m", "--to", "IR", "--facts", "closed.yaml")
    data["reasons"][0]["cites"] = [{"source": "s", "title": "T", "place": "p", "url": url}]
    assert f"- Source: T, p, {shown}\n" in memo_text(data, None, "")
