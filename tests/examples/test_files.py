"""The files to copy: inputs that load, a pack that passes its cases, hooks and a workflow whose very commands run."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import weightgate
from examples.demo_models import CLOSED, TOKEN, put_models
from tests.examples.conftest import EXAMPLES
from tests.examples.transcript import shell
from tests.hub import LocalHub
from weightgate.errors import Exit
from weightgate.files.yaml import read_yaml

PASSPHRASE = "made up for the test"


@pytest.fixture
def hub(local_hub: LocalHub, environment: dict[str, str], tmp_path: Path) -> LocalHub:
    """The demo's models on a Hub that the environment names."""
    put_models(local_hub, tmp_path / "models")
    environment["HF_ENDPOINT"] = local_hub.endpoint
    return local_hub


def test_the_operator_and_the_facts_decide_a_fine_tune(project: Path, hub: LocalHub) -> None:
    decision = weightgate.check(
        project / "model", "AE", activity="fine_tune", operator=project / "operator.yaml",
        facts=project / "facts.yaml", endpoint=hub.endpoint, token=False,
    )  # fmt: skip
    assert decision.verdict == "license_required"
    assert decision.operator["name"] == "Gulf Example Cloud"
    rests_on = {entry["fact"]: entry["by"] for entry in decision.to_json()["rests_on"]}
    assert rests_on["model.finetune_operations"] == "ml-platform@example.com"
    assert rests_on["model.base_openness"] == "the asker"


def test_the_operator_may_host_closed_weights(project: Path) -> None:
    closed = {"model.openness": "closed"}
    decision = weightgate.check(project / "model", "AE", operator=project / "operator.yaml", facts=closed)
    assert decision.verdict == "allow_with_conditions"


def hooks() -> dict[str, dict[str, Any]]:
    """The pre-commit hooks by their id."""
    (repo,) = read_yaml(EXAMPLES / "pre-commit-config.yaml").data["repos"]
    return {hook["id"]: hook for hook in repo["hooks"]}


def run_hook(name: str, project: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a hook's entry as pre-commit does: split like a shell's words, without a shell, at the root of the repository."""
    hook = hooks()[name]
    assert hook["language"] == "system"
    assert hook["pass_filenames"] == "false" or hook["pass_filenames"] is False
    command = shlex.split(hook["entry"])
    program = shutil.which(command[0], path=environment["PATH"])
    assert program
    return subprocess.run(
        [program, *command[1:]], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", list(hooks()))
def test_a_hook_lets_a_good_commit_pass(name: str, project: Path, environment: dict[str, str]) -> None:
    done = run_hook(name, project, environment)
    assert done.returncode == Exit.OK, done.stdout + done.stderr


def test_the_hook_stops_a_rule_that_fails_its_cases(project: Path, environment: dict[str, str]) -> None:
    pack = project / "house-rules" / "pack.yaml"
    pack.write_text(pack.read_text().replace("[DE, FR, NL]", "[DE, FR, NL, JP]"))
    done = run_hook("weightgate-policy", project, environment)
    assert done.returncode == Exit.FINDINGS
    assert "closed weights leave for a country that is not on the list" in done.stdout


def test_the_hook_stops_a_model_whose_operator_changes_hands(
    project: Path, environment: dict[str, str]
) -> None:
    operator = project / "operator.yaml"
    operator.write_text(operator.read_text().replace("ultimate_parent: AE", "ultimate_parent: CN"))
    facts = project / "closed.yaml"
    facts.write_text("model.openness: closed\n")
    environment["WEIGHTGATE_FACTS"] = str(facts)
    done = run_hook("weightgate-model", project, environment)
    assert done.returncode == Exit.LICENSE_REQUIRED
    assert "[tier-3-operator]" in done.stdout


def workflow() -> dict[str, Any]:
    """The workflow; ``on`` is a word in YAML 1.2, not a truth value."""
    data: dict[str, Any] = read_yaml(EXAMPLES / "github-actions.yml").data
    return data


def steps(job: str) -> dict[str, dict[str, Any]]:
    """A job's steps that run something, by name."""
    return {step["name"]: step for step in workflow()["jobs"][job]["steps"] if "run" in step}


class Runner:
    """Runs a workflow's steps as GitHub's runner does: ``bash -e``, the workflow's variables, secrets filled in."""

    def __init__(
        self, folder: Path, environment: dict[str, str], secrets: dict[str, str], **variables: str
    ) -> None:
        self.folder, self.secrets = folder, secrets
        self.summary = folder / "summary.md"
        self.environment = environment | workflow()["env"] | variables
        self.environment["GITHUB_STEP_SUMMARY"] = str(self.summary)

    def run(self, step: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        """Run one step."""
        own = {name: self._filled(text) for name, text in step.get("env", {}).items()}
        script = self.folder / "step.sh"
        script.write_text(step["run"])
        return shell(str(script), self.folder, self.environment | own, ("--noprofile", "--norc", "-e"))

    def _filled(self, text: str) -> str:
        for name, secret in self.secrets.items():
            text = text.replace(f"${{{{ secrets.{name} }}}}", secret)
        assert "${{" not in text
        return text


@pytest.fixture
def deploying(project: Path, environment: dict[str, str], hub: LocalHub) -> Runner:
    """The workflow's runner in a project with a deploy script and a key that the secrets hold."""
    assert hub.hub.tokens
    script = project / "deploy.sh"
    script.write_text('#!/bin/sh\necho "$WEIGHTGATE_REVISION" > deployed\n')
    script.chmod(0o755)
    passphrase = {"WEIGHTGATE_KEY_PASSPHRASE": PASSPHRASE}
    made = shell("weightgate keys generate -o made.pem", project, environment | passphrase)
    assert made.returncode == Exit.OK, made.stdout
    key = project / "made.pem"
    secrets = {"HF_TOKEN": TOKEN, "WEIGHTGATE_SIGNING_KEY": key.read_text().rstrip("\n"), **passphrase}
    key.unlink()
    return Runner(project, environment, secrets)


def test_the_workflow_deploys_the_commit_that_was_checked(deploying: Runner, hub: LocalHub) -> None:
    job = steps("deploy")
    assert list(job) == ["Install", "Deploy, behind the gate", "Say why"]
    done = deploying.run(job["Deploy, behind the gate"])
    assert done.returncode == Exit.OK, done.stdout
    folder = deploying.folder
    assert (folder / "deployed").read_text().strip() == hub.hub.repos[CLOSED].sha
    assert not (folder / "signer.pem").exists()
    assert TOKEN not in done.stdout
    report = weightgate.verify(folder / "decision.dsse.json", folder / "made.pem.pub")
    assert report.genuine
    assert deploying.run(job["Say why"]).returncode == Exit.OK
    assert ": ALLOW\n" in deploying.summary.read_text()


def test_the_workflow_stops_and_signs_a_refusal(deploying: Runner) -> None:
    deploying.environment["REGION"] = "azure/chinanorth3"
    job = steps("deploy")
    done = deploying.run(job["Deploy, behind the gate"])
    assert done.returncode == Exit.DENY, done.stdout
    folder = deploying.folder
    assert not (folder / "deployed").exists()
    assert not (folder / "signer.pem").exists()
    report = weightgate.verify(folder / "decision.dsse.json", folder / "made.pem.pub")
    assert (report.genuine, int(report.exit)) == (True, int(Exit.DENY))
    deploying.run(job["Say why"])
    assert ": DENY\n" in deploying.summary.read_text()


def test_the_house_rules_bind_the_workflow_too(deploying: Runner) -> None:
    deploying.environment["REGION"] = "aws/ap-northeast-1"
    done = deploying.run(steps("deploy")["Deploy, behind the gate"])
    assert done.returncode == Exit.DENY, done.stdout
    assert "house-rules/closed-weights-stay-home" in done.stdout


def test_the_workflow_tests_the_rules(deploying: Runner) -> None:
    done = deploying.run(steps("rules")["Test the house rules"])
    assert done.returncode == Exit.OK
    assert done.stdout.endswith("\n4 of 4 cases passed\n")


def test_the_workflow_installs_only_what_is_pinned() -> None:
    for job in workflow()["jobs"]:
        assert steps(job)["Install"]["run"] == "python -m pip install --require-hashes -r requirements.txt"
    assert workflow()["permissions"] == {"contents": "read"}


def test_the_workflow_asks_for_a_deployment_and_never_deploys_a_pull_request() -> None:
    data = workflow()
    assert set(data["on"]) == {"pull_request", "workflow_dispatch"}
    assert data["jobs"]["deploy"]["if"] == "github.event_name == 'workflow_dispatch'"
    secrets = [job for job, content in data["jobs"].items() if "secrets." in json.dumps(content)]
    assert secrets == ["deploy"]
