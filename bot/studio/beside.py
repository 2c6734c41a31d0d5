"""What stands beside the phone: the settings of the trial, and what the program knows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from nicegui.events import GenericEventArguments

from bot.referral.directory import Directory
from bot.referral.office import Point
from bot.studio.html import Tag
from bot.studio.preview import Answer, Known, Preview, known, paris_moment, paris_text, spots, towns
from bot.studio.words import Words
from bot.triage.token import CALLBACK_LIMIT

VALUE = "(event) => emit(event.target.value)"
VALID_VALUE = "(event) => { if (event.target.validity.valid) emit(event.target.value); }"
PLACE = "(event) => { event.preventDefault(); emit(event.target.elements.place.value); }"
FIRST_MOMENT = "2020-01-01T00:00"  # a year that is still being typed is none
LAST_MOMENT = "2039-12-31T23:59"


@dataclass(frozen=True)
class Wishes:
    """What can be changed about the trial; each is one turn."""

    language: Callable[[str], Awaitable[None]]
    moment: Callable[[datetime | None], Awaitable[None]]
    location: Callable[[Point], Awaitable[None]]
    restart: Callable[[], Awaitable[None]]
    christmas: Callable[[], datetime]


class Settings:
    """The language, the hour, a location to send, and beginning again."""

    def __init__(self, preview: Preview, words: Words, wishes: Wishes) -> None:
        """Build them where the page stands."""
        self.words = words
        self.wishes = wishes
        self.directory = preview.conversation.ground.directory
        with Tag("section", classes="settings", aria_labelledby="settings"):
            Tag("h2", words.settings, id="settings")
            self._build_language(preview)
            self._build_hour()
            self._build_location()
            restart = Tag("button", words.restart, type="button", classes="plain")
            restart.on("click", wishes.restart, js_handler="() => emit()")
        self.show(preview)

    def show(self, preview: Preview) -> None:
        """The settings as they are now."""
        moment = preview.moment
        night = moment is not None and moment == self.wishes.christmas()
        self.language.set("value", preview.language)
        self.now.set("aria_pressed", "false" if moment else "true")
        self.night.set("aria_pressed", "true" if night else "false")
        self.moment.set("value", paris_text(moment) if moment else "")

    def forget(self) -> None:
        """Empty what was asked for here: whoever leaves leaves no name of a place either."""
        self.form.run_method("reset")
        self.found.clear()

    def _build_language(self, preview: Preview) -> None:
        Tag("label", self.words.language, for_="language")
        self.language = Tag("select", id="language")
        with self.language:
            for code in preview.conversation.ground.catalogue.languages:
                tag, _, form = code.partition("_")
                name = (Locale(tag).display_name or tag).capitalize()
                Tag("option", f"{name} ({form})" if form else name, value=code, lang=tag)
        self.language.on("change", lambda event: self.wishes.language(event.args), js_handler=VALUE)

    def _build_hour(self) -> None:
        with Tag("fieldset"):
            Tag("legend", self.words.hour)
            with Tag("div", classes="choices"):
                self.now = Tag("button", self.words.now, type="button")
                self.night = Tag("button", self.words.christmas, type="button")
            Tag("label", self.words.moment, for_="moment")
            self.moment = Tag(
                "input", id="moment", type="datetime-local", min=FIRST_MOMENT, max=LAST_MOMENT
            )
        self.now.on("click", lambda: self.wishes.moment(None), js_handler="() => emit()")
        self.night.on(
            "click", lambda: self.wishes.moment(self.wishes.christmas()), js_handler="() => emit()"
        )
        self.moment.on(
            "change", lambda event: self.wishes.moment(paris_moment(event.args)),
            js_handler=VALID_VALUE,
        )  # fmt: skip

    def _build_location(self) -> None:
        self.form = Tag("form", autocomplete="off")
        with self.form:
            Tag("label", self.words.location, for_="place")
            with Tag("div", classes="choices"):
                Tag(
                    "input", id="place", name="place", type="text", list="towns", maxlength=100,
                    required=True, aria_describedby="place-hint",
                )  # fmt: skip
                Tag("button", self.words.send_location, type="submit")
            Tag("p", self.words.location_hint, id="place-hint", classes="hint")
            with Tag("datalist", id="towns"):
                for town in towns(self.directory):
                    Tag("option", value=town)
        self.found = Tag("div", role="status")
        self.form.on("submit", self._on_place, js_handler=PLACE)

    async def _on_place(self, event: GenericEventArguments) -> None:
        found = spots(str(event.args), self.directory)
        self.found.clear()
        if len(found) == 1:
            await self.wishes.location(found[0].point)
            return
        with self.found:
            Tag("p", self.words.which_commune if found else self.words.no_commune, classes="hint")
            with Tag("div", classes="choices"):
                for spot in found:
                    self._offer(f"{spot.name} ({spot.departement})", spot.point)

    def _offer(self, label: str, point: Point) -> None:
        async def send() -> None:
            self.found.clear()
            await self.wishes.location(point)

        choice = Tag("button", label, type="button")
        choice.on("click", send, js_handler="() => emit()")


class Knowledge:
    """What the program knows of the person at this screen."""

    def __init__(self, words: Words) -> None:
        """Build it where the page stands; `show` fills it."""
        self.words = words
        with Tag("section", classes="known", aria_labelledby="known"):
            Tag("h2", words.known, id="known")
            Tag("p", words.known_hint, classes="hint")
            self.body = Tag("div")

    def show(self, preview: Preview) -> None:
        """What is known now."""
        self.body.clear()
        with self.body:
            knows = known(preview)
            if knows is None:
                Tag("p", self.words.nothing, classes="nothing")
            else:
                self._show(knows)

    def _show(self, knows: Known) -> None:
        words = self.words
        with Tag("dl"):
            self._line(words.flow, knows.name, knows.flow)
            self._line(words.step, "" if knows.step else "—", knows.step)
            self._line(words.question, "" if knows.asks else words.no_question, knows.asks or "")
            self._line(words.outcome, words.yes if knows.outcome else words.no)
        self._table(words.answers, knows.answers)
        if knows.back:
            self._table(words.back.format(flow=knows.back[0]), knows.back[1])
        Tag("h3", words.carried)
        Tag("p", knows.token, classes="token")
        Tag("progress", max=CALLBACK_LIMIT, value=knows.size, aria_label=words.carried)
        Tag("p", f"{words.size.format(size=knows.size)}. {words.carried_hint}", classes="hint")

    def _line(self, term: str, text: str, code: str = "") -> None:
        Tag("dt", term)
        with Tag("dd", text):
            if code:
                Tag("code", code)

    def _table(self, title: str, answers: Sequence[Answer]) -> None:
        Tag("h3", title)
        if not answers:
            Tag("p", self.words.no_answers, classes="hint")
            return
        with Tag("table"):
            with Tag("thead"), Tag("tr"):
                Tag("th", self.words.slot, scope="col")
                Tag("th", self.words.value, scope="col")
            with Tag("tbody"):
                for answer in answers:
                    with Tag("tr"):
                        with Tag("td"):
                            Tag("code", answer.slot)
                        with Tag("td"):
                            Tag("code", answer.value)
                            if answer.name:
                                Tag("span", f" {answer.name}")


class Age:
    """What is too old in the directory to be relied on, for whoever keeps it; else nothing."""

    def __init__(self, directory: Directory, today: date, words: Words) -> None:
        """Build it where the page stands."""
        old = directory.to_check(today)
        if not old:
            return
        with Tag("section", classes="known", aria_labelledby="age"):
            Tag("h2", words.age, id="age")
            for one in old:
                said = words.old_rows if one.rows else words.old_file
                Tag("p", said.format(file=one.file, count=one.rows), classes="hint")
