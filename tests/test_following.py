"""An administrator imports or corrects while the bot runs: it takes it up, or goes on as it was."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.referral.directory import Directory, open_directory
from bot.referral.following import follow
from bot.referral.tables import built_name
from tests.ground import CIDFF_94, tables

PATIENCE = 20.0  # seconds: a build takes one or two on a slow machine
NEWER = CIDFF_94 | {"phone": "+33143986544", "confirmed_on": "2026-11"}


@asynccontextmanager
async def followed(data: Path, cache: Path) -> AsyncIterator[Directory]:
    directory = open_directory(data, cache)
    task = asyncio.create_task(follow(directory, data, cache))
    await asyncio.sleep(0.5)  # until the watch is set up
    try:
        yield directory
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def number_in(directory: Directory) -> str:
    proposal = directory.proposal("C94016")
    assert proposal is not None
    return proposal.doors[0].office.phone


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.05)


async def test_a_corrected_number_serves_without_a_restart(tmp_path: Path):
    data = tables(tmp_path / "data")
    async with followed(data, tmp_path / "cache") as directory:
        assert number_in(directory) == CIDFF_94["phone"]
        tables(data, offices=[NEWER])
        await until(lambda: number_in(directory) == NEWER["phone"])
        assert (tmp_path / "cache" / built_name(data)).exists()


async def test_whoever_holds_the_places_of_a_directory_reads_the_new_ones(tmp_path: Path):
    """The reader of typed words asks `directory.places` at each message."""
    data = tables(tmp_path / "data")
    async with followed(data, tmp_path / "cache") as directory:
        before = directory.places
        tables(data, offices=[NEWER])
        await until(lambda: directory.places is not before)
        assert [place.name for place in directory.places.named("cachan")] == ["Cachan"]


async def test_a_mistake_in_the_data_is_told_and_what_serves_goes_on_serving(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    data = tables(tmp_path / "data")
    with caplog.at_level(logging.INFO, "bot"):
        async with followed(data, tmp_path / "cache") as directory:
            tables(data, offices=[CIDFF_94 | {"phone": "dix-sept"}])
            await until(lambda: "data.refused" in caplog.text)
            assert "file=data/offices.csv line=2 code=csv.valeur" in caplog.text
            assert "dix-sept" not in caplog.text
            assert number_in(directory) == CIDFF_94["phone"]
            tables(data, offices=[NEWER])
            await until(lambda: number_in(directory) == NEWER["phone"])


async def test_nothing_else_breaks_the_watch(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    data = tables(tmp_path / "data")
    with caplog.at_level(logging.INFO, "bot"):
        async with followed(data, tmp_path / "cache") as directory:
            with monkeypatch.context() as broken:
                broken.setattr("bot.referral.following.open_store", _raises)
                tables(data, offices=[NEWER])
                await until(lambda: "data.failed" in caplog.text)
                assert number_in(directory) == CIDFF_94["phone"]
            (data / "offices.csv").touch()
            await until(lambda: number_in(directory) == NEWER["phone"])


def _raises(*_: object) -> None:
    raise MemoryError
