from __future__ import annotations

import re

from tests.cli.shell import Shell
from tests.policy.prove.packs import DRAFT, LARGE, NOT_OPEN, invariant, never, pack
from tests.policy.samples import VALUES, place_of, rule
from weightgate.policy.source import shipped_packs


def test_the_command_says_what_holds(shell: Shell) -> None:
    done = shell.here("policy", "prove", DRAFT)
    assert done.code == 0
    assert re.match(rf"{DRAFT} 1\.\d+\.\d+: (\d+) of \1 claims hold\n", done.out)
    assert (
        "  for all facts, on 3 stretches of days, as known on 4 days, in 2 of 2 combinations of switches\n"
        in done.out
    )
    assert "  holds more-operations: More training operations never loosen the verdict" in done.out
    data = shell.here("policy", "prove", DRAFT, "--output", "json").json
    assert (data["schema"], data["proved"], data["findings"]) == ("weightgate/policy-prove/v1", True, 0)
    assert {claim["kind"] for claim in data["packs"][0]["claims"]} == {"invariant", "switch", "default"}


def test_the_command_shows_counterexamples_and_ends_with_7(shell: Shell) -> None:
    text = pack(
        rule(LARGE),
        claims=(never("model.training_operations grows"), invariant("at_least: deny", "ban")),
        more=VALUES,
    )
    shell.write("mine/pack.yaml", text)
    done = shell.here("policy", "prove", "./mine")
    assert done.code == 7
    where = f"mine/{place_of(text, 'model.training_operations grows').replace('sample', 'pack')}"
    assert (
        f"{where}: claim: with model.training_operations from 5.0e25 to 1.0e26, deny becomes allow"
        in " ".join(done.out.split())
    )
    assert "\n    model.training_operations: 1.0e26\n  expect: allow\n" in done.out
    assert "  FAILS claim: Claim claim\n" in done.out
    data = shell.here("policy", "prove", "./mine", "--output", "json")
    assert (data.code, data.json["findings"], data.json["proved"]) == (7, 2, False)
    shell.write(
        "mine/tests/shown.yaml", "".join(c for f in data.json["packs"][0]["findings"] for c in f["cases"])
    )
    tested = shell.here("policy", "test", "./mine", "--output", "json").json
    assert (tested["failed"], tested["passed"]) == (0, 3)


def test_the_command_proves_all_shipped_packs_unless_told_otherwise(shell: Shell) -> None:
    done = shell.here("policy", "prove", "--output", "json")
    assert done.code == 0
    assert [one["pack"] for one in done.json["packs"]] == list(shipped_packs())


def test_errors_of_the_command(shell: Shell) -> None:
    assert shell.here("policy", "prove", "no-such-pack").code == 4
    shell.write("mine/pack.yaml", pack(rule(NOT_OPEN), claims=(never("model.opennes gets stricter"),)))
    done = shell.here("policy", "prove", "./mine", "--output", "json")
    assert done.code == 4
    assert done.json["error"]["hint"] == "did you mean model.openness?"
    assert re.match(r"mine/pack\.yaml:\d+:\d+$", done.json["error"]["where"])
