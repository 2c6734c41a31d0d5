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
OPERATOR = {  # a setting -> its name in the texts of flow files
    "OPERATOR_NAME": "exploitant",
    "OPERATOR_HOST": "hebergeur",
    "OPERATOR_CONTACT": "contact",
}
NAMES = ("BOT_TOKEN", "API_BASE", "CACHE_DIR", "EXPIRY_MINUTES", "LOG_LEVEL", *OPERATOR)
LEVEL = re.compile(r"DEBUG|INFO|WARNING|ERROR")
NAME = re.compile(r"[A-Z][A-Z_]{0,40}")
OPERATOR_LIMIT = 80  # characters: what the screens that show it have room for
LINE = re.compile(  # no braces, no control characters, no line breaks, no half characters
    rf"[^{{}}\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{{1,{OPERATOR_LIMIT}}}"
)
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
    operator_name: str = ""  # who runs this bot, shown to everybody
    operator_host: str = ""  # on whose machine
    operator_contact: str = ""  # for mistakes in what is shown, never for help

    def unsaid(self) -> list[Problem]:
        """What must be known of who runs the bot before anybody but oneself meets it."""
        return [
            problem(Span(ENV), "env.exploitant", nom=name)
            for name, value in self._operator().items()
            if not value
        ]

    def installation(self) -> dict[str, str]:
        """Who runs this bot, by the names that texts use; a blank says which setting is missing."""
        return {OPERATOR[name]: value or f"({name})" for name, value in self._operator().items()}

    def _operator(self) -> dict[str, str]:
        said = (self.operator_name, self.operator_host, self.operator_contact)
        return dict(zip(OPERATOR, said, strict=True))


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
        operator_name=reader.text("OPERATOR_NAME", LINE, "env.texte", ""),
        operator_host=reader.text("OPERATOR_HOST", LINE, "env.texte", ""),
        operator_contact=reader.text("OPERATOR_CONTACT", LINE, "env.texte", ""),
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
        self.found.append(problem(self.places[name], code, nom=name, limite=OPERATOR_LIMIT))
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
