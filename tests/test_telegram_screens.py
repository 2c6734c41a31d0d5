"""One live message: what a person sees as she taps, types and sends things."""

import asyncio

import pytest

from tests.test_telegram_support import BARE, NEUTRAL, Talk, at_home, telling


async def test_starting_gives_one_neutral_silent_message_and_takes_the_command_away():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        assert [message.text for message in camille.chat.visible] == [NEUTRAL]
        assert [call.silent for call in camille.chat.sent] == [True]


async def test_a_poster_leads_through_the_neutral_message_to_its_screen():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start("couple")
        assert camille.screen().text == NEUTRAL
        await camille.tap("Continuer")
        assert camille.screen().text == telling("couple")


async def test_a_tap_edits_the_one_message_and_is_answered():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        first = camille.screen().id
        await camille.tap("Continuer")
        assert (camille.screen().id, camille.screen().text) == (first, telling("menu"))
        assert camille.toasts == ["Écran suivant"]


async def test_the_words_over_a_screen_are_spoken_in_the_language_of_the_screen():
    async with at_home() as relais:
        camille = relais.server.person(language_code="en")
        await camille.start()
        await camille.tap_raw(camille.screen().id, "_k")
        assert camille.toasts == ["Gardé 1 heure (en)"]


async def test_starting_again_leaves_one_message():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.start()
        assert [message.text for message in camille.chat.visible] == [NEUTRAL]


async def test_a_double_tap_changes_nothing_and_both_are_answered():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        message = camille.screen().id
        await asyncio.gather(*(camille.tap_raw(message, "couple") for _ in range(2)))
        assert camille.screen().text == telling("couple")
        assert len(camille.chat.answers) == 2
        assert len(camille.chat.sent) == 1


async def test_an_older_message_that_is_tapped_becomes_the_only_one():
    async with at_home() as relais:
        camille = relais.server.person()
        older = await relais.bot.send_message(await _opened(camille), "Un ancien écran")
        await camille.start()
        await camille.tap_raw(older.message_id, "couple")
        assert camille.screen().id == older.message_id


async def test_a_message_that_telegram_has_lost_is_replaced_by_a_new_one():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        lost = camille.screen().id
        await camille.tap_raw(lost, "couple", lost=True)
        assert camille.screen().id != lost
        assert camille.screen().text == telling("couple")
        assert [call.text for call in camille.chat.sent] == [NEUTRAL, NEUTRAL]


async def test_a_message_that_telegram_has_lost_and_nobody_remembers_goes_too():
    async with at_home() as relais:
        camille = relais.server.person()
        older = await relais.bot.send_message(await _opened(camille), "Un ancien écran")
        await camille.tap_raw(older.message_id, "couple", lost=True)
        assert camille.screen().text == telling("couple")


async def test_a_screen_that_she_deleted_comes_back_in_neutral_words_first():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        camille.delete(camille.screen())
        await camille.type("bonjour")
        assert camille.screen().text == telling("réponse")
        assert [call.text for call in camille.chat.sent] == [NEUTRAL, NEUTRAL]


async def test_a_message_that_cannot_be_edited_gives_way_to_a_new_one():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        old = camille.screen().id
        relais.server.faults.add(
            kind="400", method="editMessageText", text="message can't be edited"
        )
        await camille.tap("Continuer")
        assert camille.screen().id != old
        assert camille.screen().text == telling("menu")


async def test_what_is_sent_is_silent_plain_and_without_preview():
    async with at_home() as relais:
        camille, louise = relais.server.person(), relais.server.person("Louise")
        await camille.start()
        await camille.tap("Continuer")
        await louise.type("j'ai peur")
        for call in relais.server.calls:
            assert "parse_mode" not in call.params
            if call.method in ("sendMessage", "editMessageText"):
                assert call.params["link_preview_options"] == {"is_disabled": True}
            if call.method == "sendMessage":
                assert call.silent
        assert camille.chat.keyboard is None
        assert louise.chat.keyboard is None


async def test_typed_words_are_deleted_and_answered_by_an_edit():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap_raw(camille.screen().id, "couple")
        await camille.type("il est parti")
        assert [message.text for message in camille.chat.visible] == [telling("réponse")]
        words, state, language = relais.talk.heard[-1][1:]
        assert (words, state.flow, language) == ("il est parti", "couple", "fr")
        assert len(camille.chat.sent) == 1


async def test_words_of_danger_without_a_screen_are_answered_by_the_bare_numbers():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.type("j'ai peur")
        assert [message.text for message in camille.chat.visible] == [BARE]
        assert [call.text for call in camille.chat.sent] == [BARE]


async def test_words_of_danger_on_a_screen_are_answered_there():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.type("j'ai peur")
        assert camille.screen().text == telling("urgence")
        assert len(camille.chat.sent) == 1


@pytest.mark.parametrize(
    ("command", "flow"),
    [
        ("/urgence", "urgence"),
        ("/lieu", "lieu"),
        ("/confidentialite", "confidentialite"),
        ("/privacy", "confidentialite"),
        ("/aide", "accueil"),
        ("/AIDE@relais_essai_bot", "accueil"),
    ],
)
async def test_a_command_opens_its_subject_and_goes(command: str, flow: str):
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.type(command)
        assert [message.text for message in camille.chat.visible] == [telling(flow)]
        assert relais.talk.heard == [("begin", flow, None)]


async def test_an_unknown_command_is_read_as_typed_words():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.type("/perdue")
        assert relais.talk.heard[0][:2] == ("typed", "/perdue")
        assert camille.screen().text == telling("réponse")


async def test_a_location_becomes_its_commune_and_is_deleted():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.send_location(48.79, 2.33)
        assert relais.talk.heard == [("location", 48.79, 2.33)]
        assert [message.text for message in camille.chat.visible] == [telling("commune")]


async def test_a_live_location_is_refused_and_deleted():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.send_location(48.79, 2.33, live=True)
        assert relais.talk.heard == [("notice", "utter_position_directe", None)]
        assert [message.text for message in camille.chat.visible] == [
            telling("utter_position_directe")
        ]


@pytest.mark.parametrize("what", ["contact", "send_sticker"])
async def test_what_is_of_no_use_is_deleted_and_said_to_be(what: str):
    async with at_home() as relais:
        camille = relais.server.person()
        await getattr(camille, what)()
        assert [message.text for message in camille.chat.visible] == [telling("utter_pas_compris")]


async def test_what_telegram_writes_in_the_chat_goes_without_a_word():
    async with at_home() as relais:
        camille = relais.server.person()
        timer = {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}
        relais.server.post(camille.chat, camille.user, timer)
        await relais.server.settled()
        assert camille.chat_is_empty()
        assert camille.chat.sent == []


async def test_an_edited_message_is_not_listened_to():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        photo = await camille.send_photo("avant")
        heard = len(relais.talk.heard)
        await camille.edit_message(photo, "après")
        assert len(relais.talk.heard) == heard


async def test_groups_are_left_at_once_without_a_word():
    async with at_home() as relais:
        camille = relais.server.person()
        group = await camille.add_to_group()
        assert not group.bot_inside
        assert {call.method for call in group.history} == {"leaveChat"}
        assert relais.talk.heard == []


async def test_a_bot_that_is_put_out_of_a_group_asks_for_nothing():
    async with at_home() as relais:
        camille = relais.server.person()
        group = relais.server.group(-4_000_000_008)
        relais.server.membership(group, camille.user, "member", "kicked")
        await relais.server.settled()
        assert group.history == []


async def test_a_group_that_was_joined_while_the_bot_was_down_is_left():
    async with at_home() as relais:
        camille = relais.server.person()
        group = relais.server.group(-4_000_000_007)
        group.bot_inside = True
        relais.server.post(group, camille.user, {"text": "/urgence"})
        await relais.server.settled()
        assert not group.bot_inside
        assert relais.talk.heard == []


async def test_a_conversation_that_breaks_shows_the_emergency_screen():
    async with at_home(Talk(breaks=RuntimeError("something"))) as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        assert camille.screen().text == telling("17 112 114 3919")
        assert len(camille.chat.answers) == 1


async def test_a_first_message_that_breaks_gives_way_to_the_emergency_screen():
    talk = Talk()
    talk.greeting = talk.missing  # type: ignore[method-assign]
    async with at_home(talk) as relais:
        camille = relais.server.person()
        await camille.start()
        assert camille.screen().text == telling("17 112 114 3919")


async def test_a_screen_that_telegram_refuses_gives_way_to_the_emergency_screen():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        relais.server.faults.add(kind="400", method="editMessageText", text="BUTTON_URL_INVALID")
        await camille.tap("Continuer")
        assert camille.screen().text == telling("17 112 114 3919")


async def test_any_data_at_all_shows_a_screen():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        for data in ("_e", "_exx", "_z", "\x00", "é" * 32, "_l" + "9" * 40):
            await camille.tap_raw(camille.screen().id, data)
            assert camille.screen()


async def test_a_person_who_blocked_the_bot_is_forgotten():
    async with at_home() as relais:
        camille = relais.server.person()
        await camille.start()
        await camille.tap("Continuer")
        await camille.block_bot()
        calls = len(relais.server.calls)
        relais.timer.advance(3600)
        await asyncio.sleep(0.1)
        assert len(relais.server.calls) == calls


async def test_somebody_who_blocks_the_bot_in_the_middle_disturbs_nobody():
    async with at_home() as relais:
        camille, louise = relais.server.person(), relais.server.person("Louise")
        await camille.start()
        relais.server.faults.add(kind="blocked", chat_id=camille.id, times=None)
        await camille.tap("Continuer", must_answer=False)
        await louise.start()
        assert louise.screen().text == NEUTRAL
        calls = len(camille.chat.history)
        relais.timer.advance(3600)
        await relais.server.until(louise.chat_is_empty)
        assert len(camille.chat.history) == calls


async def _opened(person) -> int:
    """The id of a chat that the person has opened, for messages from an earlier life of the bot."""
    person.chat.started = True
    return person.id
