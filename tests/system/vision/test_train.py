from __future__ import annotations

import json
import logging
import math
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from patience import HALF
from PIL import Image
from repository import ROOT
from toys import TINY, write_set

from vision.images import DataError
from vision.model import checkpoint
from vision.model.network import FusedModel, ModelConfig
from vision.model.predictor import Predictor
from vision.training.dataset import Batches, Pictures, RunConfig, SetConfig
from vision.training.evaluate import evaluate
from vision.training.losses import against, label_losses, losses, surprise
from vision.training.stage import StageConfig
from vision.training.train import Trainer, schedule

SHOP = [
    {"colour": colour, "labels": {"product": product, "category": "Fruit"}}
    for colour, product in (("red", "Apple"), ("green", "Pear"), ("blue", "Plum"), ("red", "Apple"))
]
SCENES = [
    {"colour": colour, "captions": [f"a {colour} square .", f"the {colour} square in the sun ."]}
    for colour in ("red", "green", "blue", "green")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_set(tmp_path / "data" / "shop" / "train", SHOP)
    write_set(tmp_path / "data" / "scenes" / "train", SCENES)
    return tmp_path


def run_of(folder: Path, out: str = "out", **more: Any) -> RunConfig:
    sets = (
        SetConfig("shop", "shop/train", 0.5, validation="shop/train"),
        SetConfig("scenes", "scenes/train", 0.5, validation="scenes/train", unknown=("category",)),
    )
    values: dict[str, Any] = {"steps": 20, "batch": 8, "size": 32, "test_size": 32, "stored": 40, "rate": 2e-3}
    model = {**TINY, "vocabulary": 120}
    return RunConfig(str(folder / "data"), str(folder / out), sets=sets, model=model, **{**values, **more})


def without_validation(run: RunConfig) -> RunConfig:
    return replace(run, sets=tuple(replace(entry, validation="") for entry in run.sets))


class TestRun:
    def test_from_pictures_to_a_checkpoint(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run = run_of(folder, warmup=0.1)
        trainer = Trainer(run, "a test")
        seen: list[dict[str, float]] = []
        step = trainer._step
        monkeypatch.setattr(trainer, "_step", lambda done: seen.append(step(done)) or seen[-1])
        model = trainer.train()

        assert len(seen) == 20
        for name in ("labels", "gate", "caption", "pairs"):
            values = [row[name] for row in seen]
            assert all(math.isfinite(value) for value in values), name
        for name in ("labels", "caption", "pairs"):
            assert sum(row[name] for row in seen[-4:]) < sum(row[name] for row in seen[:4]), name
        logged = [json.loads(line) for line in (folder / "out" / "metrics.jsonl").read_text().splitlines()]
        assert [row["step"] for row in logged] == [20]
        with Image.open(folder / "out" / "curves.png") as drawn:
            assert drawn.width > 4 * 200  # labels, gate, caption and pairs beside each other
            assert len(drawn.convert("L").getcolors() or []) > 10

        card = checkpoint.load(model).card
        assert card["made"]["command"] == "a test"
        assert card["made"]["steps"] == 20
        assert {"commit", "licence", "start"} <= set(card["made"])
        assert set(card["calibration"]) == {"product", "category"}
        assert card["caption_floor"] < 0
        assert set(card["config"]["label_sets"]) == {"product", "category", "kind"}
        scores = evaluate(Predictor.load(model, beams=1), folder / "data" / "shop" / "train")
        assert set(scores["labels"]) == {"product", "category"}

        # Finished is finished: the same command again only writes the checkpoint.
        again = Trainer(run, "a test")
        monkeypatch.setattr(again, "_step", lambda done: pytest.fail("a step after the last"))
        assert checkpoint.load(again.train()).identity

    def test_words_are_learnt_where_photos_look_alike(self, folder: Path) -> None:
        """The heads that hear have a loss of their own: photos that look alike are told apart by words."""
        rows = [
            {"labels": {"product": product, "category": category}}
            for product, category in (("Apple", "Fruit"), ("Milk", "Dairy"))
        ]
        shutil.rmtree(folder / "data" / "shop")
        write_set(folder / "data" / "shop" / "train", rows)
        run = run_of(folder, steps=150, batch=32, losses={"labels": 1.0, "told": 1.0}, rate=5e-3, rendered=0.0)
        trainer = Trainer(without_validation(run), "a test")
        trainer.train()
        trainer.model.eval()
        # Letter by letter still within the 8 tokens that a toy reads: its tokenizer differs from run to run.
        tokens = torch.tensor(trainer.tokens.texts(["fruit", "dairy"], trainer.model.config.text_length))
        assert tokens[0].tolist() != tokens[1].tolist()
        nothing = torch.tensor(trainer.tokens.texts([""], trainer.model.config.text_length))
        with torch.no_grad():
            words, unsaid = (trainer.model.encode_text(each)[0] for each in (tokens, nothing))
            grid = trainer.model(trainer.pictures.pixels[:1].float()).grid.expand(2, -1, -1)
            said = trainer.model.hear(grid, words, (tokens != 0).float(), unsaid)["product"]
        assert said[0, 0] - said[0, 1] > said[1, 0] - said[1, 1]  # "fruit" speaks for the apple, "dairy" for the milk

    def test_resumed_is_as_if_never_stopped(self, folder: Path) -> None:
        run = without_validation(run_of(folder, "whole", steps=6, cutmix=0.3))
        whole = Trainer(run, "").train()

        (folder / "cut").mkdir()
        for name in ("tokenizer.json", "captions.json"):
            shutil.copy(folder / "whole" / name, folder / "cut")  # tokenizers breaks ties as it likes
        killed = Trainer(replace(run, out=str(folder / "cut")), "")
        for done in (0, 1 / 6, 2 / 6):
            killed._step(done)
        killed._save(time.monotonic())
        killed._step(0.5)  # lost
        torch.rand(7)  # another process has another history
        (folder / "cut" / "state.pt.partial").write_bytes(b"killed while it saved")
        resumed = Trainer(replace(run, out=str(folder / "cut")), "")
        cut = resumed.train()

        assert resumed.step == 6
        first, second = checkpoint.load(whole).model.state_dict(), checkpoint.load(cut).model.state_dict()
        for name, value in first.items():
            assert torch.allclose(value.float(), second[name].float(), atol=1e-5), name

    def test_a_loss_that_is_no_number_ends_the_run_and_not_the_state(self, folder: Path) -> None:
        trainer = Trainer(without_validation(run_of(folder)), "")
        with torch.no_grad():
            trainer.model.pair_scale.fill_(float("nan"))
        before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
        with pytest.raises(FloatingPointError, match="at step 0: lower `rate`, then resume"):
            trainer._step(0)
        assert trainer.step == 0
        name = "image_shared.0.weight"
        assert torch.equal(trainer.model.state_dict()[name], before[name])

    def test_a_state_of_another_configuration(self, folder: Path) -> None:
        trainer = Trainer(without_validation(run_of(folder)), "")
        trainer._save(time.monotonic())
        other = replace(trainer.run, model={**trainer.run.model, "width": 64})
        with pytest.raises(DataError, match="name another `out`"):
            Trainer(other, "").train()

    def test_only_what_trains_changes(self, folder: Path) -> None:
        losses = {"caption": 1.0, "scst": 1.0, "labels": 1.0}
        run = without_validation(run_of(folder, steps=8, losses=losses, samples=2, trains=("decoder",)))
        trainer = Trainer(run, "")
        before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
        trainer.train()
        changed = {name for name, value in trainer.model.state_dict().items() if not torch.equal(value, before[name])}
        assert changed
        assert {name.split(".")[0] for name in changed} == {"decoder"}  # nor batch norm's running statistics

    def test_a_part_that_does_not_exist(self, folder: Path) -> None:
        with pytest.raises(DataError, match=r"no part ears to train; it has .*'decoder'"):
            Trainer(without_validation(run_of(folder, trains=("ears",))), "")

    def test_patience_ends_a_run_and_the_best_is_kept(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        scores = iter([0.3, 0.5, 0.4, 0.45])
        looked: list[list[Path]] = []

        def score(predictor: Predictor, folders: list[Path]) -> float:
            looked.append(folders)
            return next(scores)

        monkeypatch.setattr("vision.training.train.quick_score", score)
        trainer = Trainer(run_of(folder, steps=50, patience=2, check_minutes=0.0), "")
        model = trainer.train()
        assert len(looked) == 4  # two worse than the second
        assert [path.parent.name for path in looked[0]] == ["shop", "scenes"]
        assert trainer.step == 4
        assert checkpoint.load(model).card["made"]["steps"] == 2  # the best, not the last
        rows = [json.loads(line) for line in (folder / "out" / "metrics.jsonl").read_text().splitlines()]
        assert [row["validation"] for row in rows if "validation" in row] == [0.3, 0.5, 0.4, 0.45]

    def test_start_from_another_checkpoint(self, folder: Path, shipped: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        trainer = Trainer(without_validation(run_of(folder, start=str(shipped))), "")
        source = checkpoint.load(shipped).model.state_dict()
        for name in ("trunk.0.weight", "text.embeddings.word_embeddings.weight"):
            assert torch.allclose(trainer.model.state_dict()[name], source[name])
        assert torch.allclose(trainer.average["trunk.0.weight"], source["trunk.0.weight"])
        assert "tensors from" in caplog.text


class TestPeers:
    """Two processes on this machine, as torchrun starts them."""

    def run(self, *command: str, **more: Any) -> subprocess.CompletedProcess[str]:
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        return subprocess.run([*torchrun, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    def test_gradients_become_the_mean_of_all(self, tmp_path: Path) -> None:
        (tmp_path / "script.py").write_text(PEERS)
        done = self.run(str(tmp_path / "script.py"), str(tmp_path))
        assert done.returncode == 0, done.stderr
        said = [(tmp_path / f"{rank}.txt").read_text() for rank in range(2)]  # files: lines of two processes can mix
        assert said == ["1.5,1.0,4.0"] * 2

    def test_a_run_of_two(self, folder: Path) -> None:
        lines = [f'data = "{folder}/data"', f'out = "{folder}/two"', "steps = 3", "batch = 4", "size = 32"]
        lines += ["test_size = 32", "stored = 40", "cutmix = 0.3", "", "[model]", "vocabulary = 120"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in TINY.items()]
        for name in ("shop", "scenes"):
            lines += ["", "[[set]]", f'name = "{name}"', f'path = "{name}/train"', "weight = 0.5"]
        (folder / "two.toml").write_text("\n".join(lines))
        done = self.run("-m", "vision", "train", str(folder / "two.toml"))
        assert done.returncode == 0, done.stderr
        made = checkpoint.load(folder / "two" / "model").card["made"]
        assert (made["processes"], made["steps"]) == (2, 3)
        assert len((folder / "two" / "metrics.jsonl").read_text().splitlines()) == 1  # the first one's alone
        again = self.run("-m", "vision", "train", str(folder / "two.toml"))  # both resume, and there is nothing to do
        assert again.returncode == 0, again.stderr


PEERS = """
import sys
from pathlib import Path
import torch
from vision.training.distributed import Processes

mine = Processes()
one, none = torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))
one.grad = torch.full((2,), 1.0 + mine.rank)
if mine.rank:
    none.grad = torch.full((1,), 2.0)
mine.average([one, none])
Path(sys.argv[1], f"{mine.rank}.txt").write_text(f"{one.grad[0]},{none.grad[0]},{mine.most(3.0 + mine.rank)}")
mine.leave()
"""


def config_of(batches: Batches) -> ModelConfig:
    words = {"vocabulary": len(batches.tokens), "text_vocabulary": len(batches.tokens)}
    return ModelConfig(**{**batches.run.model, **words}, label_sets=batches.pictures.label_sets)


class TestBatches:
    @pytest.fixture
    def batches(self, folder: Path, tokens: Any) -> Batches:
        run = run_of(folder, batch=40)
        pictures = Pictures(run)
        return Batches(run, pictures, tokens, ModelConfig(**run.model), captions=tokens)

    def test_what_is_known_of_each_set(self, batches: Batches) -> None:
        pictures = batches.pictures
        assert pictures.label_sets == {"product": ["Apple", "Pear", "Plum"], "category": ["Fruit"], "kind": ["photo"]}
        assert pictures.targets["product"].tolist() == [0, 1, 2, 0, -1, -1, -1, -1]  # a scene has no product
        assert pictures.targets["category"].tolist() == [0, 0, 0, 0, -2, -2, -2, -2]  # `unknown` of the scenes
        assert pictures.targets["kind"].tolist() == [0] * 8
        assert pictures.pixels.shape == (8, 3, 40, 40)

    def test_what_is_held_back_is_nowhere(self, folder: Path) -> None:
        pictures = Pictures(run_of(folder, held_back={"product": ["Apple", "Plum"], "colour": ["Red"]}))
        assert pictures.label_sets["product"] == ["Pear"]
        assert [s.labels.get("product") for s in pictures.samples] == ["Pear"] + [None] * 4
        assert pictures.pixels.shape == (5, 3, 40, 40)
        assert pictures.pixels[0, 1].float().mean() > 2 * pictures.pixels[0, 0].float().mean()  # the green one
        assert len(pictures.owner) == len(pictures.targets["product"]) == 5

    def test_a_batch(self, batches: Batches) -> None:
        batch = batches.draw()
        assert batch["images"].shape == (40, 3, 32, 32)
        shop = batch["targets"]["product"] >= 0
        assert 8 < shop.sum() < 32  # half and half, by weight
        assert batch["caption_of"].tolist() == list(range(40))  # one sentence each
        assert batch["text"].shape[1] <= 8

    def test_the_state_is_all_there_is(self, batches: Batches) -> None:
        state = batches.state()
        first = batches.draw()
        batches.draw()
        batches.restore(state)
        again = batches.draw()
        assert torch.equal(first["images"], again["images"])
        assert torch.equal(first["caption"], again["caption"])
        assert torch.equal(first["text"], again["text"])

    def test_the_title_is_never_read(self, folder: Path, tokens: Any) -> None:
        data = folder / "data" / "titled" / "train"
        write_set(data, [{**row, "title": "Xylophone", "labels": {"product": "Apple"}} for row in SHOP])
        run = replace(run_of(folder), sets=(SetConfig("titled", "titled/train", 1.0),))
        assert not any("xylophone" in sentence.lower() for sentence in Pictures(run).sentences())

    def test_written_sentences_come_in_numbers_and_rendered_ones_seldom(self, batches: Batches) -> None:
        batches.run = replace(batches.run, rendered=0.0, sentences=2)
        batch = batches.draw()
        shop = batch["targets"]["product"] >= 0
        assert batch["caption_of"].tolist() == [at for at in range(40) if not shop[at] for _ in range(2)]
        batches.run = replace(batches.run, rendered=0.3)
        shares = [batches.draw()["caption_of"].unique().numel() for _ in range(10)]
        assert 200 + 30 < sum(shares) < 200 + 100  # of 400 photos, half from the shop, 60 of those expected

    def test_cutmix_leaves_photos_with_a_sentence_whole(self, batches: Batches, tiny: Any) -> None:
        batches.run = replace(batches.run, rendered=0.0)
        batch = batches.draw()
        run = replace(batches.run, cutmix=1.0)
        config = config_of(batches)
        model = FusedModel(config).eval()
        with torch.no_grad():
            mixed = losses(model, batch, run, random.Random(0))
            plain = losses(model, batch, replace(run, cutmix=0), random.Random(0))
        assert set(plain) == set(mixed) == {"labels", "gate", "caption", "pairs"}
        assert mixed["caption"].item() == pytest.approx(plain["caption"].item(), abs=1e-4)
        assert mixed["labels"].item() != plain["labels"].item()  # a toy says nearly the same of all photos
        with torch.no_grad():
            nothing = torch.zeros(0, dtype=torch.long)
            silent = batch | {"caption": torch.zeros(0, 3), "caption_of": nothing, "written": nothing}
            none = losses(model, silent, run, random.Random(0))
        assert set(none) == {"labels", "gate"}

    def test_larger_pictures_in_the_last_third(self, batches: Batches) -> None:
        assert batches.draw(0.9)["images"].shape[-1] == 32
        batches.run = replace(batches.run, last_size=48)
        assert [batches.draw(done)["images"].shape[-1] for done in (0.0, 0.6, 0.7)] == [32, 32, 48]

    def test_photos_that_were_moved_against_the_model(self, batches: Batches) -> None:
        batch = batches.draw()
        config = config_of(batches)
        model = FusedModel(config).eval()
        moved = against(model, batch["images"], batch["targets"], batches.run)
        assert 3.9 < (moved - batch["images"]).abs().max() < 4.1
        assert 0 <= moved.min() <= moved.max() <= 255
        surprises = [
            label_losses(model, model(images), batch["targets"], batches.run)["labels"].item()
            for images in (batch["images"], moved)
        ]
        assert surprises[1] > surprises[0]
        assert not any(p.grad is not None for p in model.parameters())
        run = replace(batches.run, adversarial=1.0)
        harder = losses(model, batch, run, random.Random(0))
        assert harder["labels"].item() == pytest.approx(surprises[1], rel=1e-3)
        unlabelled = {name: torch.full_like(target, -1) for name, target in batch["targets"].items()}
        assert torch.equal(against(model, batch["images"], unlabelled, run), batch["images"])

    def test_the_clock_ends_a_run(self, folder: Path) -> None:
        trainer = Trainer(without_validation(run_of(folder, steps=10_000, minutes=0.05)), "")
        began = time.monotonic()
        model = trainer.train()
        assert 0 < trainer.step < 10_000
        assert time.monotonic() - began < HALF
        assert checkpoint.load(model).card["made"]["steps"] == trainer.step


def test_a_wrong_label_pulls_less(folder: Path) -> None:
    logits, label = torch.tensor([[4.0, 0.0, 0.0]]), torch.tensor([1])
    plain, robust = run_of(folder, smoothing=0.0), run_of(folder, robust=0.7)
    pulls = []
    for run in (plain, robust):
        leaf = logits.clone().requires_grad_()
        surprise(leaf, label, run).backward()  # type: ignore[no-untyped-call]  # torch
        pulls.append(leaf.grad.abs().sum().item())  # type: ignore[union-attr]  # just set
    assert pulls[1] < pulls[0] / 5
    almost = surprise(logits, label, run_of(folder, robust=1e-4)).item()  # q → 0 is cross-entropy
    assert almost == pytest.approx(surprise(logits, label, plain).item(), rel=1e-2)


def test_schedule() -> None:
    assert schedule(0, 0.1) == 0.01
    assert schedule(0.05, 0.1) == pytest.approx(0.5)
    assert schedule(0.1, 0.1) == pytest.approx(1)
    assert schedule(0.55, 0.1) == pytest.approx(0.5)
    assert schedule(1, 0.1) == 0.001
    assert schedule(0, 0) == 1


GOOD = """
data = "d"
out = "o"
steps = 5
losses = { labels = 1 }
[model]
width = 32
[[set]]
name = "a"
path = "a"
weight = 1
"""


class TestConfig:
    def read(self, tmp_path: Path, text: str) -> RunConfig:
        (tmp_path / "run.toml").write_text(text)
        return RunConfig.load(tmp_path / "run.toml")

    def test_a_good_one(self, tmp_path: Path) -> None:
        run = self.read(tmp_path, GOOD)
        assert (run.steps, run.sets[0].weight, run.model) == (5, 1, {"width": 32})

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("steps = 5", "steps = 5\nstep = 5", "step: is not known here"),
            ("steps = 5", "", "steps"),
            ("steps = 5", 'steps = "many"', "steps: must be a whole number, not 'many'"),
            ("steps = 5", "steps = 5\nrate = true_", "line"),
            ("weight = 1", 'weight = "1"', "entry 1, weight: must be a number"),
            ("weight = 1", "weight = 1\nwait = 1", "sets, entry 1, wait: is not known here"),
            ("weight = 1", "", "weight"),
            ("[[set]]", "[set]", "sets: must be a list"),
            ("labels = 1", "label = 1", "unknown loss label"),
            ("width = 32", "widht = 32", "model, widht: is not known here"),
            ("width = 32", "width = 3.2", "model, width: must be a whole number"),
            ("[[set]]", "[[sett]]", "needs at least one [[set]]"),
        ],
    )
    def test_a_bad_one_says_where(self, tmp_path: Path, old: str, new: str, said: str) -> None:
        with pytest.raises(DataError) as error:
            self.read(tmp_path, GOOD.replace(old, new))
        assert str(tmp_path / "run.toml") in str(error.value)
        assert said in str(error.value)

    def test_none(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"nowhere\.toml"):
            RunConfig.load(tmp_path / "nowhere.toml")

    def test_ours(self) -> None:
        """Every file of runs/shipped is read; none learns whom a thing is for, and research sets stay in the add-on."""
        shop = RunConfig.load(ROOT / "runs" / "shipped" / "shop.toml")
        heads, scenes = (StageConfig.load(ROOT / "runs" / "shipped" / f"{name}.toml") for name in ("heads", "scenes"))
        assert "department" not in {*shop.label_sets, *heads.heads, *scenes.heads}
        research = {"flickr8k", "fashion", "receipts", "objects64"}
        assert not research & {entry.path.split("/")[0] for run in (shop, heads) for entry in run.sets}
        assert scenes.add_on
