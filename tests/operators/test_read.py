"""The operator file: what it may say, what is refused and where, and the way there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.operators.strategies import DIGEST, operators
from weightgate.errors import Exit, InputError
from weightgate.facts.registry import AUTHORIZATIONS
from weightgate.operators.entries import AUTHORIZATION_ENTRY, STANDARD_ENTRY
from weightgate.operators.profile import EVERY, NO_LIMIT, Authorization, Compute, Operator, Standard
from weightgate.operators.read import operator_from_dict, read_operator

CONTRACT = """\
name: Example Cloud
headquarters: AE                 # of the company
ultimate_parent: AE              # where the ultimate parent has its headquarters
security_standards: [{name: supp10-14, attested: 2025-11-01, until: 2026-11-01}]
authorizations: [{kind: NVEU, countries: [AE], from: 2025-06-01, until: 2027-12-31, reference: "48-1"}]
fleet: [{country: US, tpp: 5.0e8}, {country: "NO", tpp: 1e6}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "operator.yaml"


def read(path: Path, text: str) -> Operator:
    path.write_text(text)
    return read_operator(path)


def refused(path: Path, text: str) -> InputError:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_operator(path)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where.startswith(str(path))
    return caught.value


# What it may say


def test_the_file_of_the_contract_is_read(path: Path) -> None:
    found = read(path, CONTRACT)
    assert found == Operator(
        name="Example Cloud",
        headquarters="AE",
        ultimate_parent="AE",
        security_standards=(Standard("supp10-14", "2025-11-01", "2026-11-01"),),
        authorizations=(Authorization("NVEU", ("AE",), "2025-06-01", "2027-12-31", reference="48-1"),),
        fleet=(Compute("US", 5.0e8), Compute("NO", 1e6)),
    )
    assert found.source == str(path)
    assert found.marks["headquarters"] == "2:15"


def test_what_is_left_out_is_unknown(path: Path) -> None:
    found = read(path, "name: A\n")
    assert found.headquarters is None
    assert found.ultimate_parent is None
    assert found.security_standards is None
    assert found.authorizations is None
    assert found.fleet is None


def test_null_is_unknown_too(path: Path) -> None:
    found = read(path, "name:\nheadquarters: null\nsecurity_standards: ~\nauthorizations:\nfleet:\n")
    assert found == Operator()


def test_an_empty_list_says_none(path: Path) -> None:
    found = read(path, "security_standards: []\nauthorizations: []\nfleet: []\n")
    assert (found.security_standards, found.authorizations, found.fleet) == ((), (), ())


def test_norway_is_a_country_and_case_does_not_count(path: Path) -> None:
    found = read(path, "headquarters: NO\nultimate_parent: no\n")
    assert (found.headquarters, found.ultimate_parent) == ("NO", "NO")


def test_dates_left_out_are_no_limit_and_dates_that_are_null_are_unknown(path: Path) -> None:
    found = read(path, "authorizations: [{kind: UVEU}, {kind: UVEU, from: null, until: null}]\n")
    assert found.authorizations is not None
    absent, unknown = found.authorizations
    assert (absent.start, absent.until) == (NO_LIMIT, NO_LIMIT)
    assert (unknown.start, unknown.until) == (None, None)


@pytest.mark.parametrize("entry", ["{name: x}", "{name: x, attested: null}"])
def test_a_standard_without_a_day_of_attestation_has_an_unknown_one(path: Path, entry: str) -> None:
    found = read(path, f"security_standards: [{entry}]\n")
    assert found.security_standards == (Standard("x", None, NO_LIMIT),)


def test_scopes_left_out_are_no_limit_and_countries_left_out_are_unknown(path: Path) -> None:
    found = read(
        path, "authorizations: [{kind: LICENSE}, {kind: LICENSE, activities: null, models: , sites: }]\n"
    )
    assert found.authorizations is not None
    absent, unknown = found.authorizations
    assert absent.countries is None
    assert (absent.activities, absent.models, absent.sites) == (EVERY, EVERY, EVERY)
    assert (unknown.activities, unknown.models, unknown.sites) == (None, None, None)


def test_everything_an_authorisation_may_say_is_kept(path: Path) -> None:
    found = read(
        path,
        f"""\
authorizations:
  - kind: LICENSE
    countries: [sg, SG, IN]
    from: 2026-01-01
    until: 2026-12-31
    activities: [host, fine_tune]
    models: [{DIGEST.upper().replace("SHA256", "sha256")}]
    sites: [AWS/ap-southeast-1, hall 4]
    reference: D123
    holder: Example Holding
    terms: Report each month.
    conditions: [No transfer., Two guards.]
    caps: {{tpp: 1.0e6}}
    evidence: [{{file: licence.pdf}}]
    notes: ours
""",
    )
    assert found.authorizations == (
        Authorization(
            kind="LICENSE",
            countries=("SG", "IN"),
            start="2026-01-01",
            until="2026-12-31",
            activities=("host", "fine_tune"),
            models=(DIGEST,),
            sites=("aws/ap-southeast-1", "hall 4"),
            reference="D123",
            holder="Example Holding",
            terms=("Report each month.",),
            conditions=("No transfer.", "Two guards."),
            caps={"tpp": 1.0e6},
            evidence=[{"file": "licence.pdf"}],
            notes="ours",
        ),
    )


def test_an_order_demands_a_licence_unless_it_says_more(path: Path) -> None:
    found = read(path, "authorizations: [{kind: ORDER}, {kind: ORDER, verdict: deny}, {kind: AIA}]\n")
    assert found.authorizations is not None
    assert [a.verdict for a in found.authorizations] == ["license_required", "deny", ""]


@pytest.mark.parametrize("kind", AUTHORIZATIONS)
def test_every_kind_of_the_facts_table_is_taken(path: Path, kind: str) -> None:
    found = read(path, f"authorizations: [{{kind: {kind}}}]\n")
    assert found.authorizations is not None
    assert found.authorizations[0].kind == kind


def test_unknown_standards_and_repeated_entries_are_kept(path: Path) -> None:
    found = read(path, "security_standards: [{name: iso-27001}, {name: iso-27001}]\n")
    assert found.security_standards == (Standard("iso-27001", None), Standard("iso-27001", None))


def test_keys_of_later_issues_are_kept(path: Path) -> None:
    found = read(path, "facilities: [{name: hall 4}]\nownership: {state: 10}\n")
    assert found.facilities == [{"name": "hall 4"}]
    assert found.ownership == {"state": 10}


def test_json_is_read_too(path: Path) -> None:
    assert read(path, '{"name": "A", "authorizations": []}') == Operator(name="A", authorizations=())


# What is refused


@pytest.mark.parametrize(
    ("text", "place", "said", "hint"),
    [
        ("", "1:1", "the operator file is empty, needed a mapping", ""),
        ("- a\n", "1:1", "the operator file is ['a'], needed a mapping", ""),
        ("name: 7\n", "1:7", "name is 7, needed text", ""),
        ("name: ''\n", "1:7", "name is '', needed text", ""),
        ("name: A\nheadquaters: AE\n", "2:1", "unknown key 'headquaters'", "did you mean headquarters?"),
        ("zzz: AE\n", "1:1", "unknown key 'zzz'", "known: name, headquarters"),
        ("headquarters: UK\n", "1:15", "'UK' is not a country code", "did you mean GB?"),
        ("ultimate_parent: Germany\n", "1:18", "'Germany' is not a country code", "write DE"),
        ("headquarters: [AE]\n", "1:15", "['AE'] is not a country code", ""),
        ("security_standards: supp10-14\n", "1:21", "security_standards is 'supp10-14', needed a list", "[]"),
        ("security_standards: {}\n", "1:21", "security_standards is {}, needed a list", ""),
        ("security_standards: [supp10-14]\n", "1:22", "a security standard is 'supp10-14', needed a map", ""),
        ("security_standards: [{}]\n", "1:22", "name is None, needed a name, such as supp10-14", ""),
        ("security_standards:\n- {name: a, atested: 2026-01-01}\n", "2:13", "unknown key 'atested'", "attested?"),
        ("security_standards:\n- {name: a, attested: 2026-02-30}\n", "2:23", "'2026-02-30' is not a day", "YYYY"),
        ("security_standards:\n- {name: a, attested: 20260101}\n", "2:23", "20260101 is not a day", "YYYY"),
        ("security_standards:\n- {name: a, attested: 2026-01-02, until: 2026-01-01}\n", "2:42",
         "until 2026-01-01 is before attested 2026-01-02", "inclusive"),
        ("security_standards:\n- {name: a, notes: [x]}\n", "2:20", "notes is ['x'], needed text", ""),
        ("authorizations: [NVEU]\n", "1:18", "an authorisation is 'NVEU', needed a mapping", ""),
        ("authorizations: [{}]\n", "1:18", "kind is None, needed one of UVEU", ""),
        ("authorizations: [{kind: VEU}]\n", "1:25", "'VEU' is no kind of authorisation", "did you mean"),
        ("authorizations: [{kind: nveu}]\n", "1:25", "'nveu' is no kind of authorisation", "did you mean NVEU?"),
        ("authorizations: [{kind: QQQQ}]\n", "1:25", "'QQQQ' is no kind of authorisation", "one of UVEU"),
        ("authorizations:\n- {kind: NVEU, country: [AE]}\n", "2:16", "unknown key 'country'", "countries?"),
        ("authorizations:\n- {kind: NVEU, countries: AE}\n", "2:27", "countries is 'AE', needed a list", "[AE]"),
        ("authorizations:\n- {kind: NVEU, countries: [AE, UK]}\n", "2:32", "'UK' is not a country code", "GB"),
        ("authorizations:\n- {kind: NVEU, from: soon}\n", "2:22", "'soon' is not a day", "YYYY-MM-DD"),
        ("authorizations:\n- {kind: NVEU, from: 2026-01-02, until: 2026-01-01}\n", "2:41",
         "until 2026-01-01 is before from 2026-01-02", "inclusive"),
        ("authorizations:\n- {kind: NVEU, activities: [hosting]}\n", "2:29", "'hosting' is no activity", "host?"),
        ("authorizations:\n- {kind: NVEU, activities: [zzzzzz]}\n", "2:29", "'zzzzzz' is no activity", "one of host"),
        ("authorizations:\n- {kind: NVEU, models: [sha256:12]}\n", "2:25", "'sha256:12' is no model digest", "64"),
        ("authorizations:\n- {kind: NVEU, models: [12]}\n", "2:25", "12 is no model digest", "64"),
        ("authorizations:\n- {kind: NVEU, sites: [7]}\n", "2:24", "site is 7, needed text", ""),
        ("authorizations:\n- {kind: NVEU, sites: [asw/us-east-1]}\n", "2:24", "unknown provider in site", "aws?"),
        ("authorizations:\n- {kind: NVEU, sites: [zz/us-east-1]}\n", "2:24", "unknown provider in site", "one of aws"),
        ("authorizations:\n- {kind: NVEU, verdict: deny}\n", "2:25", "NVEU has no verdict; only an ORDER", ""),
        ("authorizations:\n- {kind: ORDER, verdict: allow}\n", "2:26", "'allow' is no verdict of an order", "deny"),
        ("authorizations:\n- {kind: LICENSE, terms: 7}\n", "2:26", "terms is 7, needed text or a list of texts", ""),
        ("authorizations:\n- {kind: LICENSE, terms: [7]}\n", "2:27", "entry 1 of terms is 7, needed text", ""),
        ("fleet: 5\n", "1:8", "fleet is 5, needed a list", ""),
        ("fleet: [{country: US, tpp: fast}]\n", "1:28", "tpp is 'fast', needed a number of TPP", ""),
        ("fleet: [{country: US, tpp: true}]\n", "1:28", "tpp is True, needed a number of TPP", ""),
        ("fleet: [{country: US, tpp: -1}]\n", "1:28", "tpp is -1, needed a finite number of at least 0", ""),
        (f"fleet: [{{country: US, tpp: 1{'0' * 309}}}]\n", "1:28", "too large for a double", ""),
        ("fleet: [{country: UK, tpp: 1}]\n", "1:19", "'UK' is not a country code", "GB"),
        ("fleet: [{land: US}]\n", "1:10", "unknown key 'land'", "known: country, tpp"),
        ("facilities: hall\n", "1:13", "facilities is 'hall', needed a list or a mapping", ""),
        ("name: A\nname: B\n", "2:1", "key 'name' is there twice", ""),
        ("name: *a\n", "1:7", "alias *a is refused", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_place(path: Path, text: str, place: str, said: str, hint: str) -> None:
    error = refused(path, text)
    assert said in error.message
    assert error.where == f"{path}:{place}"
    assert hint in error.hint


def test_a_file_that_is_not_there_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="cannot read") as caught:
        read_operator(path)
    assert caught.value.where == str(path)


def test_messages_stay_short_whatever_is_in_the_file(path: Path) -> None:
    assert len(refused(path, f"security_standards: {'x' * 100_000}\n").message) <= 300


# There and back


@given(operators())
def test_what_is_written_is_read_back(operator: Operator) -> None:
    again = operator_from_dict(operator.to_dict(), "decision.json")
    assert again == operator
    assert again.digest == operator.digest
    assert again.source == "decision.json"


@given(
    st.permutations(list(operator_from_dict({"name": "A", "headquarters": "DE", "fleet": []}, "").to_dict()))
)
def test_the_order_of_keys_does_not_change_the_digest(keys: list[str]) -> None:
    data: dict[str, Any] = {"name": "A", "headquarters": "DE", "fleet": []}
    reference = operator_from_dict(data, "a").digest
    assert operator_from_dict({key: data[key] for key in keys}, "b").digest == reference


def test_spelling_does_not_change_the_digest_and_content_does() -> None:
    plain = operator_from_dict({"headquarters": "de"}, "").digest
    assert plain == operator_from_dict({"headquarters": "DE", "name": None}, "").digest
    assert plain != operator_from_dict({"headquarters": "DE", "authorizations": []}, "").digest
    assert plain.startswith("sha256:")
    assert len(plain) == len(DIGEST)


def test_none_and_unknown_have_different_digests() -> None:
    known, unknown = ({"authorizations": [{"kind": "UVEU", **more}]} for more in ({}, {"until": None}))
    assert operator_from_dict(known, "").digest != operator_from_dict(unknown, "").digest


def test_data_without_places_is_refused_by_its_source() -> None:
    with pytest.raises(InputError) as caught:
        operator_from_dict({"headquarters": "UK"}, "decision.json: operator")
    assert caught.value.where == "decision.json: operator"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["name", "headquarters", "security_standards", "authorizations", "fleet", "ownership", "x"]
)
entry_keys = st.sampled_from(
    ["kind", "name", "from", "until", "countries", "models", "sites", "tpp", "terms"]
)
odd_entries = st.lists(st.dictionaries(entry_keys, json_values, max_size=4) | json_values, max_size=2)


@given(st.dictionaries(keys, json_values | odd_entries, max_size=4) | json_values)
def test_anything_else_is_refused_or_read_and_never_fails_otherwise(data: Any) -> None:
    try:
        found = operator_from_dict(data, "odd")
    except InputError as error:
        said = error.message
    else:
        assert operator_from_dict(found.to_dict(), "odd") == found
        said = found.digest
    assert said


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("security_standards: [supp10-15]\n", "write - {name: supp10-15, attested: 2026-02-01}"),
        ("security_standards: [iso]\n", "write - {name: supp10-14, attested: 2026-02-01}"),
        ("security_standards: supp10-14\n",
         "write [] for none, or entries such as - {name: supp10-14, attested: 2026-02-01}"),
        ("authorizations: [LICENSE]\n",
         "write - {kind: LICENSE, countries: [NO], from: 2026-01-01, until: 2027-12-31, reference: …}"),
        ("authorizations: [7]\n",
         "write - {kind: NVEU, countries: [NO], from: 2026-01-01, until: 2027-12-31, reference: …}"),
        ("fleet: US\n", "write [] for none"),
        ("", "state what is known, such as headquarters or ultimate_parent or security_standards"),
    ],
)  # fmt: skip
def test_a_list_of_names_is_answered_with_the_entry_to_write(path: Path, text: str, hint: str) -> None:
    assert refused(path, text).hint == hint


def test_the_entries_that_hints_show_are_accepted_as_they_stand(path: Path) -> None:
    path.write_text(f"security_standards:\n- {STANDARD_ENTRY}\nauthorizations:\n- {AUTHORIZATION_ENTRY}\n")
    operator = read_operator(path)
    assert operator.security_standards == (Standard("supp10-14", "2026-02-01"),)
    assert operator.authorizations is not None
    assert operator.authorizations[0].countries == ("NO",)
