"""What a condition may say, and how everything else is refused: with its place and what to write instead."""

from __future__ import annotations

import pytest

from weightgate.errors import Exit
from weightgate.policy.cel import (
    MAX_CONDITION,
    MAX_NESTING,
    Scope,
    compile_condition,
    nesting,
)
from weightgate.policy.ir import And, AtMost, Condition, Const, Contains, IsIn, Less, Not, Or
from weightgate.policy.refused import ConditionError

SCOPE = Scope(
    {
        "limit": 1e26,
        "some": ("AE", "IN"),
        "day": "2025-01-13",
        "word": "open",
        "wrong": "opne",
        "uk": ("UK",),
    },
    {"veu": Contains("operator.authorizations", "NVEU")},
)
OPEN = IsIn("model.openness", ("open",))
SPECIAL = IsIn("model.special_purpose", (True,))
OPERATIONS = "model.training_operations"

ACCEPTED: list[tuple[str, Condition]] = [
    ('model.openness == "open"', OPEN),
    ("model.openness == 'open'", OPEN),
    ('model.openness == r"open"', OPEN),
    ('"open" == model.openness', OPEN),
    ('model . openness == "open"', OPEN),
    ('(model.openness) == ("open")', OPEN),
    ("model.openness == values.word", OPEN),
    ('model.openness != "open"', Not(OPEN)),
    ('model.openness in ["open", "closed"]', IsIn("model.openness", ("open", "closed"))),
    ("model.openness in []", IsIn("model.openness", ())),
    ("destination.country in values.some", IsIn("destination.country", ("AE", "IN"))),
    ('destination.country == "NO"', IsIn("destination.country", ("NO",))),
    ('destination.country == "XK"', IsIn("destination.country", ("XK",))),
    ('destination.subdivision == "UA-43"', IsIn("destination.subdivision", ("UA-43",))),
    ('destination.provider == ""', IsIn("destination.provider", ("",))),
    ('model.license == "any text"', IsIn("model.license", ("any text",))),
    (f"{OPERATIONS} < 1e26", Less(OPERATIONS, 1e26)),
    (f"{OPERATIONS} <= 1e26", AtMost(OPERATIONS, 1e26)),
    (f"{OPERATIONS} > 1e26", Not(AtMost(OPERATIONS, 1e26))),
    (f"{OPERATIONS} >= 1e26", Not(Less(OPERATIONS, 1e26))),
    (f"1e26 > {OPERATIONS}", Less(OPERATIONS, 1e26)),
    (f"1e26 >= {OPERATIONS}", AtMost(OPERATIONS, 1e26)),
    (f"1e26 < {OPERATIONS}", Not(AtMost(OPERATIONS, 1e26))),
    (f"1e26 <= {OPERATIONS}", Not(Less(OPERATIONS, 1e26))),
    (f"1e26 != {OPERATIONS}", Not(IsIn(OPERATIONS, (1e26,)))),
    (f"{OPERATIONS} >= values.limit", Not(Less(OPERATIONS, 1e26))),
    (f"values.limit == {OPERATIONS}", IsIn(OPERATIONS, (1e26,))),
    (f"{OPERATIONS} in [1.0, 2.0]", IsIn(OPERATIONS, (1.0, 2.0))),
    (f"{OPERATIONS} == 0.0", IsIn(OPERATIONS, (0.0,))),
    ("destination.tier == 3", IsIn("destination.tier", (3,))),
    ("destination.tier in [1, 2]", IsIn("destination.tier", (1, 2))),
    ("2 <= operator.tier", Not(Less("operator.tier", 2))),
    ("model.special_purpose", SPECIAL),
    ("!model.special_purpose", Not(SPECIAL)),
    ("model.special_purpose == true", SPECIAL),
    ("false == model.special_purpose", IsIn("model.special_purpose", (False,))),
    ("model.special_purpose in [true]", SPECIAL),
    ('"NVEU" in operator.authorizations', Contains("operator.authorizations", "NVEU")),
    ('"anything" in model.labels', Contains("model.labels", "anything")),
    ("veu", Contains("operator.authorizations", "NVEU")),
    ("veu && model.special_purpose", And((Contains("operator.authorizations", "NVEU"), SPECIAL))),
    ('as_of >= "2025-01-13"', Not(Less("as_of", "2025-01-13"))),
    ("as_of < values.day", Less("as_of", "2025-01-13")),
    ('activity == "host"', IsIn("activity", ("host",))),
    ("true", Const(True)),
    ("false", Const(False)),
    ('model.special_purpose || model.openness == "open"', Or((SPECIAL, OPEN))),
    (
        'model.special_purpose ? model.openness == "open" : veu',
        Or((And((SPECIAL, OPEN)), And((Not(SPECIAL), Contains("operator.authorizations", "NVEU"))))),
    ),
    ("model.special_purpose // a remark has(x)", SPECIAL),
    ('model.license == "has(x) ((("', IsIn("model.license", ("has(x) (((",))),
]

NEEDS = "a comparison needs one fact and one literal or named value"
NO_ARITHMETIC = "there is no arithmetic in conditions"
COMPUTED = "what must be computed is a fact"
WORDS = "write && for and, || for or, ! for not"
REFUSED: list[tuple[str, int, int, str, str]] = [
    ('model.opennes == "open"', 1, 1, "unknown fact 'model.opennes'", "did you mean model.openness?"),
    (
        'model.openness == "open" && model.open',
        1,
        29,
        "unknown fact 'model.open'",
        "did you mean model.openness?",
    ),
    ('model.license == "é" && zzz', 1, 25, "unknown fact 'zzz'", ""),
    (
        "model.special_purpose &&\n  modle.owner",
        2,
        3,
        "unknown fact 'modle.owner'",
        "did you mean model.owner?",
    ),
    ("model.openness != open", 1, 19, "unknown fact 'open'", 'put it in quotes: "open"'),
    ("model.openness in [closed, open]", 1, 20, "unknown fact 'closed'", 'put it in quotes: "closed"'),
    ("destination.country == DE", 1, 24, "unknown fact 'DE'", 'put it in quotes: "DE"'),
    ("supp10-14 in operator.security_standards", 1, 1, "unknown fact", 'put it in quotes: "supp10-14"'),
    ("veu and not model.special_purpose", 1, 5, "'and' is no operator of conditions", WORDS),
    ("not veu", 1, 1, "'not' is no operator of conditions", WORDS),
    ('veu &&\n  model.license == "this and that" OR veu', 2, 36, "'OR' is no operator of conditions", WORDS),
    ('model.openness = "open"', 1, 16, "Syntax error", "write == to compare"),
    ("veu & model.special_purpose", 1, 5, "Syntax error", "write && for and"),
    ("veu | model.special_purpose", 1, 5, "Syntax error", "write || for or"),
    (f"{OPERATIONS} > 10^25", 1, 31, "Syntax error", "such as 1.0e25"),
    (f"{OPERATIONS} > 5\u00d710^25", 1, 30, "Syntax error", "such as 1.0e25"),
    (f'{OPERATIONS} > "5e25"', 1, 27, "types do not fit", "write 5.0e25, without quotes"),
    (f'"10^25" <= {OPERATIONS}', 1, 9, "types do not fit", "write 1.0e25, without quotes"),
    ("values.limt > 1.0", 1, 1, "unknown fact 'values.limt'", "did you mean values.limit?"),
    ('model.openness == "Closed"', 1, 19, "'Closed' is no value of model.openness", "did you mean 'closed'?"),
    ('model.openness == "opne"', 1, 19, "'opne' is no value of model.openness", "did you mean 'open'?"),
    ('model.openness in ["open", "clsoed"]', 1, 28, "'clsoed' is no value", "did you mean 'closed'?"),
    ("model.openness == values.wrong", 1, 25, "'opne' is no value of model.openness", "did you mean 'open'?"),
    ('destination.country == "UK"', 1, 24, "'UK' is not a country code", "did you mean GB?"),
    ('destination.country == "Germany"', 1, 24, "'Germany' is not a country code", "write DE"),
    ("destination.country in values.uk", 1, 30, "'UK' is not a country code", "did you mean GB?"),
    ('destination.country == "de"', 1, 24, "'de' is no value of destination.country", "did you mean 'DE'?"),
    ('"NVEUX" in operator.authorizations', 1, 1, "'NVEUX' is no value", "did you mean 'NVEU'?"),
    ('"soc2" in operator.security_standards', 1, 1, "'soc2' is no value", "one of supp10-14"),
    ('activity == "hosting"', 1, 13, "'hosting' is no value of activity", "did you mean 'host'?"),
    ('as_of > "2025-1-5"', 1, 9, "'2025-1-5' is not a day", "write it as YYYY-MM-DD"),
    ('as_of > "2025-02-30"', 1, 9, "'2025-02-30' is not a day", "write it as YYYY-MM-DD"),
    ("destination.tier == 4", 1, 21, "destination.tier is 4, needed 1, 2 or 3", ""),
    (f"{OPERATIONS} > -1.0", 1, 29, "needed a finite number of at least 0", ""),
    (f"{OPERATIONS} > 1e400", 1, 29, "needed a finite number of at least 0", ""),
    (
        f"{OPERATIONS} > 3",
        1,
        27,
        "types do not fit: '_>_' applied to '(double, int)'",
        "write numbers with a point",
    ),
    ("destination.tier < 2.0", 1, 18, "types do not fit: '_<_' applied to '(int, double)'", ""),
    ("model.openness == 1", 1, 16, "types do not fit: '_==_'", ""),
    ("model.openness == null", 1, 16, "types do not fit: '_==_'", ""),
    ('model.special_purpose && "a"', 1, 23, "types do not fit: '_&&_' applied to '(bool, string)'", ""),
    ("destination.tier in values.some", 1, 18, "types do not fit: '@in'", ""),
    ("model.openness", 1, 1, "the condition is a string, needed true or false", "compare it with something"),
    (OPERATIONS, 1, 1, "the condition is a double, needed true or false", "compare it with something"),
    ('"x"', 1, 1, "the condition is a string, needed true or false", "compare it with something"),
    ("has(model.openness)", 1, 1, "has() is refused", "leave it out"),
    ("!  has (model.openness)", 1, 4, "has() is refused", "leave it out"),
    (
        r'model.license == r"\" || has(model.owner) || model.license == "x"',
        1,
        26,
        "has() is refused",
        "leave it out",
    ),
    ('model.special_purpose // "\n || has(model.owner) // "', 2, 5, "has() is refused", "leave it out"),
    ('"""\\"""" == model.license || has(model.owner)', 1, 30, "has() is refused", "leave it out"),
    (f"{OPERATIONS} + 1.0 > 2.0", 1, 27, NO_ARITHMETIC, COMPUTED),
    (f"{OPERATIONS} + 1 > 2.0", 1, 27, NO_ARITHMETIC, COMPUTED),
    (f"{OPERATIONS} > values.limit * 2", 1, 42, NO_ARITHMETIC, COMPUTED),
    ("model.finetune_share > 1.0 / 3.0", 1, 28, NO_ARITHMETIC, "1/3 is a named value with unit: ratio"),
    (f"{OPERATIONS} % 2 == 0", 1, 27, NO_ARITHMETIC, COMPUTED),
    (f"-{OPERATIONS} < 1.0", 1, 1, NO_ARITHMETIC, COMPUTED),
    (
        f"{OPERATIONS} > 2.0 * 3.0",
        1,
        33,
        NO_ARITHMETIC,
        COMPUTED,
    ),
    ("1.0 < 2.0", 1, 5, NEEDS, "compares facts"),
    ("values.limit > 1.0", 1, 14, NEEDS, "compares facts"),
    ("model.openness == model.base_openness", 1, 16, NEEDS, "compares facts"),
    ("model.special_purpose == veu", 1, 26, "needed a literal or a named value", "derived fact"),
    (
        "(destination.tier == 1) == model.special_purpose",
        1,
        19,
        "needed a literal or a named value",
        "derived fact",
    ),
    ('model.openness < "open"', 1, 16, "model.openness has no order", "compares facts"),
    ("model.special_purpose < true", 1, 23, "model.special_purpose has no order", "compares facts"),
    ('destination.country >= "DE"', 1, 21, "destination.country has no order", "compares facts"),
    (
        "operator.authorizations == []",
        1,
        25,
        "operator.authorizations is a list: test membership with in",
        "",
    ),
    ("operator.authorizations == operator.security_standards", 1, 25, NEEDS, ""),
    ('operator.authorizations[0] == "UVEU"', 1, 28, NEEDS, ""),
    ("model.openness in operator.authorizations", 1, 6, "needed a literal or a named value", "derived fact"),
    ('"x" in ["x"]', 1, 5, "in needs a fact on one side", "compares facts"),
    (
        "model.openness in {'open': 1}",
        1,
        19,
        "in needs a list of literals, a named list or a list-valued fact",
        "",
    ),
    ("model.openness in [model.base_openness]", 1, 25, "needed a literal or a named value", "derived fact"),
    ('model.openness.startsWith("o")', 1, 26, "startsWith is not supported in conditions", "compares facts"),
    ('model.openness.matches("o.*")', 1, 23, "matches is not supported in conditions", "compares facts"),
    ("size(model.openness) > 3", 1, 22, NEEDS, "compares facts"),
    (
        '["a"].exists(x, x == model.openness)',
        1,
        13,
        "this form is not supported in conditions",
        "compares facts",
    ),
    ('model.labels.all(l, l == "a")', 1, 17, "this form is not supported in conditions", "compares facts"),
    ('{"a": true}["a"]', 1, 12, "[_] is not supported in conditions", "compares facts"),
    ("dyn(model.special_purpose)", 1, 1, "the condition is a dyn, needed true or false", "compare it"),
    ("destination.tier == 1u", 1, 18, "types do not fit", ""),
    ('b"x" == b"x"', 1, 6, NEEDS, "compares facts"),
    ("cel.bind(x, true, x)", 1, 10, "unknown fact 'x'", ""),
    ("", 1, 1, "Syntax error", ""),
    ('model.openness == "open" &&', 1, 28, "Syntax error", ""),
    ("model.special_purpose == (true", 1, 31, "Syntax error", ""),
]


def refusal(text: str, scope: Scope = SCOPE) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, scope)
    return caught.value


@pytest.mark.parametrize(("text", "condition"), ACCEPTED, ids=[text for text, _ in ACCEPTED])
def test_accepted(text: str, condition: Condition) -> None:
    assert compile_condition(text, SCOPE) == condition


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    REFUSED,
    ids=[entry[0].replace("\n", " ") for entry in REFUSED],
)
def test_refused_with_its_place_and_what_to_do(
    text: str, line: int, column: int, message: str, hint: str
) -> None:
    error = refusal(text)
    assert message in error.message
    assert (error.line, error.column) == (line, column)
    assert hint in error.hint
    assert (error.exit, error.code) == (Exit.INPUT, "condition")


def test_length_is_bounded() -> None:
    fits = "model.special_purpose" + " " * (MAX_CONDITION - 21)
    assert compile_condition(fits, SCOPE) == SPECIAL
    assert "longer than 10000 characters" in refusal(fits + " ").message


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MAX_NESTING + 1) + "true" + ")" * (MAX_NESTING + 1),
        "!(" * MAX_NESTING + "true" + ")" * MAX_NESTING,
        "model.special_purpose ? true : " * 40 + "true",
        "<".join(["true"] * 100),
    ],
    ids=["brackets", "negations", "choices", "comparisons"],
)
def test_nesting_is_bounded_and_says_so(text: str) -> None:
    error = refusal(text)
    assert "nested deeper than" in error.message
    assert error.hint == "split it with define:"


def test_a_long_flat_condition_is_no_deep_one() -> None:
    text = " && ".join(["model.special_purpose"] * 400)
    assert isinstance(compile_condition(text, SCOPE), And)
    assert compile_condition("!" * 9000 + "true", SCOPE) == Const(True)


def test_definitions_that_double_each_other_are_refused() -> None:
    definitions: dict[str, Condition] = {"d0": SPECIAL}
    for level in range(1, 13):
        text = f"d{level - 1} && d{level - 1}"
        definitions[f"d{level}"] = compile_condition(text, Scope({}, definitions))
    assert "more than 10000 parts" in refusal("d12 && d12", Scope({}, definitions)).message


def test_definitions_that_nest_each_other_are_refused() -> None:
    definitions: dict[str, Condition] = {"d0": SPECIAL}
    for level in range(1, 200):
        definitions[f"d{level}"] = compile_condition(f"!d{level - 1}", Scope({}, definitions))
    assert "or 200 levels" in refusal("!d199", Scope({}, definitions)).message


def test_nesting_counts_the_deepest_brackets() -> None:
    assert nesting("") == 0
    assert nesting("(a) && [b, {c}]") == 2
    assert nesting(")))((") == 0
