"""One turn of one conversation: something happened in, a screen out.

Nothing is kept between turns: whoever calls brings the state, from the button or from the live
screen's memory. Whatever breaks, the person gets the emergency numbers. Typed text is read in this
order, and goes no further than this module:

1. a number that the register knows, alone: that line's card
2. the whole message is an exit word, and no commune's name
3. on a screen that asks for a place, exactly a place
4. words of danger
5. what the screen asks for
6. a place
7. another subject
8. « pas compris », with people to turn to
"""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ParamSpec

from bot.catalogue import SOURCE, Catalogue
from bot.reading.problem import Span
from bot.referral.actions import RunAction
from bot.referral.directory import Directory
from bot.referral.helpline import Register
from bot.referral.office import Point
from bot.referral.place import Choices, Found, NotFound, Place, exact, match
from bot.triage import failsafe
from bot.triage.engine import Part, Returned, Run, Show, State, answered, replay, start
from bot.triage.failsafe import EMERGENCY_ROW
from bot.triage.flow import (
    EMERGENCY,
    PLACE_SLOT,
    PLACES,
    START,
    Bundle,
    Button,
    SetSlots,
)
from bot.triage.screen import (
    COVER,
    INTERFACE,
    LEAVE,
    LEAVE_LABEL,
    Key,
    Press,
    Renderer,
    Screen,
)
from bot.triage.texts import CHOICES_LIMIT
from bot.triage.token import Codebook
from bot.triage.understand import Understanding, words_of

log = logging.getLogger(__name__)

CONTINUE_LABEL = "Continuer"
RESUME_LABEL = "Reprendre"
FAILSAFE = "u"  # data of the fail-safe screen's own row; no token is that short
ACTIONS_LIMIT = 8  # actions on one path; a real one has one or two
ARTICLE = re.compile(r"(le|au|the)\s+", re.IGNORECASE)  # « le 17 », as everybody says it
NOWHERE = Span("conversation")

Clock = Callable[[], datetime]
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class Shown:
    """A screen to show, and where the person then stands.

    `bare` is set where typed words were words of danger: what may be *sent* where there is no live
    screen to edit. `show` is None on the greeting and on the fail-safe screen.
    """

    screen: Screen
    state: State
    show: Show | None = None
    bare: Screen | None = None


@dataclass(frozen=True)
class Left:
    """The person typed that they want to leave."""


Reply = Shown | Left


@dataclass(frozen=True)
class Ground:
    """What a conversation stands on: one load of flows, texts, facts and places."""

    bundle: Bundle
    catalogue: Catalogue
    register: Register
    directory: Directory
    run_action: RunAction


class Conversation:
    """Turns of any number of conversations; holds nothing of any of them."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        """Made once a load; `clock` gives moments that know their time zone."""
        self.ground = ground
        self.bundle = ground.bundle
        self.clock = clock
        self.codes = Codebook(ground.bundle)
        self.understanding = Understanding(ground.bundle)
        self.renderer = Renderer(self.codes, ground.catalogue.translate, ground.register)

    def language(self, client_code: str | None) -> str:
        """The language to serve a client whose own is `client_code`."""
        return self.ground.catalogue.served(client_code)

    def greeting(self, language: str, payload: str = "") -> Shown:
        """The neutral first message, the only one that is sent; « Continuer » leads on.

        A deep link's token goes along in that button.
        """
        state = self._pressed(payload) or State(language)
        rows = ((Press(self._word(CONTINUE_LABEL, state), self.codes.encode(state)),),)
        text = self.renderer.text_of("utter_bonjour", state.language)
        return Shown(Screen(text, (*rows, *self._foot(state))), state)

    async def press(self, data: str) -> Shown:
        """What a button leads to; any string at all, the first screen where it is no token."""
        if data == FAILSAFE:
            return await self.begin(EMERGENCY, None, "fr")
        state = self._pressed(data) or State("fr")
        return await self._safely(state.language, self._arrive, state)

    async def typed(self, text: str, state: State | None, language: str) -> Reply:
        """What a typed message leads to, from where the person stands."""
        state = state or State(language)
        if self._leaving(text):
            return Left()
        return await self._safely(state.language, self._read, text, state)

    async def location(
        self, latitude: float, longitude: float, state: State | None, language: str
    ) -> Shown:
        """The commune of a point, as if it had been typed; the point goes no further."""
        state = state or State(language)
        return await self._safely(state.language, self._located, Point(latitude, longitude), state)

    async def begin(self, flow: str, state: State | None, language: str) -> Shown:
        """The first screen of a flow, as its command asks for; an unknown flow's is the first."""
        state = state or State(language)
        known = self.bundle.flow_named(flow)
        target = start(self.bundle, known.id if known else START, state)
        return await self._safely(state.language, self._arrive, target)

    async def notice(
        self,
        response: str,
        state: State | None,
        language: str,
        choices: tuple[tuple[str, str], ...] = (),
    ) -> Shown:
        """A fixed text over the current screen; Retour goes back to it.

        `choices` are a channel's own buttons, as (French label, data).
        """
        state = state or State(language)
        return await self._safely(state.language, self._noticed, response, state, choices)

    def pause(self, state: State, language: str) -> Screen:
        """What stays of a live screen at a clean stop: the cover, and the way back in."""
        del language  # the state carries it
        resume = Press(self._word(RESUME_LABEL, state), self.codes.encode(state))
        cover = self.renderer.text_of(COVER, state.language)
        return Screen(cover, ((resume,), *self._foot(state)))

    def emergency(self, language: str) -> Shown:
        """The fail-safe screen: constants, so that nothing can keep it from being shown."""
        text = f"{failsafe.EMERGENCY_TEXT}\n\n{failsafe.LISTENING_TEXT}"
        return Shown(Screen(text, FAILSAFE_ROWS), State(language))

    def erased(self, language: str) -> str:
        """The neutral line left where a message cannot be deleted."""
        return self.renderer.text_of("utter_efface", language)

    async def _safely(
        self,
        language: str,
        turn: Callable[Arguments, Awaitable[Shown]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Shown:
        """The one place that catches: nobody meets silence because something of ours broke."""
        try:
            return await turn(*args, **kwargs)
        except Exception:
            log.exception("turn.failed")
            return self.emergency(language)

    async def _arrive(self, state: State) -> Shown:
        return self._shown(await self._resolve(state))

    async def _answer(self, state: State) -> Shown:
        """The screen that typed words lead to: it says first that nobody has read them."""
        return self._shown(_answering(await self._resolve(state), self._unread()))

    async def _resolve(self, state: State) -> Show:
        """Replay, running each action that is asked for, until there is something to show."""
        returned: list[Returned] = []
        while isinstance(found := replay(self.bundle, state, returned), Run):
            if len(returned) == ACTIONS_LIMIT:
                raise RuntimeError("too many actions on one path")
            returned.append(await self.ground.run_action(found))
        return found

    def _shown(self, show: Show) -> Shown:
        return Shown(self.renderer.render(show, self.clock()), show.state, show)

    def _leaving(self, text: str) -> bool:
        if not self.understanding.leaving(text):
            return False
        try:
            return not self.ground.directory.named(" ".join(words_of(text)))
        except Exception:  # the directory is gone: leaving must still work
            log.exception("directory.failed")
            return True

    async def _read(self, text: str, state: State) -> Shown:
        if line := self._line_named(text):
            return await self._card(line, text, state)
        here = await self._resolve(state)
        if self._asks_place(here):
            placed = exact(text, self.ground.directory)
            if not isinstance(placed, NotFound):
                return await self._placed(placed, here)
        if self.understanding.dangerous(text):
            return await self._danger(state, here)
        if chosen := _choice_named(text, here):
            return await self._answer(answered(here.state, chosen))
        found = match(text, self.ground.directory)
        if not isinstance(found, NotFound):
            return await self._placed(found, here)
        return await self._elsewhere(text, here)

    async def _elsewhere(self, text: str, here: Show) -> Shown:
        """Another subject, or « pas compris » with people to turn to."""
        topic = self.understanding.topic(text)
        if topic.flow is not None:
            return await self._answer(start(self.bundle, topic.flow, here.state, here.slots))
        unknown = "utter_lieu_inconnu" if self._asks_place(here) else "utter_pas_compris"
        return self._shown(self._over(here, unknown))

    def _line_named(self, text: str) -> str | None:
        """The line whose number is the whole message: 17, 3919, 0 800 05 95 95, +33..."""
        compact = re.sub(r"[\s.\-]", "", ARTICLE.sub("", text.strip()))
        if not re.fullmatch(r"\+?\d{2,15}", compact, re.ASCII):
            return None
        long = len(compact) == 10 and compact.startswith("0")  # noqa: PLR2004  national form
        return self.ground.register.numbers.get(f"+33{compact[1:]}" if long else compact)

    async def _card(self, line: str, text: str, state: State) -> Shown:
        here = await self._resolve(state)
        shown = self._over(here, "utter_ligne", (("carte", line),))
        departement = self.ground.directory.departement(text.strip())
        if departement is None:
            return self._shown(shown)
        target = start(self.bundle, PLACES, here.state, here.slots)
        target = answered(target, ((PLACE_SLOT, departement.code),))
        screen = self.renderer.render(shown, self.clock())
        label = f"{self._word('Département', state)} {departement.departement}"
        row: tuple[Key, ...] = (Press(label, self.codes.encode(target)),)
        return Shown(Screen(screen.text, (row, *screen.rows)), shown.state, shown)

    async def _danger(self, state: State, here: Show) -> Shown:
        urgent = await self._resolve(start(self.bundle, EMERGENCY, here.state, here.slots))
        shown = self._shown(_answering(urgent, self._unread()))
        return replace(shown, bare=Screen(failsafe.BARE_TEXT, self._foot(state)))

    async def _located(self, point: Point, state: State) -> Shown:
        here = await self._resolve(state)
        place = self.ground.directory.here(point)
        if place is None:
            return self._shown(self._over(here, "utter_hors_de_france"))
        return await self._placed(Found(place), here)

    async def _placed(self, found: Found | Choices, here: Show) -> Shown:
        """Answer the screen that asks for a place, else open the flow that does."""
        if not self._asks_place(here):
            here = await self._resolve(start(self.bundle, PLACES, here.state, here.slots))
        slot = here.asks or PLACE_SLOT
        if isinstance(found, Choices):
            return self._shown(self._which(here, slot, found))
        return await self._answer(answered(here.state, ((slot, found.place.code),)))

    def _which(self, here: Show, slot: str, found: Choices) -> Show:
        several = found.places[:CHOICES_LIMIT]  # the text asks for a postcode beyond these
        buttons = tuple(_place_button(slot, place) for place in several)
        asked = self._over(here, "utter_quel_lieu")
        unread, which = asked.parts
        return replace(asked, parts=(unread, replace(which, buttons=buttons)))

    async def _noticed(
        self, response: str, state: State, choices: tuple[tuple[str, str], ...]
    ) -> Shown:
        shown = self._over(await self._resolve(state), response)
        shown = replace(shown, parts=shown.parts[-1:])
        screen = self.renderer.render(shown, self.clock())
        rows = tuple((Press(self._word(label, state), data),) for label, data in choices)
        return Shown(Screen(screen.text, (*rows, *screen.rows)), state, shown)

    def _over(self, here: Show, response: str, arguments: tuple[tuple[str, str], ...] = ()) -> Show:
        """A fixed response instead of the screen's own parts; Retour leads back to that screen."""
        part = self._part(response, arguments)
        return replace(here, parts=(self._unread(), part), previous=here.state, outcome=False)

    def _pressed(self, data: str) -> State | None:
        """The state of a token, in a language that is served; None where it is no token."""
        state = self.codes.decode(data)
        if state is None or state.language in self.ground.catalogue.languages:
            return state
        return replace(state, language=SOURCE)

    def _unread(self) -> Part:
        return self._part("utter_personne_n_a_lu")

    def _part(self, response: str, arguments: tuple[tuple[str, str], ...] = ()) -> Part:
        return Part(response, self.bundle.responses[response].variants[-1], arguments)

    def _asks_place(self, here: Show) -> bool:
        return here.asks is not None and self.bundle.slots[here.asks].kind == "place"

    def _foot(self, state: State) -> tuple[tuple[Key, ...], ...]:
        urgent = start(self.bundle, EMERGENCY, state)
        return (
            (Press(EMERGENCY_ROW, self.codes.encode(urgent)),),
            (Press(self._word(LEAVE_LABEL, state), LEAVE),),
        )

    def _word(self, word: str, state: State) -> str:
        return self.ground.catalogue.translate(state.language, INTERFACE, word)


FAILSAFE_ROWS = ((Press(EMERGENCY_ROW, FAILSAFE),), (Press(LEAVE_LABEL, LEAVE),))


def _answering(show: Show, unread: Part) -> Show:
    """The screen with « personne n'a lu » said first, once."""
    said = {part.response for part in show.parts}
    return show if unread.response in said else replace(show, parts=(unread, *show.parts))


def _choice_named(text: str, here: Show) -> tuple[tuple[str, str], ...]:
    """What the button whose title is the whole message sets; nothing where there is none."""
    said = words_of(text)
    for _, button in here.offers:
        if isinstance(button.payload, SetSlots) and said and words_of(button.title) == said:
            return button.payload.slots
    return ()


def _place_button(slot: str, place: Place) -> Button:
    payload = SetSlots(((slot, place.code),))
    title = f"{place.name} ({place.departement})" if place.insee else f"{place.name}, département"
    return Button(title, payload, f"/SetSlots({slot}={place.code})", NOWHERE, NOWHERE)
