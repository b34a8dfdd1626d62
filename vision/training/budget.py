"""How much may be learnt of one picture: (ε, δ)-differential privacy (Dwork et al. 2006), as numbers."""

from __future__ import annotations

from dataclasses import dataclass


class PrivacyError(ValueError):
    """The budget cannot be kept with so little data, or what keeps it is not installed; the message says what to do."""


@dataclass(frozen=True)
class Budget:
    epsilon: float

    def __post_init__(self) -> None:
        if not 0 < self.epsilon < 100:
            raise PrivacyError(f"--epsilon {self.epsilon:g}: name a number above 0 and below 100, such as 3")
