from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from toys import SETS, tiny_config

from vision.model.encoders import image_encoder
from vision.model.network import FusedModel

FUSIONS = ("attention", "concat", "gated", "words")


@pytest.fixture
def images() -> Tensor:
    return torch.randint(0, 256, (3, 3, 64, 64), generator=torch.Generator().manual_seed(0)).float()


def told(tokens: Any, *texts: str, width: int = 0) -> Tensor:
    rows = torch.tensor(tokens.texts(list(texts), 8))
    return torch.nn.functional.pad(rows, (0, max(0, width - rows.shape[1])))


@torch.no_grad()
def heard(model: Any, images: Tensor, tokens: Any, *texts: str, width: int = 0) -> Tensor:
    rows = told(tokens, *texts, width=width)
    words, nothing = model.encode_text(rows)[0], model.encode_text(told(tokens, ""))[0]
    said: Tensor = model.hear(model(images).grid, words, (rows != 0).float(), nothing)["product"]
    return said


def test_shapes(tiny: Any, tokens: Any, images: Tensor) -> None:
    encoded = tiny(images)
    assert encoded.grid.shape == (3, 2 * 2, 256)
    assert encoded.pooled.shape == encoded.tuned.shape == (3, 256)
    assert torch.allclose(encoded.pooled, encoded.grid.mean(1), atol=1e-5)
    assert torch.allclose(encoded.tuned, encoded.tuned_grid.mean(1), atol=1e-5)
    assert encoded.image_vector.shape == (3, 16)
    assert torch.allclose(encoded.image_vector.norm(dim=1), torch.ones(3))
    logits, gates = tiny.labels(encoded)
    assert {name: value.shape for name, value in logits.items()} == {s: (3, len(names)) for s, names in SETS.items()}
    assert gates.shape == (3, len(SETS))
    assert tiny.words(tiny.memory(encoded.grid), torch.full((3, 4), 5)).shape == (3, 4, len(tokens))
    text = told(tokens, "", "what is this ?", "my fruit")
    states, means = tiny.encode_text(text)
    assert states.shape == (3, text.shape[1], 32)
    assert torch.allclose(tiny.text_vector(means).norm(dim=1), torch.ones(3))


@pytest.mark.parametrize("fusion", FUSIONS)
def test_padding_says_nothing(tokens: Any, images: Tensor, fusion: str) -> None:
    """The same text, beside a longer one or not."""
    model = FusedModel(tiny_config(tokens, fusion=fusion)).eval()
    texts = ("", "what is this ?", "my fruit")
    assert torch.allclose(
        heard(model, images, tokens, *texts), heard(model, images, tokens, *texts, width=8), atol=1e-5
    )


@pytest.mark.parametrize("fusion", FUSIONS)
def test_silence_changes_nothing_and_words_do(tokens: Any, images: Tensor, fusion: str) -> None:
    torch.manual_seed(0)
    model = FusedModel(tiny_config(tokens, fusion=fusion)).eval()
    silent, spoken, _ = heard(model, images, tokens, "", "my fruit", "what is this ?")
    assert silent.abs().max() < 1e-5
    assert spoken.abs().max() > 1e-3


@pytest.mark.parametrize("fusion", FUSIONS[:3])
def test_what_words_change_depends_on_the_photo(tokens: Any, images: Tensor, fusion: str) -> None:
    """F = [F_I ; F_T]: the same words beside another photo say something else."""
    torch.manual_seed(0)
    model = FusedModel(tiny_config(tokens, fusion=fusion)).eval()
    first, second, _ = heard(model, images, tokens, *["my fruit"] * 3)
    assert not torch.allclose(first, second, atol=1e-6)  # the toy has learnt nothing: all photos are much alike to it


def test_alone_as_among_others(tiny: Any, images: Tensor) -> None:
    with torch.no_grad():
        many = tiny(images)
        for at in range(3):
            alone = tiny(images[at : at + 1])
            assert all(torch.allclose(one, all_[at : at + 1], atol=1e-5) for one, all_ in zip(alone, many, strict=True))


def test_a_word_does_not_see_what_comes_after_it(tiny: Any, images: Tensor) -> None:
    memory = tiny.memory(tiny(images[:1]).grid)
    first = tiny.words(memory, torch.tensor([[2, 7, 8, 9]]))
    second = tiny.words(memory, torch.tensor([[2, 7, 10, 11]]))
    assert torch.allclose(first[:, :2], second[:, :2], atol=1e-5)
    assert not torch.allclose(first[:, 2:], second[:, 2:], atol=1e-4)


class TestTwoBranches:
    def test_they_begin_alike_and_learn_apart(self, tokens: Any, images: Tensor) -> None:
        model = FusedModel(tiny_config(tokens, tuned=["product"], tuned_from=6)).eval()
        before = model(images)
        assert torch.equal(before.pooled, before.tuned)
        with torch.no_grad():
            for value in model.tuned.parameters():
                value.mul_(0.5)
        after = model(images)
        assert torch.equal(before.pooled, after.pooled)
        assert not torch.allclose(after.pooled, after.tuned, atol=1e-3)
        logits, gates = model.labels(after)
        unchanged, same_gates = model.labels(before)
        assert torch.equal(logits["kind"], unchanged["kind"])
        assert not torch.allclose(logits["product"], unchanged["product"], atol=1e-4)
        assert torch.equal(gates, same_gates)

    @pytest.mark.parametrize("stage", [0, 9, 99])
    def test_a_stage_that_is_none(self, tokens: Any, stage: int) -> None:
        with pytest.raises(ValueError, match=r"tuned_from must be 1\.\.8"):
            FusedModel(tiny_config(tokens, tuned=["product"], tuned_from=stage))


def test_no_label_sets_and_no_decoder(tokens: Any, images: Tensor) -> None:
    model = FusedModel(tiny_config(tokens, label_sets={}, vocabulary=0)).eval()
    encoded = model(images)
    logits, gates = model.labels(encoded)
    assert logits == {}
    assert gates.shape == (3, 0)
    assert model.decoder is None
    assert model.hear(encoded.grid, torch.zeros(3, 2, 32), torch.ones(3, 2), torch.zeros(1, 2, 32)) == {}


class TestEncoders:
    def test_a_deeper_resnet(self, tokens: Any, images: Tensor) -> None:
        assert FusedModel(tiny_config(tokens, encoder="torchvision/resnet50")).eval()(images).pooled.shape == (3, 2048)

    @pytest.mark.parametrize(("name", "channels"), [("mobilenetv3_small_050", 288), ("tf_efficientnet_lite0", 1280)])
    def test_any_cnn_of_timm(self, tokens: Any, images: Tensor, name: str, channels: int) -> None:
        assert FusedModel(tiny_config(tokens, encoder=name)).eval()(images).pooled.shape == (3, channels)

    def test_lite_wants_its_own_scale(self) -> None:
        """(x − 127) / 128; torchvision's ImageNet statistics cost it half of its accuracy without an error."""
        found = image_encoder("tf_efficientnet_lite2")
        assert (found.mean, found.std) == ((127.0,) * 3, (128.0,) * 3)
        assert not any("SiLU" in type(part).__name__ for stage in found.stages for part in stage.modules())

    @pytest.mark.parametrize("name", ["vit_base_patch16_224", "resnet9000", "os.system", ""])
    def test_names_without_a_grid(self, name: str) -> None:
        with pytest.raises(ValueError, match=name or "neither"):
            image_encoder(name)


def test_config_round_trip(tokens: Any) -> None:
    config = tiny_config(tokens)
    assert type(config)(**config.to_dict()) == config
