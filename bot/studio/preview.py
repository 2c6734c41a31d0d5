"""What one browser tab holds of a conversation, and how each act changes it: values in, values out.

The conversation itself holds nothing, so a preview is all there is; the page forgets it with the
tab. What the program knows of a person (`Known`) is read from the state, as it stands in buttons.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.conversation import Conversation, Left, Reply, Shown
from bot.referral.directory import Directory
from bot.referral.hours import PARIS
from bot.referral.office import DOORS, Point
from bot.referral.place import Choices, Found, answer
from bot.triage.engine import ReturnAddress, Show
from bot.triage.screen import KEEP, LEAVE
from bot.triage.words import KEPT


@dataclass(frozen=True)
class Preview:
    """A conversation as it stands: `shown` is None on an empty chat, `moment` None for now.

    `notice` is what Telegram would say for a moment over the chat; empty where it is nothing.
    """

    conversation: Conversation
    chosen: str  # the language asked for beside the phone
    moment: datetime | None = None
    shown: Shown | None = None
    notice: str = ""

    @property
    def language(self) -> str:
        """The language being spoken: a button may have changed it."""
        return self.shown.state.language if self.shown else self.chosen

    def say(self, words: str) -> str:
        """The program's own words in the language being spoken."""
        return self.conversation.say(words, self.language)

    def begun(self) -> "Preview":
        """The neutral first message, as /start gives it."""
        return self._after(self._talk().greeting(self.language))

    def left(self) -> "Preview":
        """An empty chat: nothing is left of what was said."""
        return replace(self, chosen=self.language, shown=None, notice="")

    async def pressed(self, data: str) -> "Preview":
        """After a button that comes back to the program."""
        if data == LEAVE:
            return self.left()
        if data == KEEP:
            return replace(self, notice=self.say(KEPT))
        return self._after(await self._talk().press(data, self.language))

    async def typed(self, text: str) -> "Preview":
        """After a typed message; its words are not kept."""
        state = self.shown.state if self.shown else None
        return self._after(await self._talk().typed(text, state, self.language))

    async def located(self, point: Point) -> "Preview":
        """After a location was sent."""
        state = self.shown.state if self.shown else None
        talk = self._talk()
        return self._after(
            await talk.location(point.latitude, point.longitude, state, self.language)
        )

    async def speaking(self, language: str) -> "Preview":
        """The same place in another language."""
        here = self.shown
        if here is not None:
            here = replace(here, state=replace(here.state, language=language))
        return await _again(replace(self, chosen=language, shown=here))

    async def at(self, moment: datetime | None) -> "Preview":
        """The same place at another moment, which knows its time zone; None is now."""
        return await _again(replace(self, moment=moment))

    def _after(self, reply: Reply) -> "Preview":
        if isinstance(reply, Left):
            return self.left()
        return replace(self, shown=reply, notice="")

    def _talk(self) -> Conversation:
        moment = self.moment
        return self.conversation.with_clock(lambda: moment) if moment else self.conversation


async def _again(preview: Preview) -> Preview:
    """The same place, said anew; what was shown over a screen gives way to that screen."""
    if preview.shown is None:
        return replace(preview, notice="")
    if preview.shown.show is None:
        return preview.begun()
    return await preview.pressed(preview.conversation.codes.encode(preview.shown.state))


@dataclass(frozen=True)
class Answer:
    """One answer: the question's slot, its value, and a place's own name."""

    slot: str
    value: str
    name: str = ""


@dataclass(frozen=True)
class Known:
    """All that the program knows of the person at this screen.

    `asks` is the slot that the next answer fills, None at the end of a path; `back` is a detour's
    return address as (flow, answers); `size` counts the token's bytes, of which there may be 64.
    """

    flow: str
    name: str
    step: str
    asks: str | None
    outcome: bool
    answers: tuple[Answer, ...]
    back: tuple[str, tuple[Answer, ...]] | None
    token: str
    size: int


def known(preview: Preview) -> Known | None:
    """What the program knows; None on an empty chat, where that is nothing."""
    if preview.shown is None:
        return None
    talk, state, show = preview.conversation, preview.shown.state, preview.shown.show
    token = talk.codes.encode(state)
    return Known(
        flow=state.flow,
        name=talk.bundle.flows[state.flow].name,
        step=_step(talk, show),
        asks=show.asks if show else None,
        outcome=show is not None and show.outcome,
        answers=_answers(talk, state.answers),
        back=_back(talk, state.back),
        token=token,
        size=len(token.encode()),
    )


def _step(talk: Conversation, show: Show | None) -> str:
    """The step that the path has come to; empty before the first."""
    if show is None or not show.visits:
        return ""
    last = show.visits[-1]
    return talk.bundle.flows[last.flow].steps[last.step].id


def _back(talk: Conversation, back: ReturnAddress | None) -> tuple[str, tuple[Answer, ...]] | None:
    return (back.flow, _answers(talk, back.answers)) if back else None


def _answers(talk: Conversation, answers: Sequence[tuple[str, str]]) -> tuple[Answer, ...]:
    return tuple(Answer(slot, value, _place_name(talk, slot, value)) for slot, value in answers)


def _place_name(talk: Conversation, slot: str, value: str) -> str:
    if talk.bundle.slots[slot].kind != "place":
        return ""
    located = talk.ground.directory.places.locate(value)
    return located.place.name if located else ""


@dataclass(frozen=True)
class Spot:
    """A commune with its point, as a location sent from there would be."""

    name: str
    departement: str
    point: Point


def spots(text: str, directory: Directory) -> tuple[Spot, ...]:
    """The communes that `text` names, largest first; none where it names no commune."""
    found = answer(text, directory.places)
    places = found.places if isinstance(found, Choices) else ()
    places = (found.place,) if isinstance(found, Found) else places
    located = [one for place in places if (one := directory.places.locate(place.code))]
    return tuple(
        Spot(one.place.name, one.place.departement, one.point) for one in located if one.point
    )


def towns(directory: Directory) -> tuple[str, ...]:
    """Communes with an office that is proposed before all others: « Créteil 94 »."""
    doors = (one for one in directory.offices() if one.kind in DOORS)
    return tuple(sorted({f"{one.commune} {one.departement}" for one in doors}))


def paris_moment(text: str) -> datetime | None:
    """The moment that a date and an hour in Paris name, `2026-12-25T03:00`; None for neither.

    An hour that the clocks leap over in spring is the one that they then show.
    """
    try:
        return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC).astimezone(PARIS)
    except (ValueError, OverflowError):
        return None


def paris_text(moment: datetime) -> str:
    """The date and the hour in Paris, as `paris_moment` reads them."""
    return moment.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def christmas_night(now: datetime) -> datetime:
    """The next 25 December, three o'clock in the morning in Paris: most lines are closed."""
    here = now.astimezone(PARIS)
    night = datetime(here.year, 12, 25, 3, tzinfo=PARIS)
    return night if here <= night + timedelta(hours=1) else night.replace(year=here.year + 1)
