"""A lenient reading of a pack that was to go unseen, or unasked."""

from __future__ import annotations

import json

import pytest

import weightgate
from tests.cli.shell import Shell
from tests.policy.samples import HEAD, named, rule, rules
from weightgate.policy.cache import load_compiled
from weightgate.policy.reading import Reading
from weightgate.policy.source import find_pack
from weightgate.signing.keys import generate, write_pair

SWITCHES = """\
switches:
  doubt:
    title: Does the law mean it?
    default: strict
    readings: {strict: It does., lenient: It does not.}
    cites: [{source: law, place: section 7}]
"""
PACK = HEAD + SWITCHES + rules(rule('switches.doubt == "lenient" && activity == "host"'))
ASKED = ("check", "./m", "--to", "DE", "--policy", "./p.yaml")
SAID = "Read with sample.doubt = lenient, not strict."


@pytest.fixture
def pack(shell: Shell) -> Shell:
    """A folder with a pack that allows in its lenient reading alone."""
    shell.write("p.yaml", PACK)
    return shell


def test_a_lenient_reading_is_said_on_the_page(pack: Shell) -> None:
    assert pack.here(*ASKED).code == 1
    done = pack.here(*ASKED, "--set", "sample.doubt=lenient")
    assert done.code == 0
    assert SAID in done.out
    assert SAID not in pack.here(*ASKED, "--set", "sample.doubt=strict").out


def test_a_lenient_reading_from_the_environment_is_said_too(pack: Shell) -> None:
    done = pack(*ASKED, WEIGHTGATE_SET="sample.doubt=lenient")
    assert (done.code, SAID in done.out) == (0, True)


def test_a_verifier_is_told_of_a_lenient_reading(pack: Shell) -> None:
    write_pair(generate(), pack.folder / "k.pem", pack.folder / "k.pem.pub")
    signed = ("--attest", "a.json", "--key", "k.pem", "--set", "sample.doubt=lenient")
    assert pack.here(*ASKED, *signed).code == 0
    done = pack.here("verify", "a.json", "--key", "k.pem.pub", "--replay")
    assert done.code == 0
    assert SAID in done.out


def test_a_compiled_pack_of_another_reading_is_never_taken(pack: Shell) -> None:
    source = find_pack(str(pack.folder / "p.yaml"))
    lenient = load_compiled(source, Reading(switches={"doubt": "lenient"}))
    strict = load_compiled(source)
    assert (lenient.chosen, strict.chosen) == ({"doubt": "lenient"}, {"doubt": "strict"})
    world = {"operator.authorizations": frozenset[str]()}
    verdicts = [str(p.spans[0].activities["host"].verdict(world)) for p in (lenient, strict)]
    assert verdicts == ["allow", "deny"]


def test_a_cached_file_moved_to_the_place_of_the_strict_reading_is_not_read(pack: Shell) -> None:
    assert pack(*ASKED, "--set", "sample.doubt=lenient", XDG_CACHE_HOME=str(pack.folder / "c")).code == 0
    folder = pack.folder / "c" / "weightgate" / "packs"
    heads = {path: json.loads(path.read_bytes())["pack"]["head"] for path in folder.iterdir()}
    files = {path: head["chosen"]["doubt"] for path, head in heads.items() if head["name"] == "sample"}
    assert sorted(files.values()) == ["lenient", "strict"]
    strict = next(path for path, reading in files.items() if reading == "strict")
    strict.write_bytes(next(path for path, reading in files.items() if reading == "lenient").read_bytes())
    assert pack(*ASKED, XDG_CACHE_HOME=str(pack.folder / "c")).code == 1


@pytest.mark.parametrize(
    ("switch", "code"),
    [("doubt", "unknown_switch"), ("other.doubt", "unknown_switch"), ("sample.other.doubt", "unknown_switch"),
     ("sample.doubts", "unknown_switch"), ("sam.ple.doubt", "unknown_switch"), (".doubt", "unknown_switch")],
)  # fmt: skip
def test_a_reading_that_no_pack_takes_is_refused(pack: Shell, switch: str, code: str) -> None:
    done = pack.here(*ASKED, "--set", f"{switch}=lenient", "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)


def test_a_reading_given_to_one_pack_is_not_read_by_another_whose_name_begins_alike(pack: Shell) -> None:
    pack.write("q.yaml", named(PACK, "sample.doubt"))
    both = (*ASKED, "--policy", "./q.yaml", "--output", "json", "--set")
    done = pack.here(*both, "sample.doubt.doubt=lenient")
    read = {name: taken["value"] for name, taken in done.json["switches"].items()}
    assert read == {"sample.doubt": "strict", "sample.doubt.doubt": "lenient"}
    assert done.code == 1


def test_the_gate_of_a_lenient_reading_says_so(pack: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pack.folder)
    with weightgate.gate("./m", "DE", policy="./p.yaml", switches={"sample.doubt": "lenient"}) as decision:
        assert decision.switches == {"sample.doubt": {"value": "lenient", "default": "strict"}}


def test_knowing_less_than_today_is_a_what_if(pack: Shell) -> None:
    later = PACK.replace("status:\n", "status:\n", 1).replace(
        "verdict: allow\n", "verdict: allow\n    until: 2026-01-31\n", 1
    )
    pack.write("p.yaml", later)
    lenient = ("--set", "sample.doubt=lenient")
    assert pack.here(*ASKED, *lenient).code != 0
    done = pack.here(*ASKED, *lenient, "--known-at", "2025-06-01", "--output", "json")
    assert done.code == 0
    assert "the law as known on 2025-06-01" in done.json["hypothetical"]
    refused = pack.here("guard", *ASKED[1:], *lenient, "--known-at", "2025-06-01", "--", "true")
    assert "hypothetical" in refused.err
