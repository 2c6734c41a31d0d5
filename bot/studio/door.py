"""The door of the local page: only this computer's own browser comes in, and nothing calls out.

A page of another site can make a browser send requests to 127.0.0.1, under a host name of its own
(DNS rebinding) or over a websocket. Both are refused by what a browser cannot be made to forge.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bot.studio.words import PAGES, preferred

POLICY = (
    "default-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; "  # NiceGUI's page is made of such scripts
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
MACHINERY = ("/_nicegui/", "/_nicegui_ws/")  # NiceGUI's own scripts and its websocket
OWN = ("", "none", "same-origin")  # Sec-Fetch-Site: an old browser, the address bar, our page
PLACES = frozenset(f"/{page}" for page in PAGES)
POLICY_VIOLATION = 1008  # RFC 6455; before the handshake is accepted, the server answers 403
FOUND, FORBIDDEN, NOT_FOUND = 302, 403, 404

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Door:
    """An ASGI application in front of another, for `127.0.0.1` and `localhost` at one port."""

    def __init__(self, app: Application, port: int) -> None:
        """Stand before `app`."""
        self.app = app
        self.hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self.origins = frozenset(f"http://{host}" for host in self.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, refuse, or lead to the page in the browser's language."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not self._ours(scope):
            await _refuse(scope, send, FORBIDDEN)
        elif scope["path"] == "/" and scope["type"] == "http":
            await _lead_in(scope, send)
        elif scope["path"] in PLACES or scope["path"].startswith(MACHINERY):
            await self.app(scope, receive, _guarded(send))
        else:
            await _refuse(scope, send, NOT_FOUND)

    def _ours(self, scope: Scope) -> bool:
        """Asked under our own name, and by our own page or a person who follows a link here."""
        origin = _header(scope, b"origin")
        followed = _header(scope, b"sec-fetch-dest") == "document"
        return (
            _header(scope, b"host") in self.hosts
            and (not origin or origin in self.origins)
            and (followed or _header(scope, b"sec-fetch-site") in OWN)
        )


def _header(scope: Scope, name: bytes) -> str:
    """A request's header; empty where it is absent, joined where it is said twice."""
    return b", ".join(value for key, value in scope["headers"] if key == name).decode("latin-1")


def _guarded(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *HEADERS]
        await send(message)

    return sending


async def _lead_in(scope: Scope, send: Send) -> None:
    page = preferred(_header(scope, b"accept-language"))
    await _answer(send, FOUND, (b"location", f"/{page}".encode()), (b"vary", b"accept-language"))


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await _answer(send, status)


async def _answer(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"0")
    start = {"type": "http.response.start", "status": status, "headers": [length, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": b""})
