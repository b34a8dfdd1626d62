"""tests/conftest.py imported aiogram as the bot does: these types are what every test here works with."""

from __future__ import annotations

from aiogram import methods, types
from aiogram.methods import Response
from pydantic import BaseModel


def test_a_type_is_built_with_all_that_it_names() -> None:
    chat = {"id": 1, "type": "private"}
    told = Response[types.Message].model_validate({"ok": True, "result": {"message_id": 1, "date": 1, "chat": chat}})
    assert isinstance(told.result, types.Message)
    keys = types.InlineKeyboardMarkup(inline_keyboard=[[types.InlineKeyboardButton(text="a", callback_data="b")]])
    sent = methods.SendMessage(chat_id=1, text="x", reply_markup=keys.model_dump())
    assert sent.reply_markup == keys


def test_every_type_can_be_built_and_is_not_before_it_is_used() -> None:
    """A name that is missing would be found when a customer first sends such a thing."""
    named = [getattr(module, name) for module in (types, methods) for name in module.__all__]
    models = [one for one in named if isinstance(one, type) and issubclass(one, BaseModel)]
    assert len(models) > 400
    assert not types.PassportElementErrorFrontSide.__pydantic_complete__
    for model in models:
        model.model_rebuild()
        assert model.__pydantic_complete__, model
