"""What trainer states say of operations, corrected for frozen weights and experts, merged as a decision would."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inspect.memory_source import MemorySource, card, safetensors
from weightgate.facts.merge import merge
from weightgate.facts.statements import Facts, Grade
from weightgate.facts.values import Interval, Known, Unknown, bounds
from weightgate.inspect.files import FilesReport, statements_of

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


class TestOperations:
    def test_from_scratch_they_are_a_lower_bound_of_the_training(self) -> None:
        found = facts({"model.safetensors": DENSE, "trainer_state.json": {"total_flos": 1e20}})
        assert found["model.training_operations"].value == Interval(1e20, None)
        assert found["model.training_operations"].grade is Grade.CLAIMED
        assert "model.finetune_operations" not in found

    def test_of_a_fine_tune_they_count_for_both(self) -> None:
        found = report(
            {
                "model.safetensors": DENSE,
                "README.md": card("base_model: a/b"),
                "trainer_state.json": {"total_flos": 1e20},
            }
        )
        (said,) = [s for s in found.statements if s.fact == "model.finetune_operations"]
        assert said.value == Known(1e20)
        merged = merge(found.statements)
        assert merged["model.finetune_operations"].value == Interval(1e20, None)
        assert merged["model.training_operations"].value == Interval(1e20, None)

    def test_of_an_adapter_frozen_weights_are_corrected_for(self) -> None:
        found = report(
            {
                "adapter_model.safetensors": LORA,
                "adapter_config.json": {"peft_type": "LORA", "base_model_name_or_path": "a/b"},
                "checkpoint-1/trainer_state.json": {"total_flos": 3e20},
                "checkpoint-2/trainer_state.json": {"total_flos": 6e20},
            }
        )
        (said,) = [s for s in found.statements if s.fact == "model.finetune_operations"]
        assert said.value == Interval(4e20, 6e20)
        assert "frozen weights" in said.method
        assert said.source == "./model/checkpoint-2/trainer_state.json"
        assert merge(found.statements)["model.finetune_operations"].value == Interval(4e20, None)
        assert any("mixture of experts" in sentence for sentence in found.not_established)

    def test_of_a_mixture_only_the_active_share_is_certain(self) -> None:
        found = report(
            {
                "model.safetensors": MIXTURE,
                "config.json": {"num_local_experts": 2, "num_experts_per_tok": 1},
                "README.md": card("base_model: a/b"),
                "trainer_state.json": {"total_flos": 960.0},
            }
        )
        (said,) = [s for s in found.statements if s.fact == "model.finetune_operations"]
        # Outside the input embedding: 32 attention, 128 experts, 800 head; 64 of them are idle.
        low, high = bounds(said.value)
        assert low == pytest.approx(896.0)
        assert high == 960.0

    def test_a_run_that_did_not_count_is_unknown(self) -> None:
        found = facts({"model.safetensors": DENSE, "trainer_state.json": {"total_flos": 0}})
        value = found["model.training_operations"].value
        assert isinstance(value, Unknown)
        assert "total_flos" in value.reason

    def test_a_trainer_state_that_python_wrote_and_json_does_not_know(self) -> None:
        found = report(
            {"model.safetensors": DENSE, "trainer_state.json": b'{"total_flos": 1e20, "loss": NaN}'}
        )
        value = merge(found.statements)["model.training_operations"].value
        assert value == Unknown("NaN is not JSON, so its counters were not read")
        assert any("trainer_state.json: NaN is not JSON" in note for note in found.notes)

    def test_a_run_of_which_only_the_last_checkpoints_were_read(self) -> None:
        files: dict[str, bytes | str | dict[str, Any]] = {"model.safetensors": DENSE}
        for step in range(1, 41):
            files[f"checkpoint-{step}/trainer_state.json"] = {"total_flos": step * 1e18}
        found = report(files)
        assert merge(found.statements)["model.training_operations"].value == Interval(40e18, None)
        assert "8 trainer states of earlier checkpoints were not read" in found.notes

    def test_a_real_adapter_s_count_gives_back_its_base_s_size(self) -> None:
        # MODELS.md, section 5: DistilBERT with LoRA, 375 steps of 16 samples of 128 tokens.
        found = report(
            {
                "adapter_model.safetensors": LORA,
                "adapter_config.json": {
                    "peft_type": "LORA",
                    "base_model_name_or_path": "distilbert-base-uncased",
                },
                "trainer_state.json": {
                    "total_flos": 202109110272000.0,
                    "global_step": 375,
                    "train_batch_size": 16,
                },
            }
        )
        (said,) = [s for s in found.statements if s.fact == "model.finetune_operations"]
        low, high = bounds(said.value)
        assert low is not None
        assert high is not None
        assert high / (6 * 375 * 16 * 128) == pytest.approx(43.86e6, rel=1e-3)
        assert low == pytest.approx(high * 4 / 6)

    def test_an_adapter_on_a_mixture_whose_configuration_is_there_takes_both_corrections(self) -> None:
        found = report(
            {
                "adapter_model.safetensors": LORA,
                "adapter_config.json": {"peft_type": "LORA", "base_model_name_or_path": "a/b"},
                "config.json": {"num_local_experts": 8, "num_experts_per_tok": 2},
                "trainer_state.json": {"total_flos": 6e20},
            }
        )
        (said,) = [s for s in found.statements if s.fact == "model.finetune_operations"]
        low, high = bounds(said.value)
        assert low == pytest.approx(1e20)
        assert high == 6e20
        assert not any("mixture of experts" in sentence for sentence in found.not_established)

    def test_a_relation_in_the_card_alone_makes_it_an_adapter(self) -> None:
        found = report(
            {
                "model.safetensors": DENSE,
                "README.md": card("base_model: a/b\nbase_model_relation: adapter"),
                "trainer_state.json": {"total_flos": 6e20},
            }
        )
        (said,) = [s for s in found.statements if s.fact == "model.finetune_operations"]
        assert said.value == Interval(4e20, 6e20)
