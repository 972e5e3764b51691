"""Every code of a finding: how much it weighs, what it means, and what to do. ``docs/lint.md`` is made from this table."""

from __future__ import annotations

from weightgate.files.codes import Code, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_TABLE = (
    Code("not_utf8", _ERROR, "The file is not UTF-8.", "Save it as UTF-8."),
    Code("yaml", _ERROR,
         "The file is not the YAML that packs are written in: anchors, aliases, tags, merge keys and keys that are "
         "there twice are refused too.",
         "Mend it at the place named; write values out instead of referring to them.", general=True),
    Code("too_large", _ERROR, "The pack, its conditions or its dates outgrow a bound, which is named.",
         "Split the pack, or let rows change together."),
    Code("pack_schema", _ERROR, "A key is missing, or a value is not of the form that the pack format asks for.",
         "Write what was needed.", general=True),
    Code("unknown_key", _ERROR, "A key that the pack format does not know. The nearest known one is named.",
         "Mend its spelling, or leave it out."),
    Code("no_source", _ERROR, "A rule, value, row, status or switch says of itself no place in a source.",
         "Write `cites:` or `cite:` with a source of `sources:` and the place in it."),
    Code("policy", _ERROR,
         "Parts of the pack do not fit each other: a source that does not exist, a name that is there twice, a gap or "
         "an overlap in time; or a value is not what a condition needs that uses it.",
         "Mend it at the place named.", general=True),
    Code("condition", _ERROR,
         "A condition cannot be read: an unknown fact, a literal that is no value of its fact, types that do not fit, "
         "or a form that conditions do not have. Each condition of the pack is looked at.",
         "Mend it at the place named.", general=True),
    Code("diagram_too_large", _ERROR, "The decision diagram of the pack outgrows its bound.",
         "Compare fewer facts in one rule, or split the pack."),
    Code("no_cases", _WARNING, "No case lies beside the pack.", "Write cases to `tests/NAME.yaml` beside the pack."),
    Code("bad_cases", _WARNING, "A file of cases does not load, so that nothing is known of what the cases show.",
         "Mend the case at the place named."),
    Code("untested_rule", _WARNING, "No case beside the pack makes the rule certainly apply.",
         "Write a case in which it applies."),
    Code("uncited_source", _WARNING, "Nothing in the pack cites the source.", "Cite it where it is relied on, or leave it out."),
    Code("no_remedy", _WARNING, "A rule, or the default, asks for a licence or denies, and names no way out.",
         "Say under `remedy:` what someone whom it stops can do."),
    Code("not_lifted", _WARNING,
         "With a licence in scope, and nothing else changed, the verdict is still stricter than allow_with_conditions, "
         "although a licence is what was asked for. A default never yields to one.",
         "Let the rule apply with a licence as without: it yields of itself. Write a rule instead of a default that asks "
         "for a licence."),
    Code("license_by_name", _WARNING, "A condition tests whether a LICENSE is held.",
         "Leave it out: every rule that asks for a licence yields to one in scope."),
    Code("never_true", _WARNING, "The rule applies to no facts at all, on no day and in no reading of the switches.",
         "Mend its condition or its days, or leave the rule out."),
    Code("always_overruled", _WARNING,
         "Wherever the rule applies, a stricter rule applies too, in every reading: it never decides.",
         "Mend its condition or its verdict, or leave it out."),
    Code("same_rule", _WARNING, "Two rules have the same verdict for the same facts, activities and days.",
         "Keep one, with the sources of both."),
    Code("ratio_beside_parts", _WARNING,
         "A rule compares a ratio and one of the facts that it is computed from. The two are looked at apart, so their "
         "link is lost where one of them is unknown, and verdicts count as possible that are not.",
         "Compare the ratio alone, or its parts."),
    Code("literal_threshold", _WARNING, "A condition compares a fact with a number or a day that has no source; zero needs none.",
         "Make it a named value, with its source, and compare with `values.NAME`."),
    Code("literal_countries", _WARNING, "A condition lists countries or parts of countries, and the list has no source.",
         "Make it a named value, with its source, and test membership in `values.NAME`."),
    Code("other_unit", _WARNING, "A named value is compared with a fact of another unit; both are named.",
         "Give the value in the unit of the fact, or compare it with another fact."),
    Code("unused", _WARNING, "No rule and no invariant uses a value, a definition, a switch or a table.", "Use it, or leave it out."),
    Code("idle_switch", _WARNING, "A reading of a switch changes neither a verdict nor which rules apply.",
         "Name the switch in the conditions that the question is about, or leave it out."),
    Code("looser_default", _WARNING, "The default of a switch is looser, for some facts, than another of its readings.",
         "Let the strict reading be the default; `policy prove` shows the facts."),
    Code("table_gap", _WARNING,
         "On some days no row of a table is in force, or a country that has a row before and after has none, so that it "
         "silently falls to `otherwise`.",
         "Let a row begin with the pack, and each the day after the one before it ends; or let a row say so, with its source."),
    Code("known_missing", _WARNING,
         "Something begins after the day on which its source was published, and does not say since when it is known. "
         "Whoever asks what was known before its first day will not see it.",
         "Write `known:`, the day on which it became known."),
    Code("unexplained_grade", _WARNING,
         "A value of grade U has no note that speaks of the strict or stricter reading that is taken.",
         "Write a `note:` that says what is uncertain, and which reading is the stricter one that is taken."),
    Code("bad_invariant", _WARNING, "What an invariant says of a fact has no meaning, so that it cannot be proved.",
         "Write it as FACT grows, FACT shrinks, FACT gets stricter, FACT loses MEMBER, FACT loses anything or FACT gains "
         "MEMBER, with a fact of the kind that can."),
    Code("same_id", _WARNING,
         "One identifier names two things: rules, invariants and conditions share one space of names, and a condition "
         "may recur with the same text only.",
         "Give one of them another identifier."),
    Code("kept_for_its_reasons", _NOTE,
         "Without the rule every verdict would be the same, for the default or other rules say as much. It is kept for the "
         "reason, the source and the remedy that it gives.",
         "Nothing, if that is what it is for."),
    Code("contained_rule", _NOTE, "Wherever the rule applies, another with the same verdict applies too.",
         "Nothing, if it gives a reason of its own; else leave it out."),
    Code("idle_activity", _NOTE, "A rule names an activity for which its condition can never be true.",
         "Leave the activity out, or mend the condition."),
    Code("switch_of_reasons", _NOTE, "A reading of a switch changes which rules apply, and no verdict.",
         "Nothing, if reasons or conditions are what it is about."),
    Code("row_says_otherwise", _NOTE, "A row gives a country the very value that `otherwise` has.",
         "Nothing, if the row is there for its source."),
    Code("not_looked_at", _NOTE, "Something outgrows what lint looks at, so that findings may be missing.",
         "Split the pack, or its switches."),
)  # fmt: skip

CODES: dict[str, Code] = {code.name: code for code in _TABLE}
"""Every code by its name, gravest first."""


def page() -> str:
    """The page of documentation about the codes, in Markdown."""
    text = (
        "# What `policy lint` finds\n\n"
        "`weightgate policy lint [PACK]…` looks at the shipped packs, or at those named. It ends with 7 when there is an "
        "error or a warning, and with 0 when there is nothing but notes. A pack that does not load is a finding like any "
        "other; a path that does not exist is exit 4.\n\n"
        "What is said of all readings is said of every combination of the pack's switches, on every day, as everything is "
        "known today; of a pack with rules of their own status, as written and in force.\n\n"
        "What an invariant is said under is an expectation and no law: it may name literals and licences.\n"
    )
    for severity in Severity:
        head = {"error": "the pack does not load", "warning": "exit 7", "note": "exit 0"}[severity]
        text += (
            f"\n## {severity.capitalize()}s: {head}\n\n| code | meaning | what to do |\n| --- | --- | --- |\n"
        )
        for code in CODES.values():
            if code.severity is severity:
                text += f"| `{code.name}` | {code.meaning} | {code.fix} |\n"
    return text
