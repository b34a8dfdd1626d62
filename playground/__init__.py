"""A strict local Telegram Bot API and a web page, to try and test a bot without Telegram."""

from playground.client import Button, CallbackAnswer, Chat, Group, Message, Person, Playground
from playground.faults import Fault

__all__ = ["Button", "CallbackAnswer", "Chat", "Fault", "Group", "Message", "Person", "Playground"]
