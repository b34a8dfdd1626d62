"""The network on ONNX Runtime says what it says on torch; and what is wrong with graphs is said in a sentence."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys import COLOURS, picture, tiny_config

from vision.images import squash
from vision.model import export as exporting
from vision.model import runtimes
from vision.model.checkpoint import load, save
from vision.model.differences import differences
from vision.model.export import ExportError, export
from vision.model.network import FusedModel
from vision.model.onnx_runtime import OnnxRuntime
from vision.model.predictor import Predictor
from vision.model.runtime import GRAPHS, LIST
from vision.model.stored import CheckpointError
from vision.model.torch_runtime import TorchRuntime


@pytest.fixture(scope="module")
def exported(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(shipped, tmp_path_factory.mktemp("exported") / "model"))
    card = json.loads((folder / "card.json").read_text())
    # Every answer is stated and every scene gets its sentence, so that all of a report is compared.
    card |= {"says_scenes": True, "caption_floor": -1e9, "text_trust": {"product": 1.0}, "plain": 0.0}
    (folder / "card.json").write_text(json.dumps(card))
    export(folder)
    return folder


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "model"))


def photos() -> np.ndarray:
    return np.stack([squash(picture(colour, seed=n), 80) for n, colour in enumerate(COLOURS.values())])


def test_the_same_reports(exported: Path) -> None:
    texts = ["", "my fruit", "what is this ?"]
    ours, theirs = (Predictor.load(exported, name=name) for name in ("torch", "onnx"))
    assert ours.identity == theirs.identity
    for one, two in zip(ours.describe(photos(), texts), theirs.describe(photos(), texts), strict=True):
        assert (one.caption, one.caption_source) == (two.caption, two.caption_source)
        for name, found in one.labels.items():
            other = two.labels[name]
            assert (found.stated, found.applies) == (other.stated, pytest.approx(other.applies, abs=1e-3))
            assert {label.name: label.probability for label in found.top} == pytest.approx(
                {label.name: label.probability for label in other.top}, abs=1e-3
            )
    assert np.allclose(ours.text_vectors(["my fruit", ""]), theirs.text_vectors(["my fruit", ""]), atol=1e-3)


def test_the_same_sentences(exported: Path) -> None:
    ours, theirs = (Predictor.load(exported, beams=3, name=name) for name in ("torch", "onnx"))
    grid = ours.see(photos(), [""] * 3).grid
    said = [eyes.sentences(grid) for eyes in (ours, theirs)]
    assert [sentence for sentence, _ in said[0]] == [sentence for sentence, _ in said[1]]
    assert [score for _, score in said[0]] == pytest.approx([score for _, score in said[1]], abs=1e-3)


def test_a_graph_holds_no_numbers(exported: Path) -> None:
    """So that it is small, and weights are stored once."""
    size = sum(file.stat().st_size for file in (exported / GRAPHS).glob("*.onnx"))
    assert size < 500_000


def test_branches_that_start_alike_stay_two(tokens: Any, tmp_path: Path) -> None:
    """The exporter takes equal tensors for one: both branches of a new network would share what one of them learns."""
    config = tiny_config(tokens, tuned=["product"], tuned_from=3)
    model = FusedModel(config).eval()
    model.tuned.load_state_dict(model.world.state_dict())
    save(tmp_path / "model", model, tokens, {}, tokens)
    export(tmp_path / "model")
    with torch.no_grad():
        for value in model.tuned.parameters():
            value.mul_(1.1)
    trained = tmp_path / "trained"
    save(trained, model, tokens, {}, tokens)
    shutil.copytree(tmp_path / "model" / GRAPHS, trained / GRAPHS)  # the same network: the same graphs
    found = differences(TorchRuntime(load(trained)), OnnxRuntime.load(trained))
    assert max(found.values()) < 1e-3


def test_what_differs_is_refused_and_the_graphs_before_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / GRAPHS / LIST).read_bytes()
    monkeypatch.setattr(exporting, "differences", lambda *_: {"gates": 0.2, "grid": 1e-5})
    with pytest.raises(ExportError, match=r"gates.*0\.2"):
        export(folder)
    assert (folder / GRAPHS / LIST).read_bytes() == before
    assert OnnxRuntime.load(folder).config


def test_a_network_that_cannot_be_int8_is_refused_and_the_graphs_before_stay(folder: Path) -> None:
    """Its activations have no end, as ReLU6 has."""
    before = (folder / GRAPHS / LIST).read_bytes()
    with pytest.raises(ExportError, match="export without --int8"):
        export(folder, int8=True)
    assert (folder / GRAPHS / LIST).read_bytes() == before


def change(path: Path, what: Callable[[Any], object]) -> None:
    entry = json.loads(path.read_text())
    what(entry)
    path.write_text(json.dumps(entry))


class TestRefused:
    """Each with a sentence that says what to do."""

    @staticmethod
    def said(folder: Path) -> str:
        with pytest.raises(CheckpointError) as error:
            Predictor.load(folder, name="onnx")
        assert "python -m vision export" in str(error.value)
        return str(error.value)

    def test_no_graphs(self, folder: Path) -> None:
        shutil.rmtree(folder / GRAPHS)
        assert "no graphs" in self.said(folder)

    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 1}', "\0"])
    def test_a_list_that_is_none(self, folder: Path, content: str) -> None:
        (folder / GRAPHS / LIST).write_text(content)
        assert "not readable" in self.said(folder)

    def test_graphs_of_another_network(self, folder: Path) -> None:
        change(folder / GRAPHS / LIST, lambda listed: listed.update(config="0123456789ab"))
        assert "another network" in self.said(folder)

    def test_a_graph_is_missing(self, folder: Path) -> None:
        (folder / GRAPHS / "eyes.onnx").unlink()
        assert "cannot be read" in self.said(folder)

    def test_a_foreign_graph(self, folder: Path) -> None:
        shutil.copy(folder / GRAPHS / "reader.onnx", folder / GRAPHS / "eyes.onnx")
        assert "not the graph that was made" in self.said(folder)

    def test_an_operator_that_this_onnx_runtime_has_not(self, folder: Path) -> None:
        import hashlib

        import onnx

        path = folder / GRAPHS / "eyes.onnx"
        graph = onnx.load(path, load_external_data=False)
        graph.graph.node[0].op_type = "Tomorrow"
        path.write_bytes(graph.SerializeToString())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        change(folder / GRAPHS / LIST, lambda listed: listed["graphs"]["eyes"].update(sha256=digest))
        said = self.said(folder)
        assert "onnxruntime>=" in said
        assert "VISION_RUNTIME=torch" in said

    def test_a_tensor_is_missing(self, folder: Path) -> None:
        from safetensors.numpy import load_file, save_file

        tensors = load_file(folder / "weights.safetensors")
        del tensors["trunk.0.weight"]
        save_file(tensors, folder / "weights.safetensors")
        with pytest.raises(CheckpointError, match=r"trunk\.0\.weight"):
            Predictor.load(folder, name="onnx")

    def test_torch_where_there_is_none(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "vision.model.torch_runtime", None)
        with pytest.raises(CheckpointError, match=r"pip install '\.\[gpu\]'"):
            runtimes.load(folder, name="torch")

    def test_a_runtime_that_nobody_knows(self, folder: Path) -> None:
        with pytest.raises(CheckpointError, match="onnx or torch"):
            runtimes.load(folder, name="tensorflow")


def test_where_nobody_chose(folder: Path) -> None:
    """A checkpoint just trained has no graphs yet, and is scored all the same."""
    assert runtimes.load(folder).name == "onnx"
    shutil.rmtree(folder / GRAPHS)
    assert runtimes.load(folder).name == "torch"
