"""One turn of one conversation: something happened in, a screen out.

Nothing is kept between turns: whoever calls brings the state, from the button or from the live
screen's memory. Whatever breaks, the person gets the emergency numbers. What typed words mean is
decided in `bot.meaning`.
"""

import copy
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ParamSpec, TypeVar

from bot.catalogue import Catalogue
from bot.commands import EXITS, FLOWS, command_in
from bot.commands import START as START_COMMAND
from bot.meaning import (
    ButtonMeant,
    DangerMeant,
    LineMeant,
    Meaning,
    PlaceMeant,
    Reader,
    SubjectMeant,
    Unknown,
)
from bot.reading.problem import Span
from bot.referral.actions import RunAction
from bot.referral.directory import Directory
from bot.referral.helpline import Register
from bot.referral.office import Point
from bot.referral.place import Choices, Found, Place
from bot.triage import failsafe, words
from bot.triage.engine import Part, Returned, Run, Show, State, after, answered, replay, start
from bot.triage.failsafe import EMERGENCY_ROW
from bot.triage.flow import (
    EMERGENCY,
    LANGUAGE_CHOICE,
    PLACE_SLOT,
    PLACES,
    START,
    Bundle,
    Button,
    SetSlots,
)
from bot.triage.screen import COVER, LEAVE, UNKNOWN_INSTALLATION, Key, Press, Renderer, Screen
from bot.triage.texts import CHOICES_LIMIT
from bot.triage.token import LANGUAGES, Codebook
from bot.triage.translation import SOURCE
from bot.triage.understand import Understanding

log = logging.getLogger(__name__)

LANGUAGE_LABEL = "Langue · Language"  # for whoever does not read the language of the screen
FAILSAFE = {  # data of the fail-safe screen's own row, by language; no token is that short
    language: f"u{letter}" for language, letter in LANGUAGES.items()
}
ACTIONS_LIMIT = 8  # actions on one path; a real one has one or two
NOWHERE = Span("conversation")

Clock = Callable[[], datetime]
Arguments = ParamSpec("Arguments")
Default = TypeVar("Default")


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
    installation: Mapping[str, str] = field(default_factory=lambda: UNKNOWN_INSTALLATION)


class Conversation:
    """Turns of any number of conversations; holds nothing of any of them."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        """Made once a load; `clock` gives moments that know their time zone."""
        self.ground = ground
        self.bundle = ground.bundle
        self.clock = clock
        self.codes = Codebook(ground.bundle)
        self.reader = Reader(Understanding(ground.bundle), ground.register, ground.directory)
        self.renderer = Renderer(self.codes, ground.catalogue, ground.register, ground.installation)

    def with_clock(self, clock: Clock) -> "Conversation":
        """The same conversation at another time."""
        other = copy.copy(self)
        other.clock = clock
        return other

    def say(self, word: str, language: str) -> str:
        """One of the program's own words (`bot.triage.words`) in a language."""
        return self.renderer.say(word, language)

    def language(self, client_code: str | None) -> str:
        """The language to serve a client whose own is `client_code`."""
        return self.ground.catalogue.served(client_code)

    def spoken(self, data: str) -> str | None:
        """The language that a button's data carries; None where it is no token."""
        state = self.codes.decode(data) if self.codes.names_a_flow(data) else None
        return self._served(state.language, None) if state else None

    def greeting(self, language: str, payload: str = "") -> Shown:
        """The neutral first message, the only one that is sent; « Continuer » leads on.

        A deep link's token goes along in its buttons; any other word is none, whatever language its
        first letter would stand for.
        """
        state = self._linked(payload, language)
        others = start(self.bundle, LANGUAGE_CHOICE, state)
        rows = (
            (Press(self.say(words.CONTINUE, state.language), self.codes.encode(state)),),
            (Press(LANGUAGE_LABEL, self.codes.encode(others)),),
        )
        text = self.renderer.text_of("utter_bonjour", state.language)
        if not self.ground.catalogue.reviewed(state.language):
            text = f"{text} {self._unreviewed(state.language)}"
        return Shown(Screen(text, (*rows, *self._foot(state))), state)

    async def press(self, data: str, language: str = SOURCE) -> Shown:
        """What a button leads to; any string at all, the first screen where it is no token.

        `language` is that of a press which carries none that is served.
        """
        for spoken, row in FAILSAFE.items():
            if data == row:
                return await self.begin(EMERGENCY, None, self._served(spoken, language))
        state = self._pressed(data, language) or State(language)
        return await self._safely(state.language, self._arrive, state)

    async def typed(self, text: str, state: State | None, language: str) -> Reply:
        """What a typed message or a command leads to, from where the person stands."""
        state = state or State(language)
        command, payload = command_in(text)
        if command in EXITS or self.reader.leaving(text):
            return Left()
        if command == START_COMMAND:
            return self.greeting(language, payload)
        if command in FLOWS:
            return await self.begin(FLOWS[command], state, language)
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
        resume = Press(self.say(words.RESUME, state.language), self.codes.encode(state))
        cover = self.renderer.text_of(COVER, state.language)
        return Screen(cover, ((resume,), *self._foot(state)))

    def emergency(self, language: str) -> Shown:
        """The fail-safe screen: constants, so that nothing can keep it from being shown."""
        listening = failsafe.listening_text(language)
        text = f"{failsafe.emergency_text(language)}\n\n{listening}"
        urgent = Press(EMERGENCY_ROW, FAILSAFE.get(language, FAILSAFE[SOURCE]))
        leave = Press(failsafe.leave_label(language), LEAVE)
        return Shown(Screen(text, ((urgent,), (leave,))), State(language))

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
        screen = self.renderer.render(show, self.clock())
        if show.state.flow == LANGUAGE_CHOICE and show.asks:
            unread = map(self._unreviewed, self._not_reviewed())
            screen = replace(screen, text="\n\n".join([screen.text, *unread]))
        return Shown(screen, show.state, show)

    def _not_reviewed(self) -> list[str]:
        catalogue = self.ground.catalogue
        return [one for one in catalogue.languages if not catalogue.reviewed(one)]

    def _unreviewed(self, language: str) -> str:
        """Said where a language is begun or chosen, until somebody of the field has read it."""
        return self.renderer.text_of("utter_non_relu", language)

    async def _read(self, text: str, state: State) -> Shown:
        here = await self._resolve(state)
        place = self._asks_place(here)
        return await self._meant(self.reader.meaning(text, self._titles(here), place=place), here)

    async def _meant(self, meaning: Meaning, here: Show) -> Shown:
        match meaning:
            case LineMeant():
                return self._card(meaning, here)
            case PlaceMeant(found):
                return await self._placed(found, here)
            case DangerMeant():
                return await self._danger(here)
            case ButtonMeant(button):
                state = after(self.bundle, here, button.payload)
                return await self._answer(state or here.state)
            case SubjectMeant(flow):
                return await self._answer(start(self.bundle, flow, here.state, here.slots))
            case Unknown():
                unknown = "utter_lieu_inconnu" if self._asks_place(here) else "utter_pas_compris"
                return self._shown(self._over(here, unknown))

    def _titles(self, here: Show) -> tuple[tuple[str, Button], ...]:
        """The screen's buttons by their titles, as they are read there."""
        return tuple(
            (self.renderer.label(response, button, here.state.language), button)
            for response, button in here.offers
            if not self.renderer.hidden(button)
        )

    def _card(self, meant: LineMeant, here: Show) -> Shown:
        shown = self._over(here, "utter_ligne", (("carte", meant.line),))
        if meant.departement is None:
            return self._shown(shown)
        target = start(self.bundle, PLACES, here.state, here.slots)
        target = answered(target, ((PLACE_SLOT, meant.departement.code),))
        screen = self.renderer.render(shown, self.clock())
        label = self.say(words.DEPARTEMENT, here.state.language)
        label = label.format(numero=meant.departement.departement)
        row: tuple[Key, ...] = (Press(label, self.codes.encode(target)),)
        return Shown(Screen(screen.text, (row, *screen.rows)), shown.state, shown)

    async def _danger(self, here: Show) -> Shown:
        urgent = await self._resolve(start(self.bundle, EMERGENCY, here.state, here.slots))
        shown = self._shown(_answering(urgent, self._unread()))
        return replace(shown, bare=Screen(failsafe.BARE_TEXT, self._foot(here.state)))

    async def _located(self, point: Point, state: State) -> Shown:
        here = await self._resolve(state)
        place = self.ground.directory.places.here(point)
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
        buttons = tuple(self._place_button(slot, place, here) for place in several)
        asked = self._over(here, "utter_quel_lieu")
        unread, which = asked.parts
        return replace(asked, parts=(unread, replace(which, buttons=buttons)))

    async def _noticed(
        self, response: str, state: State, choices: tuple[tuple[str, str], ...]
    ) -> Shown:
        shown = self._over(await self._resolve(state), response)
        shown = replace(shown, parts=shown.parts[-1:])
        screen = self.renderer.render(shown, self.clock())
        rows = tuple((Press(self.say(label, state.language), data),) for label, data in choices)
        return Shown(Screen(screen.text, (*rows, *screen.rows)), state, shown)

    def _place_button(self, slot: str, place: Place, here: Show) -> Button:
        title = f"{place.name} ({place.departement})"
        if not place.insee:
            title = self.say(words.WHOLE_DEPARTEMENT, here.state.language).format(nom=place.name)
        payload = SetSlots(((slot, place.code),))
        return Button(title, payload, f"/SetSlots({slot}={place.code})", NOWHERE, NOWHERE)

    def _over(self, here: Show, response: str, arguments: tuple[tuple[str, str], ...] = ()) -> Show:
        """A fixed response instead of the screen's own parts; Retour leads back to that screen."""
        part = self._part(response, arguments)
        return replace(here, parts=(self._unread(), part), previous=here.state, outcome=False)

    def _linked(self, payload: str, language: str) -> State:
        """The state of a deep link's token, else the first one in the client's language."""
        named = self._pressed(payload, language) if self.codes.names_a_flow(payload) else None
        return named or State(language)

    def _pressed(self, data: str, language: str) -> State | None:
        """The state of a token, in a language that is served; None where it is no token."""
        state = self.codes.decode(data)
        return state and replace(state, language=self._served(state.language, language))

    def _served(self, spoken: str, otherwise: Default) -> str | Default:
        return spoken if spoken in self.ground.catalogue.languages else otherwise

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
            (Press(self.say(words.LEAVE, state.language), LEAVE),),
        )


def _answering(show: Show, unread: Part) -> Show:
    """The screen with « personne n'a lu » said first, once."""
    said = {part.response for part in show.parts}
    return show if unread.response in said else replace(show, parts=(unread, *show.parts))
