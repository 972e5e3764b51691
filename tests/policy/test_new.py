"""A new pack from the template: whole, under its own name and day, and over nothing that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from weightgate.errors import Exit, UsageError
from weightgate.files.yaml import read_yaml
from weightgate.policy.cases import case_files, run_cases, untested
from weightgate.policy.new import FILES, TEMPLATE_DAY, new_pack
from weightgate.policy.pack import Pack
from weightgate.policy.prove.proving import prove
from weightgate.policy.source import TEMPLATE, find_pack, shipped_packs

TODAY = "2026-11-24"


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_template_is_a_shipped_pack() -> None:
    assert TEMPLATE in shipped_packs()


def test_the_new_folder_holds_every_file_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    assert new_pack("acme", tmp_path, TODAY) == tmp_path / "acme"
    assert files_below(tmp_path) == {f"acme/{file}" for file in FILES}
    assert [path.name for path in tmp_path.iterdir()] == ["acme"]


@pytest.mark.parametrize("name", ["acme", "acme-models", "acme_models.2", "a1"])
def test_the_pack_has_its_own_name_and_passes_its_cases(tmp_path: Path, name: str) -> None:
    source = find_pack(str(new_pack(name, tmp_path, TODAY)))
    assert Pack(source).document.name == name
    results = run_cases(source, case_files(source))
    assert results
    assert [str(r) for r in results if not r.passed] == []
    assert untested(source, results) == []


def test_what_it_declares_of_itself_is_proved(tmp_path: Path) -> None:
    source = find_pack(str(new_pack("acme", tmp_path, TODAY)))
    proof = prove(source)
    assert proof.findings == ()
    declared = {one.id for one in Pack(source).document.invariants}
    assert declared <= {claim.id for claim in proof.claims}


@pytest.mark.parametrize("today", [TODAY, "2024-02-29", "2031-07-01"])
def test_everything_in_it_begins_on_the_day_it_was_written(tmp_path: Path, today: str) -> None:
    pack = Pack(find_pack(str(new_pack("acme", tmp_path, today))))
    assert pack.begins == today
    assert {row.from_ for rows in pack.document.values.values() for row in rows} == {today}
    assert {source.published for source in pack.document.sources.values()} == {today}
    assert [standing.start for standing in pack.standings] == [today]


@pytest.mark.parametrize("file", FILES)
def test_no_trace_of_the_template_is_left(tmp_path: Path, file: str) -> None:
    text = (new_pack("acme", tmp_path, TODAY) / file).read_text(encoding="utf-8")
    for trace in (TEMPLATE, TEMPLATE_DAY, "./NAME", "new NAME"):
        assert trace not in text


def test_it_says_the_same_as_the_template_but_for_name_and_days(tmp_path: Path) -> None:
    template = find_pack(TEMPLATE).text.decode()
    written = find_pack(str(new_pack("acme", tmp_path, TEMPLATE_DAY))).text.decode()
    rules = template[template.index("\nrules:") :]
    assert (
        rules[: rules.index("`weightgate")]
        == written[written.index("\nrules:") :].partition("`weightgate")[0]
    )


def test_every_part_of_the_template_is_explained() -> None:
    path = shipped_packs()[TEMPLATE]
    lines = path.read_text(encoding="utf-8").splitlines()
    for key in read_yaml(path).data:
        if key in ("schema", "version", "title", "summary"):
            continue
        index = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
        assert lines[index - 1].startswith("#"), key


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_nothing_is_written_over(tmp_path: Path, there: str) -> None:
    target = tmp_path / "acme"
    if there == "folder":
        target.mkdir()
    elif there == "file":
        target.write_text("mine", encoding="utf-8")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError) as caught:
        new_pack("acme", tmp_path, TODAY)
    assert (caught.value.code, caught.value.where) == ("exists", str(target))
    assert caught.value.message == "there is something of that name already"
    assert [path.name for path in tmp_path.iterdir()] == ["acme"]
    assert there != "file" or target.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Acme Models", "did you mean acme-models?"),
        ("Acme", "did you mean acme?"),
        ("a/b", "did you mean a-b?"),
        ("../acme", "Lower-case letters"),
        ("", "Lower-case letters"),
        (".", "Lower-case letters"),
        ("1st", "a letter first"),
        ("a--b", "joined by"),
        ("a" * 81, "at most 80"),
        ("a\nb", "Lower-case letters"),
    ],
)
def test_what_is_no_name_is_refused_with_the_nearest(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        new_pack(name, tmp_path, TODAY)
    assert (caught.value.code, caught.value.exit) == ("bad_name", Exit.INPUT)
    assert caught.value.message.startswith(f"{name!r}"[:100])
    assert hint in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", shipped_packs())
def test_the_name_of_a_shipped_pack_would_find_that_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        new_pack(name, tmp_path, TODAY)
    assert caught.value.code == "bad_name"
    assert caught.value.message == f"{name} is the name of a shipped pack"
    assert f"our-{name}" in caught.value.hint


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        new_pack("acme", tmp_path / "nowhere", TODAY)
    assert (caught.value.code, caught.value.where) == ("unwritable", str(tmp_path / "nowhere" / "acme"))
    assert "No such file" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        new_pack("acme", tmp_path / "file", TODAY)
    assert caught.value.code == "unwritable"
    assert files_below(tmp_path) == {"file"}
