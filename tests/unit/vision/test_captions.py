from __future__ import annotations

from typing import Any

import pytest
import torch
from toys import tiny_config

from vision.model import captions
from vision.model.cached_decoder import Steps
from vision.model.captions import facts, is_thing, mentions_people, sure_thing, template
from vision.model.checkpoint import Checkpoint
from vision.model.network import FusedModel
from vision.model.tokens import CLS, SEP, SPECIAL
from vision.model.torch_runtime import TorchRuntime
from vision.report import Label, LabelSet


def sure(name: str, applies: float = 1.0) -> LabelSet:
    return LabelSet(applies=applies, stated=name, top=(Label(name=name, probability=0.9),))


def unsure(name: str, applies: float = 1.0) -> LabelSet:
    return LabelSet(applies=applies, top=(Label(name=name, probability=0.4),))


@pytest.fixture(params=[0, 1, 2])
def talker(request: pytest.FixtureRequest, tokens: Any) -> FusedModel:
    """Untrained, with opinions: larger weights, so that the words differ from photo to photo."""
    torch.manual_seed(request.param)
    model = FusedModel(tiny_config(tokens)).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.startswith("decoder") and value.ndim == 2:
                value.mul_(8)
    return model


@pytest.fixture
def grid(talker: FusedModel) -> torch.Tensor:
    images = torch.randint(0, 256, (3, 3, 64, 64), generator=torch.Generator().manual_seed(0)).float()
    with torch.no_grad():
        return talker(images).grid


def beam_search(model: FusedModel, grid: torch.Tensor, tokens: Any, beams: int) -> tuple[list[str], list[float]]:
    runtime = TorchRuntime(Checkpoint(model, tokens, {}, "", tokens))
    return captions.beam_search(runtime, grid.numpy(), tokens, model.config.caption_length, beams)


@torch.no_grad()
def by_hand(model: Any, grid: Any, row: int, tokens: Any) -> tuple[list[int], float]:
    """Greedy, one photo, one word at a time."""
    alone = model.memory(grid[row : row + 1])
    words, scores = [tokens.id[CLS]], []
    while len(words) < model.config.caption_length:
        logs = model.words(alone, torch.tensor([words]))[0, -1].log_softmax(-1)
        logs[[tokens.id[s] for s in SPECIAL if s != SEP]] = float("-inf")
        words.append(int(logs.argmax()))
        scores.append(float(logs.max()))
        if words[-1] == tokens.id[SEP]:
            break
    return words, sum(scores) / len(scores)


class TestSteps:
    def test_word_by_word_is_as_the_whole(self, talker: Any, grid: Any, tokens: Any) -> None:
        wide = talker.memory(grid).repeat_interleave(2, 0)
        words = torch.randint(len(SPECIAL), len(tokens), (6, 8), generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            whole, steps = talker.words(wide, words), Steps(talker, talker.memory(grid), beams=2)
            for at in range(8):
                assert torch.allclose(steps(words[:, at]), whole[:, at], atol=1e-4)

    def test_rows_that_go_on(self, talker: Any, grid: Any, tokens: Any) -> None:
        wide = talker.memory(grid).repeat_interleave(2, 0)
        words = torch.randint(len(SPECIAL), len(tokens), (6, 4), generator=torch.Generator().manual_seed(2))
        rows = torch.tensor([1, 1, 3, 2, 4, 4])  # within their photos: 0 and 1, 2 and 3, 4 and 5
        with torch.no_grad():
            steps = Steps(talker, talker.memory(grid), beams=2)
            for at in range(3):
                steps(words[:, at])
            steps.keep(rows)
            grown = torch.cat([words[rows, :3], words[:, 3:]], 1)
            assert torch.allclose(steps(words[:, 3]), talker.words(wide, grown)[:, -1], atol=1e-4)


class TestBeamSearch:
    def test_one_beam_is_greedy(self, talker: Any, grid: Any, tokens: Any) -> None:
        said, scores = beam_search(talker, grid, tokens, beams=1)
        for row in range(3):
            words, score = by_hand(talker, grid, row, tokens)
            plain = tokens.decode(words).strip(" .").replace(" ,", ",")
            assert said[row].lower().rstrip(".") == plain
            assert scores[row] == pytest.approx(score, abs=1e-4)

    def test_a_photo_gets_the_same_sentence_alone(self, talker: Any, grid: Any, tokens: Any) -> None:
        said, _ = beam_search(talker, grid, tokens, beams=3)
        for row in range(3):
            assert beam_search(talker, grid[row : row + 1], tokens, beams=3)[0] == [said[row]]

    @pytest.mark.parametrize("beams", [1, 2, 5, 30])
    def test_it_ends_and_says_words_only(self, talker: Any, grid: Any, tokens: Any, beams: int) -> None:
        said, scores = beam_search(talker, grid, tokens, beams)
        assert len(said) == len(scores) == 3
        for sentence, score in zip(said, scores, strict=True):
            assert not any(special.lower() in sentence.lower() for special in SPECIAL)
            assert len(sentence.split()) < talker.config.caption_length
            assert float("-inf") < score <= 0

    @pytest.mark.parametrize("special", [s for s in SPECIAL if s != SEP])
    def test_never_a_special_token(self, talker: Any, grid: Any, tokens: Any, special: str) -> None:
        """However much the decoder wants to. Padding in the middle would blind it to the words before."""
        with torch.no_grad():
            talker.decoder.cls.predictions.bias[tokens.id[special]] += 1000
        said, scores = beam_search(talker, grid, tokens, beams=2)
        assert all(said)
        assert all(score > float("-inf") for score in scores)

    def test_a_decoder_that_ends_at_once_says_nothing(self, talker: Any, grid: Any, tokens: Any) -> None:
        with torch.no_grad():
            talker.decoder.cls.predictions.bias[tokens.id[SEP]] += 1000
        said, scores = beam_search(talker, grid, tokens, beams=1)
        assert said == ["", "", ""]
        assert scores == pytest.approx([0, 0, 0], abs=1e-3)

    def test_it_looks_at_the_whole_tree_where_that_is_small(self, talker: Any, grid: Any, tokens: Any) -> None:
        """Two words and as many beams as words: nothing is pruned, so the best mean is found."""
        words = [n for n in range(len(tokens)) if n not in {tokens.id[s] for s in SPECIAL}]
        first, end = tokens.id[CLS], tokens.id[SEP]
        with torch.no_grad():
            alone = talker.memory(grid[:1])
            never = [tokens.id[s] for s in SPECIAL if s != SEP]
            one = talker.words(alone, torch.tensor([[first]]))[0, -1].log_softmax(-1)
            best = float(one[end])
            for word in words:
                two = talker.words(alone, torch.tensor([[first, word]]))[0, -1].log_softmax(-1)
                two[never] = float("-inf")
                best = max(best, float(one[word] + two.max()) / 2)
        object.__setattr__(talker.config, "caption_length", 3)
        _, [score] = beam_search(talker, grid[:1], tokens, beams=len(words) + 1)
        assert score == pytest.approx(best, abs=1e-4)


class TestTemplate:
    ORDER = (
        ({"kind": sure("receipt"), "product": sure("Milk")}, "A receipt."),
        ({"kind": sure("photo"), "product": sure("Gala"), "category": sure("Apple")}, "Gala (Apple)."),
        ({"product": sure("Gala"), "category": unsure("Apple")}, "Gala."),
        ({"product": unsure("Gala"), "category": sure("Apple")}, "Apple."),
        ({"product": sure("Gala"), "article": sure("Shirt")}, "Gala."),
        ({"article": sure("Shirt"), "colour": sure("Blue")}, "Shirt in blue."),
        ({"article": sure("Shirt"), "colour": unsure("Blue")}, "Shirt."),
        ({"article": sure("Shirt"), "category": sure("Topwear"), "colour": sure("Blue")}, "Shirt (Topwear) in blue."),
        ({"article": unsure("Shirt"), "category": sure("Topwear"), "colour": sure("Blue")}, "Topwear in blue."),
        ({"article": unsure("Shirt"), "colour": sure("Blue")}, None),
        ({"item": sure("T-shirt"), "object": sure("cloth")}, "Clothing: T-shirt."),
        ({"damage": sure("dent")}, "A vehicle with dent damage."),
        ({"object": sure("clock"), "category": sure("Apple")}, "Apple."),
        ({"object": sure("clock")}, "clock."),
        ({"product": unsure("Gala"), "category": unsure("Apple")}, None),
        ({"kind": sure("photo")}, None),
        ({}, None),
    )

    @pytest.mark.parametrize(("labels", "said"), ORDER)
    def test_what_is_sure_most_exact_first(self, labels: dict[str, LabelSet], said: str | None) -> None:
        assert template(labels) == said

    def test_an_everyday_thing_comes_after_the_scene(self) -> None:
        labels = {"kind": sure("photo"), "object": sure("remote control")}
        assert (template(labels), sure_thing(labels)) == ("remote control.", None)

    def test_no_scene_is_told_of_a_shops_thing(self) -> None:
        assert is_thing({"product": unsure("Gala", 0.5)})
        assert not is_thing({"product": sure("Gala", 0.4), "kind": sure("photo"), "object": sure("lamp")})
        assert not is_thing({})


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Red Delicious (Apple).", {"red delicious", "apple"}),
        ("A pineapple.", set()),
        ("Apple juice, red delicious.", {"apple juice", "red delicious"}),
        ("", set()),
        ("A vehicle with minor damage.", {"minor"}),
    ],
)
def test_facts_said(sentence: str, said: set[str]) -> None:
    assert facts(sentence, ["Apple", "Apple Juice", "Red Delicious", "Delicious", "minor"]) == said


def test_people_and_animals_are_found_in_any_words() -> None:
    assert all(map(mentions_people, ("A person runs.", "Two dogs.", "A little girl", "Young men", "A crowd")))
    assert not any(map(mentions_people, ("Shoes in black.", "Banana (Fruit).", "A receipt.", "")))
