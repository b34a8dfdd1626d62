"""The agents' group and its topics, as a test reads them."""

import asyncio

from playground.chat import Chat
from playground.person import Person
from playground.reading import Message
from playground.town import Town


class Group(Chat):
    """The agents' group, with all its topics."""

    def agent(self, name: str) -> Person:
        """An agent, made on first use; writes in General."""
        return Person(self._town, self._world.add_agent(name), self.id)

    def topics(self) -> list["Topic"]:
        """Its topics, oldest first."""
        return [Topic(self._town, self.id, one.thread_id) for one in self._world.state.topics(self.id)]

    async def wait_for_topic(self, name: str = "", *, timeout: float | None = None) -> "Topic":  # noqa: ASYNC109
        """The newest topic whose name contains ``name``, as soon as there is one. It is read from its beginning."""
        with self._world.hub.subscribe() as queue:
            async with asyncio.timeout(self._town.patience if timeout is None else timeout):
                while True:
                    for topic in self.topics()[::-1]:
                        if name in topic.name:
                            return topic
                    await queue.get()


class Topic(Chat):
    """One topic of the group."""

    def __init__(self, town: Town, chat_id: int, thread: int) -> None:
        super().__init__(town, chat_id, thread)
        self._read = 0

    @property
    def name(self) -> str:
        """Its title; "" when it is gone."""
        topic = self._world.state.topic(self.id, self.thread or 0)
        return topic.name if topic else ""

    @property
    def closed(self) -> bool:
        """Whether only administrators can write."""
        topic = self._world.state.topic(self.id, self.thread or 0)
        return topic is not None and topic.closed

    def agent(self, name: str) -> Person:
        """An agent who writes in this topic."""
        return Person(self._town, self._world.add_agent(name), self.id, self.thread)

    def pinned(self) -> list[Message]:
        """What is pinned here, oldest first."""
        state = self._world.state
        found = [state.message(self.id, number) for thread, number in state.pins(self.id) if thread == self.thread]
        return [Message(stored.body, self._world) for stored in found if stored]

    def close(self, agent: str) -> None:
        """An agent closes it by hand."""
        self._change(agent, closed=True)

    def reopen(self, agent: str) -> None:
        """An agent opens it again by hand."""
        self._change(agent, closed=False)

    def delete(self) -> None:
        """Somebody deletes it; the bot is told nothing."""
        topic = self._world.state.topic(self.id, self.thread or 0)
        if topic is None:
            raise LookupError("this topic is gone already")
        self._world.delete_topic(topic)

    def _change(self, agent: str, *, closed: bool) -> None:
        topic = self._world.state.topic(self.id, self.thread or 0)
        if topic is None:
            raise LookupError("this topic is gone")
        self._world.change_topic(self._world.add_agent(agent).body, topic, closed=closed)
