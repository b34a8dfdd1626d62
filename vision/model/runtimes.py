"""Opens a checkpoint on ONNX Runtime or on torch, whichever is asked for or there is. Imports only that one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from vision.model.runtime import GRAPHS, LIST, Name, Runtime
from vision.model.stored import CheckpointError


def choose(folder: Path) -> Name:
    """Where nobody chose: graphs where there are some, torch where there are none and it is installed (training)."""
    return "torch" if not (folder / GRAPHS / LIST).is_file() and find_spec("torch") else "onnx"


def load(folder: Path, add_on: Path | None = None, name: str | None = None, threads: int = 0) -> Runtime:
    """``name``: "onnx" or "torch" (VISION_RUNTIME); None: what ``choose`` finds. ``threads``: 0 is one a core.

    Raises CheckpointError, which says what to do, also where the runtime is not installed.
    """
    name = name or choose(add_on or folder)
    if name == "onnx":
        from vision.model.onnx_runtime import OnnxRuntime

        return OnnxRuntime.load(folder, add_on, threads)
    if name != "torch":
        raise CheckpointError(f"VISION_RUNTIME={name}: {' or '.join(get_args(Name))}")
    try:
        from vision.model.torch_runtime import TorchRuntime
    except ModuleNotFoundError as error:
        raise CheckpointError(
            f"VISION_RUNTIME=torch needs {error.name}: pip install '.[gpu]', or leave VISION_RUNTIME at onnx"
        ) from error
    return TorchRuntime.load(folder, add_on, threads)
