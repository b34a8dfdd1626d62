"""Every method, called by aiogram."""

import json
from collections.abc import Callable

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MessageEntity,
    ReplyParameters,
)

from playground import Playground
from playground.world import GROUP_ID

Draw = Callable[..., bytes]
KEYS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="A person", callback_data="person")]])


async def raw(town: Playground, method: str, token: str = "", **how: object) -> tuple[int, dict]:
    """A call as it travels: status and body."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{town.url}/bot{token or town.token}/{method}", **how) as answer,
    ):
        return answer.status, await answer.json()


async def test_get_me(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (123456, True, "photodesk_bot")


async def test_the_envelope_and_how_parameters_may_come(town: Playground) -> None:
    await town.customer(42).say("hi")
    for how in ({"data": {"chat_id": "42", "text": "x"}}, {"json": {"chat_id": 42, "text": "x"}},
                {"params": {"chat_id": "42", "text": "x"}}):  # fmt: skip
        status, body = await raw(town, "sendMessage", **how)
        assert (status, set(body), body["ok"]) == (200, {"ok", "result"}, True)
    async with aiohttp.ClientSession() as session:  # pyTelegramBotAPI sends a form with GET; it used to be passed over
        form = {"chat_id": "42", "text": "x"}
        assert (await session.get(f"{town.url}/bot{town.token}/sendMessage", data=form)).status == 200
    status, body = await raw(town, "SENDMESSAGE", json={"chat_id": 42, "text": "names ignore case"})
    assert status == 200
    status, body = await raw(town, "sendMessage", data=b"{", headers={"Content-Type": "application/json"})
    assert body == {"ok": False, "error_code": 400, "description": "Bad Request: can't parse JSON object"}


async def test_unknown_method_and_wrong_tokens(town: Playground) -> None:
    status, body = await raw(town, "sendInvoice")
    assert status == body["error_code"] == 400  # 404 made people suspect their token
    assert "the playground has no method sendInvoice; the token is right" in body["description"]
    assert await raw(town, "getMe", token="123456:other") == (
        401,
        {"ok": False, "error_code": 401, "description": "Unauthorized"},
    )
    assert (await raw(town, "getMe", token="nonsense"))[0] == 404
    async with Bot("123456:other") as stranger:
        stranger.session.api = stranger.session.api.from_base(town.url)
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_who_may_be_written_to(town: Playground, bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="Bad Request: chat not found"):
        await bot.send_message(999, "hello")
    customer = town.customer(42)
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(42, "hello")
    await customer.say("hi")
    await bot.send_message(42, "hello")
    await customer.block_bot()
    with pytest.raises(TelegramForbiddenError, match="Forbidden: bot was blocked by the user"):
        await bot.send_message(42, "hello?")
    await customer.say("I am back")
    assert [update.event_type for update in await bot.get_updates()] == [
        "message", "my_chat_member", "my_chat_member", "message",
    ]  # fmt: skip
    await bot.send_message(42, "welcome back")


async def test_text_its_limits_and_its_reply(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    asked = await customer.say("how long?")
    sent = await bot.send_message(42, "  two\n", reply_parameters=ReplyParameters(message_id=asked.id))
    assert (sent.text, sent.reply_to_message.text) == ("two", "how long?")
    assert (await customer.wait_for_message()).reply_to == asked.id
    await bot.send_message(42, "🍎" * 2048)
    for text, why in (("", "message text is empty"), (" \n", "message text is empty"),
                      ("x" * 4097, "message is too long"), ("🍎" * 2049, "message is too long")):  # fmt: skip
        with pytest.raises(TelegramBadRequest, match=f"Bad Request: {why}"):
            await bot.send_message(42, text)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(42, "x", reply_parameters=ReplyParameters(message_id=777))
    careless = ReplyParameters(message_id=777, allow_sending_without_reply=True)
    assert (await bot.send_message(42, "x", reply_parameters=careless)).reply_to_message is None
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(GROUP_ID, "x", message_thread_id=5)


async def test_entities_given(town: Playground, bot: Bot) -> None:
    await town.customer(42).say("hi")
    bold = MessageEntity(type="bold", offset=3, length=4)
    sent = await bot.send_message(42, "🍎 bold", entities=[bold])
    assert [(e.type, e.extract_from(sent.text)) for e in sent.entities] == [("bold", "bold")]
    with pytest.raises(TelegramBadRequest, match="ends after the end of the text at UTF-16 offset 1"):
        await bot.send_message(42, "x", entities=[bold])


async def test_wrong_types(town: Playground) -> None:
    await town.customer(42).say("hi")
    for fields, why in (
        ({"chat_id": ""}, "chat_id is empty"),
        ({"chat_id": "abc"}, "chat not found"),
        ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"reply_markup": "5"}, "object expected as reply markup"),
        ({"reply_markup": '{"inline_keyboard": 5}'}, 'field "inline_keyboard" must be of type Array'),
        ({"reply_parameters": "{"}, "can't parse reply parameters JSON object"),
        ({"reply_parameters": "5"}, "object expected as reply parameters"),
        ({"entities": "["}, "can't parse entities JSON object"),
        ({"parse_mode": "latex"}, "unsupported parse_mode"),
    ):
        status, body = await raw(town, "sendMessage", data={"chat_id": "42", "text": "x"} | fields)
        assert (status, body["description"]) == (400, f"Bad Request: {why}")


@pytest.mark.parametrize(
    ("button", "why"),
    [
        ({"text": "x"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "", "callback_data": "x"}, "can't parse inline keyboard button: text must be non-empty"),
        ({"text": "x", "url": "javascript:alert(1)"}, "inline keyboard button URL 'javascript:alert(1)' is invalid"),
    ],
)
async def test_buttons_that_telegram_refuses(town: Playground, button: dict, why: str) -> None:
    await town.customer(42).say("hi")
    markup = json.dumps({"inline_keyboard": [[button]]})
    _, body = await raw(town, "sendMessage", data={"chat_id": "42", "text": "x", "reply_markup": markup})
    assert body["description"].startswith(f"Bad Request: {why}")


async def test_photos_by_upload_and_by_file_id(town: Playground, bot: Bot, picture: Draw) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    sent = await bot.send_photo(42, BufferedInputFile(picture(2000, 1500, "PNG"), "p.png"), caption="<b>an</b> apple",
                                parse_mode="HTML")  # fmt: skip
    assert [(size.width, size.height) for size in sent.photo] == [(90, 68), (320, 240), (800, 600), (1280, 960)]
    assert (sent.caption, sent.caption_entities[0].type) == ("an apple", "bold")
    again = await bot.send_photo(42, sent.photo[0].file_id)
    assert [size.file_unique_id for size in again.photo] == [size.file_unique_id for size in sent.photo]
    assert (await customer.wait_for_message("apple")).file().startswith(b"\xff\xd8")
    for photo, caption, why in (
        (sent.photo[0].file_id, "x" * 1025, "message caption is too long"),
        ("nonsense", "", "wrong remote file identifier specified"),
        ("https://example.org/p.png", "", "failed to get HTTP URL content"),
        (BufferedInputFile(b"no picture", "p.png"), "", "IMAGE_PROCESS_FAILED"),
        (BufferedInputFile(b"", "p.png"), "", "file must be non-empty"),
    ):
        with pytest.raises(TelegramBadRequest, match=why):
            await bot.send_photo(42, photo, caption=caption)
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_photo(42, BufferedInputFile(b"x" * (10 * 1024 * 1024 + 1), "p.png"))


async def test_documents(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    sent = await bot.send_document(42, BufferedInputFile(b"%PDF", "../../bill.pdf"), caption="your bill")
    assert (sent.document.file_name, sent.document.file_size) == (".._.._bill.pdf", 4)
    assert (await customer.wait_for_message()).file() == b"%PDF"
    assert (await bot.send_document(42, sent.document.file_id)).document.file_unique_id == sent.document.file_unique_id
    with pytest.raises(TelegramBadRequest, match="can't use file of type Document as Photo"):
        await bot.send_photo(42, sent.document.file_id)


async def test_albums_of_the_bot(town: Playground, bot: Bot, picture: Draw) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    photo = InputMediaPhoto(media=BufferedInputFile(picture(), "a.jpg"), caption="<i>one</i>", parse_mode="HTML")
    sent = await bot.send_media_group(42, [photo, InputMediaPhoto(media=BufferedInputFile(picture(), "b.jpg"))])
    assert len({message.media_group_id for message in sent}) == 1
    assert (sent[0].caption, sent[0].caption_entities[0].type, sent[1].caption) == ("one", "italic", None)
    document = InputMediaDocument(media=BufferedInputFile(b"x", "b.txt"))
    with pytest.raises(TelegramBadRequest, match="can't mix"):
        await bot.send_media_group(42, [photo, document])
    with pytest.raises(TelegramBadRequest, match="from 2 to 10"):
        await bot.send_media_group(42, [photo])


async def test_chat_actions_show_as_typing(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    await bot.send_chat_action(42, "typing")
    assert customer.typing
    await bot.send_message(42, "done")
    assert not customer.typing
    with pytest.raises(TelegramBadRequest, match="wrong parameter action in request"):
        await bot.send_chat_action(42, "dancing")


async def test_files_are_downloaded_unless_too_big(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    message = await customer.send_document(b"words", "notes.txt", "text/plain", "read this")
    document = message.raw["document"]
    assert (document["file_name"], document["mime_type"]) == ("notes.txt", "text/plain")
    file = await bot.get_file(document["file_id"])
    assert file.file_path.endswith(".txt")
    assert (await bot.download(document["file_id"])).read() == b"words"
    big = await customer.send_document(b"x" * (20 * 1024 * 1024 + 1), "film.mp4", "video/mp4")
    with pytest.raises(TelegramBadRequest, match="Bad Request: file is too big"):
        await bot.get_file(big.raw["document"]["file_id"])
    with pytest.raises(TelegramBadRequest, match="invalid file_id"):
        await bot.get_file("nonsense")
    async with aiohttp.ClientSession() as session:
        for path in ("documents/none.txt", "../playground.sqlite", "%2e%2e/playground.sqlite"):
            async with session.get(f"{town.url}/file/bot{town.token}/{path}") as answer:
                assert answer.status == 404
        async with session.get(f"{town.url}/file/bot1:x/{file.file_path}") as answer:
            assert answer.status == 401


async def test_pressing_a_button(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    sent = await bot.send_message(42, "and now?", reply_markup=KEYS)
    query_id = await customer.press("A person")
    query = (await bot.get_updates())[-1].callback_query
    assert (query.id, query.data, query.message.message_id, query.from_user.id) == (
        query_id, "person", sent.message_id, 42,
    )  # fmt: skip
    await bot.answer_callback_query(query_id, "One moment", show_alert=True)
    answer = await customer.wait_for_answer(query_id)
    assert (answer.text, answer.show_alert) == ("One moment", True)
    for wrong in (query_id, "1"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired or query ID is in"):
            await bot.answer_callback_query(wrong)


async def test_editing(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    asked = await customer.say("hi")
    sent = await bot.send_message(42, "wait", reply_markup=KEYS)
    shown = await customer.wait_for_message("wait")
    edited = await bot.edit_message_text("<b>done</b>", chat_id=42, message_id=sent.message_id, parse_mode="HTML")
    assert (edited.text, edited.reply_markup, bool(edited.edit_date)) == ("done", None, True)
    assert (await customer.wait_for_edit(shown)).text == "done"
    await bot.edit_message_reply_markup(chat_id=42, message_id=sent.message_id, reply_markup=KEYS)
    for message_id, why in (
        (sent.message_id, "message is not modified: specified new message content and reply markup are exactly the "),
        (asked.id, "message can't be edited"),
        (777, "message to edit not found"),
        (0, "message identifier is not specified"),
    ):
        with pytest.raises(TelegramBadRequest, match=f"Bad Request: {why}"):
            await bot.edit_message_reply_markup(chat_id=42, message_id=message_id, reply_markup=KEYS)
    document = await bot.send_document(42, BufferedInputFile(b"x", "a.txt"), caption="old")
    assert (await bot.edit_message_caption(chat_id=42, message_id=document.message_id, caption="new")).caption == "new"
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=42, message_id=document.message_id)


async def test_deleting(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    sent = [await bot.send_message(42, text) for text in "abc"]
    assert await bot.delete_message(42, sent[0].message_id)
    assert await bot.delete_messages(42, [sent[1].message_id, 777])
    assert [message.text for message in customer.messages()] == ["hi", "c"]
    with pytest.raises(TelegramBadRequest, match="Bad Request: message to delete not found"):
        await bot.delete_message(42, sent[0].message_id)


async def test_copying_and_forwarding(town: Playground, bot: Bot, picture: Draw) -> None:
    customer, group = town.customer(42, "Ana"), town.group
    album = await customer.send_album([picture(), picture()], "two photos")
    copied = await bot.copy_message(GROUP_ID, 42, album[0].id, reply_markup=KEYS)
    shown = await group.wait_for_message("two photos")
    assert (shown.id, shown.buttons[0].text) == (copied.message_id, "A person")
    assert shown.file() == album[0].file()
    await bot.copy_message(GROUP_ID, 42, album[0].id, caption="other words")
    await group.wait_for_message("other words")
    assert len(await bot.copy_messages(GROUP_ID, 42, [album[0].id, album[1].id, 777])) == 2
    first, second = await group.wait_for_message("two photos"), await group.wait_for_message()
    assert first.media_group_id == second.media_group_id not in ("", album[0].media_group_id)
    forwarded = await bot.forward_message(GROUP_ID, 42, album[0].id)
    assert forwarded.forward_origin.sender_user.first_name == "Ana"
    assert len(await bot.forward_messages(GROUP_ID, 42, [album[0].id])) == 1
    for call, why in (
        (bot.copy_message(GROUP_ID, 42, 777), "message to copy not found"),
        (bot.forward_message(GROUP_ID, 42, 777), "message to forward not found"),
        (bot.copy_messages(GROUP_ID, 42, [777]), "there are no messages to copy"),
        (bot.forward_messages(GROUP_ID, 42, [2, 1]), "message identifiers must be in a strictly increasing order"),
        (bot.forward_messages(GROUP_ID, 42, []), "message identifiers are not specified"),
    ):
        with pytest.raises(TelegramBadRequest, match=f"Bad Request: {why}"):
            await call


async def test_chats_and_members(town: Playground, bot: Bot) -> None:
    customer, kim = town.customer(42, "Ana", username="ana"), town.group.agent("Kim")
    assert (await bot.get_chat(42)).username == "ana"
    assert (await bot.get_chat(GROUP_ID)).title == "Agents"
    statuses = [(await bot.get_chat_member(GROUP_ID, who)).status for who in (kim.user_id, 42, bot.id)]
    assert statuses == ["member", "left", "administrator"]
    assert [member.user.id for member in await bot.get_chat_administrators(GROUP_ID)] == [bot.id]
    with pytest.raises(TelegramBadRequest, match="there are no administrators in the private chat"):
        await bot.get_chat_administrators(customer.id)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.get_chat(7)


async def test_what_the_bot_says_about_itself(town: Playground, bot: Bot) -> None:
    assert await bot.set_my_commands([BotCommand(command="start", description="Begin")])
    assert await bot.set_my_description("x")
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="No!", description="x")])
    with pytest.raises(TelegramBadRequest, match="has no method getStarTransactions"):
        await bot.get_star_transactions()


async def test_the_agents_group(town: Playground, bot: Bot) -> None:
    group = town.group
    kim = group.agent("Kim")
    asked = await bot.send_message(GROUP_ID, "a customer waits", reply_markup=KEYS)
    shown = await group.wait_for_message("waits")
    await kim.press("A person", shown)
    await kim.say("mine", reply_to=shown)
    pressed, said = await bot.get_updates()
    assert pressed.callback_query.from_user.first_name == "Kim"
    assert (said.message.chat.type, said.message.reply_to_message.message_id) == ("supergroup", asked.message_id)
    assert group.agent("Kim").user_id == kim.user_id != group.agent("Alex").user_id
