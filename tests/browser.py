"""A real browser on the local page: Chromium through Playwright, a page served by a process.

Nothing here decides what is right: it starts both, notes what leaves the machine, and ends them.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.ground import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SERVE = """
from dataclasses import replace
from bot.catalogue import read_catalogue
from bot.conversation import Conversation
from bot.studio import serve
from tests.ground import NOON, ROOT, ground

served = replace(ground(), catalogue=read_catalogue(ROOT / "locales")[0])
say = lambda url: print(url, flush=True)
serve(Conversation(served, lambda: NOON), 0, opened=say, show=False)
"""


def chromium() -> str | None:
    """The browser's file, from CHROMIUM or the path; None where this machine has none."""
    named = os.environ.get("CHROMIUM", "")
    found = [shutil.which(name) for name in ((named,) if named else NAMES)]
    return next((file for file in found if file), None)


needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here; CHROMIUM may name it"),
]


@dataclass(frozen=True)
class Studio:
    """A page being served: its address, the folder it was started in, its process."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    def interrupted(self, times: int = 1) -> tuple[int, str]:
        """Ended as by Ctrl-C: the exit code, and all that was written to the terminal since."""
        for _ in range(times):
            self.process.send_signal(signal.SIGINT)
            time.sleep(0.1)  # else two would be one
        written, _ = self.process.communicate(timeout=30)
        return self.process.returncode, written


@contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """The page served from `folder` at Monday noon, until it ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=folder, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), url + process.stdout.read()
        yield Studio(url, folder, process)
    finally:
        process.kill()
        process.communicate()


def environment() -> dict[str, str]:
    """This process's own, less what tells NiceGUI that it is being tested."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


class Watch:
    """What a browser's context asks for and complains about, from the first page on."""

    def __init__(self, context) -> None:
        self.hosts: set[str | None] = set()
        self.complaints: list[str] = []
        context.on("request", lambda request: self._asked(request.url))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("page", lambda page: page.on("websocket", lambda one: self._asked(one.url)))

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.hosts.add(urlsplit(url).hostname)

    def _said(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)
