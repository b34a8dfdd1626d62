"""The eyes' graph with activations in int8: convolutions multiply bytes, in half the time (docs/research/log.md).

Weights are stored as int8 rows with a scale each, so a batch norm behind a convolution goes into the scales and a bias,
and the rows stay as they are. The range of an activation needs no photo: ReLU6 ends at 6, and what comes out of a batch
norm has its mean and spread (Nagel et al. 2019, "Data-free quantization through weight equalization and bias
correction"). Needs the package onnx: graphs are made where checkpoints are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, load_from_string, numpy_helper

from vision.model import stored
from vision.model.folded import BIAS, SCALE, Folded, norm_of

SPREAD = 6.0  # standard deviations that a range reaches
Array = npt.NDArray[np.float64]


class CannotQuantize(ValueError):
    """The network is no chain of convolution, batch norm and ReLU6 with sums between."""


def in_int8(content: bytes, packed: stored.Arrays, size: int) -> tuple[bytes, list[str], dict[str, Folded]]:
    """``content``, the graph of the eyes for photos of ``size`` pixels, its weights without numbers → the new graph;
    the weights that it takes as they are; what has to be done to each of the others when it is opened. Raises
    CannotQuantize.
    """
    made = load_from_string(content)
    folded = _Quantizer(made.graph, packed, size).made()
    outside = [each.name for each in made.graph.initializer if each.data_location == TensorProto.EXTERNAL]
    weights = sorted(name for name in outside if name.split(":")[0] not in folded)
    return made.SerializeToString(deterministic=True), weights, folded


class _Quantizer:
    def __init__(self, graph: Any, packed: stored.Arrays, size: int) -> None:
        self.graph, self.packed = graph, packed
        self.made_by = {name: node for node in graph.node for name in node.output}
        self.read_by: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self.read_by.setdefault(name, []).append(node)
        self.nodes: list[NodeProto] = []
        self.numbers: dict[str, npt.NDArray[Any]] = {}  # scales and zeros of activations, by name
        self.folded: dict[str, Folded] = {}
        self.rows: dict[str, tuple[int, ...]] = {}  # each weight's shape
        self.bytes: dict[str, str] = {}  # a tensor → itself after it was rounded to bytes
        self.scale: dict[str, float] = {}
        self.spread: dict[str, tuple[Array, Array]] = {}  # each channel's mean and variance
        self.side: dict[str, int] = {}  # pixels
        self.size = size

    def made(self) -> dict[str, Folded]:
        done: set[str] = set()  # outputs of nodes that went into a convolution
        for node in self.graph.node:
            if node.op_type == "Conv":
                done |= self._convolution(node)
            elif node.op_type != "Pad" and node.output[0] not in done:  # a convolution pads by itself
                self._other(node)
        self._replace()
        return self.folded

    # -- nodes ------------------------------------------------------------------------------------------------------
    def _convolution(self, conv: NodeProto) -> set[str]:
        """With the batch norm behind it, ReLU6 where there is one, and the padding before it; their outputs."""
        norm, relu, out = self._behind(conv)
        before = self.made_by.get(conv.input[0])
        padded = before is not None and before.op_type == "Pad"
        source = before.input[0] if before is not None and padded else conv.input[0]
        if source not in self.bytes:
            self._pixels(source)
        weight, made = conv.input[1], f"{out}:float"
        attributes = {each.name: helper.get_attribute_value(each) for each in conv.attribute}
        side, stride = self.side[source], attributes["strides"][0]
        if padded:
            attributes["pads"] = _same(side, attributes["kernel_shape"][0], stride)
        epsilon = next(helper.get_attribute_value(a) for a in norm.attribute if a.name == "epsilon")
        self.folded[weight] = Folded(norm.input[1].rsplit(".", 1)[0], float(epsilon), self.scale[source])
        self.side[out] = -(-side // stride)
        rows = (weight, weight + SCALE), (weight + BIAS, weight + BIAS + SCALE)
        self.nodes += [helper.make_node("DequantizeLinear", [*of], [f"{of[0]}:float"], axis=0) for of in rows]
        inputs = [self.bytes[source], f"{weight}:float", f"{weight}{BIAS}:float"]
        self.nodes.append(helper.make_node("Conv", inputs, [made], **attributes))
        gamma, beta, _, _ = norm_of(self.packed, self.folded[weight].norm)
        mean, variance = beta.astype(np.float64), gamma.astype(np.float64) ** 2
        if relu:
            self._round(made, out, 0.0, 6.0)
        else:
            self._spread(made, out, mean, variance)
        return {norm.output[0], out}

    def _behind(self, conv: NodeProto) -> tuple[NodeProto, bool, str]:
        """The batch norm behind it, whether ReLU6 follows, and the name of what comes out."""
        readers = self.read_by.get(conv.output[0], [])
        if len(conv.input) > 2 or [node.op_type for node in readers] != ["BatchNormalization"]:
            raise CannotQuantize(f"{conv.name}: a convolution without a batch norm of its own")
        [norm] = readers
        after = self.read_by.get(norm.output[0], [])
        if [node.op_type for node in after] == ["Clip"] and self._bounds(after[0]) == (0.0, 6.0):
            return norm, True, after[0].output[0]
        if any(node.op_type not in ("Conv", "Add", "Pad", "Shape") for node in after):
            raise CannotQuantize(f"{norm.name}: neither ReLU6 nor a sum nor a convolution follows it")
        return norm, False, norm.output[0]

    def _bounds(self, clip: NodeProto) -> tuple[float, ...]:
        return tuple(float(self._constant(name)) for name in clip.input[1:])

    def _constant(self, name: str) -> npt.NDArray[Any]:
        node = self.made_by[name]
        while node.op_type == "Cast":
            node = self.made_by[node.input[0]]
        if node.op_type != "Constant":
            raise CannotQuantize(f"{name} is no constant")
        return np.asarray(numpy_helper.to_array(node.attribute[0].t))

    def _other(self, node: NodeProto) -> None:
        sum_of = [self.spread.get(name) for name in node.input] if node.op_type == "Add" else []
        first, out = node.input[0] if node.input else "", node.output[0]
        node.input[:] = [self.bytes.get(name, name) for name in node.input]
        self.nodes.append(node)
        if len(sum_of) == 2 and sum_of[0] is not None and sum_of[1] is not None:
            self.side[out] = self.side[first]
            node.output[0] = f"{out}:float"
            self._spread(node.output[0], out, sum_of[0][0] + sum_of[1][0], sum_of[0][1] + sum_of[1][1])

    # -- ranges -----------------------------------------------------------------------------------------------------
    def _pixels(self, name: str) -> None:
        """The photo, less the mean and over the deviation that the network was trained with."""
        over = self.made_by.get(name)
        less = self.made_by.get(over.input[0]) if over is not None and over.op_type == "Div" else None
        if over is None or less is None or less.op_type != "Sub":
            raise CannotQuantize(f"{name}: nothing is known of its values")
        mean, std = self._constant(less.input[1]), self._constant(over.input[1])
        self.side[name] = self.size
        self._round(name, name, float((-mean / std).min()), float(((255 - mean) / std).max()))

    def _spread(self, made: str, out: str, mean: Array, variance: Array) -> None:
        self.spread[out] = mean, variance
        reach = SPREAD * np.sqrt(variance)
        self._round(made, out, float((mean - reach).min()), float((mean + reach).max()))

    def _round(self, made: str, out: str, low: float, high: float) -> None:
        """``made`` to 256 levels, one of which is nought; who asked for ``out`` gets that."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale, zero, levels = f"{out}:scale", f"{out}:zero", f"{out}:levels"
        self.scale[out] = float(np.float32((high - low) / 255))
        self.numbers[scale] = np.array(self.scale[out], np.float32)
        self.numbers[zero] = np.array(round(-low / self.scale[out]), np.uint8)
        self.bytes[out] = f"{out}:rounded"
        self.nodes += [
            helper.make_node("QuantizeLinear", [made, scale, zero], [levels]),
            helper.make_node("DequantizeLinear", [levels, scale, zero], [self.bytes[out]]),
        ]

    # -- the graph --------------------------------------------------------------------------------------------------
    def _replace(self) -> None:
        asked = {each.name for each in self.graph.output}
        kept: list[NodeProto] = []
        for node in reversed(self.nodes):  # what worked out the padding is asked for no more
            if asked & set(node.output):
                kept.append(node)
                asked |= set(node.input)
        del self.graph.node[:]
        self.graph.node.extend(reversed(kept))
        shapes = {each.name: tuple(each.dims) for each in self.graph.initializer}
        others = [each for each in self.graph.initializer if each.name in asked and each.name not in self.folded]
        others += [numpy_helper.from_array(value, name) for name, value in self.numbers.items() if name in asked]
        for weight in self.folded:
            shape, row = shapes[weight], shapes[weight][:1]
            others += [
                _declared(weight, TensorProto.INT8, shape),
                _declared(weight + SCALE, TensorProto.FLOAT, row),
                _declared(weight + BIAS, TensorProto.INT32, row),
                _declared(weight + BIAS + SCALE, TensorProto.FLOAT, row),
            ]
        del self.graph.initializer[:]
        self.graph.initializer.extend(others)


def _declared(name: str, kind: int, shape: tuple[int, ...]) -> Any:
    """A tensor whose numbers are given when the graph is opened."""
    made = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
    made.external_data.add(key="location", value=stored.WEIGHTS)
    return made


def _same(side: int, kernel: int, stride: int) -> list[int]:
    """Padding of TensorFlow's "same": what is odd goes to the end."""
    whole = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return [whole // 2, whole // 2, whole - whole // 2, whole - whole // 2]
