from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CLEAN, HEAD, RULES, VALUES, found, linted, only, place, rule
from weightgate.policy.lint import lint
from weightgate.policy.source import PackSource


def errors(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Code, message and hint of each finding."""
    return [(one.code, one.message, one.hint) for one in linted(folder, text)]


def test_every_error_of_the_schema_is_found_at_its_own_place(tmp_path: Path) -> None:
    text = (
        CLEAN.replace("version: 1.0.0", "version: one")
        .replace("effective", "efective")
        .replace(": allow", ": alow")
    )
    assert found(tmp_path, text) == [
        ("pack_schema", place(text, "one\n")),
        ("pack_schema", place(text, "efective")),
        ("pack_schema", place(text, "alow")),
    ]
    messages = [one.message for one in linted(tmp_path, text)]
    assert messages[0] == "version is 'one', needed three numbers joined by points, such as 1.0.0"
    assert messages[2] == (
        "rules.open.verdict is 'alow', needed 'allow', 'allow_with_conditions', 'license_required' or 'deny'"
    )


def test_findings_about_a_rule_name_it(tmp_path: Path) -> None:
    assert only(tmp_path, CLEAN.replace("verdict: allow", "verdict: alow")).rule == "open"


def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    text = CLEAN + "    remeddy: Ask.\n"
    one = only(tmp_path, text)
    assert (one.code, one.message) == ("unknown_key", "rules.open has no key 'remeddy'")
    assert (one.hint, one.rule) == ("did you mean remedy?", "open")
    assert one.where.endswith(":" + place(text, "remeddy"))


@pytest.mark.parametrize(
    ("was", "becomes", "message", "hint"),
    [
        ("sources:", "surces:", "the pack has no key 'surces'", "did you mean sources?"),
        ("place: section 1", "plce: section 1", "status.0.cite has no key 'plce'", "did you mean place?"),
        ("    when:", "    wen:", "rules.open has no key 'wen'", "did you mean when?"),
        ("publisher", "publishr", "sources.law has no key 'publishr'", "did you mean publisher?"),
    ],
)
def test_a_misspelt_key_is_one_mistake_though_the_right_one_is_missing(
    tmp_path: Path, was: str, becomes: str, message: str, hint: str
) -> None:
    text = CLEAN.replace("title: The law", "title: The law, publisher: A publisher").replace(was, becomes, 1)
    assert errors(tmp_path, text) == [("unknown_key", message, hint)]


def test_a_key_that_is_like_no_other_lists_those_that_are_known(tmp_path: Path) -> None:
    text = CLEAN.replace("place: section 1", "place: section 1, zzzzzz: 1")
    assert errors(tmp_path, text) == [
        ("unknown_key", "status.0.cite has no key 'zzzzzz'", "known: source, place")
    ]


def test_a_missing_key_is_found_where_it_should_be(tmp_path: Path) -> None:
    text = CLEAN.replace('    when: model.openness == "open"\n', "")
    one = only(tmp_path, text)
    assert (one.code, one.message, one.hint) == ("pack_schema", "rules.open has no when", "write when:")
    assert one.where.endswith(":" + place(text, "id: open"))


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        (CLEAN.replace("    cites: [{source: law, place: section 5}]\n", ""), "id: open"),
        (CLEAN.replace("cites: [{source: law, place: section 5}]", "cites: []"), "[]"),
        (CLEAN.replace(", cite: {source: law, place: section 1}", ""), "{from"),
    ],
)
def test_what_has_no_source_says_so(tmp_path: Path, text: str, needle: str) -> None:
    assert found(tmp_path, text) == [("no_source", place(text, needle))]


@pytest.mark.parametrize(
    ("value", "finds", "needle"),
    [
        ("{a: 1}", "a mapping", "{a: 1}"),
        ("true", "True", "true"),
        ("[DE, 3]", "3", "3]"),
    ],
)
def test_a_value_of_no_form_that_it_may_have_is_one_finding(
    tmp_path: Path, value: str, finds: str, needle: str
) -> None:
    text = HEAD + VALUES.replace("1.0e25", value) + RULES
    one = only(tmp_path, text)
    assert one.code == "pack_schema"
    assert one.message.partition(", needed ")[0].endswith(f" is {finds}")
    assert one.where.endswith(":" + place(text, needle))


def test_of_a_value_with_several_forms_each_is_named(tmp_path: Path) -> None:
    one = only(tmp_path, HEAD + VALUES.replace("1.0e25", "{a: 1}") + RULES)
    assert one.message == (
        "values.limit.0.value is a mapping, needed a number or a whole number or a text or a list"
    )


@pytest.mark.parametrize(("part", "kind"), [("cites: [law]", "a mapping"), ("cites: law", "a list")])
def test_a_mapping_or_a_list_that_is_none(tmp_path: Path, part: str, kind: str) -> None:
    text = CLEAN.replace("cites: [{source: law, place: section 5}]", part)
    one = only(tmp_path, text)
    assert one.message.endswith(f" is 'law', needed {kind}")
    assert one.where.endswith(":" + place(text, "law", text.count("law")))


def test_a_name_that_is_none_is_found_at_the_key(tmp_path: Path) -> None:
    text = HEAD + VALUES.replace("limit:", "The-limit:") + RULES
    one = only(tmp_path, text)
    assert (
        one.message == "'The-limit' is no name here, needed lower-case letters, digits and _, a letter first"
    )
    assert (one.code, one.where.split(":")[-2:]) == ("pack_schema", place(text, "The-limit").split(":"))


@pytest.mark.parametrize(
    ("was", "becomes", "message", "hint"),
    [
        (
            "effective",
            "efective",
            "status.0.status is 'efective', needed 'proposed', ",
            "did you mean effective?",
        ),
        (
            "verdict: allow",
            "verdict: 1",
            "rules.open.verdict is 1, needed 'allow', ",
            "",
        ),
        (
            "id: open",
            "id: Open",
            "rules.Open.id is 'Open', needed lower-case letters and digits joined by ",
            "",
        ),
        ("title: A sample", "title: ''", "title is '', needed at least 1 character", ""),
        ("version: 1.0.0", "version: 1.0", "version is 1.0, needed a text", 'write "1.0.0", in quotes'),
        ("version: 1.0.0", "version: 2", "version is 2, needed a text", 'write "2.0.0", in quotes'),
        ("version: 1.0.0", "version: '1.4'", "version is '1.4', needed three", 'write "1.4.0", in quotes'),
        ("title: A sample", "title: 2025", "title is 2025, needed a text", 'write "2025", in quotes'),
        ("title: A sample", "title: true", "title is True, needed a text", 'write "true", in quotes'),
        ("title: A sample", "title: [1, 2]", "title is a list of 2, needed a text", ""),
        ("title: A sample", "title:", "title is nothing, needed a text", ""),
        ("activity: host", "activity: []", "rules.open.activity is a list of 0, needed at least 1 item", ""),
        (
            "from: 2025-01-01",
            "from: 2025-02-30",
            "status.0.from: '2025-02-30' is not a day",
            "write it as YYYY-MM-DD",
        ),
    ],
)
def test_messages_say_what_was_found_and_what_was_needed(
    tmp_path: Path, was: str, becomes: str, message: str, hint: str
) -> None:
    one = only(tmp_path, CLEAN.replace(was, becomes, 1))
    assert one.code == "pack_schema"
    assert one.message.startswith(message)
    assert one.hint == hint


def test_a_list_that_is_too_long_says_how_long_it_may_be(tmp_path: Path) -> None:
    many = HEAD + "rules:\n" + "".join(rule("true", name=f"r{n}") for n in range(501))
    assert only(tmp_path, many).message == "rules is a list of 501, needed at most 500 items"


def test_a_country_that_is_none_says_which_is_meant(tmp_path: Path) -> None:
    row = "{value: 1, from: 2025-01-01, countries: [UK], cite: {source: law, place: l}, grade: V}"
    otherwise = "otherwise: {value: 2, cite: {source: law, place: l}, grade: V}"
    text = HEAD + f"tables: {{tier: {{rows: [{row}], {otherwise}}}}}\n" + RULES
    one = only(tmp_path, text)
    assert one.where.endswith(":" + place(text, "UK"))
    assert (one.message, one.hint) == (
        "tables.tier.rows.0.countries.0: 'UK' is not a country code",
        "did you mean GB?",
    )


def test_every_condition_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    text = (
        HEAD
        + 'define:\n  wide: model.opennes == "open"\n  wider: wide\n'
        + RULES.replace('"open"', '"opne"', 1)
        + rule("wider && model.training_operations > 3", "deny", "third")
        + rule('model.openness == "closed"', "deny", "fourth", more="    unless: '1.0'\n")
        + "invariants: [{id: stays, title: It stays, given: model.base_opennes == 1, at_most: deny}]\n"
    )
    assert found(tmp_path, text) == [
        ("condition", place(text, "model.opennes ")),
        ("condition", place(text, '"opne"')),
        ("condition", place(text, "> 3")),
        ("condition", place(text, "1.0'")),
        ("condition", place(text, "model.base_opennes")),
    ]
    findings = linted(tmp_path, text)
    assert findings[0].message == "unknown fact 'model.opennes'"
    assert findings[0].hint == "did you mean model.openness?"
    assert (findings[1].message, findings[1].hint) == (
        "'opne' is no value of model.openness",
        "did you mean 'open'?",
    )
    assert [one.rule for one in findings] == ["", "open", "third", "fourth", ""]


def test_a_value_that_does_not_load_makes_no_condition_wrong(tmp_path: Path) -> None:
    late = VALUES.replace("from: 2025-01-01", "from: 2025-01-01, until: 2025-02-01")
    text = HEAD + late + RULES.replace('== "open"', '== "open" && model.training_operations < values.limit')
    one = only(tmp_path, text)
    assert (one.code, one.message) == ("policy", "limit has no value on 2025-02-02")
    assert one.where.endswith(":" + place(text, "- {from: 2025-01-01, until"))


LIMITED = RULES.replace('== "open"', '== "open" && model.training_operations < values.limit')
TWICE = LIMITED + rule("model.training_operations >= values.limit", "deny")


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        ("1/3", "'1/3' is text; a quotient needs unit: ratio", "write unit: ratio"),
        (
            "1/3, unit: percent",
            "'1/3' is text; a quotient needs unit: ratio",
            "write unit: ratio in place of unit: percent",
        ),
        ('"5e25", unit: operations', "'5e25' is text, needed a number", "write 5.0e25"),
        ("5\u00d710^25", "'5\u00d710^25' is text, needed a number", "write 5.0e25"),
        ("10^25", "'10^25' is text, needed a number", "write 1.0e25"),
        ("a lot", "'a lot' is text, needed a number", "write a number, such as 1.0e25"),
    ],
)
def test_a_value_that_is_text_is_found_at_the_value_and_once(
    tmp_path: Path, value: str, message: str, hint: str
) -> None:
    text = HEAD + VALUES.replace("1.0e25", value) + TWICE
    one = only(tmp_path, text)
    assert (one.code, one.message, one.hint, one.rule) == ("policy", message, hint, "")
    assert one.where.endswith(":" + place(text, value))


def test_of_a_number_and_a_text_the_text_is_wrong(tmp_path: Path) -> None:
    first = VALUES.replace("from: 2025-01-01", "from: 2025-01-01, until: 2025-01-31")
    later = VALUES.splitlines()[2].replace("from: 2025-01-01", "from: 2025-02-01") + "\n"
    for text in (
        HEAD + first + later.replace("1.0e25", '"5e25"') + LIMITED,
        HEAD + first.replace("1.0e25", '"5e25"') + later + LIMITED,
    ):
        one = only(tmp_path, text)
        assert one.message == "'5e25' is text, needed a number"
        assert one.hint == "write 5.0e25"
        assert one.where.endswith(":" + place(text, '"5e25"'))


def test_a_member_of_a_list_that_is_none_is_found_at_the_member_and_once(tmp_path: Path) -> None:
    listed = VALUES.replace("1.0e25", "[DE, UK]")
    text = HEAD + listed + RULES.replace('== "open"', '== "open" && destination.country in values.limit')
    text += rule("operator.headquarters in values.limit", "deny")
    one = only(tmp_path, text)
    assert (one.code, one.message, one.hint) == (
        "policy",
        "'UK' is not a country code",
        "did you mean GB?",
    )
    assert one.where.endswith(":" + place(text, "UK"))
    alone = text.replace("[DE, UK]", "[UK]")
    assert only(tmp_path, alone).where.endswith(":" + place(alone, "UK"))


def test_a_value_that_became_known_after_its_pack_is_told_what_to_write(tmp_path: Path) -> None:
    text = HEAD.replace("from: 2025-01-01", "from: 2025-01-01, known: 2024-01-01") + VALUES + LIMITED
    one = only(tmp_path, text)
    assert one.message == "limit has no value on 2025-01-01, as known on 2024-01-01"
    assert one.hint == "if it was known by then, write known: 2024-01-01, or an earlier day, in this row"
    assert one.where.endswith(":" + place(text, "{from: 2025-01-01, value"))


def test_a_member_is_found_in_the_row_that_has_it(tmp_path: Path) -> None:
    row = VALUES.splitlines()[2] + "\n"
    listed = VALUES.replace("1.0e25", "[DE, FR]") + row.replace("1.0e25", "[IT, UK]")
    text = HEAD + listed + RULES.replace('== "open"', '== "open" && destination.country in values.limit')
    assert found(tmp_path, text) == [("policy", place(text, "UK"))]


def test_a_list_of_something_else_is_the_conditions_mistake(tmp_path: Path) -> None:
    listed = VALUES.replace("1.0e25", "[aws, azure]")
    text = HEAD + listed + RULES.replace('== "open"', '== "open" && destination.country in values.limit')
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("condition", "open")
    assert one.where.endswith(":" + place(text, ".limit"))


def test_a_text_that_is_no_value_of_its_fact_is_found_at_the_value(tmp_path: Path) -> None:
    text = HEAD + VALUES.replace("1.0e25", "opne") + RULES.replace('"open"', "values.limit", 1)
    one = only(tmp_path, text)
    assert (one.message, one.hint) == ("'opne' is no value of model.openness", "did you mean 'open'?")
    assert one.where.endswith(":" + place(text, "opne"))


def test_what_does_not_fit_together_is_found_beside_the_conditions(tmp_path: Path) -> None:
    text = CLEAN.replace("source: law, place: section 5", "source: lwa, place: section 5").replace(
        '"open"', '"opne"'
    )
    assert found(tmp_path, text) == [("condition", place(text, '"opne"')), ("policy", place(text, "lwa"))]


def test_a_gap_before_the_last_day_is_found(tmp_path: Path) -> None:
    two = VALUES.replace("from: 2025-01-01", "from: 2025-01-01, until: 2025-02-01") + VALUES.splitlines()[
        2
    ].replace("from: 2025-01-01", "from: 2025-03-01")
    text = (
        HEAD
        + two
        + "\n"
        + RULES.replace('== "open"', '== "open" && model.training_operations < values.limit')
    )
    ((code, _),) = found(tmp_path, text)
    assert code == "policy"


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("schema: [", "yaml", "2:1"),
        ("a: 1\na: 2\n", "yaml", "2:1"),
        ("a: &x 1\n", "yaml", "1:4"),
        ("- a\n", "pack_schema", "1:1"),
        ("", "pack_schema", "1:1"),
    ],
)
def test_what_is_no_pack_at_all_is_one_finding(tmp_path: Path, text: str, code: str, where: str) -> None:
    assert found(tmp_path, text) == [(code, where)]


def test_bytes_that_are_no_text_have_a_place() -> None:
    (one,) = lint(PackSource("p.yaml", "p.yaml", "schema: a\nname: é".encode() + b"\xff"))
    assert (one.code, one.where, one.hint) == ("not_utf8", "p.yaml:2:8", "save it as UTF-8")


def test_a_pack_that_never_begins_says_nothing(tmp_path: Path) -> None:
    text = CLEAN.replace("{from: 2025-01-01", "{from: 9999-12-31")
    assert found(tmp_path, text) == [("policy", place(text, "9999-12-31"))]


def test_a_shipped_pack_is_named_as_it_is_asked_for() -> None:
    (one,) = lint(PackSource("sample", "shipped:sample", b"a: 1\na: 2\n"))
    assert one.where == "sample:2:1"


def test_of_very_many_findings_the_gravest_are_listed(tmp_path: Path) -> None:
    sources = "".join(f"  s{n}: {{title: Source {n}}}\n" for n in range(150))
    rules = "".join(rule(f'model.openness == "x{n}"', name=f"r{n}") for n in range(499))
    many = linted(tmp_path, HEAD + RULES + rules)
    assert len(many) == 499
    assert {one.code for one in many} == {"condition"}
    text = HEAD.replace("status:\n", sources + "status:\n", 1) + RULES
    assert len(linted(tmp_path, text)) == 150


def test_more_than_five_hundred_findings_are_counted(tmp_path: Path) -> None:
    keys = "".join(f"k{n}: 1\n" for n in range(600))
    many = linted(tmp_path, keys + CLEAN)
    assert len(many) == 501
    assert (many[-1].code, many[-1].message) == ("not_looked_at", "100 more findings are not listed")
