"""A strict local Telegram Bot API and a web page, to try and test a bot without Telegram."""

from playground.client import Chat, Group, Person, Playground, Topic
from playground.faults import Fault
from playground.reading import Button, CallbackAnswer, Message

__all__ = ["Button", "CallbackAnswer", "Chat", "Fault", "Group", "Message", "Person", "Playground", "Topic"]
