"""The official directory is fetched whole or not at all, whatever the line and the server do."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx
import pytest

from bot.referral.official.download import (
    ADDRESS,
    LIMITS,
    LOCK,
    MARK,
    PART,
    PART_MARK,
    SENTENCES,
    WHOLE,
    Downloaded,
    DownloadError,
    Limits,
    Mark,
    Reason,
    Unchanged,
    download,
    keep_mark,
    onward,
    read_mark,
)
from tests.publisher import (
    PIECE,
    Edition,
    Endless,
    Publisher,
    Raw,
    Silence,
    Status,
    free_port,
    publisher,
)

ROOT = Path(__file__).resolve().parents[1]
BODY = random.Random(4).randbytes(100_000)
OTHER = random.Random(5).randbytes(90_000)
CUT = 40_000
QUICK = Limits(
    size=1_000_000, connect=2, silence=2, overall=20, retries=3, pause=0.01, redirects=3
)  # fmt: skip
ONCE = Limits(size=1_000_000, connect=2, silence=2, overall=20, retries=0, pause=0, redirects=3)
LOCATION = "Location"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def there() -> Iterator[Publisher]:
    with publisher() as open_one:
        yield open_one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def fetch(
    there: Publisher, folder: Path, known: Mark | None = None, limits: Limits = QUICK
) -> Downloaded | Unchanged:
    return download(there.url, folder, known, lambda *_: None, limits)


def fails(there: Publisher, folder: Path, limits: Limits = QUICK) -> DownloadError:
    with pytest.raises(DownloadError) as raised:
        fetch(there, folder, limits=limits)
    return raised.value


def cut_once(there: Publisher, folder: Path, edition: Edition | None = None) -> None:
    """Leave the part of a download that was given up."""
    there.will(edition or Edition(BODY, cut=CUT))
    assert fails(there, folder, ONCE).reason == "cut_short"
    assert (folder / PART).read_bytes() == BODY[:CUT]
    there.asked.clear()


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_file_comes_whole_with_its_mark(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    got = fetch(there, folder)
    assert got == Downloaded(
        folder / WHOLE, Mark(there.url, '"one"', "Sun, 22 Nov 2026 04:00:00 GMT")
    )
    assert (folder / WHOLE).read_bytes() == BODY
    assert files(folder) == [WHOLE, LOCK]


@pytest.mark.parametrize(
    "way",
    [
        Edition(BODY, chunked=True),
        Edition(BODY, chunked=True, headers=(("Content-Length", "5"),)),
        Edition(BODY, closed=True),
    ],
)
def test_a_file_whose_length_is_not_announced_comes_whole(
    there: Publisher, folder: Path, way: Edition
):
    there.will(way)
    fetch(there, folder)
    assert (folder / WHOLE).read_bytes() == BODY


def test_progress_is_told_up_to_the_whole(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    told: list[tuple[int, int | None]] = []
    download(there.url, folder, None, lambda done, total: told.append((done, total)), QUICK)
    assert told[0] == (0, len(BODY))
    assert told[-1] == (len(BODY), len(BODY))
    assert told == sorted(told)


def test_progress_of_a_file_without_length_is_told_without_a_total(there: Publisher, folder: Path):
    there.will(Edition(BODY, chunked=True))
    told: list[tuple[int, int | None]] = []
    download(there.url, folder, None, lambda done, total: told.append((done, total)), QUICK)
    assert told[-1] == (len(BODY), None)


def test_the_request_says_nothing_of_who_asks(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    fetch(there, folder)
    assert there.asked[0].headers == {
        "host": f"127.0.0.1:{there.port}",
        "user-agent": "relais",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "keep-alive",
    }


def test_a_cookie_is_never_sent_back(there: Publisher, folder: Path):
    cookie = ("Set-Cookie", "who=you; Path=/")
    there.will(Status(302, (cookie, (LOCATION, "/there"))), Edition(BODY))
    fetch(there, folder)
    assert [one.path for one in there.asked] == ["/all_latest.tar.bz2", "/there"]
    assert "cookie" not in there.asked[1].headers


def test_what_is_known_is_not_fetched_again(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    got = fetch(there, folder)
    assert isinstance(got, Downloaded)
    (folder / WHOLE).unlink()
    assert fetch(there, folder, got.mark) == Unchanged()
    assert there.asked[1].headers["if-none-match"] == '"one"'
    assert not (folder / WHOLE).exists()


def test_a_date_alone_is_enough_to_know_it(there: Publisher, folder: Path):
    there.will(Edition(BODY, etag=None))
    got = fetch(there, folder)
    assert isinstance(got, Downloaded)
    assert fetch(there, folder, got.mark) == Unchanged()


def test_a_new_version_of_what_is_known_is_fetched(there: Publisher, folder: Path):
    there.will(Edition(BODY), Edition(OTHER, etag='"two"'))
    got = fetch(there, folder)
    assert isinstance(got, Downloaded)
    newer = fetch(there, folder, got.mark)
    assert isinstance(newer, Downloaded)
    assert newer.mark.etag == '"two"'
    assert (folder / WHOLE).read_bytes() == OTHER


def test_what_is_known_of_another_address_asks_for_nothing(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    assert isinstance(fetch(there, folder, Mark(ADDRESS, '"one"')), Downloaded)
    assert "if-none-match" not in there.asked[0].headers


def test_not_modified_without_having_asked_is_refused(there: Publisher, folder: Path):
    there.will(Status(304, body=b""))
    assert fails(there, folder).reason == "refused"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_line_that_drops_is_taken_up_where_it_was(
    there: Publisher, folder: Path, *, chunked: bool
):
    there.will(Edition(BODY, cut=CUT, chunked=chunked), Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [None, f"bytes={CUT}-"]
    assert there.asked[1].headers["if-range"] == '"one"'
    assert (folder / WHOLE).read_bytes() == BODY
    assert files(folder) == [WHOLE, LOCK]


def test_a_line_that_drops_again_and_again_gets_there_by_pieces(there: Publisher, folder: Path):
    there.will(*[Edition(BODY, cut=30_000)] * 3, Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [None, "bytes=30000-", "bytes=60000-", "bytes=90000-"]
    assert (folder / WHOLE).read_bytes() == BODY


def test_progress_goes_on_from_where_it_was(there: Publisher, folder: Path):
    cut_once(there, folder)
    there.will(Edition(BODY))
    told: list[tuple[int, int | None]] = []
    download(there.url, folder, None, lambda done, total: told.append((done, total)), QUICK)
    assert told[0] == (CUT, len(BODY))
    assert told[-1] == (len(BODY), len(BODY))


def test_the_next_run_takes_up_what_the_last_one_left(there: Publisher, folder: Path):
    cut_once(there, folder)
    there.will(Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [f"bytes={CUT}-"]
    assert (folder / WHOLE).read_bytes() == BODY


def test_a_date_joins_two_parts_where_the_etag_is_weak(there: Publisher, folder: Path):
    weak = 'W/"one"'
    there.will(Edition(BODY, etag=weak, cut=CUT), Edition(BODY, etag=weak))
    fetch(there, folder)
    assert there.asked[1].headers["if-range"] == "Sun, 22 Nov 2026 04:00:00 GMT"
    assert (folder / WHOLE).read_bytes() == BODY


@pytest.mark.parametrize("etag", [None, 'W/"one"', '"é"', '"' + "x" * 500 + '"'])
def test_without_a_validator_that_holds_it_begins_again(
    there: Publisher, folder: Path, etag: str | None
):
    there.will(Edition(BODY, etag, None, cut=CUT), Edition(BODY, etag, None))
    fetch(there, folder)
    assert there.ranges() == [None, None]
    assert (folder / WHOLE).read_bytes() == BODY


def test_a_server_that_sends_no_parts_sends_all_of_it_again(there: Publisher, folder: Path):
    there.will(Edition(BODY, cut=CUT), Edition(BODY, ranges=False))
    fetch(there, folder)
    assert there.ranges()[1] == f"bytes={CUT}-"
    assert (folder / WHOLE).read_bytes() == BODY


def test_half_of_one_version_is_never_joined_to_another(there: Publisher, folder: Path):
    there.will(Edition(BODY, cut=CUT), Edition(OTHER, etag='"two"', modified=None))
    got = fetch(there, folder)
    assert there.ranges()[1] == f"bytes={CUT}-"
    assert (folder / WHOLE).read_bytes() == OTHER
    assert got == Downloaded(folder / WHOLE, Mark(there.url, '"two"'))


def test_the_second_half_may_be_cut_too_after_the_version_changed(there: Publisher, folder: Path):
    """The mark beside the part is that of the bytes in it, at every moment."""
    newer = {"body": OTHER, "etag": '"two"', "modified": None}
    there.will(Edition(BODY, cut=CUT), Edition(**newer, cut=1_000), Edition(**newer))
    fetch(there, folder)
    assert there.asked[2].headers["if-range"] == '"two"'
    assert (folder / WHOLE).read_bytes() == OTHER


def test_a_part_of_another_address_is_not_taken_up(there: Publisher, folder: Path):
    cut_once(there, folder)
    there.will(Edition(OTHER))
    download(f"{there.url}?other", folder, None, lambda *_: None, QUICK)
    assert there.ranges() == [None]
    assert (folder / WHOLE).read_bytes() == OTHER


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"[" * 9_000, b"\xff", b'{"url": 3}'])
def test_a_part_whose_mark_cannot_be_read_is_not_taken_up(
    there: Publisher, folder: Path, broken: bytes
):
    cut_once(there, folder)
    (folder / PART_MARK).write_bytes(broken)
    there.will(Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [None]
    assert (folder / WHOLE).read_bytes() == BODY


@pytest.mark.parametrize("more", [0, 10])
def test_a_part_that_has_all_or_too_much_is_fetched_again(
    there: Publisher, folder: Path, more: int
):
    cut_once(there, folder)
    (folder / PART).write_bytes(BODY + b"x" * more)
    there.will(Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [f"bytes={len(BODY) + more}-", None]
    assert (folder / WHOLE).read_bytes() == BODY


@pytest.mark.parametrize(
    ("content_range", "etag"),
    [
        (f"bytes {CUT + 1}-99999/100000", '"one"'),
        (f"bytes {CUT}-99999/100000", '"two"'),
        ("bytes */100000", '"one"'),
        ("", '"one"'),
        ("elephants", '"one"'),
    ],
)
def test_a_rest_that_is_not_the_rest_is_not_taken(
    there: Publisher, folder: Path, content_range: str, etag: str
):
    cut_once(there, folder)
    headers = (("Content-Range", content_range), ("ETag", etag))
    there.will(Status(206, headers, OTHER), Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [f"bytes={CUT}-", None]
    assert (folder / WHOLE).read_bytes() == BODY


def test_a_part_that_nobody_asked_for_is_refused(there: Publisher, folder: Path):
    there.will(Status(206, (("Content-Range", "bytes 0-1/100"),)))
    assert fails(there, folder).reason == "refused"
    assert WHOLE not in files(folder)


def test_a_line_that_always_drops_is_told_and_nothing_is_final(there: Publisher, folder: Path):
    there.will(Edition(BODY, cut=10_000))
    assert fails(there, folder).reason == "cut_short"
    assert len(there.asked) == 1 + QUICK.retries
    assert files(folder) == [LOCK, PART, PART_MARK]


def test_the_file_of_yesterday_stays_whole_while_todays_fails(there: Publisher, folder: Path):
    there.will(Edition(OTHER))
    fetch(there, folder)
    there.will(Edition(BODY, etag='"two"', cut=10))
    fails(there, folder)
    assert (folder / WHOLE).read_bytes() == OTHER


def test_a_length_that_promises_too_much_is_a_file_cut_short(there: Publisher, folder: Path):
    there.will(Edition(BODY, announced=len(BODY) + 1, ranges=False))
    assert fails(there, folder).reason == "cut_short"
    assert WHOLE not in files(folder)


def test_a_part_shorter_than_the_whole_it_tells_of_is_cut_short(there: Publisher, folder: Path):
    """Each answer keeps its own Content-Length and the file is still not whole."""
    cut_once(there, folder)
    there.will(
        Status(206, (("Content-Range", f"bytes {CUT}-49999/100000"),), BODY[CUT:50_000]),
        Edition(BODY),
    )
    fetch(there, folder)
    assert there.ranges() == [f"bytes={CUT}-", "bytes=50000-"]
    assert (folder / WHOLE).read_bytes() == BODY


def test_garbage_is_fetched_as_it_is_for_its_reader_to_judge(there: Publisher, folder: Path):
    there.will(Edition(b"<html>closed for works</html>", headers=(("Content-Encoding", "gzip"),)))
    fetch(there, folder)
    assert (folder / WHOLE).read_bytes() == b"<html>closed for works</html>"


def test_a_file_announced_too_large_is_not_begun(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    told: list[int] = []
    with pytest.raises(DownloadError) as raised:
        download(
            there.url, folder, None, lambda done, _: told.append(done), Limits(size=len(BODY) - 1)
        )
    assert raised.value.reason == "too_large"
    assert (len(there.asked), told) == (1, [])
    assert files(folder) == [LOCK]


def test_a_file_of_exactly_the_size_allowed_is_fetched(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    assert isinstance(fetch(there, folder, limits=Limits(size=len(BODY))), Downloaded)


def test_a_rest_that_would_be_too_much_is_not_begun(there: Publisher, folder: Path):
    cut_once(there, folder)
    there.will(Edition(BODY))
    assert fails(there, folder, Limits(size=len(BODY) - 1)).reason == "too_large"
    assert files(folder) == [LOCK]


def test_a_file_without_end_is_left_at_the_size_allowed(there: Publisher, folder: Path):
    there.will(Endless())
    most = 0

    def watch(done: int, _: int | None) -> None:
        nonlocal most
        most = max(most, done, (folder / PART).stat().st_size)

    with pytest.raises(DownloadError) as raised:
        download(there.url, folder, None, watch, QUICK)
    assert raised.value.reason == "too_large"
    assert 0 < most <= QUICK.size
    assert len(there.asked) == 1
    assert files(folder) == [LOCK]


def test_a_trickle_ends_when_the_time_is_up(there: Publisher, folder: Path):
    there.will(Edition(BODY, lag=0.1))
    before = time.monotonic()
    assert fails(there, folder, Limits(overall=0.5)).reason == "too_slow"
    assert time.monotonic() - before < 2
    assert len(there.asked) == 1
    assert 0 < (folder / PART).stat().st_size < len(BODY), "the next run goes on from here"


def test_a_server_that_says_nothing_is_left_and_tried_again(there: Publisher, folder: Path):
    there.will(Silence())
    limits = Limits(silence=0.1, pause=0.01, retries=2)
    assert fails(there, folder, limits).reason == "too_slow"
    assert len(there.asked) == 3


@pytest.mark.parametrize(("silence", "pause"), [(0.2, 30), (30, 0.01)])
def test_pauses_and_silences_together_keep_to_the_time_allowed(
    there: Publisher, folder: Path, silence: float, pause: float
):
    there.will(Silence())
    before = time.monotonic()
    error = fails(there, folder, Limits(silence=silence, pause=pause, retries=9, overall=0.6))
    assert error.reason == "too_slow"
    assert time.monotonic() - before < 2


def test_a_silence_in_the_middle_is_taken_up_where_it_was(there: Publisher, folder: Path):
    head = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: 100000\r\n\r\n'
    there.will(Raw(head + BODY[:PIECE]), Edition(BODY))
    fetch(there, folder, limits=Limits(silence=0.2, pause=0.01))
    assert there.ranges() == [None, f"bytes={PIECE}-"]
    assert (folder / WHOLE).read_bytes() == BODY


@pytest.mark.parametrize("code", [401, 403, 404, 410, 204])
def test_a_refusal_for_good_is_told_at_once_with_its_status(
    there: Publisher, folder: Path, code: int
):
    there.will(Status(code))
    error = fails(there, folder)
    assert (error.reason, error.detail) == ("refused", str(code))
    assert len(there.asked) == 1
    assert files(folder) == [LOCK]


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again_then_told(there: Publisher, folder: Path, code: int):
    there.will(Status(code))
    error = fails(there, folder)
    assert (error.reason, error.detail) == ("refused", str(code))
    assert len(there.asked) == 1 + QUICK.retries


def test_a_server_that_recovers_is_served_from(there: Publisher, folder: Path):
    there.will(Status(503), Edition(BODY))
    fetch(there, folder)
    assert (folder / WHOLE).read_bytes() == BODY


def test_a_server_in_trouble_does_not_cost_the_part(there: Publisher, folder: Path):
    cut_once(there, folder)
    there.will(Status(503), Edition(BODY))
    fetch(there, folder)
    assert there.ranges() == [f"bytes={CUT}-"] * 2


def test_nobody_there_is_told(folder: Path):
    with pytest.raises(DownloadError) as raised:
        download(f"http://127.0.0.1:{free_port()}/x", folder, None, lambda *_: None, QUICK)
    assert raised.value.reason == "unreachable"


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nabc",
        b"\x00" * 300_000,
    ],
)
def test_what_is_not_http_is_told_and_nothing_is_kept(there: Publisher, folder: Path, said: bytes):
    there.will(Raw(said))
    assert fails(there, folder).reason in ("unreachable", "cut_short")
    assert WHOLE not in files(folder)


def test_three_redirects_are_followed(there: Publisher, folder: Path):
    turns = [Status(code, ((LOCATION, f"/{code}"),)) for code in (301, 302, 307)]
    there.will(*turns, Edition(BODY))
    got = fetch(there, folder)
    assert [one.path for one in there.asked][1:] == ["/301", "/302", "/307"]
    assert isinstance(got, Downloaded)
    assert got.mark.url == there.url, "it is known by the address that is asked"


def test_a_fourth_redirect_is_not(there: Publisher, folder: Path):
    there.will(Status(302, ((LOCATION, "/all_latest.tar.bz2"),)))
    assert fails(there, folder).reason == "redirected"
    assert len(there.asked) == 4


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://me:pw@127.0.0.1/",
        "http://xn--/",
        f"http://{'a' * 64}.fr/",
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_not_followed(
    there: Publisher, folder: Path, location: str
):
    there.will(Status(302, ((LOCATION, location),)))
    assert fails(there, folder).reason == "redirected"
    assert len(there.asked) == 1


def test_nothing_leads_from_https_to_http():
    with pytest.raises(DownloadError) as raised:
        onward(httpx.URL(ADDRESS), "http://lecomarquage.service-public.gouv.fr/x")
    assert raised.value.reason == "redirected"
    with pytest.raises(DownloadError):
        onward(httpx.URL(ADDRESS), "https://a:b/")
    assert onward(httpx.URL(ADDRESS), "/x").scheme == "https"
    assert onward(httpx.URL("http://a/"), "https://b/").scheme == "https"


@pytest.mark.parametrize(
    "url",
    ["ftp://a/x", "file:///etc/passwd", "all_latest.tar.bz2", "", "https://", "http://me:pw@a/",
     "http://a:b:c/", "http://a/\n", "http://xn--/", f"http://{'a' * 64}.fr/"],
)  # fmt: skip
def test_only_a_plain_web_address_is_asked(folder: Path, url: str):
    with pytest.raises(DownloadError) as raised:
        download(url, folder, None, lambda *_: None, QUICK)
    assert raised.value.reason == "address"
    assert not folder.exists()


def test_the_proxy_of_an_administrator_is_used(
    there: Publisher, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{there.port}")
    there.will(Edition(BODY))
    download("http://annuaire.invalid/x", folder, None, lambda *_: None, QUICK)
    assert there.asked[0].path == "http://annuaire.invalid/x"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://x", "http://[", "nobody:x"])
def test_a_proxy_that_cannot_be_used_is_told(
    there: Publisher, folder: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    assert fails(there, folder).reason == "unreachable"


FULL_DISK = """
import resource, sys
from pathlib import Path
from bot.referral.official.download import DownloadError, Limits, download
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    download(sys.argv[1], Path(sys.argv[2]), None, lambda *_: None, Limits())
except DownloadError as error:
    print(error.reason)
"""


def test_a_full_disk_is_told_and_is_not_left_full(there: Publisher, folder: Path):
    there.will(Edition(BODY))
    went = subprocess.run(
        [sys.executable, "-c", FULL_DISK, there.url, str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (went.stdout, went.stderr) == ("disk_full\n", "")
    assert files(folder) == [LOCK]
    assert len(there.asked) == 1


def test_a_file_where_the_folder_should_be_is_told(there: Publisher, folder: Path):
    folder.write_text("a file stands where the folder should")
    assert fails(there, folder).reason == "unwritable"
    assert there.asked == []


def test_a_part_that_cannot_be_written_is_told(there: Publisher, folder: Path):
    (folder / PART).mkdir(parents=True)
    there.will(Edition(BODY))
    assert fails(there, folder).reason == "unwritable"


KILLED = """
import sys
from pathlib import Path
from bot.referral.official.download import download
download(sys.argv[1], Path(sys.argv[2]), None, lambda *_: None)
"""


def test_a_download_that_was_killed_is_taken_up_by_the_next(there: Publisher, folder: Path):
    there.will(Edition(BODY, lag=0.05), Edition(BODY))
    running = subprocess.Popen([sys.executable, "-c", KILLED, there.url, str(folder)], cwd=ROOT)
    try:
        until(lambda: (folder / PART).exists() and (folder / PART).stat().st_size > PIECE)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    left = (folder / PART).stat().st_size
    assert left < len(BODY)
    fetch(there, folder)
    assert there.ranges() == [None, f"bytes={left}-"]
    assert (folder / WHOLE).read_bytes() == BODY


def until(met) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_at_once_do_not_mix_their_bytes(there: Publisher, folder: Path):
    folder.mkdir()
    with (folder / LOCK).open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert fails(there, folder).reason == "busy"
    there.will(Edition(BODY))
    assert isinstance(fetch(there, folder), Downloaded), "who has gone holds nobody up"


def test_what_watches_may_stop_it_and_the_next_goes_on(there: Publisher, folder: Path):
    there.will(Edition(BODY))

    def leave(done: int, _: int | None) -> None:
        if done > CUT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(there.url, folder, None, leave, QUICK)
    left = (folder / PART).stat().st_size
    fetch(there, folder)
    assert there.ranges() == [None, f"bytes={left}-"]
    assert (folder / WHOLE).read_bytes() == BODY


def test_a_mark_that_is_kept_is_read_again(folder: Path):
    mark = Mark(ADDRESS, '"one"', "Sun, 22 Nov 2026 04:00:00 GMT")
    assert read_mark(folder) is None
    keep_mark(folder, mark)
    assert read_mark(folder) == mark
    assert files(folder) == [MARK]


def test_a_download_alone_keeps_no_mark(there: Publisher, folder: Path):
    """Else a file that could not be read would never be fetched again."""
    there.will(Edition(BODY))
    fetch(there, folder)
    assert read_mark(folder) is None


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"null", b"[" * 9_000, b"\xff\xfe", b'{"etag": "x"}']
)
def test_a_broken_mark_is_no_mark(folder: Path, broken: bytes):
    folder.mkdir()
    (folder / MARK).write_bytes(broken)
    assert read_mark(folder) is None


@pytest.mark.parametrize("etag", [3, None, "", "é", "a\r\nX-Evil: 1", "x" * 500])
def test_a_mark_never_holds_what_a_header_cannot(folder: Path, etag: object):
    folder.mkdir()
    (folder / MARK).write_text(json.dumps({"url": ADDRESS, "etag": etag}))
    assert read_mark(folder) == Mark(ADDRESS)


def test_a_mark_that_is_far_too_long_is_not_read_to_its_end(folder: Path):
    folder.mkdir()
    (folder / MARK).write_text(json.dumps({"url": ADDRESS}) + " " * 20_000 + "{}")
    assert read_mark(folder) == Mark(ADDRESS)


def test_a_mark_that_cannot_be_kept_is_told(folder: Path):
    folder.write_text("a file stands where the folder should")
    with pytest.raises(DownloadError) as raised:
        keep_mark(folder, Mark(ADDRESS))
    assert raised.value.reason == "unwritable"


def test_every_reason_has_its_sentence_in_both_languages():
    assert set(SENTENCES) == set(get_args(Reason))
    error = DownloadError("refused", "404")
    assert error.sentence().endswith("recommencez plus tard. (404)")
    assert error.sentence("en").startswith("The directory's server has refused.")


def test_the_limits_in_service_are_those_that_were_promised():
    assert ADDRESS.startswith("https://lecomarquage.service-public.gouv.fr/")
    assert LIMITS.size == 400_000_000
    assert (LIMITS.retries, LIMITS.redirects) == (3, 3)
