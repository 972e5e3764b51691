from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oms.samples import (
    ACCEPTED,
    FILES,
    KEY,
    differing,
    failed,
    names_of,
    opened,
    sign,
    statement_of,
    verify,
    write_model,
)
from tests.signing.chains import LEAF as SIGNING
from tests.signing.chains import Certified, between, certify, leaf, root
from weightgate.errors import InputError, ModelError, UsageError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.manifest import manifest_of_folder, root_digest
from weightgate.oms.listing import list_model
from weightgate.oms.sign import place_in_model, sign_model
from weightgate.oms.signature import read_signature
from weightgate.oms.verify import ModelAsked
from weightgate.signing.accepted import Accepted
from weightgate.signing.certificates import Authority
from weightgate.signing.keys import ALGORITHMS, generate

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 200)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=40), min_size=1, max_size=8
).filter(lambda tree: not any(other.startswith(f"{name}/") for name in tree for other in tree))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


def test_what_is_signed_is_what_identifies_the_model(model: Path) -> None:
    raw = sign(model)
    statement = statement_of(raw)
    root_hex = root_digest(manifest_of_folder(FolderSource(model)))
    assert statement["subject"] == [{"name": "m", "digest": {"sha256": root_hex.removeprefix("sha256:")}}]
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://model_signing/signature/v1.0"
    assert statement["predicate"]["resources"] == [
        {"name": name, "algorithm": "sha256", "digest": hashlib.sha256(FILES[name]).hexdigest()}
        for name in sorted(FILES)
    ]
    assert statement["predicate"]["serialization"] == {
        "method": "files",
        "hash_type": "sha256",
        "allow_symlinks": False,
        "ignore_paths": [".cache/huggingface", ".git", ".gitattributes", ".github", ".gitignore"],
    }
    report = verify(raw, model)
    assert report.genuine
    assert [(c.id, str(c.state)) for c in report.checks] == [
        (name, "established")
        for name in (
            "bundle",
            "signature",
            "statement",
            "predicate_type",
            "predicate",
            "subject",
            "files",
            "unsigned_files",
        )
    ]


def test_the_key_is_named_by_the_digest_of_its_pem(model: Path) -> None:
    found = read_signature(sign(model), "model.sig")
    assert found.material.hint == hashlib.sha256(KEY.public.pem()).hexdigest()
    assert (found.key, found.material.log_entries) == (b"", ())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_of_key(algorithm: str, model: Path) -> None:
    key = generate(algorithm)
    report = verify(sign(model, key), model, Accepted((key.public,)))
    assert report.signer is not None
    assert (report.genuine, report.signer.keyid, report.signer.algorithm) == (True, key.keyid, algorithm)
    assert list(failed(verify(sign(model, key), model))) == ["signature"]


@given(tree=TREES, shard_size=st.one_of(st.none(), st.integers(1, 30)))
def test_any_tree_verifies_and_every_change_of_it_is_named(
    tree: dict[str, bytes], shard_size: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = tmp_path_factory.mktemp("tree")
    write_model(model, tree)
    listed = [
        name for name, content in sorted(tree.items()) if not _left_out(name) and (content or not shard_size)
    ]
    if not listed:
        with pytest.raises(ModelError, match=r"empty|no file"):
            sign(model, shard_size=shard_size)
        return
    raw = sign(model, shard_size=shard_size)
    assert failed(verify(raw, model)) == {}
    for name in listed:
        content = tree[name]
        (model / name).write_bytes(content + b"x")
        assert [n.split(":")[0] == name.split(":")[0] for n, _ in differing(verify(raw, model))] == [True]
        if content:
            (model / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])
            assert [problem for _, problem in differing(verify(raw, model))] == ["changed"]
        (model / name).unlink()
        assert differing(verify(raw, model)) == [(name, "missing")]
        (model / name).write_bytes(content)
    assert failed(verify(raw, model)) == {}


def _left_out(name: str) -> bool:
    top, _, _ = name.partition("/")
    return top in (".git", ".gitignore", ".gitattributes", ".github") or name.startswith(
        ".cache/huggingface/"
    )


def test_the_order_is_that_of_code_points(tmp_path: Path) -> None:
    files = dict.fromkeys(("a/b", "a-b", "a0", "B", "é", "z", "\U0001f600", "\uffee"), b"x")
    statement = statement_of(sign(write_model(tmp_path / "m", files)))
    assert names_of(statement) == ["B", "a-b", "a/b", "a0", "z", "é", "\uffee", "\U0001f600"]


def test_shards(model: Path) -> None:
    raw = sign(model, shard_size=1000)
    statement = statement_of(raw)
    assert names_of(statement) == [
        "config.json:0:2", "model-1.bin:0:1000", "model-1.bin:1000:2000", "model-1.bin:2000:2500", "model-2.bin:0:1000",
    ]  # fmt: skip
    assert statement["predicate"]["serialization"]["method"] == "shards"
    assert statement["predicate"]["serialization"]["shard_size"] == 1000
    digests = [bytes.fromhex(entry["digest"]) for entry in statement["predicate"]["resources"]]
    assert statement["subject"][0]["digest"]["sha256"] == hashlib.sha256(b"".join(digests)).hexdigest()
    assert digests[2] == hashlib.sha256(b"a" * 1000).digest()
    assert verify(raw, model).genuine


def test_a_single_file_goes_by_its_basename(model: Path) -> None:
    raw = sign(model / "model-1.bin")
    statement = statement_of(raw)
    assert names_of(statement) == ["model-1.bin"]
    assert statement["subject"][0]["name"] == "model-1.bin"
    assert verify(raw, model / "model-1.bin").genuine
    assert differing(verify(raw, model / "model-2.bin")) == [
        ("model-1.bin", "missing"),
        ("model-2.bin", "unsigned"),
    ]


def test_an_empty_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m" / "sub").mkdir(parents=True)
    write_model(tmp_path / "m", {".git/config": b"x", ".gitignore": b"x"})
    for size in (None, 1000):
        with pytest.raises(ModelError) as raised:
            list_model(tmp_path / "m", shard_size=size)
        assert raised.value.code == "empty_model"
    write_model(tmp_path / "m", {"empty": b""})
    with pytest.raises(ModelError) as raised:
        list_model(tmp_path / "m", shard_size=1000)
    assert (raised.value.code, raised.value.hint) == ("empty_model", "sign whole files: --method files")
    assert verify(sign(tmp_path / "m"), tmp_path / "m").genuine


def test_how_many_more_are_left_out_is_said(model: Path) -> None:
    """Whoever signs chooses what is left out; a long list must not hide the end of it."""
    write_model(model, {f"x{n:02}": b"x" for n in range(25)})
    raw = sign(model, ignore=[f"x{n:02}" for n in range(25)])
    detail = verify(raw, model).checks[-1].detail
    assert "'x19'; and 5 more" in detail


def test_paths_that_are_left_out(model: Path) -> None:
    write_model(model, {"runs/1/log": b"x", "runs.txt": b"x", "sub/skip": b"x"})
    raw = sign(model, ignore=["runs/", "./sub//skip"])
    statement = statement_of(raw)
    assert names_of(statement) == ["config.json", "model-1.bin", "model-2.bin", "runs.txt", "sub/empty"]
    assert statement["predicate"]["serialization"]["ignore_paths"][-2:] == ["runs", "sub/skip"]
    write_model(model, {"runs/2/log": b"y", "sub/skip": b"z", ".git/HEAD": b"y"})
    report = verify(raw, model)
    assert report.genuine
    assert "left out: '.git', 'runs', 'sub/skip'" in report.checks[-1].detail
    # No pattern, and no prefix of a name.
    write_model(model, {"runs2/log": b"y"})
    assert differing(verify(raw, model)) == [("runs2/log", "unsigned")]
    assert verify(raw, model, asked=ModelAsked(ignore=("runs2",))).genuine


@pytest.mark.parametrize("name", ["..", "../x", "/x", ".", "", "a/../../b"])
def test_paths_to_leave_out_lie_in_the_model(name: str, model: Path) -> None:
    with pytest.raises(UsageError) as raised:
        list_model(model, ignore=[name])
    assert raised.value.code == "bad_ignore"
    with pytest.raises(UsageError):
        verify(sign(model), model, asked=ModelAsked(ignore=(name,)))


def test_the_signature_in_the_model_is_no_part_of_it(model: Path) -> None:
    target = model / "sub" / "model.sig"
    assert place_in_model(target, model) == "sub/model.sig"
    assert place_in_model(model.parent / "model.sig", model) is None
    raw = sign(model, ignore=["sub/model.sig"])
    target.write_bytes(raw)
    assert place_in_model(target, model) == "sub/model.sig"
    assert verify(raw, model, signature=target).genuine
    assert verify(raw, model).genuine
    # Moved within the model, it is still the one that is asked about.
    moved = target.rename(model / "other.sig")
    assert verify(raw, model, signature=moved).genuine
    assert differing(verify(raw, model)) == [("other.sig", "unsigned")]


def test_a_signature_is_not_written_over_a_file_of_the_model(model: Path) -> None:
    (model / "link").symlink_to(model.parent / "elsewhere")
    for name in ("config.json", "sub/empty", ".", "link"):
        with pytest.raises(UsageError) as raised:
            place_in_model(model / name, model)
        assert raised.value.code == "output_inside_model"
    with pytest.raises(UsageError):
        place_in_model(model / "model-1.bin", model / "model-1.bin")


def test_a_certificate_instead_of_a_bare_key(model: Path) -> None:
    listed = list_model(model)
    chain = [leaf().certificate, between().certificate]
    raw = sign_model(listed, leaf().signer, certificates=chain).bundle
    trusted = Accepted(authorities=(Authority("ours", (root().certificate,)),))
    report = verify(raw, model, trusted)
    assert report.genuine
    assert report.signer is not None
    assert (report.signer.identity, report.signer.issuer) == ("CN=signer", "ours")
    assert "certified for 'CN=signer' under ours" in report.checks[1].detail
    assert set(failed(verify(raw, model))) == {"signature"}
    stranger = certify("root", None, ())
    nobody = Accepted(authorities=(Authority("theirs", (stranger.certificate,)),))
    assert "no path from 'CN=signer' to theirs" in failed(verify(raw, model, nobody))["certificate"]
    # A key that is accepted as such needs no certificate.
    assert verify(raw, model, Accepted((leaf().signer.public,))).genuine
    assert set(failed(verify(sign(model), model, trusted))) == {"certificate"}


def test_another_keys_certificate_is_refused_before_anything_is_signed(model: Path) -> None:
    with pytest.raises(InputError) as raised:
        sign_model(list_model(model), KEY, certificates=[leaf().certificate])
    assert (raised.value.code, raised.value.where) == ("certificate", "--certificate-chain")


def test_who_the_authority_vouches_for(model: Path) -> None:
    signer: Certified = certify("ci", root(), SIGNING)
    raw = sign_model(list_model(model), signer.signer, certificates=[signer.certificate]).bundle
    for subject, genuine in (("CN=ci", True), ("CN=ic", False)):
        trusted = Accepted(authorities=(Authority("ours", (root().certificate,), subject),))
        assert verify(raw, model, trusted).genuine is genuine


def test_verifying_with_nobody_to_accept(model: Path) -> None:
    with pytest.raises(UsageError) as raised:
        opened(sign(model), Accepted())
    assert raised.value.code == "no_key"
    with pytest.raises(UsageError):
        opened(sign(model), ACCEPTED, at=opened.__defaults__[1].replace(tzinfo=None))  # type: ignore[index]
