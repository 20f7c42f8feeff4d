"""Runs a page as a reader would: its commands in a shell, its files written, its operations sent to the API."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"^<([\w.]+)>$")
COMMAND_SECONDS = 240
START_SECONDS = 180


@dataclass(frozen=True)
class Block:
    """One block of a page: its language, the words after it, its text and the line where it begins."""

    language: str
    words: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2].strip(), found[3], text[: found.start()].count("\n") + 1)
        for found in BLOCK.finditer(text)
    ]


def contains(found: Any, wanted: Any) -> bool:
    """Whether an answer has everything that the page shows of it; lists are as long as shown."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and contains(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        pairs = zip(found, wanted, strict=False) if isinstance(found, list) else ()
        return isinstance(found, list) and len(found) == len(wanted) and all(contains(*pair) for pair in pairs)
    return bool(found == wanted)


@dataclass
class Terminal:
    """A program that goes on running while the page does."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _new: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line)
        self._new.put(None)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line that has the pattern; fails when the program ends before, or takes too long."""
        ends = time.monotonic() + START_SECONDS
        for line in self.lines:
            if found := re.search(pattern, line):
                return found
        while time.monotonic() < ends:
            try:
                line = self._new.get(timeout=1)
            except queue.Empty:
                continue
            assert line is not None, f"it ended:\n{''.join(self.lines)}"
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"nothing like {pattern} within {START_SECONDS} s:\n{''.join(self.lines)}")

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


@dataclass
class Reader:
    """Somebody who follows a page in an empty folder."""

    folder: Path
    environment: dict[str, str]
    answers: list[dict[str, Any]] = field(default_factory=list)
    terminals: list[Terminal] = field(default_factory=list)

    def follow(self, blocks: list[Block]) -> None:
        """Do what every block says, in order."""
        position = 0
        while position < len(blocks):
            block = blocks[position]
            try:
                position += self._do(blocks, position)
            except AssertionError as error:
                raise AssertionError(f"the {block.language} block of line {block.line}: {error}") from error

    def close(self) -> None:
        """End what still runs."""
        for terminal in self.terminals:
            terminal.stop()

    def _do(self, blocks: list[Block], position: int) -> int:
        block = blocks[position]
        words = dict(word.split("=", 1) for word in block.words.split() if "=" in word)
        if block.language == "console":
            if "terminal" in words:
                self._start(block)
            else:
                self._shell(block)
        elif "file" in words:
            path = self.folder / words["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif "append" in words:
            with (self.folder / words["append"]).open("a", encoding="utf-8") as file:
                file.write(block.text)
        elif block.language == "graphql" and block.words == "run":
            return self._ask(blocks, position)
        else:
            raise AssertionError("nobody runs it")
        return 1

    def _start(self, block: Block) -> None:
        command = block.text.splitlines()[0].removeprefix("$ ")
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.terminals.append(Terminal(process))

    def _shell(self, block: Block) -> None:
        """The commands one after another; what each prints is compared with the lines below it."""
        steps: list[tuple[str, list[str]]] = []
        for line in block.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
        for command, expected in steps:
            script = f"{command}\ncode=$?; pwd > '{self.folder_file}'; env -0 > '{self.environment_file}'; exit $code"
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
            output = done.stdout + done.stderr
            assert done.returncode == 0, f"`{command}` gave {done.returncode}:\n{output}"
            assert _shown(expected, output), f"`{command}` printed:\n{output}"
            self.folder = Path(self.folder_file.read_text(encoding="utf-8").strip())
            pairs = self.environment_file.read_bytes().split(b"\0")
            self.environment = dict(os.fsdecode(pair).split("=", 1) for pair in pairs if b"=" in pair)

    @property
    def folder_file(self) -> Path:
        """Where a command leaves the folder that it ended in."""
        return Path(self.environment["HOME"]) / "folder"

    @property
    def environment_file(self) -> Path:
        """Where a command leaves its environment."""
        return Path(self.environment["HOME"]) / "environment"

    def _ask(self, blocks: list[Block], position: int) -> int:
        following = blocks[position + 1 : position + 3]
        variables: Any = {}
        used = 1
        if following and following[0].words == "variables":
            variables = self._filled(json.loads(following[0].text))
            used, following = 2, following[1:]
        answer = self._post(blocks[position].text, variables)
        if following and (following[0].words == "answer" or following[0].words.startswith("contains=")):
            wanted = json.loads(following[0].text)
            used += 1
            if following[0].words == "answer":
                assert contains(answer, wanted), json.dumps(answer, indent=2)
            else:
                found = answer[following[0].words.removeprefix("contains=")]
                assert any(contains(one, wanted) for one in found), json.dumps(found, indent=2)
        return used

    def _post(self, query: str, variables: Any) -> dict[str, Any]:
        link = self.terminals[-1].wait_for(r"ADMIN +(http://\S+)/graphiql#token=(arr_[\w-]+)")
        response = httpx.post(
            f"{link[1]}/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {link[2]}"},
            timeout=30,
        )
        body = response.json()
        assert "errors" not in body, body
        for payload in body["data"].values():
            if isinstance(payload, dict):
                assert not payload.get("userErrors"), payload
        self.answers.append(body["data"])
        return dict(body["data"])

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        found = PLACEHOLDER.match(value) if isinstance(value, str) else None
        return self._look_up(found[1].split(".")) if found else value

    def _look_up(self, path: list[str]) -> Any:
        for answer in reversed(self.answers):
            if path[0] in answer:
                found: Any = answer
                for step in path:
                    found = found[int(step)] if step.isdigit() else found[step]
                return found
        raise AssertionError(f"no answer has {path[0]}")


def _shown(expected: list[str], output: str) -> bool:
    """Whether the output has the expected lines in their order; `...` stands for anything."""
    if not expected:
        return True
    pattern = "\n".join(".*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) for line in expected)
    return re.search(pattern, output, re.DOTALL) is not None
