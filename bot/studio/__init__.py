"""The local page of `relais`: try the conversation in a browser, through the very same engine.

`preview` is what a tab holds; `page` shows it; `door` lets in nobody but this computer's browser.
Nothing is written: no cookie, no storage, no log of what is typed.
"""

import socket
from collections.abc import Callable
from contextlib import suppress

from nicegui import app, ui

from bot.conversation import Conversation
from bot.studio.door import Door
from bot.studio.page import FAVICON, add_pages

HOST = "127.0.0.1"
PORTS = 50  # how many are tried from the one asked for


def serve(
    conversation: Conversation, port: int, *, opened: Callable[[str], None], show: bool
) -> None:
    """Serve the page on this computer until Ctrl-C; `opened` is told its address.

    The first free port from `port` on is taken. `show` opens the system's browser.

    Raises:
        OSError: none of the ports is free.
    """
    with _listening(port) as listener:
        free = listener.getsockname()[1]
        add_pages(conversation)
        app.add_middleware(Door, port=free)
        opened(f"http://{HOST}:{free}/")
        with suppress(KeyboardInterrupt):
            _run(listener, free, show=show)


def _listening(port: int) -> socket.socket:
    """The first free port from this one on, listening already: whoever connects now only waits."""
    for one in range(port, port + PORTS):
        with suppress(OSError):
            return socket.create_server((HOST, one))
    raise OSError(f"no free port from {port} on")


def _run(listener: socket.socket, port: int, *, show: bool) -> None:
    ui.run(
        host=HOST,
        port=port,
        fd=listener.fileno(),
        show=show,
        reload=False,
        dark=None,
        favicon=FAVICON,
        tailwind=False,
        binding_refresh_interval=None,
        message_history_length=0,  # what was shown is not kept to be sent again
        gzip_middleware_factory=None,
        show_welcome_message=False,
        uvicorn_logging_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
