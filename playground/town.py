"""One bot with its customers and its group, and what is to go wrong for it."""

from dataclasses import dataclass, field

from playground.faults import Faults, Flood
from playground.people import People
from playground.world import World


@dataclass
class Town:
    """Bots share a playground's address and nothing else: each has people, chats and updates of its own."""

    token: str
    world: World
    people: People
    flood: Flood
    faults: Faults = field(default_factory=Faults)
    patience: float = 5.0  # seconds that a test waits for the bot, where it is not told otherwise

    @property
    def bot_id(self) -> int:
        """The number before the colon of its token."""
        return int(self.world.bot["id"])
