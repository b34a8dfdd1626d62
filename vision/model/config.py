"""What decides a network's shapes. No torch here: serving reads it without."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelConfig:
    """Everything that decides shapes. The defaults are the pretrained networks that packages carry."""

    encoder: str = "tf_efficientnet_lite2"  # any CNN of timm, any ResNet of torchvision (encoders.py)
    tuned_from: int = 0  # the encoder's stage from which `tuned` sets have layers of their own; 0: they have none
    tuned: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)  # label sets that need the whole photo: its middle says too little
    image_size: int = 224
    text_vocabulary: int = 30_522  # MiniLM's, as are the next three
    text_width: int = 384
    text_layers: int = 6
    text_heads: int = 12
    text_length: int = 24  # tokens of the customer's text that are read
    width: int = 128  # of fusion
    heads: int = 4  # of fusion and decoder
    fusion: str = "gated"  # "attention", "concat", "gated" or "words" (fusion.py)
    spoken: list[str] = field(default_factory=list)  # sets of which customers' words say something
    shared: int = 384  # dimensions of the space of photos and texts
    shared_hidden: int = 512
    vocabulary: int = 0  # of the caption decoder; 0: it has none
    decoder_width: int = 256
    decoder_layers: int = 3
    caption_length: int = 22
    dropout: float = 0.1
    label_sets: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
