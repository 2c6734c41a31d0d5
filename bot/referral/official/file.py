"""The official directory's file, from bytes to records, as a stream.

It may be JSON as it is, under gzip, or the one member of a tar under bzip2 that is published; what
it is shows in its first bytes, never in its name. Nothing is written to disk, and no more of it is
held than one record: what is read before a record comes out of it is limited; so is the whole.
"""

import bz2
import codecs
import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

import ijson  # type: ignore[import-untyped]  # ships no types

from bot.reading.problem import Problem, Span, problem

CHUNK = 64 * 1024  # bytes
WHOLE_LIMIT = 2_000_000_000  # bytes, decompressed; the published file holds about 400 MB
RECORD_LIMIT = 1_000_000  # bytes; a record holds about 4 kB
HEAD_LIMIT = 1_000_000  # bytes before the list of records begins
HEADER_LIMIT = 200_000  # bytes of what a tar says about one member
MEMBERS_LIMIT = 100
# A number beyond 64 bits is then an error. Without it, ijson's fast reader (3.6) ends the whole
# process at an integer of more digits than Python turns into one.
PLAIN = True
MEMBER = "data.gouv_local.json"  # what the name of the member of the published archive ends with
SHAPES = {"": "item", "service": "service.item", "results": "results.item"}
GZIP, BZIP2, TAR = b"\x1f\x8b", b"BZh", b"ustar"
TAR_AT = 257  # where a tar's first header says what it is


class OfficialFileError(Exception):
    """The file cannot be read as the official directory; `problem` tells why."""

    def __init__(self, wrong: Problem) -> None:
        """The one thing that is wrong."""
        super().__init__(wrong.code)
        self.problem = wrong


class _WrongError(Exception):
    """What is wrong, where the file's name is not known."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class _Meter:
    """Reads on, as long as what was asked for keeps coming out of what is read."""

    def __init__(self, source: _Readable) -> None:
        self._source = source
        self._kept = b""
        self._total = 0
        self._allowed = 0
        self._beyond = ""

    def allow(self, amount: int, beyond: str) -> None:
        """From here `amount` bytes may be read; one more is the problem `beyond`."""
        self._allowed, self._beyond = self._total + amount, beyond

    def peek(self, size: int) -> bytes:
        """The first bytes, which stay to be read."""
        while len(self._kept) < size and (chunk := self._source.read(size - len(self._kept))):
            self._kept += chunk
        return self._kept

    def read(self, size: int = CHUNK, /) -> bytes:
        """Some bytes, `size` at most; none at the end."""
        if size == 0:
            return b""
        most = min(size, CHUNK) if size > 0 else CHUNK
        kept, self._kept = self._kept[:most], self._kept[most:]
        chunk = kept or self._source.read(most)
        self._total += len(chunk)
        if self._total > WHOLE_LIMIT:
            raise _WrongError("annuaire.taille", limite=WHOLE_LIMIT)
        if self._total > self._allowed:
            raise _WrongError(self._beyond, limite=RECORD_LIMIT)
        return chunk


class _Text:
    """UTF-8, or a problem; without the mark that some editors set before it."""

    def __init__(self, source: _Readable) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._begun = False
        self.ended = False

    def read(self, size: int = CHUNK, /) -> bytes:
        chunk = self._source.read(size)
        if size == 0:
            return chunk
        try:
            text = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            code = "annuaire.coupe" if not chunk else "annuaire.encodage"
            raise _WrongError(code) from error
        if "\0" in text:  # never in JSON; UTF-16 is full of them
            raise _WrongError("annuaire.encodage")
        self.ended = not chunk
        if not self._begun and chunk:
            self._begun = True
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        return chunk


class _Again:
    """What was read already, then the rest."""

    def __init__(self, begun: bytes, rest: _Readable) -> None:
        self._begun = begun
        self._rest = rest

    def read(self, size: int = CHUNK, /) -> bytes:
        if size == 0:
            return b""
        begun, self._begun = self._begun, b""
        return begun or self._rest.read(size)


def records(file: Path) -> Iterator[object]:
    """Each record, in the order of the file; one that is no mapping is given as it stands.

    Raises:
        OfficialFileError: the file is not there, broken, cut short, or something else.
    """
    try:
        with file.open("rb") as raw:
            yield from _records(raw)
    except _WrongError as wrong:
        raise OfficialFileError(
            problem(Span(file.name), wrong.code, None, **wrong.values)
        ) from wrong
    except EOFError as short:
        raise OfficialFileError(problem(Span(file.name), "annuaire.coupe")) from short
    except tarfile.TarError as broken:
        raise OfficialFileError(problem(Span(file.name), "annuaire.archive")) from broken
    except (gzip.BadGzipFile, zlib.error) as broken:
        raise OfficialFileError(problem(Span(file.name), "annuaire.compression")) from broken
    except OSError as absent:  # bzip2 raises a bare one, without a number, for broken data
        code = "fichier.introuvable" if absent.errno else "annuaire.compression"
        raise OfficialFileError(problem(Span(file.name), code)) from absent
    except (ijson.JSONError, ValueError, OverflowError, RecursionError) as broken:
        raise OfficialFileError(problem(Span(file.name), "annuaire.json")) from broken


def _records(raw: BinaryIO) -> Iterator[object]:
    magic = raw.read(len(BZIP2))
    raw.seek(0)
    source: _Readable = raw
    if magic.startswith(GZIP):
        source = gzip.GzipFile(fileobj=raw)
    elif magic == BZIP2:
        source = bz2.BZ2File(raw)
    meter = _Meter(source)
    head = meter.peek(TAR_AT + len(TAR))
    if not head:
        raise _WrongError("annuaire.vide")
    yield from _archived(meter) if head[TAR_AT:] == TAR else _listed(meter, meter)
    _to_the_end(meter, meter)  # only the end tells whether the compressed data is whole


def _archived(meter: _Meter) -> Iterator[object]:
    """The records of the one member that holds them; every other member is passed over."""
    found = False
    meter.allow(HEADER_LIMIT, "annuaire.archive")
    with tarfile.open(fileobj=meter, mode="r|", bufsize=CHUNK) as archive:  # type: ignore[call-overload]  # `read` is all it needs
        while member := archive.next():
            if len(archive.members) > MEMBERS_LIMIT:
                raise _WrongError("annuaire.membres", limite=MEMBERS_LIMIT)
            _refuse_unsafe(member)
            stream = archive.extractfile(member)
            if stream and member.name.endswith(MEMBER):
                if found:
                    raise _WrongError("annuaire.membre_double", membre=f"*{MEMBER}")
                found = True
                yield from _listed(stream, meter)
            if stream:
                _to_the_end(stream, meter)
            meter.allow(HEADER_LIMIT, "annuaire.archive")
    if not found:
        raise _WrongError("annuaire.membre_absent", membre=f"*{MEMBER}")


def _refuse_unsafe(member: tarfile.TarInfo) -> None:
    """Nothing is written to disk; but an archive that tries to climb is not the published one."""
    path = PurePosixPath(member.name.replace("\\", "/"))
    plain = (member.isfile() and not member.issparse()) or member.isdir()
    if not plain or path.is_absolute() or ".." in path.parts or ":" in member.name:
        shown = "".join(letter for letter in member.name if letter.isprintable())[:80]
        raise _WrongError("annuaire.membre_dangereux", membre=shown)


def _listed(source: _Readable, meter: _Meter) -> Iterator[object]:
    """The records of one JSON text."""
    text = _Text(source)
    try:
        yield from _items(text, meter)
    except ijson.IncompleteJSONError as error:  # also what yajl says of a sign out of place
        raise _WrongError("annuaire.coupe" if text.ended else "annuaire.json") from error


def _items(text: _Text, meter: _Meter) -> Iterator[object]:
    meter.allow(HEAD_LIMIT, "annuaire.forme")
    begun, path = _shape(text)
    meter.allow(RECORD_LIMIT, "annuaire.fiche")
    whole = _Again(begun, text)
    for record in ijson.items(whole, path, use_float=PLAIN, buf_size=CHUNK):
        meter.allow(RECORD_LIMIT, "annuaire.fiche")
        yield record


def _shape(text: _Text) -> tuple[bytes, str]:
    """What was read until the list of records began, and the path to its items."""
    events = ijson.sendable_list()
    parser = ijson.parse_coro(events, use_float=PLAIN)
    begun = b""
    while chunk := text.read():
        begun += chunk
        parser.send(chunk)
        for path, event, _ in events:
            if event == "start_array" and path in SHAPES:
                with suppress(ijson.JSONError):  # it has not seen the end
                    parser.close()
                return begun, SHAPES[path]
        del events[:]
    if not begun.strip():
        raise _WrongError("annuaire.vide")
    parser.close()
    raise _WrongError("annuaire.forme")


def _to_the_end(stream: _Readable, meter: _Meter) -> None:
    meter.allow(2 * CHUNK, "annuaire.taille")
    while stream.read(CHUNK):
        meter.allow(2 * CHUNK, "annuaire.taille")
