from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE
from repository import ROOT
from toys import encoded, picture, write_set

from storage.server import EmbeddedServer
from vision.__main__ import main
from vision.readers.references import PatternError
from vision.report import PhotoReport
from vision.worker import main as worker_main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good and bad files under every name that a disk allows."""
    made = tmp_path / "photos"
    (made / "deeper" / "still").mkdir(parents=True)
    good = encoded(picture())
    names = ["a.jpg", "b with spaces.png", "c\nnewline", "d'quote\".jpg", "é ü 🙂.jpg", "-n", "noextension", ".hidden"]
    for name in names:
        (made / name).write_bytes(good)
    Path(os.fsdecode(os.fsencode(made) + b"/\xff\xfe odd.jpg")).write_bytes(good)
    (made / "deeper" / "still" / "deep.webp").write_bytes(encoded(picture(), "WEBP"))
    (made / "empty.jpg").write_bytes(b"")
    (made / "half.jpg").write_bytes(good[: len(good) // 2])
    (made / "letter.png").write_text("Dear shop,")
    (made / "metadata.jsonl").write_text("{}")
    (made / "huge.bin").write_bytes(b"")
    os.truncate(made / "huge.bin", 21 * 2**20)
    (made / "dangling").symlink_to(made / "nowhere")
    (made / "link.jpg").symlink_to(made / "a.jpg")
    os.mkfifo(made / "pipe")
    return made


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


class TestDescribe:
    def test_every_regular_file_is_answered_for(
        self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["describe", str(folder), "--json", "--model", str(shipped)]) == 1
        said = capsys.readouterr()
        assert said.err.endswith(f"{folder}: passed over 2 files that are no picture or video\n")  # a line each, before
        found = {line.pop("path").removeprefix(f"{folder}/"): line for line in map(json.loads, said.out.splitlines())}
        errors = {name: line["error"] for name, line in found.items() if "error" in line}
        assert errors == {
            "empty.jpg": "empty",
            "half.jpg": "truncated",
            "letter.png": "not_an_image",
        }
        good = set(found) - set(errors)
        assert good == {
            *(
                "a.jpg",
                "b with spaces.png",
                "c\nnewline",
                "d'quote\".jpg",
                "é ü 🙂.jpg",
                "-n",
                "noextension",
                ".hidden",
            ),
            *("\\udcff\\udcfe odd.jpg", "deeper/still/deep.webp", "link.jpg"),
        }
        for name, line in found.items():
            tags = line.pop("tags")
            assert tuple(tags) == PhotoReport.model_validate(line).tags
            assert name in errors or {"caption_source", "labels", "codes", "lines", "model"} <= set(line)
            assert name not in errors or line["reason"]

    def test_twice_is_the_same(self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
        said = []
        for _ in range(2):
            main(["describe", str(folder / "a.jpg"), str(folder / "deeper"), "--json", "--model", str(shipped)])
            said.append([line | {"milliseconds": 0} for line in lines(capsys)])
        assert said[0] == said[1]
        assert len(said[0]) == 2

    @pytest.mark.parametrize("name", ["nothing", "dangling", "pipe"])
    def test_what_cannot_be_answered_for_is_said(
        self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str], name: str
    ) -> None:
        """A pipe was passed over without a word, with exit 0."""
        assert main(["describe", str(folder / name), str(folder / "a.jpg"), "--json", "--model", str(shipped)]) == 1
        first, second = lines(capsys)
        assert (first["path"], first["error"]) == (str(folder / name), "missing")
        assert first["reason"]
        assert "error" not in second

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_no_permission(self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "a.jpg").chmod(0)
        (folder / "deeper").chmod(0)
        try:
            assert main(["describe", str(folder), "--json", "--model", str(shipped)]) == 1
        finally:
            (folder / "deeper").chmod(0o700)
        found = {line["path"]: line for line in lines(capsys)}
        assert "cannot be opened" in found[str(folder / "a.jpg")]["reason"]
        assert found[str(folder / "deeper")]["error"] == "missing"

    def test_a_file_that_goes_away_meanwhile(
        self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened = Path.open

        def gone(path: Path, *args: Any, **more: Any) -> Any:
            if path.name == "a.jpg":
                raise PermissionError(13, "Permission denied", str(path))
            return opened(path, *args, **more)

        monkeypatch.setattr(Path, "open", gone)
        assert main(["describe", str(folder / "a.jpg"), "--json", "--model", str(shipped)]) == 1
        [line] = lines(capsys)
        assert (line["error"], line["reason"]) == (
            "unreadable",
            "the file cannot be opened: you may not read or write it",
        )

    @pytest.mark.parametrize("name", ["metadata.jsonl", "empty.jpg", "half.jpg", "huge.bin"])
    def test_what_was_asked_for_by_name_is_named(
        self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str], name: str
    ) -> None:
        """The exit status was 0: a script took it for done."""
        assert main(["describe", str(folder / name), "--model", str(shipped)]) == 1
        assert f"{name}\n  cannot be read (" in capsys.readouterr().out

    def test_a_folder_without_a_picture(
        self, tmp_path: Path, shipped: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["describe", str(tmp_path), "--model", str(shipped)]) == 1
        assert capsys.readouterr().err.endswith(f"no picture in {tmp_path}\n")

    def test_for_people(self, folder: Path, shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["describe", str(folder), "--text", "what is this?\udcff", "--model", str(shipped)]) == 1
        said = capsys.readouterr().out
        assert "half.jpg\n  cannot be read (truncated): " in said
        assert "a.jpg\n  " in said

    def test_a_catalogue_without_pictures(
        self, folder: Path, shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nothing of it can be seen in a photo, and that is no reason to stop."""
        shop = tmp_path / "shop"
        shop.mkdir()
        (shop / "metadata.jsonl").write_text('{"name": "Lamp", "description": "a lamp"}\n')
        assert main(["catalogue", "build", str(shop), "--model", str(shipped)]) == 0
        assert main(["describe", str(folder / "a.jpg"), "--model", str(shipped), "--catalogue", str(shop)]) == 0
        assert "a.jpg" in capsys.readouterr().out

    def test_no_checkpoint(self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["describe", str(folder), "--model", str(tmp_path)]) == 2
        assert (
            "is no checkpoint (card.json: there is no such file or folder); name the folder of one"
            in capsys.readouterr().err
        )

    def test_as_it_is_called(self, folder: Path, shipped: Path) -> None:
        """Once as a program of its own, in a shell that knows no UTF-8."""
        command = [
            sys.executable,
            "-m",
            "vision",
            "describe",
            str(folder / "deeper"),
            "--json",
            "--model",
            str(shipped),
        ]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "OMP_NUM_THREADS": "1", "VISION_RUNTIME": "torch"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        assert json.loads(done.stdout)["path"] == str(folder / "deeper" / "still" / "deep.webp")
        assert b"Traceback" not in done.stderr


class TestOthers:
    @pytest.mark.parametrize("more", [["--json"], []])
    def test_evaluate(self, tmp_path: Path, shipped: Path, capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
        folder = write_set(tmp_path / "set", [{"labels": {"product": "milk"}}])
        assert main(["evaluate", str(folder), "--model", str(shipped), *more]) == 0
        assert json.loads(capsys.readouterr().out)["labels"]["product"]["images"] == 1

    @pytest.mark.parametrize(
        ("command", "said"),
        [
            (["evaluate", "/nowhere"], "metadata.jsonl is missing"),
            (["train", "/nowhere.toml"], "/nowhere.toml"),
        ],
    )
    def test_errors_are_sentences(
        self, shipped: Path, capsys: pytest.CaptureFixture[str], command: list[str], said: str
    ) -> None:
        more = ["--model", str(shipped)] if command[0] == "evaluate" else []
        assert main([*command, *more]) == 2
        assert said in capsys.readouterr().err

    @pytest.fixture(autouse=True)
    def in_this_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(worker_main, "YIELDS", 0)

    @pytest.mark.parametrize("more", [[], ["--check"]])
    def test_a_worker_without_a_store(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: list[str]
    ) -> None:
        for name in list(os.environ):
            if name.startswith(("STORAGE_", "VISION_")):
                monkeypatch.delenv(name)
        monkeypatch.setenv("STORAGE_DATA", str(tmp_path / "data"))
        assert main(["worker", *more]) != 0
        assert "Traceback" not in capsys.readouterr().err

    def test_a_mistake_in_the_patterns_ends_a_worker(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It cost every photo its text, while the worker looked healthy."""

        def wrong() -> None:
            raise PatternError("patterns.yaml, entry 3: needs type and pattern")

        monkeypatch.setattr(worker_main, "patterns", wrong)
        monkeypatch.setenv("STORAGE_DATA", str(tmp_path / "data"))
        assert main(["worker"]) == 2
        assert "entry 3" in capsys.readouterr().err

    def test_a_misspelt_setting(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("STORAGE_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("VISION_BEEMS", "3")
        monkeypatch.setenv("STORAGE_KEEP_DAYS", "a month")
        assert main(["worker"]) == 2
        assert capsys.readouterr().err.splitlines() == [
            "python -m vision: VISION_BEEMS is not a setting. Did you mean VISION_BEAMS? All of them are in "
            "docs/configuration.md.",
            "python -m vision: STORAGE_KEEP_DAYS must be a whole number, such as 30.",
        ]

    def test_a_wrong_setting_of_another_command(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("VISION_BATCH", "many")
        assert main(["describe", str(tmp_path)]) == 2
        assert capsys.readouterr().err == "python -m vision: VISION_BATCH must be a whole number, such as 4.\n"

    def test_a_port_that_is_another_machines(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It ended with a traceback."""
        server = EmbeddedServer(tmp_path / "redis")  # of its own: the tests' is sealed with other keys
        monkeypatch.setenv("STORAGE_REDIS_URL", server.url)
        monkeypatch.setenv("STORAGE_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("VISION_STATUS", "192.0.2.1:80")
        try:
            assert main(["worker"]) == 2
        finally:
            server.stop()
        assert "VISION_STATUS=192.0.2.1:80 cannot be listened on" in capsys.readouterr().err
