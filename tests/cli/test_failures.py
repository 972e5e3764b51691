from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate import errors
from weightgate.cli.failures import describe, in_words, report, targets
from weightgate.errors import Exit, InputError, NotAvailableYet, SignatureError, UnreachableError, UsageError


@pytest.mark.parametrize(
    ("words", "environ", "found"),
    [
        ([], "", [("", "")]),
        (["--output", "json"], "", [("json", "")]),
        (["--output=json"], "", [("json", "")]),
        (["--output", "json=a.json", "--output=text"], "", [("json", "a.json"), ("text", "")]),
        (["--output"], "", [("", "")]),
        (["check", "--", "--output", "json"], "", [("", "")]),
        (["--output", "text"], "json", [("text", "")]),
        ([], "json, text=x", [("json", ""), ("text", "x")]),
    ],
)
def test_the_outputs_asked_for_whatever_else_is_wrong(
    words: list[str], environ: str, found: list[tuple[str, str]]
) -> None:
    got = targets(words, {"WEIGHTGATE_OUTPUT": environ})
    assert sorted(got) == sorted(found)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (UsageError("m", where="w", hint="h"), "usage", 4),
        (InputError("m", where="w", hint="h", code="unreadable"), "unreadable", 4),
        (UnreachableError("m", where="w", hint="h"), "unreachable", 5),
        (SignatureError("m", where="w", hint="h", code="binding"), "binding", 6),
    ],
)
def test_an_error_as_json_and_in_words(error: errors.WeightgateError, code: str, status: int) -> None:
    described = describe(error)
    assert described == {
        "schema": "weightgate/error/v1",
        "error": {"code": code, "message": "m", "where": "w", "hint": "h"},
        "exit": status,
    }
    assert in_words(described) == "error: m\n  at: w\n  hint: h"


def test_what_is_not_known_is_null_and_left_out() -> None:
    described = describe(UsageError("m"))
    assert (described["error"]["where"], described["error"]["hint"]) == (None, None)
    assert in_words(described) == "error: m"


@given(st.text())
def test_no_message_drives_the_terminal(text: str) -> None:
    words = in_words(describe(InputError(text, where=text, hint=text)))
    assert all(c.isprintable() or c == "\n" for c in words)


@given(st.text(max_size=50))
def test_a_defect_is_one_line_whatever_its_message(text: str) -> None:
    described = describe(RuntimeError(text))
    assert described["exit"] == Exit.INTERNAL
    assert "\n" not in in_words(described)
    assert in_words(described).startswith("internal error: RuntimeError: ")


def test_json_goes_to_stdout_and_words_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(NotAvailableYet("x"), ["x", "--output", "json"]) == 4
    out, err = capsys.readouterr()
    assert (json.loads(out)["error"]["code"], err) == ("not_available_yet", "")
    assert report(NotAvailableYet("x"), ["x"]) == 4
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", "error: x is not available yet")
    assert report(NotAvailableYet("x"), ["x", "--output", "json=none.json"]) == 4
    out, err = capsys.readouterr()
    assert json.loads(out)["exit"] == 4
    assert err.startswith("error: ")


def test_a_stale_result_is_replaced_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    earlier = '{"schema": "weightgate/decision/v1"}'
    for name in ["old.json", "r.json", "m/in.json", "other.json"]:
        (tmp_path / name).write_text(earlier, encoding="utf-8")
    (tmp_path / "old.txt").write_text("earlier", encoding="utf-8")
    words = [
        "guard",
        "./m",
        "--output",
        "json=old.json",
        "--output",
        "text=old.txt",
        "--output",
        "json=new.json",
    ]
    report(UsageError("m"), [*words, "--result", "r.json", "--output=json=m/in.json", "--", "other.json"])
    told = capsys.readouterr().err.splitlines()
    assert [line.split()[7] for line in told if line.startswith("note: ")] == ["old.txt,", "m/in.json,"]
    assert json.loads((tmp_path / "old.json").read_text())["exit"] == 4
    assert (tmp_path / "old.txt").read_text() == "earlier"
    result = json.loads((tmp_path / "r.json").read_text())
    assert (result["started"], result["decision"], result["error"]["message"]) == (False, None, "m")
    assert (tmp_path / "m" / "in.json").read_text() == earlier
    assert (tmp_path / "other.json").read_text() == earlier
    assert not (tmp_path / "new.json").exists()


def test_a_stale_result_that_cannot_be_replaced_does_not_hide_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for path in ("folder", "none/x.json", "\0", "x" * 5000):
        assert report(UsageError("m"), ["check", "--output", f"json={path}"]) == 4
        assert json.loads(capsys.readouterr().out)["exit"] == 4


def test_the_traceback_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(ValueError("v"), []) == 70
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setenv("WEIGHTGATE_DEBUG", "1")
    assert report(ValueError("v"), []) == 70
    err = capsys.readouterr().err
    assert "WEIGHTGATE_DEBUG" not in err
    assert "ValueError: v" in err
