"""The real bot, ready in a fork. Each line of standard input is one order, in JSON:

`{"do": "start", "api": ..., "home": ...}` runs it in a process of its own, `{"do": "kill"}` is
kill -9, `{"do": "stop"}` is SIGTERM. Importing takes seconds, forking none: so a test can kill and
restart the bot between any two presses.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bot.app
from bot.conversation import Ground
from bot.outputs.checkup import Content, read_content
from bot.referral.actions import in_process
from bot.referral.directory import open_directory
from bot.settings import Settings, read_settings

INSTALLATION = {"exploitant": "Association Exemple", "hebergeur": "Paris", "contact": "x@y.org"}
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGTERM}


def main() -> None:
    settings, _ = read_settings(environ={})
    content = read_content(settings.flows, settings.data, settings.locales, datetime.now(UTC))
    child = 0
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            child = os.fork()
            if child == 0:
                live(settings, content, order)
        elif child:
            os.kill(child, SIGNALS[order["do"]])
            os.waitpid(child, 0)
            child = 0
        print("done", flush=True)
    if child:
        os.kill(child, signal.SIGKILL)


def live(settings: Settings, content: Content, order: dict[str, Any]) -> None:
    """Be the bot: the child's whole life. What it writes lies in its home, beside its output."""
    home = Path(order["home"])
    output = os.open(home.parent / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ |= {"HOME": str(home), "TMPDIR": str(home)}
    os.chdir(home)
    settings = replace(
        settings, token=order["token"], api_base=order["api"], cache=home / "cache",
        log_level="DEBUG",
    )  # fmt: skip
    directory = open_directory(settings.data, settings.cache)
    run = in_process(directory)
    ground = Ground(
        content.bundle, content.catalogue, content.register, directory, run, INSTALLATION
    )
    asyncio.run(bot.app.serve(settings, ground))
    os._exit(0)


if __name__ == "__main__":
    main()
