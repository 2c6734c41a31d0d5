"""What a flow's action gives back: exactly what its signature says, and nothing about anybody."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.events import Restarted, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.referral import actions
from bot.referral.actions import ActionRefusedError, NearestOffices, RunAction, in_process
from bot.referral.directory import Directory, open_directory
from bot.referral.saying import zone
from bot.referral.signatures import NEAREST, OTHERS, SIGNATURES, ZONE
from bot.referral.tables import OFFICES, built_name
from bot.triage.engine import Returned, Run, State
from bot.triage.failsafe import NUMBERS
from tests.ground import (
    CIDFF_94,
    bundle,
    communes,
    conversation,
    departements,
    directory,
    ground,
    offices,
    said,
    tables,
)

SOMEBODY = {  # an office or a service that a person can call
    "utter_bureau", "utter_bureau_sans_adresse", "utter_bureau_sans_date", "utter_bureau_tribunal",
    "utter_service", "utter_services_mairie",
}  # fmt: skip
# What nowhere in France is said as long as no official directory was imported and no local pack
# has an address; `test_saying` shows how each of them is.
NOT_YET = {"utter_police", "utter_acces_droit", "utter_service_adresse",
           "utter_services_mairie_sans_numero"}  # fmt: skip
Does = Callable[[CollectingDispatcher, Tracker, Any], Awaitable[list[Any]]]
CACHAN = Run(NEAREST, {"lieu": "C94016"})


async def near(code: str, action: str = NEAREST) -> Returned:
    return await ground().run_action(Run(action, {"lieu": code}))


@cache
def codes() -> tuple[str, ...]:
    """Every département, its first commune, every 160th one, all of the Val-de-Marne, France."""
    whole = [f"D{row['code']}" for row in departements()]
    first = {row["departement"]: f"C{row['insee']}" for row in reversed(communes())}
    packed = [f"C{row['insee']}" for row in communes() if row["departement"] == "94"]
    some = [f"C{row['insee']}" for row in communes()[::160]]
    return (*whole, *first.values(), *packed, *some, "F", "C00000")


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str], Returned]:
    """What each action gives back, by its name and the code of the place."""

    async def all_of_them() -> dict[tuple[str, str], Returned]:
        return {(name, code): await near(code, name) for name in SIGNATURES for code in codes()}

    return asyncio.run(all_of_them())


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch):
    """The action doing something else, through the very executor that runs the real one."""

    def replace(does: Does) -> RunAction:
        async def run(_: object, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
            return await does(dispatcher, tracker, domain)

        monkeypatch.setattr(NearestOffices, "run", run)
        return in_process(directory())

    return replace


# The signature that `relais check` trusts


def told_by(action: str) -> dict[str, set[frozenset[str]]]:
    """Each response that the signature names, with the names of its values."""
    told: dict[str, set[frozenset[str]]] = {}
    for case in SIGNATURES[action].cases:
        for response, arguments in case.says:
            told.setdefault(response, set()).add(frozenset(dict(arguments)))
    return told


def test_an_action_says_only_what_its_signature_says_with_exactly_those_values(
    answers: dict[tuple[str, str], Returned],
):
    for (action, code), returned in answers.items():
        for response, arguments, buttons in returned.says:
            assert frozenset(dict(arguments)) in told_by(action)[response]
            empty = {name for name, value in arguments if not value}
            assert empty <= {"horaires"} or code == "C00000", response
            assert buttons == ()


def test_what_a_signature_says_does_happen_somewhere_in_france(
    answers: dict[tuple[str, str], Returned],
):
    uttered = {one[0] for returned in answers.values() for one in returned.says}
    assert set(told_by(NEAREST)) | set(told_by(OTHERS)) == uttered | NOT_YET
    assert not uttered & NOT_YET


def test_the_zone_of_the_place_is_told_as_the_signature_promises(
    answers: dict[tuple[str, str], Returned],
):
    promised = {case.slots for case in SIGNATURES[NEAREST].cases}
    for (action, code), returned in answers.items():
        if action == OTHERS:
            assert returned.slots == ()
            continue
        assert returned.slots in promised
        found = directory().proposal(code)
        home = found.place.departement if found else ""
        assert returned.slots == ((ZONE, zone(home)),)


def test_a_signature_says_there_is_somebody_to_turn_to_only_where_there_is(
    answers: dict[tuple[str, str], Returned],
):
    for case in SIGNATURES[NEAREST].cases:
        assert case.contact == bool(SOMEBODY & {name for name, _ in case.says})
    for (action, _), returned in answers.items():
        if action == NEAREST:
            named = {one[0] for one in returned.says}
            assert bool(named & SOMEBODY) == ("utter_aucun_bureau" not in named)


async def test_an_action_reads_the_slots_of_its_signature_and_no_other():
    slots = dict.fromkeys(bundle().slots) | {"lieu": "C94016", "sans_voix": "oui"}
    assert SIGNATURES[NEAREST].reads == ("lieu",)
    assert await ground().run_action(Run(NEAREST, slots)) == await near("C94016")


def test_every_response_that_an_action_may_utter_is_written_by_the_volunteers():
    for signature in SIGNATURES.values():
        for case in signature.cases:
            assert {name for name, _ in case.says} <= set(bundle().responses)


# What a person is told


async def test_a_person_in_cachan_is_told_her_towns_services_two_doors_and_how_old_a_number_is():
    returned = await near("C94016")
    assert [one[0] for one in returned.says] == [
        "utter_lieux_titre",
        "utter_service",
        "utter_services_mairie",
        "utter_bureau",
        "utter_bureau_sans_adresse",
        "utter_numero_ancien",
        "utter_numero_dispute",
    ]
    assert dict(returned.says[0][1]) == {"lieu": "Cachan"}
    assert dict(returned.says[1][1])["telephone"] == "+33189119494"
    through = dict(returned.says[2][1])
    assert (through["source"], through["date"]) == ("la Ville", "2020")
    assert through["noms"].split(", ")[0] == "Tremplin 94"
    assert dict(returned.says[3][1])["nom"] == "CIDFF du Val-de-Marne"
    assert dict(returned.says[5][1]) == {"date": "2022-01"}


async def test_the_court_desk_and_her_town_hall_wait_on_the_second_screen():
    returned = await near("C94016", OTHERS)
    assert [one[0] for one in returned.says][:2] == ["utter_bureau_tribunal", "utter_mairie"]
    hall = dict(returned.says[1][1])
    assert hall["commune"] == "Cachan"
    assert hall["telephone"].startswith("+331")


async def test_a_person_near_no_office_is_told_so_with_the_name_of_her_place():
    returned = await near("D988")
    assert [(one[0], dict(one[1])) for one in returned.says] == [
        ("utter_aucun_bureau", {"lieu": "Nouvelle-Calédonie"})
    ]


async def test_a_place_that_is_no_more_gives_no_office_and_no_fault():
    """A button in a chat that is older than a merger of communes."""
    assert [one[0] for one in (await near("C00000")).says] == ["utter_aucun_bureau"]
    assert [one[0] for one in (await near("C00000", OTHERS)).says] == ["utter_aucun_autre_lieu"]


async def test_of_a_place_that_is_no_more_nothing_is_said_with_a_hole_in_it():
    """« Ce programme ne connaît pas de lieu d'aide près de : . »"""
    for action in SIGNATURES:
        for _, arguments, _ in (await near("C00000", action)).says:
            assert all(value for _, value in arguments)


async def test_the_day_decides_whether_a_number_is_old(tmp_path: Path):
    data = tables(tmp_path / "data", offices=[CIDFF_94 | {"confirmed_on": "2026-10"}])
    known = open_directory(data, tmp_path / "cache")
    for today, last in (
        (date(2027, 10, 30), "utter_bureau"),
        (date(2027, 10, 31), "utter_numero_ancien"),
    ):
        returned = await in_process(known, lambda today=today: today)(CACHAN)
        said = [
            one[0] for one in returned.says if one[0] in ("utter_bureau", "utter_numero_ancien")
        ]
        assert said[-1] == last


async def test_a_person_is_served_by_the_emergency_numbers_where_all_of_the_directory_is_broken(
    tmp_path: Path,
):
    """Its file under the running bot, and the data that it would be built from."""
    data, cache = tables(tmp_path / "data"), tmp_path / "cache"
    known = open_directory(data, cache)
    (data / OFFICES).write_text("rien", encoding="utf-8")
    (cache / built_name(data)).unlink(missing_ok=True)
    known.close()  # as any other fault of the file that serves
    talk = conversation(directory=known, run_action=in_process(known))
    shown = await talk.typed("Cachan", State("fr", "lieu"), "fr")
    for number in NUMBERS.values():
        assert number in shown.screen.text


async def test_the_address_of_a_shelter_is_never_told(answers: dict[tuple[str, str], Returned]):
    hidden = {row["name"] for row in offices() if row["address_public"] == "masquee"}
    assert len(hidden) == 16
    seen = set()
    for returned in answers.values():
        for response, arguments, _ in returned.says:
            name = dict(arguments).get("nom")
            if name in hidden and response != "utter_numero_dispute":
                seen.add(name)
                assert response == "utter_bureau_sans_adresse"
                assert "adresse" not in dict(arguments)
    assert len(seen) > 5


# What never passes


async def test_an_action_does_not_learn_who_asks_nor_what_was_typed(replaced):
    seen: list[Tracker] = []

    async def listen(dispatcher: object, tracker: Tracker, domain: Any) -> list[Any]:
        seen.append(tracker)
        assert domain
        return []

    talk = conversation(run_action=replaced(listen))
    await talk.typed("Je m'appelle Zéphyrine et j'habite à Cachan", None, "fr")
    await talk.typed("j'habite à Cachan", None, "fr")
    assert [tracker.slots["lieu"] for tracker in seen] == ["C94016"]
    tracker = seen[0]
    assert (tracker.sender_id, tracker.latest_message, tracker.events) == ("", {}, [])


async def test_only_codes_reach_an_action_whatever_was_typed():
    seen: list[Run] = []

    async def listen(wanted: Run) -> Returned:
        seen.append(wanted)
        return await ground().run_action(wanted)

    talk = conversation(run_action=listen)
    state = State("fr", "lieu")
    for typed in ("j'habite à Cachan", "94230", "Paris 11", "le 94", "la réunion", "zzz", "aide"):
        await talk.typed(typed, state, "fr")
    assert seen
    for wanted in seen:
        assert set(wanted.slots) == set(bundle().slots)
        for name, value in wanted.slots.items():
            assert value is None or bundle().slots[name].accepts(value)


async def test_a_sentence_is_refused(replaced):
    async def chatter(dispatcher: CollectingDispatcher, *_: object) -> list[Any]:
        dispatcher.utter_message(text="Appelez le 3020.")
        return []

    with pytest.raises(ActionRefusedError):
        await replaced(chatter)(CACHAN)


async def test_a_sentence_beside_a_response_is_refused_too(replaced):
    async def chatter(dispatcher: CollectingDispatcher, *_: object) -> list[Any]:
        dispatcher.utter_message(text="Ne vous en faites pas.", response="utter_aucun_bureau")
        return []

    with pytest.raises(ActionRefusedError):
        await replaced(chatter)(CACHAN)


async def test_any_event_but_a_slot_is_refused(replaced):
    async def restart(*_: object) -> list[Any]:
        return [Restarted()]

    with pytest.raises(ActionRefusedError):
        await replaced(restart)(CACHAN)


async def test_a_button_that_does_what_no_button_may_is_refused(replaced):
    async def offer(dispatcher: CollectingDispatcher, *_: object) -> list[Any]:
        button = {"title": "Ici", "payload": "https://example.org"}
        dispatcher.utter_message(response="utter_aucun_bureau", lieu="Cachan", buttons=[button])
        return []

    with pytest.raises(ActionRefusedError):
        await replaced(offer)(CACHAN)


async def test_slots_and_choices_from_data_come_through(replaced):
    async def choose(dispatcher: CollectingDispatcher, *_: object) -> list[Any]:
        button = {"title": "Cachan", "payload": "/SetSlots(lieu=C94016)"}
        dispatcher.utter_message(response="utter_aucun_bureau", lieu="Cachan", buttons=[button])
        return [SlotSet("lieu", "C94016")]

    returned = await replaced(choose)(CACHAN)
    assert returned.slots == (("lieu", "C94016"),)
    (said_by_it,) = returned.says
    assert said_by_it[:2] == ("utter_aucun_bureau", (("lieu", "Cachan"),))
    assert [button.title for button in said_by_it[2]] == ["Cachan"]


async def stuck(*_: object) -> list[Any]:
    await asyncio.sleep(60)
    return []


async def failing(*_: object) -> list[Any]:
    raise LookupError("Zéphyrine")


async def chattering(dispatcher: CollectingDispatcher, *_: object) -> list[Any]:
    dispatcher.utter_message(text="Zéphyrine")
    return []


@pytest.mark.parametrize("run", [stuck, failing, chattering])
async def test_whatever_an_action_does_a_person_gets_the_emergency_numbers(
    replaced, monkeypatch: pytest.MonkeyPatch, run: Any
):
    """Stuck for over a second, failing, or saying what it may not."""
    monkeypatch.setattr(actions, "TIME_LIMIT", 0.01)
    talk = conversation(run_action=replaced(run))
    shown = await talk.typed("Cachan", State("fr", "lieu"), "fr")
    assert said(shown) == []
    for number in NUMBERS.values():
        assert number in shown.screen.text
    assert "Zéphyrine" not in shown.screen.text


async def test_a_stuck_action_is_given_up_after_its_time(replaced, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(actions, "TIME_LIMIT", 0.01)
    with pytest.raises(TimeoutError):
        await replaced(stuck)(CACHAN)
    assert actions.TIME_LIMIT < 60


# Beside this process


@pytest.fixture
def server() -> ActionExecutor:
    """What `python -m rasa_sdk --actions bot.referral.actions` does with that name."""
    executor = ActionExecutor()
    executor.register_package("bot.referral.actions")
    return executor


async def test_an_action_server_finds_the_same_actions_and_they_answer_the_same(
    server: ActionExecutor,
):
    assert set(server.actions) == set(SIGNATURES)
    call = {
        "next_action": NEAREST,
        "domain": {"actions": [NEAREST]},
        "tracker": {"sender_id": "", "slots": {"lieu": "C94016"}, "latest_message": {},
                    "events": [], "paused": False, "latest_action_name": None},
    }  # fmt: skip
    result = await server.run(call)
    assert result is not None
    assert [one["response"] for one in result.responses] == [
        one[0] for one in (await near("C94016")).says
    ]


def test_an_action_without_a_directory_opens_this_checkouts_own(monkeypatch: pytest.MonkeyPatch):
    opened: list[Directory] = []

    def default() -> Directory:
        opened.append(directory())
        return directory()

    monkeypatch.setattr(actions, "default_directory", default)
    action = NearestOffices()
    assert opened == [], "not before it is needed"
    for _ in range(2):
        dispatcher = CollectingDispatcher()
        tracker = Tracker("", {"lieu": "C94016"}, {}, [], False, None, {}, None)
        asyncio.run(action.run(dispatcher, tracker, {}))
        assert dispatcher.messages
    assert len(opened) == 1
