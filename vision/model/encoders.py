"""Image encoders by name, as stages in the order that pixels flow, so that a branch can begin at any of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn

RESNETS = ("resnet", "resnext", "wide_resnet")
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Encoder(NamedTuple):
    stages: list[nn.Module]
    channels: int  # of the last stage's grid
    mean: tuple[float, ...]  # what it wants of pixels 0..255: (x − mean) / std
    std: tuple[float, ...]


class Features(nn.Module):
    """A timm network as one stage: its grid of features."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: Tensor) -> Tensor:
        grid: Tensor = self.net.forward_features(images)
        return grid


def image_encoder(name: str) -> Encoder:
    """A CNN of timm, or a ResNet of torchvision ("torchvision/resnet50"; "resnet18" alone means torchvision's, too).

    Without weights: those come from a checkpoint or from pretrained.py. Raises ValueError for a name that nobody knows
    and for networks without a grid (transformers).
    """
    short = name.removeprefix("torchvision/")
    if short.startswith(RESNETS):
        return _resnet(short)
    return _timm(name)


def _resnet(name: str) -> Encoder:
    # Imported here, not at the top: with a torch of another build it fails at import, and reports and command lines
    # should still load.
    import torchvision

    try:
        # zero_init_residual: every block starts as the identity, which matters for short schedules from scratch.
        net = torchvision.models.get_model(name, weights=None, zero_init_residual=True)
    except (KeyError, ValueError) as error:
        raise ValueError(f"torchvision has no {name!r}: resnet18 and resnet50 are two that it has") from error
    return Encoder(list(net.children())[:-2], int(net.fc.in_features), *_scaled(IMAGENET))


def _timm(name: str) -> Encoder:
    try:
        import timm
    except ModuleNotFoundError as error:
        raise ValueError(f"the encoder {name!r} needs timm: pip install timm") from error
    if not timm.is_model(name):
        raise ValueError(f"{name!r} is neither a network of timm nor a ResNet of torchvision")
    net: Any = timm.create_model(name, pretrained=False, num_classes=0)
    said = net.pretrained_cfg
    # EfficientNet-Lite was trained on (x − 127) / 128, whatever timm says of it (1/255 less would be hardly seen).
    scale = ((127.0,) * 3, (128.0,) * 3) if "efficientnet_lite" in name else _scaled((said["mean"], said["std"]))
    if isinstance(net, timm.models.EfficientNet):
        stages = [net.conv_stem, net.bn1, *net.blocks, net.conv_head, net.bn2]
        return Encoder(stages, int(net.num_features), *scale)
    if not hasattr(net, "forward_features") or hasattr(net, "patch_embed") or hasattr(net, "cls_token"):
        raise ValueError(f"{name!r} has no grid of features: choose a CNN")
    return Encoder([Features(net)], int(net.num_features), *scale)


def _scaled(statistics: tuple[tuple[float, ...], tuple[float, ...]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of pixels 0..1 → of pixels 0..255."""
    mean, std = (tuple(255 * value for value in part) for part in statistics)
    return mean, std
