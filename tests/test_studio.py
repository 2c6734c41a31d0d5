"""The local page without a browser: what a tab holds, what it tells, and who may come in."""

import asyncio
import socket
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import read_catalogue
from bot.referral.helpline import PARIS
from bot.studio import _listening
from bot.studio.door import Door
from bot.studio.preview import (
    Answer,
    Preview,
    christmas_night,
    known,
    paris_moment,
    paris_text,
    spots,
    towns,
)
from bot.studio.words import PAGES, preferred
from bot.triage.screen import KEEP, LEAVE
from bot.triage.words import KEPT
from tests.ground import LAWS, NOON, ROOT, conversation, data_of, directory, some_states

CHRISTMAS = datetime(2026, 12, 25, 3, tzinfo=PARIS)
NIGHT = datetime(2026, 11, 24, 3, tzinfo=PARIS)
CFCV_OPEN = "Répond jusqu'à"
CFCV_CLOSED = "Fermé. Répond"


def tab(language: str = "fr") -> Preview:
    """A tab that has just been opened."""
    return Preview(conversation(catalogue=read_catalogue(ROOT / "locales")[0]), language)


async def pressing(preview: Preview, *wanted: str) -> Preview:
    """After these buttons, each named by its label."""
    for label in wanted:
        assert preview.shown is not None
        preview = await preview.pressed(data_of(preview.shown.screen, label))
    return preview


async def asking_about_rape() -> Preview:
    choices = ("Continuer", "Oui", "Une autre violence", "Viol, agression sexuelle")
    return await pressing(tab().begun(), *choices)


def text(preview: Preview) -> str:
    assert preview.shown is not None
    return preview.shown.screen.text


# The conversation, as Telegram would have it


def test_a_new_tab_shows_an_empty_chat_and_knows_nothing():
    assert tab().shown is None
    assert known(tab()) is None


async def test_whoever_begins_sees_the_same_screens_as_on_telegram():
    preview = tab().begun()
    assert preview.shown == preview.conversation.greeting("fr")
    data = data_of(preview.shown.screen, "Continuer")
    assert (await preview.pressed(data)).shown == await preview.conversation.press(data)


async def test_leaving_by_button_leaves_nothing():
    preview = await pressing(tab().begun(), "Continuer", "Oui")
    preview = await preview.pressed(LEAVE)
    assert preview.shown is None
    assert known(preview) is None


@pytest.mark.parametrize("words", ["sortir", "/quitter", "exit"])
async def test_leaving_in_words_leaves_nothing(words: str):
    preview = await (await pressing(tab().begun(), "Continuer", "Oui")).typed(words)
    assert preview.shown is None
    assert known(preview) is None


async def test_whoever_left_may_begin_again_in_the_language_they_spoke():
    preview = await (await tab().begun().speaking("en")).pressed(LEAVE)
    assert preview.begun().language == "en"


async def test_keeping_for_an_hour_says_so_once_and_changes_nothing_else():
    before = await asking_about_rape()
    kept = await before.pressed(KEEP)
    assert kept.notice == KEPT
    assert kept.shown == before.shown
    assert (await pressing(kept, "Retour")).notice == ""


async def test_words_are_read_and_not_kept():
    preview = await tab().begun().typed("il me frappe, j'habite 12 rue de la Paix")
    assert "rue de la Paix" not in repr(preview)
    assert preview.shown is not None
    assert preview.shown.state.flow == "urgence"


async def test_a_location_becomes_its_commune():
    (cachan,) = spots("Cachan", directory())
    preview = await tab().begun().located(cachan.point)
    assert "Cachan" in text(preview)
    assert "CIDFF du Val-de-Marne" in text(preview)


# Another hour, another language: the same place


async def test_at_another_hour_a_line_is_closed_and_the_person_stands_where_they_stood():
    before = await asking_about_rape()
    after = await before.at(NIGHT)
    assert CFCV_OPEN in text(before)
    assert CFCV_CLOSED in text(after)
    assert after.shown.state == before.shown.state
    assert text(await after.at(None)) == text(before)


async def test_the_hour_chosen_holds_for_the_screens_that_follow():
    preview = await (await asking_about_rape()).at(NIGHT)
    preview = await pressing(preview, "Retour", "Viol, agression sexuelle")
    assert CFCV_CLOSED in text(preview)


async def test_changing_the_language_keeps_the_place():
    before = await asking_about_rape()
    after = await before.speaking("en")
    assert after.language == after.shown.state.language == "en"
    assert after.shown.state.answers == before.shown.state.answers
    assert text(after) != text(before)
    assert text(await after.speaking("fr")) == text(before)


async def test_an_empty_chat_has_an_hour_and_a_language_too():
    preview = await (await tab().at(CHRISTMAS)).speaking("en")
    assert preview.shown is None
    assert preview.begun().shown.state.language == "en"


async def test_the_greeting_stays_the_greeting():
    preview = await tab().begun().speaking("en")
    assert preview.shown == preview.conversation.greeting("en")


async def test_a_language_chosen_in_the_conversation_is_the_one_being_spoken():
    preview = await pressing(tab().begun(), "Langue · Language", "English")
    assert preview.language == "en"


# What the program knows


async def test_what_is_known_is_what_the_buttons_carry():
    preview = await tab().begun().typed("cachan")
    knows = known(preview)
    assert Answer("lieu", "C94016", "Cachan") in knows.answers
    assert knows.flow == "lieu"
    assert knows.name == preview.conversation.bundle.flows["lieu"].name
    assert preview.conversation.codes.decode(knows.token) == preview.shown.state


async def test_what_is_known_names_the_question_and_the_step_that_asks_it():
    preview = await pressing(tab().begun(), "Continuer", "Oui", "Partenaire ou ex")
    knows = known(preview)
    assert knows.asks == "couple_choix"
    steps = preview.conversation.bundle.flows["couple"].steps
    (asking,) = [one for one in steps if one.id == knows.step]
    assert asking.does.slot == "couple_choix"
    assert not knows.outcome


async def test_a_detour_shows_where_it_leads_back_to():
    preview = await pressing(tab().begun(), "Continuer", "Oui", "Partenaire ou ex")
    preview = await preview.typed("il va me tuer")
    flow, answers = known(preview).back
    assert flow == "couple"
    assert [one.value for one in answers] == ["oui"]


def test_at_every_screen_of_every_flow_what_is_known_fits_in_a_button():
    preview = tab()
    for state in some_states():
        shown = asyncio.run(preview.conversation.press(preview.conversation.codes.encode(state)))
        knows = known(Preview(preview.conversation, "fr", shown=shown))
        assert knows.size == len(knows.token) <= 64
        assert {(one.slot, one.value) for one in knows.answers} == set(shown.state.answers)


# The settings


def test_a_name_of_several_communes_offers_each():
    found = spots("Saint-Denis", directory())
    assert {one.departement for one in found} >= {"93", "974"}


@pytest.mark.parametrize("words", ["94", "zzzz", "", "x" * 500])
def test_what_names_no_commune_has_no_point(words: str):
    assert spots(words, directory()) == ()


def test_every_town_that_is_suggested_is_found():
    lost = [town for town in towns(directory()) if not spots(town, directory())]
    assert lost == []


@LAWS
@given(st.datetimes(*(datetime.fromisoformat(day) for day in ("2020-01-01", "2039-12-31"))))
def test_a_moment_in_paris_is_read_as_it_is_written(moment: datetime):
    written = moment.strftime("%Y-%m-%dT%H:%M")
    shown = paris_text(paris_moment(written))
    assert shown == written or leaps_over(written)


def leaps_over(written: str) -> bool:
    """Whether the clocks of Paris go past this hour: at two, the last Sunday of March."""
    day = datetime.fromisoformat(written)
    return (day.month, day.weekday(), day.hour) == (3, 6, 2) and day.day > 24


async def test_an_hour_that_the_clocks_leap_over_is_the_next_one_and_breaks_nothing():
    moment = paris_moment("2026-03-29T02:30")
    assert paris_text(moment) == "2026-03-29T03:30"
    assert CFCV_CLOSED in text(await (await asking_about_rape()).at(moment))


@pytest.mark.parametrize("words", ["", "demain", "2026-13-45T99:99", "0001-01-01T00:00"])
def test_what_is_no_moment_is_now(words: str):
    assert paris_moment(words) is None


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (NOON, 2026),
        (datetime(2026, 12, 25, 3, 30, tzinfo=PARIS), 2026),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), 2027),
    ],
)
def test_the_night_of_christmas_is_the_next_one(now: datetime, year: int):
    assert christmas_night(now) == datetime(year, 12, 25, 3, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("accepted", "page"),
    [
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("de-DE,de;q=0.9,en;q=0.8", "en"),
        ("pt-BR", "fr"),
        ("", "fr"),
    ],
)
def test_the_page_speaks_english_where_the_browser_prefers_it(accepted: str, page: str):
    assert preferred(accepted) == page


def test_the_conversation_speaks_the_first_language_that_it_has():
    assert preferred("de-DE,de;q=0.9,tr;q=0.8,en;q=0.7", ("fr", "en", "tr")) == "tr"


def test_the_page_says_the_same_things_in_both_languages():
    french, english = vars(PAGES["fr"]), vars(PAGES["en"])
    assert all(french.values())
    assert all(english.values())
    assert len(french["connect_steps"]) == len(english["connect_steps"])


# The door

HERE = "127.0.0.1:8000"


def came(kind: str, path: str = "/fr", **headers: str) -> list[dict]:
    """What is sent to a visitor with these headers; the page behind the door says 200."""
    sent: list[dict] = []

    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    named = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"type": kind, "path": path, "headers": named}
    asyncio.run(Door(page, 8000)(scope, None, send))
    return sent


@pytest.mark.parametrize("host", [HERE, "localhost:8000"])
def test_this_computers_own_browser_comes_in(host: str):
    (first,) = came("http", host=host)
    assert first["status"] == 200
    policy = dict(first["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:80"])
def test_a_foreign_host_is_refused(host: str):
    assert came("http", host=host)[0]["status"] == 403
    assert came("websocket", host=host)[0]["type"] == "websocket.close"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:8000", "http://127.0.0.1:81"]
)
def test_a_page_of_another_site_is_refused(origin: str):
    assert came("http", host=HERE, origin=origin)[0]["status"] == 403
    assert came("websocket", host=HERE, origin=origin)[0]["type"] == "websocket.close"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("what", ["iframe", "script", "empty"])
def test_a_page_of_another_site_cannot_take_it_in(site: str, what: str):
    """Not even one of this computer, at another port, of which a browser names no origin."""
    assert came("http", host=HERE, sec_fetch_site=site, sec_fetch_dest=what)[0]["status"] == 403


@pytest.mark.parametrize("site", ["none", "cross-site"])
def test_whoever_types_the_address_or_follows_a_link_to_it_comes_in(site: str):
    headers = {"sec_fetch_site": site, "sec_fetch_dest": "document"}
    assert came("http", host=HERE, **headers)[0]["status"] == 200


def test_the_pages_own_connection_is_let_through():
    assert came("websocket", host=HERE, origin=f"http://{HERE}")[0]["status"] == 200


@pytest.mark.parametrize("path", ["/nope", "/docs", "/_niceguiX", "/.well-known/anything"])
def test_there_is_nothing_but_the_page(path: str):
    """Not even in the terminal, where an address that is not found would be written."""
    assert came("http", path, host=HERE)[0]["status"] == 404


def test_nobody_is_let_in_without_a_host():
    assert came("http")[0]["status"] == 403


def test_the_bare_address_leads_to_the_page_in_the_browsers_language():
    start = came("http", "/", host=HERE, accept_language="en-GB,en")[0]
    assert start["status"] == 302
    assert dict(start["headers"])[b"location"] == b"/en"


def test_where_the_port_is_taken_the_next_free_one_is():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with _listening(port) as found:
            address, free = found.getsockname()
    assert address == "127.0.0.1"
    assert port < free <= port + 50
