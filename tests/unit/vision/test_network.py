from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from toys import SETS, tiny_config

from vision.model.network import FusedModel, image_encoder
from vision.model.tokens import PRODUCT, SCENE


@pytest.fixture
def images() -> Tensor:
    return torch.randint(0, 256, (3, 3, 64, 64), generator=torch.Generator().manual_seed(0)).float()


def told(tokens: Any, *texts: str, width: int = 0) -> Tensor:
    rows = torch.tensor(tokens.texts(list(texts), 8))
    return torch.nn.functional.pad(rows, (0, max(0, width - rows.shape[1])))


@torch.no_grad()
def everything(model: Any, images: Tensor, text: Tensor, caption: Tensor) -> dict[str, Tensor]:
    encoded = model(images, text)
    logits, gates = model.labels(encoded)
    words = model.words(encoded, caption)
    return {**logits, "gates": gates, "words": words, "pooled": encoded.pooled, "vector": encoded.image_vector}


def test_shapes(tiny: Any, tokens: Any, images: Tensor) -> None:
    text = told(tokens, "", "what is this ?", "my fruit")
    encoded = tiny(images, text)
    cells = 1 + 2 * 2  # the pooled photo and a 2 × 2 grid
    assert encoded.pooled.shape == (3, 512)
    assert encoded.image_vector.shape == (3, 16)
    assert torch.allclose(encoded.image_vector.norm(dim=1), torch.ones(3))
    assert encoded.fused.shape == (3, cells + text.shape[1], 32)
    assert encoded.mask.sum(1).tolist() == [cells + 2, cells + 6, cells + 4]
    logits, gates = tiny.labels(encoded)
    assert {name: value.shape for name, value in logits.items()} == {s: (3, len(names)) for s, names in SETS.items()}
    assert gates.shape == (3, len(SETS))
    assert tiny.words(encoded, torch.full((3, 4), 5)).shape == (3, 4, len(tokens))
    states, vectors = tiny.encode_text(text)
    assert states.shape == (3, text.shape[1], 32)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(3))
    assert tiny.pair_logits(encoded.image_vector, vectors[:2]).shape == (3, 2)


def test_padding_says_nothing(tiny: Any, tokens: Any, images: Tensor) -> None:
    """The same text, beside a longer one or not."""
    texts = ("", "what is this ?", "my fruit")
    caption = torch.tensor(tokens.texts(["a red square", "a", ""], 8, [SCENE, PRODUCT, SCENE]))
    short = everything(tiny, images, told(tokens, *texts), caption)
    long = everything(tiny, images, told(tokens, *texts, width=8), caption)
    for name, value in short.items():
        assert torch.allclose(value, long[name], atol=1e-5), name
    with torch.no_grad():
        assert torch.allclose(
            tiny.encode_text(told(tokens, "my fruit"))[1],
            tiny.encode_text(told(tokens, "my fruit", width=8))[1],
            atol=1e-6,
        )


def test_alone_as_among_others(tiny: Any, tokens: Any, images: Tensor) -> None:
    text = told(tokens, "", "what is this ?", "my fruit")
    caption = torch.tensor(tokens.texts(["a red square", "a green square", "two dogs"], 8, SCENE))[:, :3]
    many = everything(tiny, images, text, caption)
    for at in range(3):
        alone = everything(tiny, images[at : at + 1], text[at : at + 1], caption[at : at + 1])
        for name, value in many.items():
            assert torch.allclose(value[at : at + 1], alone[name], atol=1e-5), name


def test_the_text_and_the_photo_both_matter(tiny: Any, tokens: Any, images: Tensor) -> None:
    first = tiny(images, told(tokens, "", "", ""))
    other_text = tiny(images, told(tokens, "my fruit", "my fruit", "my fruit"))
    assert not torch.allclose(first.fused[:, 0], other_text.fused[:, 0], atol=1e-4)
    assert torch.equal(first.image_vector, other_text.image_vector)  # before fusion: search does not depend on words
    other_photo = tiny(images.flip(0), told(tokens, "", "", ""))
    assert not torch.allclose(first.fused[0, 0], other_photo.fused[0, 0], atol=1e-4)


def test_a_word_does_not_see_what_comes_after_it(tiny: Any, tokens: Any, images: Tensor) -> None:
    encoded = tiny(images[:1], told(tokens, ""))
    first = tiny.words(encoded, torch.tensor([[4, 7, 8, 9]]))
    second = tiny.words(encoded, torch.tensor([[4, 7, 10, 11]]))
    assert torch.allclose(first[:, :2], second[:, :2], atol=1e-5)
    assert not torch.allclose(first[:, 2:], second[:, 2:], atol=1e-4)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")  # torch's warning about a layer of no outputs
def test_no_label_sets(tokens: Any, images: Tensor) -> None:
    model = FusedModel(tiny_config(tokens, label_sets={})).eval()
    logits, gates = model.labels(model(images, told(tokens, "", "", "")))
    assert logits == {}
    assert gates.shape == (3, 0)


def test_a_deeper_encoder_by_configuration(tokens: Any, images: Tensor) -> None:
    model = FusedModel(tiny_config(tokens, encoder="resnet50")).eval()
    encoded = model(images, told(tokens, "", "my fruit", ""))
    assert encoded.pooled.shape == (3, 2048)
    assert all(len(value) == 3 for value in model.labels(encoded)[0].values())
    assert model.words(encoded, torch.tensor([[4, 7]] * 3)).shape[:2] == (3, 2)


@pytest.mark.parametrize("name", ["vit_b_16", "resnet9000", "os.system"])
def test_only_resnets(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        image_encoder(name)


def test_config_round_trip(tokens: Any) -> None:
    config = tiny_config(tokens)
    assert type(config)(**config.to_dict()) == config
