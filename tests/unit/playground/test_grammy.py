"""Bots of other people's making, III: grammY, where Node and grammY are (npm install --prefix FOLDER grammy, and
NODE_PATH=FOLDER/node_modules)."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from playground import Playground

NODE = shutil.which("node")
FOUND = (
    NODE and subprocess.run([NODE, "-e", "require.resolve('grammy')"], capture_output=True, check=False).returncode == 0
)
pytestmark = pytest.mark.skipif(not FOUND, reason="needs Node, and grammY in NODE_PATH")

BOT = """
const { Bot, InlineKeyboard, Keyboard } = require("grammy");
const bot = new Bot(process.argv[2], { client: { apiRoot: process.argv[3] } });
const choice = new InlineKeyboard().text("A", "a").text("B", "b");
bot.command("start", (ctx) => ctx.reply("Choose", { reply_markup: choice }));
bot.callbackQuery("b", async (ctx) => {
  await ctx.answerCallbackQuery("noted");
  await ctx.editMessageText("you chose B");
});
const keys = new Keyboard().text("Yes").text("No").resized();
bot.command("keys", (ctx) => ctx.reply("Yes or no?", { reply_markup: keys }));
bot.command("poll", (ctx) => ctx.replyWithPoll("Which?", ["One", "Two"], { is_anonymous: false }));
bot.on("poll_answer", (ctx) => ctx.api.sendMessage(ctx.pollAnswer.user.id, `option ${ctx.pollAnswer.option_ids[0]}`));
bot.command("stars", (ctx) => ctx.api.getStarTransactions().catch((error) => ctx.reply(error.description)));
bot.on("message:text", async (ctx) => {
  await ctx.react("👍");
  await ctx.reply(`_${ctx.msg.text}_`, { parse_mode: "Markdown" });
});
bot.start({ allowed_updates: ["message", "callback_query", "poll_answer"] });
"""


async def test_a_bot_of_grammys(town: Playground, tmp_path: Path) -> None:
    (tmp_path / "bot.js").write_text(BOT)
    running = await asyncio.create_subprocess_exec(str(NODE), str(tmp_path / "bot.js"), town.token, town.url)
    try:
        ana = town.customer(42, "Ana")
        await ana.say("/start")
        asked = await ana.wait_for_message("Choose", timeout=20)
        await ana.press("B")
        assert (await ana.wait_for_edit(asked)).text == "you chose B"
        await ana.say("/keys")
        await ana.wait_for_message("Yes or no?")
        said = await ana.tap("Yes")
        assert (await ana.wait_for_message("Yes")).entities[0]["type"] == "italic"
        assert list(ana.reactions(said).values()) == [["👍"]]
        await ana.say("/poll")
        await ana.vote(await ana.wait_for_message(lambda message: "poll" in message.raw), "Two")
        await ana.wait_for_message("option 1")
        await ana.say("/stars")
        await ana.wait_for_message("the playground has no method getStarTransactions")
    finally:
        running.kill()
        await running.wait()
