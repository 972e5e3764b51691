"""Everything a model's own files say, merged as a decision would merge it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MIT, MemorySource, card, safetensors
from weightgate.errors import Exit, ModelError
from weightgate.facts.merge import contradictions, merge
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Fact, Facts, Grade, Statement
from weightgate.facts.values import Interval, Known, OneOf, Unknown, bounds
from weightgate.inspect.files import FilesReport, statements_of
from weightgate.inspect.licenses.table import Grants
from weightgate.inspect.origin import Base

DENSE = safetensors(model__embed_tokens__weight=(100, 8), model__layers__0__mlp__weight=(8, 8))
MIXTURE = safetensors(
    model__embed_tokens__weight=(100, 8),
    model__layers__0__attention__weight=(8, 4),
    model__layers__0__mlp__experts__0__w1__weight=(8, 8),
    model__layers__0__mlp__experts__1__w1__weight=(8, 8),
    lm_head__weight=(100, 8),
)
LORA = safetensors(base_model__model__layers__0__q__lora_A__weight=(2, 8))


def report(files: dict[str, bytes | str | dict[str, Any]]) -> FilesReport:
    return statements_of(MemorySource(files))


def facts(files: dict[str, bytes | str | dict[str, Any]]) -> Facts:
    return merge(report(files).statements)


def test_a_small_dense_model() -> None:
    found = facts(
        {
            "model.safetensors": DENSE,
            "config.json": {"architectures": ["LlamaForCausalLM"], "model_type": "llama"},
            "README.md": card("license: MIT"),
            "LICENSE": MIT,
        }
    )
    assert found["model.parameters"].value == Known(864.0)
    assert found["model.parameters"].grade is Grade.INFERRED
    assert found["model.active_parameters"].value == Known(864.0)
    assert found["model.architecture"].value == Known("LlamaForCausalLM")
    assert found["model.license"].value == Known("mit")
    assert found["model.license"].grade is Grade.INFERRED
    assert isinstance(found["model.base"].value, Unknown)
    assert not contradictions(found)


def test_no_file_says_anything_about_openness() -> None:
    found = report({"model.safetensors": DENSE, "README.md": card("license: mit"), "LICENSE": MIT})
    assert not [s for s in found.statements if "openness" in s.fact]
    assert found.license().grants is Grants.OPEN


def test_evidence_names_place_key_and_digest() -> None:
    found = facts({"model.safetensors": DENSE, "README.md": card("license: mit\nbase_model: a/b")})
    (said,) = found["model.license"].statements
    assert (said.source, said.locator) == ("./model/README.md", "license (2:10)")
    assert said.digest.startswith("sha256:")
    (counted,) = found["model.parameters"].statements
    assert (counted.source, counted.locator) == ("./model/model.safetensors", "header")
    assert counted.method == "summed from headers of 1 safetensors file(s)"


def test_every_statement_is_about_a_fact_and_within_its_domain() -> None:
    found = report(
        {
            "model.safetensors": MIXTURE,
            "config.json": {"num_experts": 2, "num_experts_per_tok": 1},
            "README.md": card("base_model: a/b\nbase_model_relation: adapter"),
            "trainer_state.json": {"total_flos": 1e20},
        }
    )
    for statement in found.statements:
        spec = FACTS[statement.fact]
        if isinstance(statement.value, Known) and spec.domain:
            assert statement.value.value in spec.domain


class TestSize:
    def test_a_mixture_of_experts_lies_between_what_headers_show_and_what_its_configuration_claims(
        self,
    ) -> None:
        config = {"num_local_experts": 2, "num_experts_per_tok": 1}
        found = facts({"model.safetensors": MIXTURE, "config.json": config})
        assert found["model.parameters"].value == Known(1760.0)
        assert found["model.active_parameters"].value == Interval(1696.0, 1760.0)
        assert found["model.active_parameters"].grade is Grade.CLAIMED

    def test_a_configuration_can_only_raise_the_active_parameters(self) -> None:
        honest = facts({"model.safetensors": MIXTURE, "config.json": "{}"})["model.active_parameters"]
        assert honest.value == Interval(1632.0, 1760.0)
        for used in (1, 2):
            config = {"num_experts": 2, "num_experts_per_tok": used}
            claimed = facts({"model.safetensors": MIXTURE, "config.json": config})["model.active_parameters"]
            assert (bounds(claimed.value)[0] or 0) >= 1632.0
            assert bounds(claimed.value)[1] == 1760.0

    def test_experts_that_no_tensor_is_named_after_leave_the_active_parameters_open_below(self) -> None:
        found = facts(
            {"model.safetensors": DENSE, "config.json": {"num_experts": 8, "num_experts_per_tok": 2}}
        )
        assert found["model.active_parameters"].value == Interval(None, 864.0)

    def test_two_formats_that_disagree_contradict_each_other(self) -> None:
        other = safetensors(model__embed_tokens__weight=(100, 8))
        found = facts({"model.safetensors": DENSE, "model.fp16.safetensors": other})
        assert found["model.parameters"].contradicted
        assert found["model.parameters"].value == OneOf((800.0, 864.0)) or found[
            "model.parameters"
        ].value == OneOf((864.0, 800.0))

    def test_copies_in_other_folders_are_one_model(self) -> None:
        found = facts({"model.safetensors": DENSE, "checkpoint-5/model.safetensors": DENSE})
        assert found["model.parameters"].value == Known(864.0)

    def test_parts_in_several_folders_are_at_most_their_sum(self) -> None:
        found = facts({"unet/model.safetensors": MIXTURE, "vae/model.safetensors": DENSE})
        assert found["model.parameters"].value == Interval(1760.0, 2624.0)
        assert found["model.active_parameters"].value == Interval(1632.0, None)

    def test_a_small_model_at_the_root_does_not_hide_a_large_one(self) -> None:
        found = facts({"model.safetensors": DENSE, "big/model.safetensors": MIXTURE})
        assert (bounds(found["model.parameters"].value)[0] or 0) >= 1760.0

    def test_an_adapter_has_at_least_its_own_parameters(self) -> None:
        found = facts({"adapter_model.safetensors": LORA, "adapter_config.json": {"peft_type": "LORA"}})
        assert found["model.parameters"].value == Interval(16.0, None)

    def test_weights_that_were_not_read_leave_the_count_open_above(self) -> None:
        found = facts({"model.safetensors": DENSE, "model.onnx": b"\x08\x07"})
        assert found["model.parameters"].value == Interval(864.0, None)
        assert found["model.active_parameters"].value == Interval(864.0, None)
        reasons = [
            s.value.reason for s in found["model.parameters"].statements if isinstance(s.value, Unknown)
        ]
        assert reasons == ["not counted: ONNX: this format is not read"]

    def test_a_model_without_weights_is_unknown(self) -> None:
        value = facts({"config.json": "{}"})["model.parameters"].value
        assert value == Unknown("no weights were found")

    def test_packed_weights_are_unknown_with_the_reason(self) -> None:
        found = facts(
            {
                "model.safetensors": safetensors(model__layers__0__q__qweight=(4, 4)),
                "config.json": {"quantization_config": {"quant_method": "gptq"}},
            }
        )
        value = found["model.parameters"].value
        assert isinstance(value, Unknown)
        assert value.reason


class TestOrigin:
    def test_an_adapter_s_base(self) -> None:
        config = {"peft_type": "LORA", "base_model_name_or_path": "a/b", "revision": "v1"}
        found = report({"adapter_model.safetensors": LORA, "adapter_config.json": config})
        assert found.base == Base("a/b", "v1")
        assert found.relation == "adapter"
        assert merge(found.statements)["model.base_relation"].value == Known("adapter")

    def test_a_base_that_is_not_pinned_is_said(self) -> None:
        config = {"base_model_name_or_path": "a/b", "revision": None}
        found = report({"adapter_model.safetensors": LORA, "adapter_config.json": config})
        assert found.base == Base("a/b")
        assert any("Which revision of a/b" in sentence for sentence in found.not_established)

    def test_two_files_that_name_different_bases_contradict_each_other(self) -> None:
        found = report(
            {
                "adapter_model.safetensors": LORA,
                "adapter_config.json": {"base_model_name_or_path": "a/b"},
                "README.md": card("base_model: c/d"),
            }
        )
        merged = merge(found.statements)
        assert merged["model.base"].contradicted
        assert merged["model.base"].value in (OneOf(("a/b", "c/d")), OneOf(("c/d", "a/b")))
        assert found.base is None
        assert found.bases == (Base("a/b"), Base("c/d"))

    def test_a_url_and_a_name_are_one_base(self) -> None:
        found = report(
            {
                "adapter_model.safetensors": LORA,
                "adapter_config.json": {"base_model_name_or_path": "a/b"},
                "README.md": card("base_model: https://huggingface.co/a/b/tree/main"),
            }
        )
        assert not merge(found.statements)["model.base"].contradicted
        assert found.base == Base("a/b")

    def test_a_merge_of_several_has_no_single_base(self) -> None:
        found = report({"model.safetensors": DENSE, "README.md": card("base_model: [a/b, c/d]")})
        value = merge(found.statements)["model.base"].value
        assert value == Unknown("made from several: a/b, c/d")
        assert found.bases == (Base("a/b"), Base("c/d"))

    def test_a_relation_in_other_words_is_unknown_and_quoted(self) -> None:
        front = "base_model: a/b\nbase_model_relation: cousin"
        found = report({"model.safetensors": DENSE, "README.md": card(front)})
        value = merge(found.statements)["model.base_relation"].value
        assert isinstance(value, Unknown)
        assert "'cousin'" in value.reason

    @pytest.mark.parametrize("path", ["/data/llama", "./out", "~/m", "C:\\models\\x", "a/b/c"])
    def test_a_base_on_somebody_s_machine_cannot_be_looked_up(self, path: str) -> None:
        config = {"base_model_name_or_path": path}
        found = report({"adapter_model.safetensors": LORA, "adapter_config.json": config})
        assert found.base is not None
        assert found.base.local
        assert any("cannot be looked up" in note for note in found.notes)

    @pytest.mark.parametrize("name", ["a/b", "gpt2"])
    def test_a_name_on_the_hub_is_not_local(self, name: str) -> None:
        assert not Base(name).local


def gguf(path: Path, *, url: str, experts: bool = False) -> bytes:
    """A real GGUF file with a base and a licence."""
    from gguf import GGUFWriter

    file = path / "m.gguf"
    writer = GGUFWriter(file, "llama")
    writer.add_license("apache-2.0")
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "B")
    if url:
        writer.add_base_model_repo_url(0, url)
    if experts:
        writer.add_expert_count(4)
        writer.add_expert_used_count(1)
        writer.add_tensor("blk.0.ffn_up_exps.weight", np.zeros((4, 8, 32), np.float32))
    writer.add_tensor("blk.0.attn_q.weight", np.zeros((8, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file.read_bytes()


class TestGguf:
    def test_its_keys_are_claims(self, tmp_path: Path) -> None:
        found = report({"m.gguf": gguf(tmp_path, url="https://huggingface.co/a/b")})
        merged = merge(found.statements)
        assert merged["model.parameters"].value == Known(256.0)
        assert merged["model.license"].value == Known("apache-2.0")
        assert merged["model.base"].value == Known("a/b")
        assert merged["model.architecture"].value == Known("llama")
        assert found.base == Base("a/b")
        assert merged["model.base"].grade is Grade.CLAIMED

    def test_a_base_without_an_address_is_unknown(self, tmp_path: Path) -> None:
        value = facts({"m.gguf": gguf(tmp_path, url="")})["model.base"].value
        assert value == Unknown("the GGUF file gives no address of its base 'B'")

    def test_its_experts(self, tmp_path: Path) -> None:
        found = facts({"m.gguf": gguf(tmp_path, url="", experts=True)})
        assert found["model.parameters"].value == Known(1280.0)
        assert found["model.active_parameters"].value == Interval(512.0, 1280.0)


class TestLicence:
    def test_nothing_published_is_unknown_with_the_reason(self) -> None:
        assert facts({"model.safetensors": DENSE})["model.license"].value == Unknown(
            "no licence is published"
        )

    def test_card_and_text_that_disagree_contradict_each_other(self) -> None:
        found = facts({"README.md": card("license: apache-2.0"), "LICENSE": MIT})
        assert found["model.license"].contradicted

    def test_an_unrecognised_text_is_unknown_beside_the_card_s_name(self) -> None:
        found = report({"README.md": card("license: mit"), "LICENSE": "Ask us."})
        merged = merge(found.statements)["model.license"]
        assert merged.value == Known("mit")
        unknown = [s for s in merged.statements if isinstance(s.value, Unknown)]
        assert [s.source for s in unknown] == ["./model/LICENSE"]
        assert unknown[0].digest.startswith("sha256:")
        assert found.license().grants is Grants.UNKNOWN

    @pytest.mark.parametrize(
        ("front", "reason"),
        [("license: [mit, isc]", "several: mit, isc"), ("license: other", "says only 'other'")],
    )
    def test_what_names_no_single_licence(self, front: str, reason: str) -> None:
        value = facts({"README.md": card(front)})["model.license"].value
        assert isinstance(value, Unknown)
        assert reason in value.reason


@pytest.mark.parametrize(
    ("name", "raw", "place"),
    [
        ("README.md", b"---\nlicense: \xff\n---\n", "offset 13"),
        ("README.md", b"---\nlicense: mit\nlicense: x\n---\n", "README.md:3:1"),
        ("config.json", b"[1]", "config.json"),
        ("config.json", b'{"a": 1e400}', "config.json"),
        ("adapter_config.json", b'{"revision": 3}', "revision"),
        ("trainer_state.json", b'{"total_flos": -1}', "total_flos"),
        ("trainer_state.json", b'{"total_flos": 1e999}', "trainer_state.json"),
        ("checkpoint-3/trainer_state.json", b'{"global_step": "x"}', "global_step"),
        ("README.md", b"---\na: &x 1\n---\n", "README.md:2:4"),
        ("model.safetensors.index.json", b"{", "model.safetensors.index.json"),
        ("model.safetensors", b"\xff" * 8, "model.safetensors"),
    ],
)
def test_bad_files_are_the_model_s_fault_and_name_the_place(name: str, raw: bytes, place: str) -> None:
    with pytest.raises(ModelError) as error:
        report({"model-ok.safetensors": DENSE, name: raw})
    assert place in error.value.where
    assert name in error.value.where
    assert error.value.exit is Exit.INPUT


def test_notes_say_what_is_odd() -> None:
    found = report(
        {
            "model.safetensors": DENSE,
            "README.md": "# no front matter",
            "config.json": {"num_experts": 4},
            "model.onnx": b"x",
        }
    )
    text = "\n".join(found.notes)
    assert "no front matter" in text
    assert "does not say how many" in text
    assert "model.onnx may hold weights" in text


_CLAIMS: dict[str, st.SearchStrategy[bytes | str | dict[str, Any]]] = {
    "README.md": st.sampled_from(
        [
            card("license: mit"),
            card("license: llama3\nbase_model: a/b\nbase_model_relation: quantized"),
            card("base_model: c/d"),
        ]
    ),
    "LICENSE": st.sampled_from([MIT, "Ask us."]),
    "config.json": st.builds(
        lambda total, used: {"num_experts": total, "num_experts_per_tok": min(total, used)},
        st.integers(1, 16),
        st.integers(1, 16),
    ),
    "trainer_state.json": st.builds(lambda flos: {"total_flos": flos}, st.floats(0, 1e28)),
    "checkpoint-1/trainer_state.json": st.builds(lambda flos: {"total_flos": flos}, st.floats(0, 1e28)),
}


def looser(spec_name: str, before: Fact | None, after: Fact) -> bool:
    """Whether a lower number became possible than was without the claims."""
    low_before = bounds(before.value)[0] if before else None
    low_after = bounds(after.value)[0]
    assert FACTS[spec_name].loosens.value == "lower"
    return low_before is not None and (low_after is None or low_after < low_before)


@given(st.fixed_dictionaries({}, optional=_CLAIMS), st.sampled_from([DENSE, MIXTURE]))
def test_what_files_claim_never_loosens(claims: dict[str, Any], weights: bytes) -> None:
    measured = facts({"model.safetensors": weights})
    claimed = facts({"model.safetensors": weights, **claims})
    for name in ("model.parameters", "model.training_operations", "model.finetune_operations"):
        if name in claimed:
            assert not looser(name, measured.get(name), claimed[name])
            assert name == "model.parameters" or bounds(claimed[name].value)[1] is None
    assert "model.openness" not in claimed


@given(st.fixed_dictionaries({}, optional=_CLAIMS), st.floats(1, 1e28), st.floats(1, 1e28))
def test_declared_operations_are_never_lowered_by_a_file(
    claims: dict[str, Any], low: float, more: float
) -> None:
    declared = Statement("model.training_operations", Interval(low, low + more), Grade.DECLARED, "facts.yaml")
    found = merge([declared, *report({"model.safetensors": DENSE, **claims}).statements])
    lowest = bounds(found["model.training_operations"].value)[0]
    assert lowest is not None
    assert lowest >= low
