"""What a flow's action gives back: exactly what its signature says, and nothing about anybody."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.events import Restarted, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.referral import actions
from bot.referral.actions import ActionRefusedError, NearestOffices, RunAction, in_process
from bot.referral.directory import Directory, open_directory
from bot.referral.signatures import NEAREST, SIGNATURES
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

OFFICES = ("utter_bureau", "utter_bureau_sans_adresse", "utter_bureau_tribunal")
Does = Callable[[CollectingDispatcher, Tracker, Any], Awaitable[list[Any]]]
CACHAN = Run(NEAREST, {"lieu": "C94016"})


async def near(code: str) -> Returned:
    return await ground().run_action(Run(NEAREST, {"lieu": code}))


@cache
def codes() -> tuple[str, ...]:
    """Every département, its capital or whatever comes first, and every 160th commune."""
    whole = [f"D{row['code']}" for row in departements()]
    first = {row["departement"]: f"C{row['insee']}" for row in reversed(communes())}
    return (*whole, *first.values(), *(f"C{row['insee']}" for row in communes()[::160]), "F")


@pytest.fixture(scope="module")
def answers() -> dict[str, Returned]:
    async def all_of_them() -> dict[str, Returned]:
        return {code: await near(code) for code in codes()}

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


def test_an_action_says_only_what_its_signature_says_with_exactly_those_values(
    answers: dict[str, Returned],
):
    told: dict[str, set[frozenset[str]]] = {}
    for case in SIGNATURES[NEAREST].cases:
        for response, arguments in case.says:
            told.setdefault(response, set()).add(frozenset(dict(arguments)))
    uttered = {one[0] for returned in answers.values() for one in returned.says}
    assert uttered == set(told), "and what the signature says does happen somewhere in France"
    for returned in answers.values():
        assert returned.slots == ()
        for response, arguments, buttons in returned.says:
            assert frozenset(dict(arguments)) in told[response]
            assert all(value for _, value in arguments)
            assert buttons == ()


def test_a_signature_says_there_is_somebody_to_turn_to_only_where_there_is(
    answers: dict[str, Returned],
):
    for returned in answers.values():
        named = [one[0] for one in returned.says]
        case = [one for one in SIGNATURES[NEAREST].cases if set(named) <= told_by(one)]
        assert case, named
        assert any(one.contact for one in case) == any(name in OFFICES for name in named)


def told_by(case: Any) -> set[str]:
    """The responses of a case, an office standing for any of its three wordings."""
    names = {name for name, _ in case.says}
    return names | set(OFFICES) if names & set(OFFICES) else names


def test_no_real_office_is_longer_than_the_example_that_proved_its_screen_to_fit():
    longest: dict[str, int] = {}
    for case in SIGNATURES[NEAREST].cases:
        for response, arguments in case.says:
            length = sum(len(value) for _, value in arguments)
            longest[response] = max(longest.get(response, 0), length)
    for row in offices():
        hidden = row["address_public"] == "masquee" or not row["address"]
        court = "utter_bureau_tribunal" if row["kind"] == "court_desk" else "utter_bureau"
        response = "utter_bureau_sans_adresse" if hidden else court
        values = (row["name"], row["phone"], row["address"], row["commune"])
        assert sum(map(len, values)) <= longest[response], row["id"]


def test_no_real_place_is_longer_than_the_example_that_proved_its_screen_to_fit():
    names = [row["name"] for row in (*communes(), *departements())]
    example = dict(SIGNATURES[NEAREST].cases[0].says[0][1])["lieu"]
    assert max(map(len, names)) <= len(example)


async def test_an_action_reads_the_slots_of_its_signature_and_no_other():
    slots = dict.fromkeys(bundle().slots) | {"lieu": "C94016", "sans_voix": "oui"}
    assert SIGNATURES[NEAREST].reads == ("lieu",)
    assert await ground().run_action(Run(NEAREST, slots)) == await near("C94016")


def test_every_response_that_an_action_may_utter_is_written_by_the_volunteers():
    for signature in SIGNATURES.values():
        for case in signature.cases:
            assert {name for name, _ in case.says} <= set(bundle().responses)


# What a person is told


async def test_a_person_in_cachan_is_told_three_doors_and_how_old_a_number_is():
    returned = await near("C94016")
    assert [one[0] for one in returned.says] == [
        "utter_lieux_titre",
        "utter_bureau",
        "utter_bureau_sans_adresse",
        "utter_bureau_tribunal",
        "utter_numero_ancien",
    ]
    assert dict(returned.says[0][1]) == {"lieu": "Cachan"}
    assert dict(returned.says[-1][1]) == {"date": "2022-01"}


async def test_a_person_near_no_office_is_told_so_with_the_name_of_her_place():
    returned = await near("D988")
    assert [(one[0], dict(one[1])) for one in returned.says] == [
        ("utter_aucun_bureau", {"lieu": "Nouvelle-Calédonie"})
    ]


async def test_a_place_that_is_no_more_gives_no_office_and_no_fault():
    """A button in a chat that is older than a merger of communes."""
    assert [one[0] for one in (await near("C00000")).says] == ["utter_aucun_bureau"]


async def test_the_address_of_a_shelter_is_never_told(answers: dict[str, Returned], tmp_path):
    hidden = {row["name"] for row in offices() if row["address_public"] == "masquee"}
    assert len(hidden) == 16
    seen = set()
    for returned in answers.values():
        for response, arguments, _ in returned.says:
            if dict(arguments).get("nom") in hidden:
                seen.add(dict(arguments)["nom"])
                assert response == "utter_bureau_sans_adresse"
                assert "adresse" not in dict(arguments)
    assert len(seen) > 5
    secret = CIDFF_94 | {"address": "7 impasse du Secret", "address_public": "masquee"}
    folder = tables(tmp_path / "data", offices=[secret])
    run = in_process(open_directory(folder, tmp_path / "cache"))
    assert "Secret" not in repr(await run(CACHAN))


async def test_the_oldest_unconfirmed_number_gives_its_date_and_a_confirmed_one_none(tmp_path):
    old = CIDFF_94 | {"status": "unconfirmed", "source_date": "2022-03"}
    other = old | {
        "id": "b", "kind": "court_desk", "source_date": "2021-12", "phone": "+33145000000",
    }  # fmt: skip
    sure = CIDFF_94 | {"id": "c", "kind": "victim_support", "source_date": "2019"}
    both = open_directory(tables(tmp_path / "a", offices=[old, other, sure]), tmp_path / "1")
    alone = open_directory(tables(tmp_path / "b", offices=[sure]), tmp_path / "2")
    told = await in_process(both)(CACHAN)
    assert told.says[-1][:2] == ("utter_numero_ancien", (("date", "2021-12"),))
    assert "utter_numero_ancien" not in [one[0] for one in (await in_process(alone)(CACHAN)).says]


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
