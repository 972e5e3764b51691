"""JUnit XML, held to the schema that continuous-integration services read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.files.junit import TestCase, TestSuite, junit

ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id",
                  "package", "file", "log", "url", "version"},
    "properties": set[str](),
    "property": {"name", "value"},
    "testcase": {"name", "assertions", "time", "classname", "status", "class", "file", "line", "log", "group", "url"},
    "failure": {"type", "message"},
}  # fmt: skip
"""Attributes by element, as in junit-10.xsd of Jenkins' xUnit plugin."""

REQUIRED = {
    "testsuites": {"name"},
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["failure"],
}


def check(text: str) -> ET.Element:
    """The document, if it keeps to the schema."""
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib)
        order = CHILDREN.get(element.tag, [])
        places = [order.index(child.tag) for child in element]
        assert places == sorted(places)
        assert [child.tag for child in element].count("properties") <= 1
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
    for count in ("tests", "failures", "errors"):
        assert int(root.attrib[count]) == sum(int(suite.attrib[count]) for suite in root)
    return root


def test_everything_that_a_result_says() -> None:
    cases = [
        TestCase("passes", "pack.file", "tests/file.yaml", 3),
        TestCase(
            "fails", "pack.file", "tests/file.yaml", 7, "found a, expected b", "the place:\n  the reason"
        ),
        TestCase("fails in one line", "pack", failure="something is missing"),
    ]
    text = junit("the run", [TestSuite("pack", cases, {"covered": "3 of 4"}), TestSuite("empty", [], {})])
    assert (
        text
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="the run" tests="3" failures="2" errors="0">
  <testsuite name="pack" tests="3" failures="2" errors="0">
    <properties>
      <property name="covered" value="3 of 4" />
    </properties>
    <testcase name="passes" classname="pack.file" file="tests/file.yaml" line="3" />
    <testcase name="fails" classname="pack.file" file="tests/file.yaml" line="7">
      <failure message="found a, expected b" type="failure">the place:
  the reason</failure>
    </testcase>
    <testcase name="fails in one line" classname="pack">
      <failure message="something is missing" type="failure">something is missing</failure>
    </testcase>
  </testsuite>
  <testsuite name="empty" tests="0" failures="0" errors="0" />
</testsuites>
"""
    )
    check(text)


@pytest.mark.parametrize(
    ("hostile", "written"),
    [
        ("bell \x07 and escape \x1b[31m", "bell \\x07 and escape \\x1b[31m"),
        ("nothing \x00", "nothing \\x00"),
        ("half \ud800 a pair", "half \\ud800 a pair"),
        ("no character \ufffe \uffff", "no character \\ufffe \\uffff"),
        ("right to left \u202e", "right to left \\u202e"),
        ("a tab\there", "a tab\\there"),
        ("]]> </failure> & \" '", "]]> </failure> & \" '"),
        ("Größe 模型 🦙", "Größe 模型 🦙"),
        ("two\nlines", "two\nlines"),
        ("return\r\n", "return\\r\n"),
    ],
)
def test_hostile_texts_stay_texts(hostile: str, written: str) -> None:
    text = junit(
        hostile, [TestSuite(hostile, [TestCase(hostile, hostile, hostile, 1, hostile)], {hostile: hostile})]
    )
    text.encode()
    root = check(text)
    case, failure = root.find(".//testcase"), root.find(".//failure")
    assert case is not None
    assert failure is not None
    assert (root.attrib["name"], case.attrib["name"], case.attrib["file"]) == (written, written, written)
    assert (failure.attrib["message"], failure.text) == (written, written)


TEXTS = st.text(alphabet=st.characters(codec=None, exclude_categories=()))


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=4), st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_whatever_is_said_the_document_is_well_formed(
    cases: list[tuple[str, str, str]], properties: dict[str, str]
) -> None:
    made = [TestCase(name, "group", file, 1, failure) for name, file, failure in cases]
    text = junit("run", [TestSuite("suite", made, properties)])
    root = check(text)
    failures = [f for _, _, f in cases if f]
    assert root.attrib["failures"] == str(len(failures))
    assert len(root.findall(".//property")) == len(properties)
