from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from toys import SETS, tiny_config

from vision.model import checkpoint
from vision.model.checkpoint import CheckpointError, load, save, save_add_on, take_fitting
from vision.model.network import FusedModel
from vision.model.packing import pack, unpack
from vision.model.tokens import Tokens

Tensors = dict[str, torch.Tensor]


@pytest.fixture
def folder(shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped, tmp_path / "model"))


def change_weights(folder: Path, change: Callable[[Tensors], object]) -> None:
    tensors = load_file(folder / "weights.safetensors")
    change(tensors)
    save_file(tensors, folder / "weights.safetensors")


def change_card(folder: Path, **more: Any) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | more))


class TestPack:
    def test_rows_lose_at_most_half_a_step(self) -> None:
        torch.manual_seed(0)
        state = {"m": torch.randn(64, 80) * torch.logspace(-4, 4, 64)[:, None], "conv": torch.randn(16, 32, 3, 3)}
        again = unpack(pack(state))
        for name, value in state.items():
            step = value.flatten(1).abs().amax(1) / 127
            error = (again[name] - value).flatten(1).abs().amax(1)
            assert (error <= step / 2 * 1.001).all()
            assert again[name].dtype == torch.float32

    def test_a_fifth_of_the_bytes(self, tokens: Any) -> None:
        state = FusedModel(
            tiny_config(tokens, encoder="resnet18")
        ).state_dict()  # large enough: most of it are matrices
        size = {k: sum(t.numel() * t.element_size() for t in s.values()) for k, s in enumerate((pack(state), state))}
        assert size[0] < 0.3 * size[1]

    @pytest.mark.parametrize("value", [torch.zeros(64, 64), torch.zeros(5), torch.tensor(3), torch.ones(2, 2)])
    def test_odd_tensors(self, value: torch.Tensor) -> None:
        assert torch.equal(unpack(pack({"x": value}))["x"], value)

    def test_what_fp16_cannot_hold_stays_as_it_is(self) -> None:
        """A running variance over 65504 became infinite, and the channel silent."""
        state = {"running_var": torch.tensor([1.0, 1e6])}
        assert torch.equal(unpack(pack(state))["running_var"], state["running_var"])


class TestLoad:
    def test_there_and_back(self, folder: Path, tiny: Any, tokens: Any) -> None:
        loaded = load(folder)
        assert not loaded.model.training
        assert loaded.model.config == tiny.config
        assert loaded.card["made"] == {"command": "a test"}
        assert loaded.tokens.texts(["a red square"], 8) == tokens.texts(["a red square"], 8)
        for name, value in tiny.state_dict().items():
            assert torch.allclose(loaded.model.state_dict()[name].float(), value.float(), atol=2e-2, rtol=1e-2), name
        images = torch.rand(2, 3, 64, 64) * 255
        with torch.no_grad():
            ours, theirs = tiny(images), loaded.model(images)
        assert (ours.image_vector * theirs.image_vector).sum(1).min() > 0.99

    def test_a_container_s_user_can_read_it(self, folder: Path) -> None:
        assert all(file.stat().st_mode & 0o444 == 0o444 for file in folder.iterdir())

    def test_a_second_time_nothing_is_lost(self, folder: Path, tmp_path: Path) -> None:
        """Packing what was packed: the same numbers, tied tensors still tied."""
        first = load(folder)
        save(tmp_path / "again", first.model, first.tokens, first.card["made"], first.captions)
        again = load(tmp_path / "again")
        for name, value in first.model.state_dict().items():
            assert torch.allclose(value.float(), again.model.state_dict()[name].float(), atol=1e-5), name
        decoder = again.model.decoder
        assert decoder.get_output_embeddings().weight is decoder.get_input_embeddings().weight

    def test_the_identity_is_of_weights_and_card(self, folder: Path) -> None:
        before = load(folder).identity
        assert load(folder).identity == before
        change_card(folder, caption_floor=-1.0)
        other_card = load(folder).identity
        change_weights(folder, lambda tensors: tensors["pair_scale"].add_(1))
        assert len({before, other_card, load(folder).identity}) == 3


class TestRefused:
    """Each with a CheckpointError that names the folder."""

    @staticmethod
    def refused(folder: Path) -> str:
        with pytest.raises(CheckpointError) as error:
            load(folder)
        assert str(folder) in str(error.value)
        return str(error.value)

    def test_missing_tensor(self, folder: Path) -> None:
        change_weights(folder, lambda tensors: tensors.pop("pair_scale"))
        assert "pair_scale" in self.refused(folder)

    def test_missing_scale(self, folder: Path) -> None:
        scales = [name for name in load_file(folder / "weights.safetensors") if name.endswith(":scale")]
        change_weights(folder, lambda tensors: tensors.pop(scales[0]))
        assert scales[0] in self.refused(folder)

    def test_extra_tensor(self, folder: Path) -> None:
        change_weights(folder, lambda tensors: tensors.update(more=torch.ones(1)))
        assert "more" in self.refused(folder)

    def test_misshapen_tensor(self, folder: Path) -> None:
        change_weights(folder, lambda tensors: tensors.update({"text_shared.weight": torch.ones(1, 1)}))
        assert "text_shared.weight" in self.refused(folder)

    @pytest.mark.parametrize("number", [0, 1, 2, "3", None])
    def test_another_format(self, folder: Path, number: object) -> None:
        change_card(folder, format=number)
        assert "train it again" in self.refused(folder)

    @pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")  # torch, of a layer of no outputs
    @pytest.mark.parametrize("config", [None, [], {}, {"widht": 3}, {"width": 33}, {"encoder": "vit"}, {"width": "x"}])
    def test_another_config(self, folder: Path, config: object) -> None:
        """{} is the default model, which has no label sets and other shapes."""
        change_card(folder, config=config)
        self.refused(folder)

    def test_other_labels(self, folder: Path, tokens: Any) -> None:
        change_card(folder, config=tiny_config(tokens, label_sets={**SETS, "product": ["apple"]}).to_dict())
        self.refused(folder)

    def test_another_tokenizer(self, folder: Path) -> None:
        Tokens.train([" ".join(f"word{n}x" for n in range(400))] * 3, 900).save(folder / "tokenizer.json")
        assert "in its tokenizer" in self.refused(folder)

    def test_another_decoders_words(self, folder: Path) -> None:
        Tokens.train([" ".join(f"word{n}x" for n in range(400))] * 3, 900).save(folder / "captions.json")
        assert "in its tokenizer" in self.refused(folder)

    @pytest.mark.parametrize("name", ["card.json", "weights.safetensors", "tokenizer.json", "captions.json"])
    @pytest.mark.parametrize("left", [b"", b"\xff\xfe garbage", b"[1]", b'{"a": 1}', None])
    def test_garbage(self, folder: Path, name: str, left: bytes | None) -> None:
        if left is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(left)
        self.refused(folder)

    @pytest.mark.parametrize("name", ["card.json", "weights.safetensors", "tokenizer.json", "captions.json"])
    def test_half_a_file(self, folder: Path, name: str) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        assert (
            "is no checkpoint" if name in ("card.json", "weights.safetensors") else "copy it again"
        ) in self.refused(folder)

    def test_no_folder(self, tmp_path: Path) -> None:
        assert "name the folder of one" in self.refused(tmp_path / "nowhere")


class TestStart:
    def test_the_same_labels_are_all_taken(self, folder: Path) -> None:
        source = load(folder).model
        other = FusedModel(source.config)
        assert take_fitting(other, folder) == len(other.state_dict())
        assert all(torch.equal(v, source.state_dict()[n]) for n, v in other.state_dict().items())

    def test_a_head_with_other_labels_is_not_taken(self, folder: Path, tokens: Any) -> None:
        """As many labels of other names: it used to be taken, and called every pear an apple."""
        source = load(folder).model
        renamed = {name: [label + "?" for label in labels] for name, labels in source.config.label_sets.items()}
        other = FusedModel(replace(source.config, label_sets=renamed))
        before = {name: value.clone() for name, value in other.image_heads.state_dict().items()}
        take_fitting(other, folder)
        assert all(torch.equal(value, before[name]) for name, value in other.image_heads.state_dict().items())
        assert torch.equal(other.gates["product"].weight, source.gates["product"].weight)

    def test_the_card_can_be_written_again(self, folder: Path) -> None:
        card = load(folder).card | {"note": "größer"}
        checkpoint.write_card(folder, card)
        assert load(folder).card == card


class TestAddOn:
    """More labels and a decoder on the same eyes, in a folder of their own."""

    @pytest.fixture
    def base(self, tokens: Any, tmp_path: Path) -> Path:
        torch.manual_seed(0)
        save(tmp_path / "base", FusedModel(tiny_config(tokens, vocabulary=0)).eval(), tokens, {"licence": "any use"})
        return tmp_path / "base"

    def more(self, base: Path, tokens: Any, into: Path) -> FusedModel:
        torch.manual_seed(1)
        model = FusedModel(tiny_config(tokens, label_sets={**SETS, "colour": ["red", "blue"]}))
        take_fitting(model, base)
        parts = ("image_heads.colour.", "gates.", "decoder.", "scene.", "places.", "image_shared.")
        save_add_on(into, model, parts, {"licence": "research"}, tokens)
        return model

    def test_it_lies_beside_and_is_found_within(self, base: Path, tokens: Any, tmp_path: Path) -> None:
        model = self.more(base, tokens, tmp_path / "more")
        alone, both = load(base), load(base, tmp_path / "more")
        assert set(both.model.config.label_sets) == {*SETS, "colour"}
        assert both.captions and alone.captions is None
        assert both.identity.startswith(alone.identity + "+")
        for name in ("scene.weight", "image_heads.colour.weight", "image_shared.0.weight"):
            assert torch.allclose(both.model.state_dict()[name], model.state_dict()[name], atol=0.02), name
        assert torch.equal(both.model.state_dict()["trunk.0.weight"], alone.model.state_dict()["trunk.0.weight"])
        assert "trunk.0.weight" not in load_file(tmp_path / "more" / "weights.safetensors")

    def test_calibrations_come_together(self, base: Path, tokens: Any, tmp_path: Path) -> None:
        self.more(base, tokens, tmp_path / "more")
        change_card(base, calibration={"product": {"floor": 0.7}}, plain=4.0)
        change_card(tmp_path / "more", calibration={"colour": {"floor": 0.8}}, says_scenes=True)
        card = load(base, tmp_path / "more").card
        assert card["calibration"] == {"product": {"floor": 0.7}, "colour": {"floor": 0.8}}
        assert card["says_scenes"] and card["plain"] == 4.0

    def test_of_other_eyes(self, base: Path, tokens: Any, tmp_path: Path) -> None:
        self.more(base, tokens, tmp_path / "more")
        whole = [name for name in load_file(base / "weights.safetensors") if name.startswith("trunk.7.")]
        change_weights(base, lambda tensors: [tensors[name].neg_() for name in whole])
        with pytest.raises(CheckpointError, match="made for other eyes"):
            load(base, tmp_path / "more")

    def test_an_add_on_is_no_checkpoint(self, base: Path, tokens: Any, tmp_path: Path) -> None:
        self.more(base, tokens, tmp_path / "more")
        with pytest.raises(CheckpointError, match="tensors do not match"):
            load(tmp_path / "more")
