"""Attacks through licences and addresses: what narrows a licence must be found, and what names a secret not told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.hub import LocalHub, Repo
from tests.inspect.memory_source import MIT
from tests.inspect.models import MODEL

ROOT = Path(__file__).parents[2]
NARROW = b"This model is for non-commercial research use only. You may not redistribute it.\n"
APACHE = (ROOT / "LICENSE").read_bytes()
PACK = ROOT / "policies" / "us" / "us-ai-diffusion-draft" / "pack.yaml"


def asked(online: Shell, repo: str = "org/model", *more: str) -> int:
    return online("check", repo, "--to", "CN", "--operator", "jp.yaml", *more).code


def front(text: str) -> bytes:
    return f"---\n{text}\n---\n".encode()


def test_an_open_licence_is_enough_so_that_the_refusals_below_mean_something(
    online: Shell, local_hub: LocalHub
) -> None:
    texts = {"LICENSE": APACHE, "code/LICENSE": MIT.encode(), "NOTICE": b"Example\nCopyright 2026 Example\n"}
    local_hub.add(Repo("org/model", {**MODEL.files, **texts}))
    assert asked(online) == 0


@pytest.mark.parametrize(
    "name",
    [
        "weights/LICENSE",
        "LICENSE/LICENSE.txt",
        "LICENSES/Model-License.txt",
        "LICENSE.json",
        "LICENSE.yaml",
        "EULA.txt",
        "TERMS.md",
        "TERMS_OF_USE.txt",
        "AGREEMENT.md",
        "LEGAL.md",
        "USE_RESTRICTIONS.md",
        "ACCEPTABLE_USE.txt",
        "NOTICE",
    ],
)
def test_a_narrower_text_is_found_under_any_name(online: Shell, local_hub: LocalHub, name: str) -> None:
    local_hub.add(Repo("org/model", {**MODEL.files, name: NARROW}))
    assert asked(online) == 3


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": front("license: [apache-2.0, other]")},
        {
            "README.md": front(
                "license: mit\nlicense_name: acme-non-commercial\nlicense_link: https://x.test/nc"
            )
        },
        {"README.md": front("license: mit\nlicense_link: https://x.test/nc")},
        {
            "LICENSE": APACHE
            + b"\nThis grant excludes persons in China.\nCommercial use requires a paid agreement.\n"
        },
        {"LICENSE": APACHE + "\n仅限非商业用途。\n".encode()},
        {"LICENSE": APACHE + "\n仅限非商业用途。\n".encode("gb18030")},
        {"LICENSE": APACHE + b"\nCopyright 2026 Acme. You must pay.\n"},
    ],
    ids=[
        "other too",
        "own name",
        "own link",
        "sentences",
        "another script",
        "another encoding",
        "behind a name",
    ],
)
def test_a_narrower_licence_is_not_overlooked(
    online: Shell, local_hub: LocalHub, files: Mapping[str, bytes]
) -> None:
    local_hub.add(Repo("org/model", {**MODEL.files, **files}))
    assert asked(online) == 3


def test_a_licence_beyond_the_sixteenth_is_not_overlooked(online: Shell, local_hub: LocalHub) -> None:
    many = {f"LICENSE-{i:02d}": APACHE for i in range(16)}
    local_hub.add(Repo("org/model", {**MODEL.files, **many, "LICENSE-zz": NARROW}))
    assert asked(online) == 3


@pytest.mark.parametrize("sentence", ["Commercial use requires a licence.", "You must pay."])
def test_a_sentence_that_narrows_mit_is_not_lost_among_its_words(
    online: Shell, local_hub: LocalHub, sentence: str
) -> None:
    text = f"{MIT}\n\n{sentence}\n".encode()
    local_hub.add(Repo("org/model", {**MODEL.files, "README.md": front("license: mit"), "LICENSE": text}))
    assert asked(online) == 3


def test_a_pull_request_with_an_open_licence_opens_nothing(online: Shell, local_hub: LocalHub) -> None:
    branches = {"refs/pr/1": {**MODEL.files, "LICENSE": APACHE}}
    local_hub.add(Repo("org/model", {**MODEL.files, "LICENSE": NARROW}, branches=branches))
    assert asked(online, "org/model@refs/pr/1") == 3


def test_a_declared_base_that_the_card_contradicts_settles_nothing(
    online: Shell, local_hub: LocalHub
) -> None:
    local_hub.add(MODEL)
    (online.folder / "m" / "README.md").write_bytes(front("base_model: team/closed"))
    facts = online.write(
        "f.yaml", "model.openness: closed\nmodel.base: org/model\nmodel.special_purpose: false\n"
    )
    assert asked(online, "./m", "--activity", "fine_tune", "--facts", facts) == 3


def test_a_licence_s_spelling_does_not_make_a_rule_dead(shell: Shell) -> None:
    head, _, _ = PACK.read_text().partition("\nrules:\n")
    head = head.replace("name: us-ai-diffusion-draft", "name: mine").replace(
        "verdict: deny", "verdict: allow", 1
    )
    head, _, _ = head.partition("\ndefine:\n")
    rule = (
        "\nrules:\n  - {id: nc, title: t, activity: host, when: 'model.license == \"CC-BY-NC-4.0\"', verdict: deny, "
        "cites: [{source: press-report, place: p}]}\n"
    )
    shell.write("p.yaml", head + rule)
    (shell.folder / "m" / "README.md").write_bytes(front("license: cc-by-nc-4.0"))
    assert shell.here("check", "./m", "--to", "JP", "--policy", "./p.yaml").code == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://me:S3CRET@127.0.0.1:9",
        "http://127.0.0.1:9?token=S3CRET",
    ],
)
@pytest.mark.parametrize("model", ["org/model", "hf:org/model"])
def test_an_endpoint_that_is_no_address_is_refused_without_a_word_of_it(
    shell: Shell, model: str, endpoint: str
) -> None:
    done = shell("check", model, "--to", "JP", HF_ENDPOINT=endpoint, HF_HUB_OFFLINE="0")
    assert done.code == 4
    assert "HF_ENDPOINT" in done.err
    assert "S3CRET" not in done.out + done.err
