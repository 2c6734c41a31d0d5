"""A publisher of files on loopback, over real HTTP, in every mood a server can have.

It answers requests with its `answers` in turn, the last one again and again, and remembers what
was asked. An answer is a value; `Edition` does what a good server does with validators and ranges.
"""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

PIECE = 4096  # bytes sent at once
FOREVER = 200_000_000  # bytes after which even an endless answer stops, were nobody to leave


@dataclass(frozen=True)
class Edition:
    """One version of the file, and how it comes across."""

    body: bytes
    etag: str | None = '"one"'
    modified: str | None = "Sun, 22 Nov 2026 04:00:00 GMT"
    ranges: bool = True  # whether a part can be asked for
    cut: int | None = None  # the line drops after so many bytes of this answer
    lag: float = 0.0  # seconds before each piece
    announced: int | None = None  # a wrong Content-Length
    chunked: bool = False  # sent in chunks, without a length
    closed: bool = False  # neither length nor chunks: the end is where the line closes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Status:
    """An answer without the file."""

    code: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"no"


@dataclass(frozen=True)
class Endless:
    """A body without length that never ends."""


@dataclass(frozen=True)
class Silence:
    """The line is open and nobody speaks, for so many seconds."""

    seconds: float = 5.0


@dataclass(frozen=True)
class Raw:
    """Bytes that need not be HTTP at all."""

    said: bytes


Answer = Edition | Status | Endless | Silence | Raw


@dataclass(frozen=True)
class Asked:
    """One request, header names in lower case."""

    path: str
    headers: dict[str, str]


@dataclass
class Publisher:
    """What is to be answered, and what was asked."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/all_latest.tar.bz2"

    def will(self, *answers: Answer) -> None:
        """From now on these, in turn; the last one for good."""
        self.answers[:] = answers

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def ranges(self) -> list[str | None]:
        return [one.headers.get("range") for one in self.asked]


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is what is being tested."""


@contextmanager
def publisher(*answers: Answer) -> Iterator[Publisher]:
    """A publisher that serves until the block ends."""
    open_one = Publisher()
    open_one.will(*answers or (Status(HTTPStatus.NOT_FOUND),))
    with Server(("127.0.0.1", 0), _handler(open_one)) as server:
        open_one.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield open_one
        server.shutdown()


def _handler(served: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.asked.append(Asked(self.path, headers))
            self.close_connection = True
            _speak(self, served.next_answer(), headers)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    return Handler


def _speak(line: BaseHTTPRequestHandler, answer: Answer, asked: dict[str, str]) -> None:
    match answer:
        case Edition():
            _publish(line, answer, asked)
        case Status(code, headers, body):
            _head(line, code, {"Content-Length": str(len(body)), **dict(headers)})
            line.wfile.write(body)
        case Endless():
            _head(line, HTTPStatus.OK, {"Connection": "close"})
            for _ in range(FOREVER // PIECE):
                line.wfile.write(b"e" * PIECE)
        case Silence(seconds):
            time.sleep(seconds)
        case Raw(said):
            line.wfile.write(said)


def _publish(line: BaseHTTPRequestHandler, edition: Edition, asked: dict[str, str]) -> None:
    own = {"ETag": edition.etag, "Last-Modified": edition.modified}
    head = {name: value for name, value in own.items() if value} | dict(edition.headers)
    if _known(edition, asked):
        _head(line, HTTPStatus.NOT_MODIFIED, head)
        return
    size, start = len(edition.body), _start(edition, asked)
    if start is not None and start >= size:
        _head(line, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
              {"Content-Range": f"bytes */{size}", "Content-Length": "0"})  # fmt: skip
        return
    body, status = edition.body[start or 0 :], HTTPStatus.OK
    if start is not None:
        status = HTTPStatus.PARTIAL_CONTENT
        head = {"Content-Range": f"bytes {start}-{size - 1}/{size}"} | head
    _head(line, status, head | _framing(edition, len(body)))
    _send(line, edition, body)


def _known(edition: Edition, asked: dict[str, str]) -> bool:
    """RFC 9110, 13.2.2: an ETag that is asked for is the only one that counts."""
    if "if-none-match" in asked:
        return asked["if-none-match"] == edition.etag
    return "if-modified-since" in asked and asked["if-modified-since"] == edition.modified


def _start(edition: Edition, asked: dict[str, str]) -> int | None:
    """Where to begin: None for a whole file, as when the version asked for is another one."""
    if not edition.ranges or "range" not in asked:
        return None
    if asked.get("if-range") not in (None, edition.etag, edition.modified):
        return None
    return int(asked["range"].removeprefix("bytes=").removesuffix("-"))


def _framing(edition: Edition, size: int) -> dict[str, str]:
    if edition.chunked:
        return {"Transfer-Encoding": "chunked"}
    if edition.closed:
        return {"Connection": "close"}
    return {"Content-Length": str(size if edition.announced is None else edition.announced)}


def _send(line: BaseHTTPRequestHandler, edition: Edition, body: bytes) -> None:
    sent = body if edition.cut is None else body[: edition.cut]
    for start in range(0, len(sent), PIECE):
        piece = sent[start : start + PIECE]
        time.sleep(edition.lag)
        line.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if edition.chunked else piece)
    if edition.chunked and edition.cut is None:
        line.wfile.write(b"0\r\n\r\n")


def _head(line: BaseHTTPRequestHandler, code: int, headers: dict[str, str]) -> None:
    line.send_response(code)
    for name, value in headers.items():
        line.send_header(name, value)
    line.end_headers()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
