"""Leaving: by button, command or word, by itself after a while, and what happens to photos."""

import asyncio

import pytest

from tests.telegram_server import TelegramServer
from tests.test_telegram_support import NEUTRAL, Relais, at_home, running, telegram, telling

QUARTER = 15 * 60
HOUR = 60 * 60


@pytest.mark.parametrize(
    "way", ["✕ Sortir", "/quitter", "/sortir", "/EXIT", "/stop", "/q", "/quit"]
)
async def test_leaving_leaves_an_empty_chat_and_sends_nothing(way: str):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        sent = len(camille.chat.sent)
        await (camille.type(way) if way.startswith("/") else camille.tap(way))
        assert camille.chat_is_empty()
        assert len(camille.chat.sent) == sent


async def test_leaving_by_a_word_leaves_an_empty_chat():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.type("sortir")
        assert camille.chat_is_empty()


async def test_leaving_says_nothing_over_the_screen():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("✕ Sortir")
        assert camille.toasts == []
        assert len(camille.chat.answers) == 1


async def test_leaving_tells_the_conversation_nothing():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("✕ Sortir")
        await camille.type("/quitter")
        assert relais.talk.heard == []


async def test_leaving_forgets_everything():
    """What is typed afterwards is the first word of somebody unknown."""
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap_raw(camille.screen().id, "couple")
        await camille.tap("✕ Sortir")
        await camille.type("bonjour")
        assert relais.talk.heard[-1] == ("typed", "bonjour", None, "fr")


async def test_the_button_is_complete_for_a_bot_that_has_just_restarted():
    async with telegram() as server:
        camille = server.person()
        async with running(server):
            await camille.start()
        async with running(server):
            await camille.tap("✕ Sortir")
            assert camille.chat_is_empty()


async def test_the_button_takes_a_newer_screen_along():
    async with at_home() as relais:
        camille = relais.server.person()
        camille.chat.started = True
        older = await relais.bot.send_message(camille.id, "Un ancien écran")
        await camille.start()
        await camille.tap_raw(older.message_id, "_s")
        assert camille.chat_is_empty()


async def test_leaving_twice_is_as_good_as_once():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        message = camille.screen().id
        await camille.tap_raw(message, "_s")
        await camille.tap_raw(message, "_s")
        assert camille.chat_is_empty()
        assert len(camille.chat.sent) == 1


async def test_a_screen_too_old_to_be_deleted_is_left_without_words_or_buttons():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        relais.server.clock.advance(hours=49)
        await camille.tap("✕ Sortir")
        assert camille.sees == "…"


async def test_one_message_too_old_does_not_keep_the_others_in_the_chat():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.clock.advance(hours=49)
        await camille.send_photo()
        await camille.type("/quitter")
        assert camille.sees == "…"


async def test_a_command_after_a_restart_takes_away_what_it_can_reach():
    async with telegram() as server:
        camille = server.person()
        await _left_over(server, camille, 3)
        async with running(server):
            await camille.type("/quitter")
            assert camille.chat_is_empty()
            assert len(_deletions(camille)) == 1
            assert len(_deletions(camille)[0].params["message_ids"]) == 100


async def test_a_word_after_a_restart_takes_away_what_it_can_reach():
    async with telegram() as server:
        camille = server.person()
        await _left_over(server, camille, 2)
        async with running(server):
            await camille.type("sortir")
            assert camille.chat_is_empty()


async def test_after_a_restart_an_old_message_costs_a_few_calls_at_most():
    """Its batch is refused and halved: what is newer goes, within 8 calls."""
    async with telegram() as server:
        camille = server.person()
        await _left_over(server, camille, 1)
        server.skip_message_ids(60)
        server.clock.advance(hours=49)
        await _left_over(server, camille, 2)
        async with running(server):
            await camille.type("/quitter")
            assert len(camille.chat.visible) == 1
            assert len(_deletions(camille)) <= 8
            assert len(camille.chat.sent) == 3


async def test_the_sweep_of_the_very_first_messages_asks_for_no_impossible_ids():
    async with telegram(first_message_id=1) as server:
        camille = server.person()
        async with running(server):
            await camille.type("/quitter")
            assert camille.chat_is_empty()


async def test_leaving_takes_nothing_from_others():
    async with telegram() as server:
        camille, louise = server.person(), server.person("Louise")
        async with running(server):
            await louise.start()
            await camille.type("/quitter")
            assert louise.screen().text == NEUTRAL


async def test_a_screen_goes_by_itself_a_quarter_of_an_hour_after_the_last_act():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.timer.advance(QUARTER - 1)
        await camille.tap("Continuer")
        await _time_passes(relais, QUARTER - 1)
        assert camille.screen().text == telling("menu")
        relais.timer.advance(1)
        await relais.server.until(camille.chat_is_empty)


async def test_how_long_a_screen_stays_can_be_set():
    async with at_home(lasts=60.0) as relais:
        camille = relais.server.person()
        await camille.start()
        relais.timer.advance(61)
        await relais.server.until(camille.chat_is_empty)


async def test_a_screen_that_she_keeps_stays_for_an_hour():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        await camille.tap("Garder 1 heure")
        assert camille.toasts[-1] == "Gardé 1 heure"
        await _time_passes(relais, HOUR - 1)
        assert camille.screen().text == telling("menu")
        relais.timer.advance(1)
        await relais.server.until(camille.chat_is_empty)


async def test_the_screen_after_a_kept_one_lasts_as_long_as_any_other():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        await camille.tap("Garder 1 heure")
        await camille.tap("Violences")
        relais.timer.advance(QUARTER)
        await relais.server.until(camille.chat_is_empty)


async def test_typing_on_a_kept_screen_still_means_that_screen():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap_raw(camille.screen().id, "couple")
        await camille.tap("Garder 1 heure")
        await camille.type("il est là")
        assert relais.talk.heard[-1][2].flow == "couple"


async def test_a_screen_goes_early_where_too_many_people_are_there_at_once():
    async with at_home(chats=2) as relais:
        people = [relais.server.person(name) for name in ("Camille", "Louise", "Inès")]
        for person in people:
            await person.start()
        await relais.server.until(people[0].chat_is_empty)
        assert [person.chat_is_empty() for person in people] == [True, False, False]


# Photos, voices, documents


@pytest.mark.parametrize("what", ["send_photo", "send_voice", "send_document"])
async def test_what_may_be_a_proof_is_not_deleted_and_she_is_asked(what: str):
    async with at_home() as relais:
        camille = relais.server.person()
        proof = await getattr(camille, what)()
        assert proof in camille.chat.visible
        assert camille.screen().text == telling("utter_photo_recue")
        assert camille.screen().labels[:2] == ["Effacer", "Laisser"]


async def test_a_photo_that_she_erases_is_gone():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.send_photo()
        await camille.tap("Effacer")
        assert [message.text for message in camille.chat.visible] == [telling("menu")]


async def test_leaving_takes_a_photo_along():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.send_photo()
        await camille.tap("17 · 112 · 114")
        await camille.tap("✕ Sortir")
        assert camille.chat_is_empty()


async def test_leaving_takes_a_photo_along_right_after_a_restart():
    """The screen that asks about it names it in its own buttons."""
    async with telegram() as server:
        camille = server.person()
        async with running(server) as first:
            photo = await camille.send_photo()
            asking = camille.screen()
        assert "Reprendre" in camille.screen().labels
        await first.bot.edit_message_text(
            asking.text, chat_id=camille.id, message_id=asking.id, reply_markup=asking.markup
        )
        await first.bot.session.close()
        async with running(server):
            assert photo in camille.chat.visible
            await camille.tap("✕ Sortir")
            assert camille.chat_is_empty()


@pytest.mark.parametrize("way", ["✕ Sortir", "/quitter"])
async def test_a_photo_that_she_wants_to_stay_outlives_her_leaving(way: str):
    async with at_home() as relais:
        camille = relais.server.person()
        photo = await camille.send_photo()
        await camille.tap("Laisser")
        assert camille.screen().text == telling("menu")
        await (camille.type(way) if way.startswith("/") else camille.tap(way))
        assert camille.chat.visible == [photo]


async def test_a_photo_stays_when_the_screen_goes_by_itself():
    async with at_home() as relais:
        camille = relais.server.person()
        photo = await camille.send_photo()
        relais.timer.advance(QUARTER)
        await relais.server.until(lambda: camille.chat.from_bot == [])
        assert camille.chat.visible == [photo]


@pytest.mark.parametrize("choice", ["Effacer", "Laisser"])
async def test_after_the_question_about_a_photo_she_is_where_she_was(choice: str):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap_raw(camille.screen().id, "couple")
        await camille.send_photo()
        await camille.tap(choice)
        assert camille.screen().text == telling("couple")


async def test_an_album_is_asked_about_once_and_erased_together():
    async with at_home() as relais:
        camille = relais.server.person()
        for _ in range(3):
            await camille.send_photo(media_group_id="12345")
        assert [call[:2] for call in relais.talk.heard] == [("notice", "utter_photo_recue")]
        await camille.tap("Effacer")
        assert [message.text for message in camille.chat.visible] == [telling("menu")]


async def test_erasing_one_photo_does_not_erase_another_one():
    async with at_home() as relais:
        camille = relais.server.person()
        first = await camille.send_photo()
        await camille.send_photo()
        await camille.tap("Effacer")
        assert first in camille.chat.visible


async def test_two_photos_are_both_taken_along():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.send_photo()
        await camille.send_voice()
        await camille.type("/quitter")
        assert camille.chat_is_empty()


async def _left_over(server: TelegramServer, person, count: int) -> None:
    """Messages of the bot from before, of which nothing is remembered."""
    person.chat.started = True
    async with running(server) as before:
        for number in range(count):
            await before.bot.send_message(person.id, f"Un ancien écran {number}")


async def _time_passes(relais: Relais, seconds: float) -> None:
    """Long enough for the bot to look at what is over."""
    relais.timer.advance(seconds)
    await asyncio.sleep(0.1)
    await relais.server.settled()


def _deletions(person) -> list:
    return [call for call in person.chat.history if call.method.startswith("deleteMessage")]
