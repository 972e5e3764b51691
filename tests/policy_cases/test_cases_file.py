"""Case files: every slip is refused, with its place and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy_cases.packs import cases, toy
from weightgate.errors import Exit, InputError
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, exactly
from weightgate.policy.cases_file import Expected, Vocabulary, read_cases
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.verdicts import Verdict

SWITCHES = {"reach": ("near", "far"), "end": ("early", "late")}
WORDS = Vocabulary(("open", "tier-1", "tier-2"), ("T1", "T2"), "2026-01-01", SWITCHES)


def read(folder: Path, text: str) -> InputError:
    """The error that a file is refused with."""
    toy(folder)
    with pytest.raises(InputError) as caught:
        read_cases([cases(folder, text)], WORDS)
    assert caught.value.exit is Exit.INPUT
    return caught.value


def test_everything_that_a_case_may_say(tmp_path: Path) -> None:
    toy(tmp_path)
    path = cases(
        tmp_path,
        """\
- name: all of it
  row: [T1, T2]
  as_of: 2025-06-01
  known_at: 2025-07-01
  set: {reach: far, end: early}
  status: in-force
  activity: fine_tune
  note: Why it should be so.
  facts:
    model.openness: {one_of: [open, closed]}
    model.finetune_share: {min: 0.25}
    model.special_purpose: null
    destination.country: no
    operator.authorizations: [NVEU]
    operator.security_standards: {certain: [supp10-14], possible: [supp10-14, supp10-15]}
  expect:
    verdict: indeterminate
    possible: [deny, allow]
    rules: [open, default]
    without: [tier-1]
    missing: [model.openness]
- name: the least
  expect: deny
""",
    )
    full, least = read_cases([path], WORDS)
    assert (full.name, full.rows, full.as_of, full.activity) == (
        "all of it",
        ("T1", "T2"),
        "2025-06-01",
        "fine_tune",
    )
    assert full.reading == Reading("2025-07-01", {"end": "early", "reach": "far"}, in_force=True)
    assert least.reading == AS_WRITTEN
    assert full.facts == {
        "model.openness": OneOf(("open", "closed")),
        "model.finetune_share": Interval(0.25, None),
        "model.special_purpose": Unknown("stated as unknown"),
        "destination.country": Known("NO"),
        "operator.authorizations": exactly("NVEU"),
        "operator.security_standards": Members(
            frozenset({"supp10-14"}), frozenset({"supp10-14", "supp10-15"})
        ),
    }
    assert full.expected == Expected(
        "indeterminate",
        (Verdict.ALLOW, Verdict.DENY),
        ("open", "default"),
        ("model.openness",),
        ("tier-1",),
    )
    assert (least.as_of, least.activity, least.facts, least.rows) == ("2026-01-01", "host", {}, ())
    assert least.expected == Expected("deny")
    assert (full.line, least.line, least.index) == (1, 22, 1)
    assert least.where("expect") == f"{path}:23:11"


@pytest.mark.parametrize(
    ("text", "place", "code", "message"),
    [
        ("", "1:1", "no_cases", "no cases: needed a list of at least one"),
        ("[]\n", "1:1", "no_cases", "no cases: needed a list of at least one"),
        ("name: a\nexpect: deny\n", "1:1", "no_cases", "no cases: needed a list of at least one"),
        ("- deny\n", "1:3", "bad_case", "a case is 'deny', needed a mapping"),
        ("- expect: deny\n", "1:3", "bad_case", "a case needs a name"),
        ("- {name: ' ', expect: deny}\n", "1:10", "bad_case", "a case needs a name"),
        ("- {name: 5, expect: deny}\n", "1:10", "bad_case", "a case needs a name"),
        ("- {name: a, facts: {}}\n", "1:3", "bad_case", "a case without expect shows nothing"),
        ("- name: a\n  expect:\n", "2:3", "bad_case", "a case without expect shows nothing"),
        ("- {name: a, expects: deny}\n", "1:22", "unknown_key", "'expects' is no key"),
        ("- {name: a, expect: denied}\n", "1:21", "unknown_verdict", "'denied' is no verdict"),
        ("- {name: a, expect: 3}\n", "1:21", "bad_case", "expect is 3, needed a mapping"),
        ("- {name: a, expect: {}}\n", "1:21", "unknown_verdict", "None is no verdict"),
        ("- {name: a, expect: {verdict: deny, posible: [deny]}}\n", "1:46", "unknown_key", "'posible' is no key"),
        (
            "- {name: a, expect: {verdict: deny, possible: [allow, deny]}}\n",
            "1:47", "bad_case", "these together are indeterminate, and the case expects deny",
        ),
        ("- {name: a, expect: {verdict: deny, possible: []}}\n", "1:47", "bad_case", "at least one verdict"),
        (
            "- {name: a, expect: {verdict: indeterminate, possible: [indeterminate]}}\n",
            "1:57", "unknown_verdict", "'indeterminate' is no verdict",
        ),
        ("- {name: a, expect: {verdict: deny, possible: [deny, deny]}}\n", "1:47", "bad_case", "possible names something twice"),
        ("- {name: a, expect: {verdict: deny, possible: {}}}\n", "1:47", "bad_case", "possible is {}, needed a list"),
        ("- {name: a, expect: {verdict: deny, rules: [tier-9]}}\n", "1:45", "unknown_rule", "'tier-9' is no rule"),
        ("- {name: a, expect: {verdict: deny, rules: tier-9}}\n", "1:44", "unknown_rule", "'tier-9' is no rule"),
        ("- {name: a, expect: {verdict: deny, without: [tier-9]}}\n", "1:47", "unknown_rule", "'tier-9' is no rule"),
        (
            "- {name: a, expect: {verdict: deny, rules: [open, tier-1], without: [tier-1]}}\n",
            "1:69", "bad_case", "tier-1 is expected both to apply and not to",
        ),
        (
            "- {name: a, expect: {verdict: deny, missing: [model.opennes]}}\n",
            "1:47", "unknown_fact", "'model.opennes' is no fact",
        ),
        ("- {name: a, row: T9, expect: deny}\n", "1:18", "unknown_row", "'T9' is no row of this pack's rules"),
        ("- {name: a, row: [T1, 2], expect: deny}\n", "1:23", "unknown_row", "2 is no row"),
        ("- {name: a, activity: hosting, expect: deny}\n", "1:23", "unknown_activity", "'hosting' is no activity"),
        ("- {name: a, as_of: 2026-13-01, expect: deny}\n", "1:20", "bad_date", "'2026-13-01' is not a day"),
        ("- {name: a, as_of: null, expect: deny}\n", "1:13", "bad_date", "None is not a day"),
        ("- {name: a, known_at: soon, expect: deny}\n", "1:23", "bad_date", "'soon' is not a day"),
        ("- {name: a, set: far, expect: deny}\n", "1:18", "bad_case", "set is 'far', needed a mapping"),
        ("- {name: a, set: {raech: far}, expect: deny}\n", "1:26", "unknown_switch", "'raech' is no switch"),
        ("- {name: a, set: {reach: fra}, expect: deny}\n", "1:26", "unknown_reading", "'fra' is no reading of reach"),
        ("- {name: a, set: {reach: early}, expect: deny}\n", "1:26", "unknown_reading", "'early' is no reading of reach"),
        ("- {name: a, status: inforce, expect: deny}\n", "1:21", "unknown_status", "'inforce' is no status"),
        ("- {name: a, note: 3, expect: deny}\n", "1:19", "bad_case", "note is not text"),
        ("- {name: a, facts: [], expect: deny}\n", "1:20", "bad_case", "facts is no mapping of fact names to values"),
        ("- {name: a, facts: {model.opennes: open}, expect: deny}\n", "1:36", "unknown_fact", "'model.opennes' is no fact"),
        ("- {name: a, facts: {model.openness: opne}, expect: deny}\n", "1:37", "bad_value", "'opne' is no value"),
        ("- {name: a, facts: {destination.country: UK}, expect: deny}\n", "1:42", "unknown_country", "'UK' is not"),
        ("- {name: a, facts: {as_of: 2026-01-01}, expect: deny}\n", "1:28", "bad_case", "as_of is a key of the case itself"),
        ("- {name: a, facts: {activity: host}, expect: deny}\n", "1:31", "bad_case", "activity is a key of the case itself"),
        ("- {name: a, expect: deny}\n- {name: a, expect: deny}\n", "2:10", "bad_case", "'a' is the name of the case at"),
        ("- {name: a, expect: deny, expect: allow}\n", "1:27", "yaml", "key 'expect' is there twice"),
        ("- name: a\n  expect: [\n", "3:1", "yaml", "not YAML"),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(tmp_path: Path, text: str, place: str, code: str, message: str) -> None:
    error = read(tmp_path, text)
    assert error.where == f"{tmp_path / 'tests' / 'cases.yaml'}:{place}"
    assert error.code == code
    assert error.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("- {name: a, expects: deny}\n", "did you mean expect?"),
        ("- {name: a, expect: license_requierd}\n", "did you mean license_required?"),
        (
            "- {name: a, expect: yes}\n",
            "known: allow, allow_with_conditions, license_required, deny, indeterminate",
        ),
        ("- {name: a, expect: {verdict: deny, rules: [tier1]}}\n", "did you mean tier-1?"),
        ("- {name: a, row: R99, expect: deny}\n", "known: T1, T2"),
        ("- {name: a, facts: {model.opennes: open}, expect: deny}\n", "did you mean model.openness?"),
        ("- {name: a, set: {raech: far}, expect: deny}\n", "did you mean reach?"),
        ("- {name: a, set: {reach: fra}, expect: deny}\n", "did you mean far?"),
        ("- {name: a, set: {end: zzz}, expect: deny}\n", "known: early, late"),
        ("- {name: a, status: enforced, expect: deny}\n", "did you mean in-force?"),
        ("- {name: a, facts: {}}\n", "expect: allow, or another verdict"),
        ("- {expect: deny}\n", "say in one line what it shows"),
    ],
)
def test_an_error_says_what_was_probably_meant(tmp_path: Path, text: str, hint: str) -> None:
    assert read(tmp_path, text).hint == hint


def test_two_files_share_their_names(tmp_path: Path) -> None:
    toy(tmp_path)
    first = cases(tmp_path, "- {name: a, expect: deny}\n", "a.yaml")
    second = cases(tmp_path, "- {name: b, expect: deny}\n- {name: a, expect: deny}\n", "b.yaml")
    with pytest.raises(InputError) as caught:
        read_cases([first, second], WORDS)
    assert caught.value.message == f"'a' is the name of the case at {first}:1:10 too"
    assert caught.value.where == f"{second}:2:10"


def test_no_files_are_no_cases() -> None:
    with pytest.raises(InputError) as caught:
        read_cases([], WORDS)
    assert (caught.value.message, caught.value.code) == ("no cases to run", "no_cases")


def test_an_empty_file_among_others_is_an_error(tmp_path: Path) -> None:
    toy(tmp_path)
    good = cases(tmp_path, "- {name: a, expect: deny}\n", "a.yaml")
    empty = cases(tmp_path, "# nothing yet\n", "b.yaml")
    with pytest.raises(InputError, match="no cases") as caught:
        read_cases([good, empty], WORDS)
    assert caught.value.where == f"{empty}:1:1"


@pytest.mark.parametrize("case", ["- {name: a, facts: {}}\n", "- name: a\n  expect:\n"])
def test_where_nothing_need_be_expected_a_case_may_leave_it_out(tmp_path: Path, case: str) -> None:
    toy(tmp_path)
    (found,) = read_cases([cases(tmp_path, case)], WORDS, expecting=False)
    assert found.expected == Expected("")
    (stated,) = read_cases([cases(tmp_path, "- {name: a, expect: deny}\n")], WORDS, expecting=False)
    assert stated.expected == Expected("deny")
