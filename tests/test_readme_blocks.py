"""Everything in the README that can be run is run: each command, each recipe, each example, each file.

A command is run as it stands, in a shell, with what it takes for granted: the
demo where it names no source, an end where it would run for ever, a file, a
list, a server where it asks for one. Deployments are looked at for syntax alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.support.process import LONG, Terminal, environment, run, serving, simulated
from tests.support.redis import free_port
from tests.test_readme import README

BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SYNTAX_ONLY = ("docker", "python3 -m pip", "python3 -m pytest", "python3 -m tests")
FOR_EVER = re.compile(r"tickstream (serve|simulate)\b(?!.*--new-key)")
WRITTEN = ("aapl.ndjson", "aapl.ndjson.gz", "aapl.csv", "tickstream", "tickstream.fish", "_tickstream")
ON_A_TERMINAL = ("--sort", "--position")
"""Options of what is no table down a pipe."""


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def commands() -> list[str]:
    lines = (line for block in blocks("sh") for line in block.splitlines())
    return [line.split("  #")[0].strip() for line in lines if line.strip()]


RUN = [line for line in commands() if not line.startswith(SYNTAX_ONLY)]
TABLES = [line for line in RUN if any(option in line for option in ON_A_TERMINAL)]


@cache
def tools(folder: Path) -> str:
    """A PATH on which `tickstream` is ours."""
    folder.mkdir(exist_ok=True)
    ours = f'exec "{sys.executable}" -m tickstream "$@"'
    for name, does in (("tickstream", ours), ("notify-send", "true")):
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def taken_for_granted(folder: Path, line: str) -> dict[str, str]:
    """The files that the line asks for, and its environment."""
    (folder / "symbols.txt").write_text("AAPL\nMSFT\n")
    config = folder / "other.toml"
    config.touch(mode=0o600)
    config.write_text(blocks("toml")[0])
    if redirected := re.search(r"> ~/(\S+)/", line):
        # The line above makes it.
        (folder / redirected[1]).mkdir(parents=True)
    if "--keys keys.txt --host" in line:
        assert run("serve", "--keys", str(folder / "keys.txt"), "--new-key", "alice").returncode == 0
    if "--source aapl.ndjson.gz" in line:
        done = run("record", str(folder / "aapl.ndjson.gz"), "AAPL", "MSFT", "--demo", "--count", "3")
        assert done.returncode == 0
    more = {"PATH": tools(folder / "bin"), "HOME": str(folder), "PORT": "0", "TICKSTREAM_SOURCE": "demo"}
    if "@" in line and "--config" not in line and "/" not in line:
        more["TICKSTREAM_CONFIG"] = str(folder / "other.toml")
    if not FOR_EVER.search(line):
        more |= {"TICKSTREAM_COUNT": "2" if "watch" in line else "1", "TICKSTREAM_FOR": "20s"}
    return environment(**more)


@contextmanager
def on_this_machine(line: str) -> Iterator[str]:
    """The line with addresses at which there is what it attaches to; nothing listens to the world."""
    line = re.sub(r"--port \d+", "--port 0", line).replace("0.0.0.0", "127.0.0.1")
    line = line.replace("localhost:6379", f"127.0.0.1:{free_port()}").replace("=… ", "=a-key ")
    if "--source ws" in line:
        with serving("--demo", "--allow-anonymous") as served:
            yield re.sub(r"--source wss?://\S+", f"--source ws://{served.netloc}", line)
    elif "--source yahoo+http" in line:
        with simulated() as source:
            yield re.sub(r"--source \S+", f"--source {source}", line)
    else:
        yield line


def played(line: str) -> str:
    """A tape that is short is played at once, and from where it begins; what is waited for comes true."""
    return line.replace("--speed 10", "--speed max").replace("<=190", "<=1900")


@pytest.mark.parametrize("line", TABLES)
def test_a_table_of_the_readme_is_drawn(line: str, tmp_path: Path) -> None:
    more = taken_for_granted(tmp_path, line)
    with Terminal(["-c", line], 110, command="bash", more=more) as terminal:
        terminal.until_text("AAPL")
        assert terminal.end() == 0


@pytest.mark.parametrize("line", [line for line in RUN if line not in TABLES])
def test_a_command_of_the_readme_does_what_it_is_there_for(line: str, tmp_path: Path) -> None:
    env = taken_for_granted(tmp_path, line)
    with on_this_machine(line) as typed:
        process = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", played(typed)],
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            if FOR_EVER.search(line):
                said = until_it_listens(process)
            else:
                said, trouble = process.communicate(timeout=LONG)
                assert process.returncode == 0, trouble
        finally:
            end(process)
    written = [
        path.stat().st_size
        for path in tmp_path.rglob("*")
        if path.name in WRITTEN and path.parent.name != "bin"
    ]
    assert said or any(written) or line.startswith("mkdir "), "it printed nothing, and wrote nothing"


def until_it_listens(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = ""
    for text in process.stderr:
        said += text
        if "listening" in text or "yahoo+http://" in text:
            return said
    raise AssertionError(f"it ended: {said}")


def end(process: subprocess.Popen[str]) -> None:
    """End all that the line began."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=LONG)


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith(SYNTAX_ONLY)])
def test_a_command_that_sets_up_or_deploys_can_be_read_by_a_shell(line: str) -> None:
    subprocess.run(["bash", "-n", "-c", line], check=True)


def alike(text: str) -> list[list[str]]:
    """The words of each line, with any figures and whichever sign."""
    return [
        re.sub(r"\d+", "0", re.sub(r"[+-](?=\d)", "±", line)).replace(",", "").split()
        for line in text.splitlines()
    ]


SHOWN = re.findall(r"```sh\n([^\n]*)\n```\n\n```text\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_the_output_that_is_shown_is_what_comes(line: str, output: str, tmp_path: Path) -> None:
    assert len(SHOWN) == len(blocks("text"))
    done = subprocess.run(
        ["bash", "-c", line],
        env=environment(PATH=tools(tmp_path / "bin")),
        capture_output=True,
        text=True,
        check=True,
        timeout=LONG,
    )
    flat = [re.sub(r"(?<=0)0+", "", " ".join(words)) for words in alike(done.stdout)]
    assert flat == [re.sub(r"(?<=0)0+", "", " ".join(words)) for words in alike(output)]


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_an_example_in_python_runs(number: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", blocks("python")[number]],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, trouble = process.communicate(timeout=LONG)
    assert first.strip(), trouble


def test_what_is_said_to_be_json_is_json() -> None:
    lines = [line for block in blocks("json") for line in block.splitlines()]
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_the_config_file_is_valid(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch(mode=0o600)
    (tmp_path / "config.toml").write_text(blocks("toml")[0])
    done = run("config", "--check", "--config", str(tmp_path / "config.toml"))
    assert (done.returncode, done.stderr) == (0, "tickstream: it is valid\n")


def of_systemd(text: str) -> bool:
    parser = RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser.sections() == ["Service", "Install"] and "ExecStart" in parser["Service"]


def of_docker(text: str) -> bool:
    known = ("FROM", "COPY", "RUN", "USER", "ENV", "EXPOSE", "CMD")
    lines = text.splitlines()
    return (
        all(line.split()[0] in known for line in lines)
        and json.loads(lines[-1].partition(" ")[2])[0] == "tickstream"
    )


def of_nginx(text: str) -> bool:
    inner = text.strip().splitlines()
    return inner[0].endswith("{") and inner[-1] == "}" and all(line.endswith(";") for line in inner[1:-1])


@pytest.mark.parametrize(
    ("language", "reads"), [("ini", of_systemd), ("dockerfile", of_docker), ("nginx", of_nginx)]
)
def test_a_file_for_a_deployment_can_be_read(language: str, reads: Callable[[str], bool]) -> None:
    assert blocks(language)
    assert all(reads(text) for text in blocks(language))


def test_all_that_stands_in_a_block_is_looked_at() -> None:
    assert {name for name, _ in BLOCKS} <= {
        "sh",
        "text",
        "python",
        "json",
        "toml",
        "ini",
        "dockerfile",
        "powershell",
        "nginx",
    }
    assert shutil.which("jq"), "jq is what the recipes are for"
    assert not [line for line in RUN if line.startswith("#")]


def test_the_exit_codes_are_those_that_there_are() -> None:
    from tickstream.errors import EXIT_CODES

    table = README[README.index("| exit code | means |") :].partition("\n\n")[0]
    rows = [re.fullmatch(r"\| (.*) \| (.*) \|", line) for line in table.splitlines()[2:]]
    assert {row[1]: row[2] for row in rows if row} == dict(EXIT_CODES)
