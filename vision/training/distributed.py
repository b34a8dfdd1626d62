"""The processes that train one model together (torchrun), or this one alone.

    torchrun --standalone --nproc-per-node 2 -m vision train CONFIG

Each draws batches of its own and steps with the mean of all gradients. Averaged by hand after the backward pass: the
model has several entrances (photos, texts, words), and DistributedDataParallel watches ``forward`` alone. Batch norm's
statistics are each process's own; the first one's are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.distributed as dist


class Processes:
    def __init__(self) -> None:
        cuda = torch.cuda.is_available()
        together = dist.is_torchelastic_launched()
        if together and not dist.is_initialized():
            dist.init_process_group("nccl" if cuda else "gloo")
        self.count = dist.get_world_size() if together else 1
        self.rank = dist.get_rank() if together else 0
        self.device = torch.device("cuda", dist.get_node_local_rank(fallback_rank=0)) if cuda else torch.device("cpu")

    @property
    def first(self) -> bool:
        """Whether this is the one that writes: tokenizer, metrics, state and checkpoint."""
        return self.rank == 0

    def average(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Each gradient becomes the mean of all processes'; where one had none, its share is zero."""
        if self.count == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = torch.split(flat.div_(self.count), [gradient.numel() for gradient in gradients])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def most(self, value: float) -> float:
        """The largest of all processes' values: their clocks differ, and they must stop at the same step."""
        if self.count == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.all_reduce(shared, dist.ReduceOp.MAX)
        return float(shared)

    def wait(self) -> None:
        """Until all are here."""
        if self.count > 1:
            dist.barrier()

    def leave(self) -> None:
        if self.count > 1:
            dist.destroy_process_group()
