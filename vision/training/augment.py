"""What training does to pixels.

A photo is squashed to a square (Flickr8k was, so all sets are): evaluation does just that, training varies crop,
aspect, turn and colour around it.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms import v2


def augment(images: Tensor, size: int, generator: torch.Generator, smallest: float = 0.3) -> Tensor:
    """uint8 [N, 3, S, S] → uint8-valued float [N, 3, size, size], another view of each photo.

    Random resized crop (area ``smallest``..1, aspect 3/4..4/3), flip, turn of ±12°, brightness, contrast and
    saturation: Inception's recipe (Szegedy et al. 2015), done for the whole batch at once because one call of
    grid_sample is ten times cheaper than N crops in Python.
    """
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    area, aspect = uniform(smallest, 1.0), torch.exp(uniform(-1, 1) * math.log(4 / 3))
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    x, y = uniform(-1, 1) * (1 - width), uniform(-1, 1) * (1 - height)
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    turn = uniform(-12, 12) * math.pi / 180
    theta = torch.stack(
        [
            torch.stack([flip * width * turn.cos(), -height * turn.sin(), x], 1),
            torch.stack([flip * width * turn.sin(), height * turn.cos(), y], 1),
        ],
        1,
    ).to(images.device)
    grid = F.affine_grid(theta, [n, 3, size, size], align_corners=False)
    out = F.grid_sample(images.float(), grid, align_corners=False, padding_mode="reflection")

    def per_photo(low: float, high: float) -> Tensor:
        return uniform(low, high).view(n, 1, 1, 1).to(images.device)

    out = out * per_photo(0.65, 1.35)
    mean = out.mean((1, 2, 3), keepdim=True)
    out = mean + (out - mean) * per_photo(0.65, 1.35)
    grey = out.mean(1, keepdim=True)
    out = grey + (out - grey) * per_photo(0.6, 1.4)
    return out.clamp_(0, 255)


def trivial(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """uint8 [N, 3, S, S], of which ``share`` are changed in one way by any strength (TrivialAugment, Müller 2021)."""
    changed = torch.rand(len(images), generator=generator) < share
    if not changed.any():
        return images
    change, out = v2.TrivialAugmentWide(), images.clone()
    with torch.random.fork_rng(devices=[]):  # torchvision draws from torch's own generator
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        for n in changed.nonzero()[:, 0].tolist():
            out[n] = change(images[n])
    return out


def blurred(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """float [N, 3, S, S]: ``share`` of them out of focus (Gaussian, σ 0.3..2 pixels), ``share`` noisy (σ up to 25).

    What cheap and unsteady cameras do (corruptions of Hendrycks and Dietterich 2019); crops and colours do not.
    """
    out = images.clone()
    for n in (torch.rand(len(images), generator=generator) < share).nonzero()[:, 0].tolist():
        sigma = float(torch.rand(1, generator=generator)) * 1.7 + 0.3
        out[n] = v2.functional.gaussian_blur(out[n], [9, 9], [sigma, sigma])
    noisy = (torch.rand(len(images), generator=generator) < share).nonzero()[:, 0]
    noise = torch.randn((len(noisy), *images.shape[1:]), generator=generator)
    strength = torch.rand((len(noisy), 1, 1, 1), generator=generator) * 25
    out[noisy.to(out.device)] += (noise * strength).to(out.device)
    return out.clamp_(0, 255)


def partners(whole: Tensor, generator: torch.Generator) -> Tensor:
    """[N]: with whom each photo of a batch is mixed.

    ``whole`` [N]: True for photos that stay as they are (they are their own partner), because a sentence about half
    of two photos is a false sentence.
    """
    order, mixed = torch.arange(len(whole)), (~whole.cpu()).nonzero()[:, 0]
    order[mixed] = mixed[torch.randperm(len(mixed), generator=generator)]
    return order


def mixup(images: Tensor, whole: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, float]:
    """Each photo and its partner, one shining through the other (Zhang et al. 2017); answers as ``cutmix``."""
    order, keep = partners(whole, generator), float(torch.rand(1, generator=generator))
    return keep * images + (1 - keep) * images[order], order, keep


def cutmix(images: Tensor, whole: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, float]:
    """Paste one box of each photo's partner into it (Yun et al. 2019): images, partners, the share kept."""
    _, _, height, width = images.shape
    order = partners(whole, generator)
    keep = float(torch.rand(1, generator=generator))
    h, w = int(height * math.sqrt(1 - keep)), int(width * math.sqrt(1 - keep))
    top = int(torch.randint(0, height - h + 1, (1,), generator=generator))
    left = int(torch.randint(0, width - w + 1, (1,), generator=generator))
    out = images.clone()
    out[:, :, top : top + h, left : left + w] = images[order, :, top : top + h, left : left + w]
    return out, order, 1 - h * w / (height * width)
