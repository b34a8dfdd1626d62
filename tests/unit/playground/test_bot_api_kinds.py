"""Messages that are neither words nor photos, keyboards in place of letters, polls, reactions: called by aiogram, which
checks every answer against its own types."""

from collections.abc import Callable

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BufferedInputFile,
    ForceReply,
    InlineQueryResultArticle,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaPhoto,
    InputPollOption,
    InputTextMessageContent,
    KeyboardButton,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from playground import Playground
from playground.world import GROUP_ID

Draw = Callable[..., bytes]


def told(*kinds: str, updates: list[Update]) -> list[Update]:
    """Those of these kinds."""
    return [update for update in updates if update.event_type in kinds]


async def test_recordings_and_what_moves(town: Playground, bot: Bot) -> None:
    ana = town.customer(42, "Ana")
    await ana.say("hi")
    voice = await bot.send_voice(42, BufferedInputFile(b"OggS voice", "v.ogg"), caption="listen", duration=7)
    assert (voice.voice.duration, voice.voice.mime_type, voice.caption) == (7, "audio/ogg", "listen")
    audio = await bot.send_audio(
        42, BufferedInputFile(b"ID3", "song.mp3"), title="Song", performer="Band", duration=200
    )
    assert (audio.audio.title, audio.audio.performer, audio.audio.file_name) == ("Song", "Band", "song.mp3")
    clip = await bot.send_animation(42, BufferedInputFile(b"mp4", "a.mp4"), width=320, height=240)
    assert (clip.animation.width, clip.document is not None) == (320, True)
    note = await bot.send_video_note(42, BufferedInputFile(b"mp4", "n.mp4"), length=240)
    assert note.video_note.length == 240
    sticker = await bot.send_sticker(42, BufferedInputFile(b"RIFF....WEBP", "s.webp"), emoji="👍")
    assert (sticker.sticker.is_video, sticker.sticker.is_animated, sticker.sticker.emoji) == (False, False, "👍")
    assert (
        await bot.send_sticker(42, sticker.sticker.file_id)
    ).sticker.file_unique_id == sticker.sticker.file_unique_id
    again = await bot.send_voice(42, voice.voice.file_id)
    assert (await bot.download(again.voice)).read() == b"OggS voice"
    with pytest.raises(TelegramBadRequest, match="can't use file of type VoiceNote as Audio"):
        await bot.send_audio(42, voice.voice.file_id)
    copied = await bot.copy_message(GROUP_ID, 42, voice.message_id)
    assert town.group.messages()[-1].raw["voice"]["file_id"] == voice.voice.file_id
    assert copied.message_id == 1


async def test_what_a_customer_sends(town: Playground, bot: Bot) -> None:
    ana = town.customer(42, "Ana")
    await ana.send_voice(b"OggS hello", 3)
    await ana.send_location(48.2, 16.37)
    await ana.send_contact("+431234", "Bob")
    await ana.send_contact()
    await ana.send_dice(6)
    await ana.send_poll("Which day?", ["Mon", "Tue"])
    voice, place, bob, own, die, poll = [update.message for update in await bot.get_updates()]
    assert (voice.voice.duration, (await bot.download(voice.voice)).read()) == (3, b"OggS hello")
    assert (place.location.latitude, place.location.longitude) == (48.2, 16.37)
    assert (bob.contact.first_name, bob.contact.user_id) == ("Bob", None)
    assert (own.contact.first_name, own.contact.user_id) == ("Ana", 42)
    assert (die.dice.emoji, die.dice.value) == ("🎲", 6)
    assert [option.text for option in poll.poll.options] == ["Mon", "Tue"]


async def test_places_contacts_and_dice(town: Playground, bot: Bot) -> None:
    await town.customer(42).say("hi")
    assert (await bot.send_location(42, 1.5, 2.5)).location.longitude == 2.5
    venue = await bot.send_venue(42, 1.5, 2.5, "Shop", "Main street 1")
    assert (venue.venue.title, venue.location.latitude) == ("Shop", 1.5)
    assert (await bot.send_contact(42, "+1555", "Kim")).contact.phone_number == "+1555"
    assert {(await bot.send_dice(42, emoji="🏀")).dice.value for _ in range(8)} <= {1, 2, 3, 4, 5}
    with pytest.raises(TelegramBadRequest, match="wrong coordinates specified"):
        await bot.send_location(42, 95, 0)
    with pytest.raises(TelegramBadRequest, match="wrong dice emoji specified"):
        await bot.send_dice(42, emoji="🍎")


async def test_a_poll_and_its_votes(town: Playground, bot: Bot) -> None:
    ana = town.customer(42, "Ana")
    await ana.say("hi")
    options = [InputPollOption(text="red"), "green"]
    asked = await bot.send_poll(42, "Which colour?", options, is_anonymous=False)
    assert (asked.poll.question, asked.poll.is_closed, asked.poll.is_anonymous) == ("Which colour?", False, False)
    shown = ana.messages()[-1]
    await ana.vote(shown, "green")
    await ana.vote(shown, "red")
    with pytest.raises(ValueError, match="choose one answer"):
        await ana.vote(shown, "red", "green")
    answers = [u.poll_answer.option_ids for u in told("poll_answer", updates=await bot.get_updates())]
    assert answers == [[1], [0]]
    counts = [u.poll.total_voter_count for u in told("poll", updates=await bot.get_updates())]
    assert counts == [1, 1]
    stopped = await bot.stop_poll(42, asked.message_id)
    assert (stopped.is_closed, [option.voter_count for option in stopped.options]) == (True, [1, 0])
    with pytest.raises(ValueError, match="this poll is closed"):
        await ana.vote(shown, "green")
    with pytest.raises(TelegramBadRequest, match="poll has already been closed"):
        await bot.stop_poll(42, asked.message_id)
    with pytest.raises(TelegramBadRequest, match="poll question must be non-empty"):
        await bot.send_poll(42, " ", ["a", "b"])


async def test_a_quiz_and_a_copy_of_it(town: Playground, bot: Bot) -> None:
    ana = town.customer(42)
    await ana.say("hi")
    quiz = await bot.send_poll(42, "2 + 2?", ["3", "4"], type="quiz", correct_option_ids=[1], explanation="count")
    assert (quiz.poll.type, quiz.poll.correct_option_ids, quiz.poll.explanation) == ("quiz", [1], "count")
    await ana.vote(ana.messages()[-1], "4")
    with pytest.raises(ValueError, match="cannot be changed"):
        await ana.vote(ana.messages()[-1], "3")
    assert not told("poll_answer", updates=await bot.get_updates())  # it is anonymous
    await bot.copy_message(42, 42, quiz.message_id)
    assert ana.messages()[-1].raw["poll"]["total_voter_count"] == 0
    with pytest.raises(TelegramBadRequest, match="quiz must have a correct option"):
        await bot.send_poll(42, "2 + 2?", ["3", "4"], type="quiz", correct_option_ids=[7])


async def test_reactions_both_ways(town: Playground, bot: Bot) -> None:
    ana = town.customer(42)
    said = await ana.say("thank you")
    assert await bot.set_message_reaction(42, said.id, [ReactionTypeEmoji(emoji="❤️")])  # with the selector phones add
    assert ana.reactions(said) == {bot.id: ["❤"]}
    await bot.set_message_reaction(42, said.id, [])
    assert ana.reactions(said) == {}
    with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
        await bot.set_message_reaction(42, said.id, [ReactionTypeEmoji(emoji="🍎")])
    answer = await bot.send_message(42, "you are welcome")
    await bot.get_updates(allowed_updates=["message_reaction"])
    await ana.react(ana.messages()[-1], "👍")
    change = (await bot.get_updates())[-1].message_reaction
    assert (change.message_id, change.new_reaction[0].emoji) == (answer.message_id, "👍")


async def test_keys_in_place_of_letters(town: Playground, bot: Bot) -> None:
    ana = town.customer(42, "Ana")
    await ana.say("hi")
    rows = [
        [KeyboardButton(text="Yes"), KeyboardButton(text="No")],
        [KeyboardButton(text="My place", request_location=True)],
    ]
    sent = await bot.send_message(
        42, "Shall we?", reply_markup=ReplyKeyboardMarkup(keyboard=rows, resize_keyboard=True)
    )
    assert sent.reply_markup is None  # as on Telegram
    assert [[key["text"] for key in row] for row in ana.keyboard] == [["Yes", "No"], ["My place"]]
    await ana.tap("Yes")
    assert (await ana.tap("My place")).raw["location"]
    with pytest.raises(LookupError, match="there is no key 'Maybe'"):
        await ana.tap("Maybe")
    assert [m.text for m in ana.messages()[-2:]] == ["Yes", ""]
    await bot.send_message(42, "done", reply_markup=ReplyKeyboardRemove())
    assert ana.keyboard == []
    await bot.send_message(42, "your name?", reply_markup=ForceReply())
    asked = (await bot.send_message(42, "x")).message_id
    body = {"chat_id": 42, "message_id": asked, "text": "y", "reply_markup": {"force_reply": True}}
    async with aiohttp.ClientSession() as client:
        answer = await client.post(f"{town.url}/bot{town.token}/editMessageText", json=body)
        assert (await answer.json())["description"] == "Bad Request: inline keyboard expected"


async def test_another_file_in_a_message(town: Playground, bot: Bot, picture: Draw) -> None:
    ana = town.customer(42)
    await ana.say("hi")
    sent = await bot.send_message(42, "wait")
    photo = InputMediaPhoto(media=BufferedInputFile(picture(), "a.jpg"), caption="*here*", parse_mode="Markdown")
    edited = await bot.edit_message_media(photo, chat_id=42, message_id=sent.message_id)
    assert (edited.text, edited.caption, edited.photo is not None) == (None, "here", True)
    clip = InputMediaAnimation(media=BufferedInputFile(b"mp4", "a.mp4"))
    edited = await bot.edit_message_media(clip, chat_id=42, message_id=sent.message_id)
    assert (edited.photo, edited.caption, edited.animation is not None) == (None, None, True)
    music = [InputMediaAudio(media=BufferedInputFile(b"ID3", f"{n}.mp3"), title=f"Song {n}") for n in range(2)]
    assert [m.audio.title for m in await bot.send_media_group(42, music)] == ["Song 0", "Song 1"]
    die = await bot.send_dice(42)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_media(photo, chat_id=42, message_id=die.message_id)


async def test_what_a_bot_says_about_itself(town: Playground, bot: Bot) -> None:
    everybody, groups = [BotCommand(command="help", description="Help")], BotCommandScopeAllGroupChats()
    await bot.set_my_commands(everybody)
    await bot.set_my_commands([BotCommand(command="bot", description="Give back")], scope=groups)
    assert [c.description for c in await bot.get_my_commands()] == ["Help"]
    assert [c.command for c in await bot.get_my_commands(scope=groups)] == ["bot"]
    assert await bot.get_my_commands(language_code="de") == []
    await bot.delete_my_commands(scope=groups)
    assert await bot.get_my_commands(scope=groups) == []
    await bot.set_my_name("Helper")
    await bot.set_my_description("Hilft", language_code="de")
    assert (await bot.get_my_name()).name == "Helper"
    assert (await bot.get_my_description()).description == ""
    assert (await bot.get_my_description(language_code="de")).description == "Hilft"
    town.server.people.settle()
    assert await bot.get_chat_member_count(GROUP_ID) == 2
    assert await bot.get_chat_member_count(42) == 2


async def test_inline_mode(town: Playground, bot: Bot) -> None:
    ana = town.customer(42, "Ana")
    query_id = await ana.ask_inline("bananas")
    asked = (await bot.get_updates())[0].inline_query
    assert (asked.id, asked.query) == (query_id, "bananas")
    content = InputTextMessageContent(message_text="*Bananas* keep", parse_mode="Markdown")
    result = InlineQueryResultArticle(id="1", title="Bananas", input_message_content=content)
    assert await bot.answer_inline_query(query_id, [result])
    assert [one["title"] for one in await ana.wait_for_results(query_id)] == ["Bananas"]
    sent = await ana.choose_inline(query_id, "1")
    assert (sent.text, sent.raw["via_bot"]["id"]) == ("Bananas keep", bot.id)
    assert told("chosen_inline_result", updates=await bot.get_updates())[0].chosen_inline_result.result_id == "1"
    with pytest.raises(TelegramBadRequest, match="RESULT_ID_DUPLICATE"):
        await bot.answer_inline_query(await ana.ask_inline("x"), [result, result])


async def test_several_bots(bot: Bot, town: Playground) -> None:
    async with Playground(bots=["777:second"]) as both:
        second = both.beside("777:second")
        await both.customer(42, "Ana").say("to the first")
        await second.customer(42, "Ben").say("to the second")
        for token, words in ((both.token, "to the first"), ("777:second", "to the second")):
            async with Bot(token) as client:
                client.session.api = client.session.api.from_base(both.url)
                assert [update.message.text for update in await client.get_updates()] == [words]
                await client.send_message(42, f"you wrote {words}")
        assert [message.text for message in second.customer(42).messages()] == [
            "to the second",
            "you wrote to the second",
        ]
        assert both.customer(42).messages()[-1].text == "you wrote to the first"
    with pytest.raises(ValueError, match="a number of its own"):
        async with Playground(bots=["123456:other"]):
            pass
