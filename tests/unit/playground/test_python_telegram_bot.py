"""Bots of other people's making, I: python-telegram-bot, one bot for each thing that its users begin with."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from playground import Playground

telegram = pytest.importorskip("telegram", reason="needs python-telegram-bot")
ext = pytest.importorskip("telegram.ext")

Update = telegram.Update
Application, Context = ext.Application, ext.ContextTypes.DEFAULT_TYPE


@asynccontextmanager
async def running(town: Playground, *handlers: object, wants_job_queue: bool = False) -> AsyncIterator[Application]:
    """A polling application with these handlers."""
    builder = ext.ApplicationBuilder().token(town.token)
    builder = builder.base_url(f"{town.url}/bot").base_file_url(f"{town.url}/file/bot")
    app = (builder if wants_job_queue else builder.job_queue(None)).build()
    app.add_handlers(list(handlers))
    async with app:
        await app.updater.start_polling(timeout=5, allowed_updates=Update.ALL_TYPES)
        await app.start()
        yield app
        await app.updater.stop()
        await app.stop()


async def test_echo(town: Playground) -> None:
    async def start(update: Update, _: Context) -> None:
        await update.message.reply_html(
            f"Hi {update.effective_user.mention_html()}!", reply_markup=telegram.ForceReply()
        )

    async def echo(update: Update, _: Context) -> None:
        await update.message.reply_text(update.message.text)

    words = ext.MessageHandler(ext.filters.TEXT & ~ext.filters.COMMAND, echo)
    async with running(town, ext.CommandHandler("start", start), words):
        ana = town.customer(42, "Ana")
        await ana.say("/start")
        greeted = await ana.wait_for_message("Hi Ana!")
        assert greeted.entities[0]["type"] in ("text_mention", "text_link")
        await ana.say("are you there?")
        assert (await ana.wait_for_message()).text == "are you there?"


async def test_buttons_under_a_message(town: Playground) -> None:
    async def start(update: Update, _: Context) -> None:
        row = [telegram.InlineKeyboardButton(f"Option {n}", callback_data=str(n)) for n in (1, 2)]
        await update.message.reply_text("Please choose:", reply_markup=telegram.InlineKeyboardMarkup([row]))

    async def pressed(update: Update, _: Context) -> None:
        await update.callback_query.answer("thank you")
        await update.callback_query.edit_message_text(f"Selected option: {update.callback_query.data}")

    async with running(town, ext.CommandHandler("start", start), ext.CallbackQueryHandler(pressed)):
        ana = town.customer(42)
        await ana.say("/start")
        asked = await ana.wait_for_message("Please choose:")
        query = await ana.press("Option 2")
        assert (await ana.wait_for_answer(query)).text == "thank you"
        assert (await ana.wait_for_edit(asked)).text == "Selected option: 2"


async def test_a_conversation_with_keys_a_photo_and_a_place(town: Playground, picture: Callable[..., bytes]) -> None:
    size, photo, place = range(3)

    async def start(update: Update, _: Context) -> int:
        keys = telegram.ReplyKeyboardMarkup([["Small", "Large"]], one_time_keyboard=True)
        await update.message.reply_text("Which size?", reply_markup=keys)
        return size

    async def sized(update: Update, context: Context) -> int:
        context.user_data["size"] = update.message.text
        await update.message.reply_text("A photo, please, or /skip", reply_markup=telegram.ReplyKeyboardRemove())
        return photo

    async def pictured(update: Update, _: Context) -> int:
        data = await (await update.message.photo[-1].get_file()).download_as_bytearray()
        key = telegram.KeyboardButton("Here I am", request_location=True)
        await update.message.reply_text(
            f"{len(data)} bytes. And where are you?", reply_markup=telegram.ReplyKeyboardMarkup([[key]])
        )
        return place

    async def placed(update: Update, context: Context) -> int:
        await update.message.reply_text(f"{context.user_data['size']} at {update.message.location.latitude:.2f}")
        return ext.ConversationHandler.END

    states = {
        size: [ext.MessageHandler(ext.filters.Regex("^(Small|Large)$"), sized)],
        photo: [ext.MessageHandler(ext.filters.PHOTO, pictured)],
        place: [ext.MessageHandler(ext.filters.LOCATION, placed)],
    }
    talk = ext.ConversationHandler([ext.CommandHandler("start", start)], states, fallbacks=[])
    async with running(town, talk):
        ana = town.customer(42)
        await ana.say("/start")
        await ana.wait_for_message("Which size?")
        await ana.tap("Large")
        await ana.wait_for_message("A photo, please")
        assert ana.keyboard == []
        await ana.send_photo(picture())
        await ana.wait_for_message("And where are you?")
        await ana.tap("Here I am")
        await ana.wait_for_message("Large at 48.21")


async def test_a_poll(town: Playground) -> None:
    answers: list[tuple[int, ...]] = []

    async def ask(update: Update, context: Context) -> None:
        await context.bot.send_poll(
            update.effective_chat.id, "How are you?", ["Good", "Fine"], is_anonymous=False, allows_multiple_answers=True
        )

    async def answered(update: Update, context: Context) -> None:
        answers.append(update.poll_answer.option_ids)
        await context.bot.send_message(update.poll_answer.user.id, f"{update.poll_answer.user.first_name} has voted")

    async with running(town, ext.CommandHandler("poll", ask), ext.PollAnswerHandler(answered)):
        ana = town.customer(42, "Ana")
        await ana.say("/poll")
        poll = await ana.wait_for_message(lambda message: "poll" in message.raw)
        await ana.vote(poll, "Good", "Fine")
        await ana.wait_for_message("Ana has voted")
        assert answers == [(0, 1)]


async def test_a_timer(town: Playground) -> None:
    pytest.importorskip("apscheduler", reason="needs python-telegram-bot[job-queue]")

    async def rings(context: Context) -> None:
        await context.bot.send_message(context.job.chat_id, f"Beep! {context.job.data} s are over")

    async def set_timer(update: Update, context: Context) -> None:
        due = float(context.args[0])
        context.job_queue.run_once(rings, due, chat_id=update.effective_message.chat_id, data=due)
        await update.effective_message.reply_text("Timer set")

    async with running(town, ext.CommandHandler("set", set_timer), wants_job_queue=True):
        ana = town.customer(42)
        await ana.say("/set 0.2")
        await ana.wait_for_message("Timer set")
        await ana.wait_for_message("Beep! 0.2 s are over")


async def test_inline_results(town: Playground) -> None:
    async def found(update: Update, _: Context) -> None:
        query = update.inline_query.query
        content = telegram.InputTextMessageContent(f"*{query}*", parse_mode="Markdown")
        await update.inline_query.answer([telegram.InlineQueryResultArticle("1", f"Bold {query}", content)])

    async with running(town, ext.InlineQueryHandler(found)):
        ana = town.customer(42)
        query = await ana.ask_inline("apples")
        assert (await ana.wait_for_results(query))[0]["title"] == "Bold apples"
        assert (await ana.choose_inline(query, "1")).entities[0]["type"] == "bold"


async def test_a_method_that_is_not_there_does_not_blame_the_token(town: Playground) -> None:
    async with telegram.Bot(town.token, base_url=f"{town.url}/bot") as bot:
        with pytest.raises(telegram.error.BadRequest, match=r"(?i)the playground has no method getStarTransactions"):
            await bot.get_star_transactions()
