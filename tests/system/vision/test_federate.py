"""A real Flower server and two shops on loopback, over TLS: each ends with weights that name the other's product."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import PATIENCE
from repository import ROOT
from toys import drawn_check, drawn_shop

from vision.images import read_folder
from vision.model.adapted import Adapted, digest_of
from vision.model.predictor import Predictor
from vision.training import flower, memory

pytest.importorskip("flwr", reason="Flower is not installed: pip install '.[federated]'")


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "vision", "federate", *arguments]
    environment = os.environ | {"VISION_RUNTIME": "torch", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def listening(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def test_a_shop_that_vanishes_stops_nobody(tmp_path: Path) -> None:
    """The server waited for it for a day, where it had been started for just as many shops."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    ca = str(tmp_path / "ca.pem")
    flower.certificate(tmp_path, "127.0.0.1")
    server = toy("serve", address, str(tmp_path))
    running = [server, *(toy("join", address, ca, name) for name in ("north", "south"))]
    running.append(toy("join", address, ca, "east", "vanish"))
    try:
        told, log = server.communicate(timeout=4 * PATIENCE)
        assert running[-1].wait(PATIENCE) == 3
        assert [shop.wait(PATIENCE) for shop in running[1:3]] == [0, 0]
    finally:
        for each in running:
            each.kill()
    over = json.loads(told.splitlines()[-1])
    assert any("a shop is left out of this round" in line for line in over["said"]), log
    assert over["learnt"] == pytest.approx(3)  # all three rounds, the second without it


def toy(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "tests" / "support" / "shops.py"), *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    out = subprocess.PIPE if arguments[0] == "serve" else subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=out, stderr=out, text=True)


def test_two_shops_learn_together(tmp_path: Path, shipped: Path) -> None:
    predictor = Predictor.load(shipped, name="torch")
    known = memory.halves(memory.asked(memory.look(predictor, read_folder(drawn_check(tmp_path / "check", 8)))))
    memory.save(shipped / memory.FILE, known, digest_of(shipped))
    products = tmp_path / "products.txt"
    products.write_text("Sea soap\nSun candle\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, tls = f"127.0.0.1:{port}", tmp_path / "tls"
    model = ("--model", str(shipped), "--address", address)
    server = start("serve", str(products), "--certificates", str(tls), "--shops", "2", "--rounds", "6", *model)
    running = [server]
    try:
        until = time.monotonic() + 4 * PATIENCE
        while not listening(port) and time.monotonic() < until and server.poll() is None:
            time.sleep(0.2)
        shops = {}
        for name, own in {"north": ("Sea soap", "apple"), "south": ("Sun candle", "milk")}.items():
            photos = drawn_shop(tmp_path / name, 10, own)
            out = str(tmp_path / f"{name}-own")
            shops[name] = start("join", str(photos), "--ca", str(tls / "ca.pem"), "--out", out, "--name", name, *model)
            running.append(shops[name])
        said = {name: each.communicate(timeout=8 * PATIENCE)[0] for name, each in shops.items()}
        told = server.communicate(timeout=2 * PATIENCE)[0]
    finally:
        for each in running:
            each.kill()
    assert server.returncode == 0 and "all rounds are over" in told, told
    for name, words in said.items():
        assert shops[name].returncode == 0, words
        found = Adapted.load(tmp_path / f"{name}-own", shipped, predictor.sets).heads["product"]
        assert {"Sea soap", "Sun candle"} < set(found.names)
        other = "Sun candle" if name == "north" else "Sea soap"
        seen = memory.look(predictor, read_folder_of(tmp_path / ("south" if name == "north" else "north"), other))
        logits = found.logits(seen.logits["product"], seen.looks)
        right = [found.names[at] == other for at in logits.argmax(1)]
        assert sum(right) > len(right) / 2, f"{name} learnt what only the other has shown"


def read_folder_of(folder: Path, product: str) -> list[memory.Sample]:
    return [memory.Sample(path, {"product": product}) for path in sorted((folder / product).iterdir())]
