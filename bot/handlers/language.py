"""Whose language is spoken while an update is handled: the customer's, also where an agent or a timer acts."""

from __future__ import annotations

from aiogram.enums import ChatType
from aiogram.types import Message, Update

from bot.customers import Customers
from bot.handover.group import Group


async def language_of(update: Update, customers: Customers, group: Group | None) -> str:
    """Of the customer who wrote, or whose topic was written in; "" where there is none."""
    said = update.message or update.edited_message or (update.callback_query and update.callback_query.message)
    if not isinstance(said, Message):
        return ""
    if group and said.chat.id == group.id:
        chat = await group.customer_in(said.message_thread_id)
        return await customers.language(chat) if chat else ""
    sender = update.callback_query or update.message
    if said.chat.type != ChatType.PRIVATE or not sender or not sender.from_user:
        return ""
    return await customers.language(said.chat.id, sender.from_user.language_code or "")
