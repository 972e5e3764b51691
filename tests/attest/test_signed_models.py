from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.oms.samples import KEY, NOW, OTHER_KEY, sign, write_model
from tests.signing.chains import between, leaf, root
from weightgate.attest.signed_models import unseal_by_trust, unsealer_of
from weightgate.attest.trust import Trust, parse_trust
from weightgate.errors import SignatureError, UsageError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.manifest import manifest_of_folder, root_digest
from weightgate.oms.listing import list_model
from weightgate.oms.reference import signed_model
from weightgate.oms.sign import sign_model
from weightgate.oms.unsealing import Unsealed


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


def trust(grant: str, expires: str = "2026-12-31") -> Trust:
    def block(pem: bytes) -> str:
        return "|\n" + "".join(f"      {line}\n" for line in pem.decode().splitlines())

    text = (
        f"schema: weightgate/trust/v1\nversion: 1\nexpires: {expires}\nidentities:\n"
        f"  lab:\n    key: {block(KEY.public.pem())}"
        f"  other:\n    key: {block(OTHER_KEY.public.pem())}"
        f"  ci:\n    certificate_authority: {block(root().pem)}    subject: CN=signer\n"
        f"sign_models:\n  - {grant}\n"
    )
    return parse_trust(text.encode(), "trust.yaml")


def opened(raw: bytes, wanted: Trust, at: datetime = NOW) -> Unsealed:
    return unseal_by_trust(raw, wanted, at=at, source="m.sig")


def states(found: Unsealed) -> dict[str, str]:
    return {check.id: str(check.state) for check in found.checks}


def test_who_may_sign_models(model: Path) -> None:
    found = opened(sign(model), trust("{identities: [lab]}"))
    assert found.statement is not None
    assert (found.checks[0].id, found.checks[-1].id) == ("trust", "model_signer")
    assert set(states(found).values()) == {"established"}


@pytest.mark.parametrize(
    "grant", ["{identities: [other]}", "{identities: [lab], until: 2026-03-13}", "{identities: [lab, other], threshold: 2}"]
)  # fmt: skip
def test_a_signature_that_holds_is_not_enough(grant: str, model: Path) -> None:
    found = opened(sign(model), trust(grant))
    assert found.statement is None
    assert (states(found)["signature"], states(found)["model_signer"]) == ("established", "contradicted")


def test_a_grant_may_name_the_model(model: Path) -> None:
    digest = root_digest(manifest_of_folder(FolderSource(model)))
    assert opened(sign(model), trust(f"{{identities: [lab], models: ['{digest}']}}")).statement is not None
    other = "sha256:" + "0" * 64
    assert opened(sign(model), trust(f"{{identities: [lab], models: ['{other}']}}")).statement is None


def test_a_certified_signer(model: Path) -> None:
    chain = [leaf().certificate, between().certificate]
    raw = sign_model(list_model(model), leaf().signer, certificates=chain).bundle
    assert opened(raw, trust("{identities: [ci]}")).statement is not None
    assert opened(raw, trust("{identities: [lab]}")).statement is None


def test_a_trust_file_that_has_expired_trusts_nobody(model: Path) -> None:
    found = opened(sign(model), trust("{identities: [lab]}", expires="2026-03-13"))
    assert found.statement is None
    assert states(found)["trust"] == "contradicted"


def test_a_model_named_by_its_signature(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model.parent)
    Path("m.sig").write_bytes(sign(model))
    digest = root_digest(manifest_of_folder(FolderSource(model)))
    may, may_not = trust("{identities: [lab]}"), trust("{identities: [other]}")
    said = signed_model("sig:m.sig", unsealer_of("sig:m.sig", (), may, at=NOW))
    assert said is not None
    assert said.digest == digest
    with pytest.raises(SignatureError) as raised:
        signed_model("sig:m.sig", unsealer_of("sig:m.sig", (), may_not, at=NOW))
    assert raised.value.code == "model_signer"
    # A key that the asker names counts by itself.
    assert signed_model("sig:m.sig", unsealer_of("sig:m.sig", [KEY.public], may_not, at=NOW)) == said
    assert unsealer_of("./m", (), may, at=NOW) is not None
    with pytest.raises(UsageError) as misplaced:
        unsealer_of("./m", [KEY.public], None, at=NOW)
    assert misplaced.value.code == "model_key"
