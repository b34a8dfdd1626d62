"""make docker-check: build the images, bring the stack up, and do to it what a bad week does. One report, in JSON.

Telegram is the playground in this process. Customers write and send photos without a pause while worker, bot and Redis
are killed with SIGKILL in turn; every message must be answered, and every photo looked at.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.texts import Texts
from deploy.customers import PATIENCE_S, Customer, photo
from deploy.stack import ROOT, SkippedError, Stack, engine, relay
from playground import Playground
from playground.world import GROUP_ID

LIMITS = {"worker": 5.0, "bot": 10.0, "redis": 15.0}  # seconds until everything that waited is answered


class Check:
    def __init__(self, stack: Stack, playground: Playground) -> None:
        self.stack, self.playground = stack, playground
        self.texts = Texts("en")
        self.report: dict[str, object] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
        self.faults: list[str] = []

    def must(self, good: bool, what: str) -> None:
        print(f"{'ok ' if good else 'NOT'} {what}", file=sys.stderr, flush=True)
        if not good:
            self.faults.append(what)

    async def build(self) -> None:
        start = time.monotonic()
        await self.stack.compose("build", "-q")
        self.report["build_s"] = round(time.monotonic() - start, 1)
        images = ("photodesk-bot", "photodesk-worker", os.environ.get("BASE") or _base())
        bot, worker, base = [await self.stack.image_mb(image) for image in images]
        self.report |= {
            "bot_image_over_base_mb": round(bot - base, 1),
            "worker_image_over_base_mb": round(worker - base, 1),
        }
        self.must(bot - base <= 370, f"the bot's image is its base + {bot - base:.0f} MB (at most 370)")
        # Python's own slim base has 130 MB, our stand-in for it twice that.
        self.must(worker - base <= 670, f"the worker's image is its base + {worker - base:.0f} MB (at most 670)")
        said = await self.stack.run(
            "run", "--rm", "--entrypoint", "python", "photodesk-bot", "-c",
            "import importlib.util as u; print(u.find_spec('torch'))",
        )  # fmt: skip
        self.must(said == "None", "the bot's image has no torch")

    async def up(self) -> None:
        start = time.monotonic()
        await self.stack.compose("up", "-d", "--wait", "--wait-timeout", "120")
        took = time.monotonic() - start
        self.report["up_to_healthy_s"] = round(took, 1)
        self.must(took <= 15, f"healthy {took:.1f} s after `up` (at most 15)")

    async def hardened(self) -> None:
        for service in ("redis", "bot", "worker"):
            name = (await self.stack.containers(service))[0]
            user = await self.stack.run("exec", name, "id", "-u")
            self.must(user != "0", f"{service} runs as {user}")
            root = await self.stack.run("exec", name, "sh", "-c", "touch /x 2>&1 || true")
            self.must("Read-only" in root, f"{service}'s root is read-only")
            ports = await self.stack.run("inspect", "-f", "{{json .NetworkSettings.Ports}}", name)
            self.must("HostPort" not in ports, f"{service} publishes no port")
        worker = (await self.stack.containers("worker"))[0]
        probe = "import socket; socket.setdefaulttimeout(3); socket.create_connection(('1.1.1.1', 53))"
        out = await self.stack.run("exec", worker, "sh", "-c", f'python -c "{probe}" 2>&1 || true')
        self.must("Error" in out or "timed out" in out, "the worker reaches no network but Redis")

    async def conversation(self) -> None:
        """A photo, its answer, a hand-over, an agent's reply."""
        ana, group = self.playground.customer(42, "Ana"), self.playground.group
        await ana.send_photo(photo(1), "how long does this keep?")
        answer = await ana.wait_for_message(lambda m: m.from_bot, timeout=30)
        unseen = {self.texts(name, what="photo") for name in ("photo-unavailable", "photo-unreadable")}
        trouble = unseen | {self.texts(name) for name in ("failed", "failed-alone")}
        self.must(bool(answer.text) and answer.text not in trouble, f"a photo is answered: {answer.text[:60]!r}")
        await ana.say("how do I return something?")
        answer = await ana.wait_for_message(lambda m: m.from_bot, timeout=30)
        self.must("[1]" in answer.text, "a question is answered with its source")
        await ana.say("I want to talk to a person")
        await ana.wait_for_message(self.texts("transfer"), timeout=30)
        card = await group.wait_for_message("return something", timeout=30)
        self.must("Ana" in card.text, "the agents get a card")
        await group.agent("Olga").say("Hello Ana, I am here.", reply_to=card)
        answer = await ana.wait_for_message("I am here", timeout=30)
        self.must("I am here" in answer.text, "the agent's reply reaches the customer")

    async def kills(self, customers: int, rest_s: float) -> None:
        stop = asyncio.Event()
        people = [Customer(self.playground.customer(1000 + n, f"C{n}"), n) for n in range(customers)]
        going = [asyncio.create_task(one.go(stop)) for one in people]
        await asyncio.sleep(rest_s)
        for service, limit in LIMITS.items():
            while not any(not a.answered and a.photo for c in people for a in c.asked):
                await asyncio.sleep(0.01)
            at = time.monotonic()
            await self.stack.kill(service)
            # What waited when it was dead, and what came in the second after.
            killed = time.monotonic()
            await asyncio.sleep(1)
            hit = [a for c in people for a in c.asked if (a.answered or float("inf")) > killed and a.sent < killed + 1]
            while any(a.answered is None for a in hit) and time.monotonic() < at + PATIENCE_S:
                await asyncio.sleep(0.05)
            late = max((a.answered or float("inf")) - at for a in hit)
            photos = sum(a.photo for a in hit)
            self.report[f"kill {service}"] = {"hit": len(hit), "photos": photos, "all answered after s": round(late, 1)}
            said = f"kill -9 of {service}: {len(hit)} messages, {photos} with photos, are answered {late:.1f} s later"
            self.must(late <= limit, f"{said} (at most {limit:.0f})")
            await asyncio.sleep(rest_s)
        await self.stack.compose("up", "-d", "--wait", "--no-recreate", "--scale", "worker=2")
        both = len(await self.stack.containers("worker"))
        await asyncio.sleep(rest_s)
        await self.stack.compose("up", "-d", "--wait", "--no-recreate", "--scale", "worker=1")
        self.must(both == 2 and len(await self.stack.containers("worker")) == 1, "a worker joins and leaves")
        await asyncio.sleep(rest_s)
        stop.set()
        await asyncio.wait(going, timeout=PATIENCE_S)
        await self.account(people)

    async def account(self, people: list[Customer]) -> None:
        """Nothing is lost: every message has its answer, every photo was looked at, nothing is left in a queue."""
        for key in ("inbox", "outbox", "jobs:vision"):
            left, until = "", time.monotonic() + PATIENCE_S
            while left != "0" and time.monotonic() < until:
                left = await self.stack.redis("XLEN", key)
            self.must(left == "0", f"{key} is empty in the end")
            self.must(await self.stack.redis("XLEN", f"{key}:dead") == "0", f"no dead letters in {key}")
        asked = [a for c in people for a in c.asked]
        answers = {c.number: len([m for m in c.person.messages() if m.from_bot]) for c in people}
        lost = sum(max(0, len(c.asked) - answers[c.number]) for c in people)
        doubles = sum(max(0, answers[c.number] - len(c.asked)) for c in people)
        blind = [a for a in asked if self.texts("photo-unavailable", what="photo") in a.answer]
        self.report |= {
            "asked": len(asked),
            "photos": sum(a.photo for a in asked),
            "lost": lost,
            "late by more than a minute": sum(a.answered is None for a in asked),
            "photos not looked at": len(blind),
            "answered twice": doubles,
        }
        self.must(not lost, f"{len(asked)} messages, {lost} lost")
        self.must(not blind, f"{len(blind)} photos were not looked at")

    async def drill(self) -> None:
        """What docs/operations.md says of the doctor, of backup and of restore, done."""
        said = await self.stack.compose("exec", "-T", "bot", "python", "-m", "bot", "doctor")
        self.must("\n0 BAD" in said and "ok   worker" in said, f"the doctor finds nothing bad:\n{said}")
        before = await self.stack.redis("LLEN", "c:42:history"), await self.stack.redis("DBSIZE")
        with tempfile.TemporaryFile() as file:
            await self.stack.compose("exec", "-T", "bot", "python", "-m", "bot", "backup", "-", into=file)
            await self.stack.compose("down", "-v", "--timeout", "20")
            await self.stack.compose("up", "-d", "--wait", "redis")
            file.seek(0)
            await self.stack.compose("run", "--rm", "-T", "bot", "restore", "-", out_of=file)
        after = await self.stack.redis("LLEN", "c:42:history"), await self.stack.redis("DBSIZE")
        self.must(int(before[0]) > 0 and before[0] == after[0], f"backup, loss, restore: {before} → {after}")
        await self.stack.compose("up", "-d", "--wait")
        ana, group = self.playground.customer(42, "Ana"), self.playground.group
        await ana.say("are you still there?")  # she is a person's since the hand-over
        card = await group.wait_for_message("are you still there?", timeout=30)
        self.must("Ana" in card.text, "a conversation that a person had is still that person's")

    async def idle(self) -> None:
        self.report["load_after"] = os.getloadavg()[0]
        await asyncio.sleep(5)
        memory = await self.stack.memory_mb()
        self.report["idle_memory_mb"] = memory
        self.must(sum(memory.values()) <= 2000, f"idle, the stack takes {sum(memory.values()):.0f} MB (at most 2000)")


def _base() -> str:
    return next(
        line.split("=", 1)[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("ARG BASE=")
    )


async def check(stack: Stack) -> int:
    async with Playground() as playground:
        # What host-gateway means in check.yml: the default bridge's first address.
        subnet = await stack.run("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "bridge")
        runner, port = await relay(playground.url, str(ipaddress.ip_network(subnet)[1]))
        stack.environment |= {"BOT_API_URL": f"http://telegram:{port}"}
        one = Check(stack, playground)
        try:
            await one.build()
            await one.up()
            await one.hardened()
            await one.conversation()
            await one.kills(customers=6, rest_s=8)
            await one.idle()
            await one.drill()
        finally:
            if one.faults or sys.exc_info()[0]:
                print(await stack.compose("logs", "--no-color", "--tail", "300"), file=sys.stderr)
            await stack.compose("down", "-v", "--timeout", "20")
            await runner.cleanup()
    print(json.dumps(one.report | {"faults": one.faults}, indent=2))
    return int(bool(one.faults))


def main() -> int:
    folder = Path(os.environ.get("ENGINE_DIR") or Path(tempfile.gettempdir()) / "photodesk-engine")
    try:
        environment, ours = engine(folder)
    except SkippedError as why:
        print(f"docker-check is SKIPPED: {why}")
        return 0
    stack = Stack(environment, "/usr/bin/docker" if ours else "docker")
    with tempfile.TemporaryDirectory(prefix="photodesk-secrets-") as secrets:
        environment |= {
            "SECRETS": secrets,
            "BOT_AGENTS_GROUP": str(GROUP_ID),
            "BOT_SHOP": "Corner & Co.",
            "BUILD_CA": environment.get("BUILD_CA") or ("/etc/ssl/certs/ca-certificates.crt" if ours else "/dev/null"),
            "BOT_TOKEN": "123456:demo",
            "COMPOSE_PROFILES": "",
        }
        subprocess.run(["sh", "deploy/secrets.sh"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        del environment["BOT_TOKEN"]  # the containers get it as a file
        try:
            return asyncio.run(check(stack))
        finally:
            if ours:
                subprocess.run(["sh", "deploy/engine.sh", "stop", str(folder)], cwd=ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main())
