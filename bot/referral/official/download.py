"""The official directory as its publisher serves it today, fetched whole or not at all.

Bytes go to `official-directory.part`, with the marks of what they are a part of beside them; only
when all of them are there are they flushed to the disk and renamed. A download that is cut goes on
where it stopped if the publisher still serves the same file, in this run or the next; else it
begins again. What the bytes mean is not looked at here.

The environment is trusted for the way out: a proxy (`HTTPS_PROXY`) or a certificate authority
(`SSL_CERT_FILE`) that an administrator has set is used. No cookie is kept or sent.
"""

import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Literal

import httpx

ADDRESS = "https://lecomarquage.service-public.gouv.fr/donnees_locales_v4/all_latest.tar.bz2"

NAME = "official-directory"
WHOLE, MARK = NAME, f"{NAME}.json"
PART, PART_MARK = f"{NAME}.part", f"{NAME}.part.json"
LOCK = f"{NAME}.lock"
HEADERS = {"User-Agent": "relais", "Accept": "*/*", "Accept-Encoding": "identity"}
OK, PARTIAL, NOT_MODIFIED, NO_SUCH_RANGE = 200, 206, 304, 416
PASSING = frozenset({408, 429, 500, 502, 503, 504})  # statuses that another try may not meet
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
VALIDATOR = re.compile(r"[ -~]{1,200}")  # what can be sent back in a header
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(?:(\d{1,15})|\*)")
MARK_LIMIT = 10_000  # bytes of a file of marks

Progress = Callable[[int, int | None], None]
Reason = Literal[
    "address", "unreachable", "refused", "redirected", "too_large", "cut_short", "too_slow",
    "disk_full", "unwritable", "busy",
]  # fmt: skip
SENTENCES: dict[Reason, tuple[str, str]] = {
    "address": (
        "Cette adresse ne convient pas : il faut une adresse http(s), sans identifiant.",
        "This address will not do: an http(s) address without credentials is needed.",
    ),
    "unreachable": (
        "Le serveur de l'annuaire ne répond pas. Vérifiez la connexion ou le proxy.",
        "The directory's server does not answer. Check the connection or the proxy.",
    ),
    "refused": (
        "Le serveur de l'annuaire a refusé. Vérifiez l'adresse, ou recommencez plus tard.",
        "The directory's server has refused. Check the address, or try again later.",
    ),
    "redirected": (
        "Le serveur renvoie trop de fois, ou vers une adresse moins sûre. Vérifiez l'adresse.",
        "The server redirects too often, or to a less safe address. Check the address.",
    ),
    "too_large": (
        "Ce fichier dépasse la taille admise : est-ce bien l'annuaire ? Vérifiez l'adresse.",
        "This file is over the size allowed: is it the directory? Check the address.",
    ),
    "cut_short": (
        "Le téléchargement a été coupé. Recommencez : il reprendra là où il en est, si possible.",
        "The download was cut. Try again: it will go on where it stopped, if it can.",
    ),
    "too_slow": (
        "Le téléchargement est trop lent. Recommencez plus tard : il reprendra, si possible.",
        "The download is too slow. Try again later: it will go on, if it can.",
    ),
    "disk_full": (
        "Il n'y a pas assez de place sur le disque. Libérez-en, puis recommencez.",
        "There is not enough room on the disk. Free some, then try again.",
    ),
    "unwritable": (
        "Le dossier de cache ne peut pas être écrit. Vérifiez CACHE_DIR et les droits du dossier.",
        "The cache folder cannot be written. Check CACHE_DIR and the folder's permissions.",
    ),
    "busy": (
        "Un autre téléchargement de l'annuaire est en cours. Attendez qu'il finisse.",
        "Another download of the directory is running. Wait until it ends.",
    ),
}


class DownloadError(Exception):
    """Nothing was fetched; what is in service stays as it was."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """`detail` is technical, in English, or empty; an HTTP status where `refused`."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail

    def sentence(self, language: str = "fr") -> str:
        """What is wrong and what to do, in French or English."""
        french, english = SENTENCES[self.reason]
        said = english if language == "en" else french
        return f"{said} ({self.detail})" if self.detail else said


class _PassingError(DownloadError):
    """It may go better at another try."""


@dataclass(frozen=True)
class Mark:
    """What a publisher says of one version of its file; blank where it says nothing."""

    url: str
    etag: str = ""
    last_modified: str = ""

    @property
    def unless_changed(self) -> str:
        """The validator that may join two parts of one version (RFC 9110, 13.1.5), or blank."""
        return self.last_modified if self.etag[:2] in ("", "W/") else self.etag


@dataclass(frozen=True)
class Downloaded:
    """The whole file, and the mark to keep once it has served."""

    file: Path
    mark: Mark


@dataclass(frozen=True)
class Unchanged:
    """The publisher still serves the version that is known."""


@dataclass(frozen=True)
class Limits:
    """What a download may take. Sizes in bytes, as sent; times in seconds."""

    size: int = 400_000_000  # a fence against what is not the directory
    connect: float = 15.0
    silence: float = 60.0  # without one byte
    overall: float = 1800.0  # all tries and pauses
    retries: int = 3
    pause: float = 2.0  # before another try
    redirects: int = 3


LIMITS = Limits()


@dataclass(frozen=True)
class _Begun:
    """A part that an earlier try has left, and what it is a part of."""

    size: int
    mark: Mark


@dataclass(frozen=True)
class _Order:
    """One download that was asked for."""

    url: str
    folder: Path
    known: Mark | None
    progress: Progress
    limits: Limits
    deadline: float  # on the monotonic clock

    def seconds_left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DownloadError("too_slow", f"over {self.limits.overall:g} s")
        return left


def download(
    url: str, folder: Path, known: Mark | None, progress: Progress, limits: Limits = LIMITS
) -> Downloaded | Unchanged:
    """The file at `url`, whole, in `folder`; or that it is still the version `known`.

    `progress` is told (bytes so far, all bytes or None) at each piece; what it raises stops the
    download, which the next one resumes.

    Raises:
        DownloadError: nothing was fetched.
    """
    order = _Order(
        str(_address(url)), folder, known, progress, limits, time.monotonic() + limits.overall
    )
    with _disk(order.folder), _alone(folder), _client() as client:
        for _ in range(limits.retries):
            with suppress(_PassingError):
                return _once(client, order)
            time.sleep(min(limits.pause, order.seconds_left()))
        return _once(client, order)


def read_mark(folder: Path) -> Mark | None:
    """The mark that was kept; None where there is none that can be read."""
    return _read_mark(folder / MARK)


def keep_mark(folder: Path, mark: Mark) -> None:
    """Remember which version is in service: to be called once it is.

    Raises:
        DownloadError: the folder cannot be written.
    """
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write_mark(folder / MARK, mark)


def forget_mark(folder: Path) -> None:
    """Download the whole file the next time, changed or not."""
    with _disk(folder):
        (folder / MARK).unlink(missing_ok=True)


def onward(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads; never to another protocol than http(s), nor from https to http.

    Raises:
        DownloadError: it leads where nobody should follow.
    """
    try:
        there = _address(str(url.join(location)))
    except (DownloadError, httpx.InvalidURL, UnicodeError):
        raise DownloadError("redirected", "to an address that will not do") from None
    if url.scheme == "https" and there.scheme != "https":
        raise DownloadError("redirected", "from https to http")
    return there


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
        address.host.encode("idna")  # what the look-up of a name does first
    except (httpx.InvalidURL, UnicodeError):
        raise DownloadError("address") from None
    if address.scheme not in ("http", "https") or not address.host or address.userinfo:
        raise DownloadError("address")
    return address


def _client() -> httpx.Client:
    nobody = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    try:
        return httpx.Client(headers=HEADERS, cookies=nobody)
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as badly_set:
        raise DownloadError("unreachable", f"proxy or certificates: {badly_set}") from None


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A full or closed disk told as such; what must not fill it is gone."""
    try:
        yield
    except OSError as error:
        reason: Reason = "disk_full" if error.errno in FULL else "unwritable"
        if reason == "disk_full":
            _forget_part(folder)
        raise DownloadError(reason, error.strerror or "") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One download at a time writes the part: two would mix their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError("busy") from None
        yield


def _once(client: httpx.Client, order: _Order) -> Downloaded | Unchanged:
    begun = _begun(order)
    try:
        with _answer(client, order, _conditions(order, begun)) as response:
            return _taken(response, order, begun)
    except (httpx.ReadTimeout, httpx.WriteTimeout) as slow:
        raise _PassingError("too_slow", f"{order.limits.silence:g} s without a byte") from slow
    except UnicodeError as odd:  # httpx reads a redirect's host itself
        raise DownloadError("redirected", "to an address that will not do") from odd
    except httpx.TransportError as failed:
        raise _PassingError("unreachable", str(failed)) from failed


def _begun(order: _Order) -> _Begun | None:
    """The part that can be resumed: of this address, of a version that can be told from others."""
    mark = _read_mark(order.folder / PART_MARK)
    part = order.folder / PART
    size = part.stat().st_size if part.is_file() else 0
    if mark is None or mark.url != order.url or not mark.unless_changed or not size:
        return None
    return _Begun(size, mark)


def _conditions(order: _Order, begun: _Begun | None) -> dict[str, str]:
    if begun:
        return {"Range": f"bytes={begun.size}-", "If-Range": begun.mark.unless_changed}
    known = order.known
    if known is None or known.url != order.url:
        return {}
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in asked.items() if value}


@contextmanager
def _answer(
    client: httpx.Client, order: _Order, conditions: dict[str, str]
) -> Iterator[httpx.Response]:
    """What is answered at the end of at most `limits.redirects` redirects; its body unread."""
    url = httpx.URL(order.url)
    for _ in range(order.limits.redirects + 1):
        silence = min(order.limits.silence, order.seconds_left())
        timeout = httpx.Timeout(silence, connect=min(order.limits.connect, silence))
        with client.stream("GET", url, headers=conditions, timeout=timeout) as response:
            if not response.has_redirect_location:
                yield response
                return
            url = onward(url, response.headers["location"])
    raise DownloadError("redirected", f"over {order.limits.redirects} times")


def _taken(response: httpx.Response, order: _Order, begun: _Begun | None) -> Downloaded | Unchanged:
    status = response.status_code
    if status == NOT_MODIFIED and order.known and not begun:
        return Unchanged()
    if status == OK:
        mark = _mark_of(response, order.url)
        return _received(response, order, _Begun(0, mark), _length(response))
    if begun and status == PARTIAL and _continues(response, begun):
        return _received(response, order, begun, _content_range(response)[1])
    if begun and status in (PARTIAL, NO_SUCH_RANGE):
        _forget_part(order.folder)
        raise _PassingError("cut_short", "the rest that was sent is not the rest")
    raise (_PassingError if status in PASSING else DownloadError)("refused", str(status))


def _received(
    response: httpx.Response, order: _Order, begun: _Begun, total: int | None
) -> Downloaded:
    """All bytes on the disk under their name; `total` is how many there must be, if it is told."""
    if total is not None and total > order.limits.size:
        _too_large(order)
    part = order.folder / PART
    if not begun.size:
        _forget_part(order.folder)  # before its mark: an old part never stands by a new mark
        _write_mark(order.folder / PART_MARK, begun.mark)
    with part.open("ab") as file:
        done = _written(response, order, begun.size, total, file.write)
        file.flush()
        os.fsync(file.fileno())
    if total not in (None, done):
        raise _PassingError("cut_short", f"{done} of {total} bytes")
    whole = part.replace(order.folder / WHOLE)
    _forget_part(order.folder)
    return Downloaded(whole, begun.mark)


def _written(
    response: httpx.Response,
    order: _Order,
    done: int,
    total: int | None,
    write: Callable[[bytes], int],
) -> int:
    """How many bytes there are once the rest is written."""
    order.progress(done, total)
    try:
        for piece in response.iter_raw():  # as they come: a chunk size would wait to fill it
            order.seconds_left()
            done += len(piece)
            if done > order.limits.size:
                _too_large(order)
            write(piece)
            order.progress(done, total)
    except (httpx.NetworkError, httpx.ProtocolError) as cut:
        raise _PassingError("cut_short", f"{done} of {total or '?'} bytes") from cut
    return done


def _too_large(order: _Order) -> None:
    _forget_part(order.folder)
    raise DownloadError("too_large", f"over {order.limits.size} bytes")


def _length(response: httpx.Response) -> int | None:
    """The announced length; a body in chunks says itself where it ends (RFC 9112, 6.3)."""
    length = response.headers.get("content-length", "")
    chunked = "transfer-encoding" in response.headers
    return int(length) if length.isdecimal() and not chunked else None


def _continues(response: httpx.Response, begun: _Begun) -> bool:
    """Whether what is sent begins where the part ends, and is of the same version."""
    start, _ = _content_range(response)
    etag = response.headers.get("etag", begun.mark.etag)
    return start == begun.size and bool(etag == begun.mark.etag)


def _content_range(response: httpx.Response) -> tuple[int | None, int | None]:
    """(offset of the first byte, length of the whole file), each None where it is not told."""
    found = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if not found:
        return None, None
    return int(found[1]), int(found[2]) if found[2] else None


def _mark_of(response: httpx.Response, url: str) -> Mark:
    return Mark(
        url,
        _validator(response.headers.get("etag")),
        _validator(response.headers.get("last-modified")),
    )


def _validator(value: object) -> str:
    return value if isinstance(value, str) and VALIDATOR.fullmatch(value) else ""


def _read_mark(file: Path) -> Mark | None:
    try:
        with file.open("rb") as opened:
            told = json.loads(opened.read(MARK_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("url"), str):
        return None
    return Mark(told["url"], _validator(told.get("etag")), _validator(told.get("last_modified")))


def _write_mark(file: Path, mark: Mark) -> None:
    beside = file.with_suffix(".tmp")
    beside.write_text(json.dumps(asdict(mark)), encoding="utf-8")
    beside.replace(file)


def _forget_part(folder: Path) -> None:
    (folder / PART).unlink(missing_ok=True)
    (folder / PART_MARK).unlink(missing_ok=True)
