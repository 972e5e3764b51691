"""Results of tests as JUnit XML, which nearly every continuous-integration service reads.

The form is that of the schema of Jenkins' xUnit plugin (``junit-10.xsd``): properties before cases, one failure at most
in a case, and counts that agree. Characters that XML cannot hold are written as escapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from weightgate.records import record


@record
class TestCase:
    """One case.

    Attributes:
        name: What it shows.
        group: What it belongs to, shown as its class.
        file: The file it stands in; empty when there is none.
        line: The line it begins on.
        failure: What was found against what was needed; empty when it passed.
        details: More about the failure, on lines of their own.
    """

    __test__ = False

    name: str
    group: str
    file: str = ""
    line: int = 0
    failure: str = ""
    details: str = ""


@record
class TestSuite:
    """The cases of one subject.

    Attributes:
        name: The subject.
        cases: The cases.
        properties: Numbers about all of them.
    """

    __test__ = False

    name: str
    cases: Sequence[TestCase]
    properties: Mapping[str, str]


def junit(name: str, suites: Sequence[TestSuite]) -> str:
    """The suites as one XML document, with a line end at the end.

    Args:
        name: What ran.
        suites: What it found.
    """
    root = ET.Element("testsuites", {"name": _safe(name), **_counts([c for s in suites for c in s.cases])})
    for suite in suites:
        element = ET.SubElement(root, "testsuite", {"name": _safe(suite.name), **_counts(suite.cases)})
        if suite.properties:
            properties = ET.SubElement(element, "properties")
            for key, value in suite.properties.items():
                ET.SubElement(properties, "property", {"name": _safe(key), "value": _safe(value)})
        for case in suite.cases:
            _case(element, case)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(cases: Sequence[TestCase]) -> dict[str, str]:
    failures = sum(bool(case.failure) for case in cases)
    return {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}


def _case(parent: ET.Element, case: TestCase) -> None:
    place = {"file": _safe(case.file), "line": str(case.line)} if case.file else {}
    element = ET.SubElement(
        parent, "testcase", {"name": _safe(case.name), "classname": _safe(case.group), **place}
    )
    if case.failure:
        failure = ET.SubElement(element, "failure", {"message": _safe(case.failure), "type": "failure"})
        failure.text = _safe(case.details or case.failure)


def _safe(text: str) -> str:
    """The text with everything that is not printable, which covers all that XML refuses, as escapes; line ends stay."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text
    )
