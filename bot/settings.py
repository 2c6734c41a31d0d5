"""The settings, from `.env` and the environment, read once at the door."""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from bot.reading.files import read_text
from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest

ROOT = Path(__file__).resolve().parents[1]
TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{30,}")
NAMES = ("BOT_TOKEN", "API_BASE", "CACHE_DIR", "EXPIRY_MINUTES", "LOG_LEVEL")
LEVEL = re.compile(r"DEBUG|INFO|WARNING|ERROR")
NAME = re.compile(r"[A-Z][A-Z_]{0,40}")
MINUTES = re.compile(r"[1-9]\d{0,2}", re.ASCII)
ENV = ".env"
ENVIRONMENT = "environment"


@dataclass(frozen=True)
class Settings:
    """What an installation decides. Folders are absolute."""

    flows: Path
    locales: Path
    data: Path
    cache: Path
    expiry_minutes: int = 15  # a live screen is erased this long after the last act
    log_level: str = "INFO"
    api_base: str = ""  # a Bot API server other than Telegram's own
    token: str = field(default="", repr=False)


def read_settings(
    root: Path = ROOT, environ: Mapping[str, str] = os.environ
) -> tuple[Settings, list[Problem]]:
    """The settings of a folder's `.env` under the environment's own, and what is wrong in them.

    Unknown names are only told for `.env`: an environment is full of other programs' names. No
    value is ever part of a problem, since one of them is a secret.
    """
    found: list[Problem] = []
    bindings = _bindings(root / ENV, found)
    written = {name: one.value or "" for name, one in bindings.items()}
    places = {name: Span(ENV, one.original.line) for name, one in bindings.items()}
    found.extend(
        problem(place, "env.inconnu", nearest(name, NAMES), nom=name)
        for name, place in places.items()
        if name not in NAMES
    )
    given = {name: environ[name] for name in NAMES if environ.get(name)}
    values = {**written, **given}
    places.update(dict.fromkeys(given, Span(ENVIRONMENT)))
    reader = _Reader(values, places, found)
    settings = Settings(
        flows=root / "flows",
        locales=root / "locales",
        data=root / "data",
        cache=(root / (values.get("CACHE_DIR") or ".cache")).resolve(),
        expiry_minutes=int(reader.text("EXPIRY_MINUTES", MINUTES, "env.minutes", "15")),
        log_level=reader.text("LOG_LEVEL", LEVEL, "env.niveau", "INFO"),
        api_base=values.get("API_BASE", ""),
        token=reader.text("BOT_TOKEN", TOKEN, "env.jeton", ""),
    )
    return settings, found


@dataclass
class _Reader:
    """Values by name, and where each stands; a value from the environment has no line."""

    values: Mapping[str, str]
    places: Mapping[str, Span]
    found: list[Problem]

    def text(self, name: str, pattern: re.Pattern[str], code: str, default: str) -> str:
        value = self.values.get(name, "").strip() or default
        if value == default or pattern.fullmatch(value):
            return value
        self.found.append(problem(self.places[name], code, nom=name))
        return default


def _bindings(file: Path, found: list[Problem]) -> dict[str, Binding]:
    if not file.exists():
        return {}
    text, problems = read_text(file, ENV)
    found.extend(problems)
    bindings = {}
    for one in parse_stream(io.StringIO(text)):
        if one.key and one.value is not None and NAME.fullmatch(one.key):
            bindings[one.key] = one
        elif one.key or one.error:  # what stands there may be a secret: it is not repeated
            found.append(problem(Span(ENV, one.original.line), "env.ligne"))
    return bindings
