"""A strict local Telegram Bot API and a web page, to try and test a bot without Telegram."""

from playground.chat import Chat
from playground.client import Place, Playground
from playground.faults import Fault
from playground.group import Group, Topic
from playground.person import Person
from playground.reading import Button, CallbackAnswer, Message

__all__ = ["Button", "CallbackAnswer", "Chat", "Fault", "Group", "Message", "Person", "Place", "Playground", "Topic"]
