"""What is remembered of a chat: little, not for long, and never of too many at once."""

from bot.telegram.live import IDS, Live, Memory
from bot.triage.engine import State

HERE = State("fr", "couple")


def live(message: int = 1, *, acted: float = 0.0, lasts: float = 900.0) -> Live:
    return Live(message=message, state=HERE, acted=acted, lasts=lasts)


def test_a_chat_that_nobody_knows_has_no_memory():
    assert Memory().get(1) is None
    assert Memory().forget(1) is None


def test_what_is_put_is_known_until_it_is_forgotten():
    memory = Memory()
    memory.put(1, live(message=7))
    assert memory.get(1) == live(message=7)
    assert memory.forget(1) == live(message=7)
    assert memory.get(1) is None
    assert len(memory) == 0


def test_a_screen_is_over_exactly_when_its_time_has_passed():
    assert not live(acted=100.0, lasts=10.0).over(109.9)
    assert live(acted=100.0, lasts=10.0).over(110.0)


def test_those_whose_screen_is_over_are_named_the_longest_untouched_first():
    memory = Memory()
    memory.put(1, live(acted=0.0))
    memory.put(2, live(acted=1.0, lasts=3600.0))
    memory.put(3, live(acted=2.0))
    memory.put(1, live(acted=3.0))
    assert memory.over(1000.0) == [3, 1]
    assert memory.all() == [2, 3, 1]


def test_where_there_is_no_room_the_longest_untouched_make_room_and_are_handed_back():
    memory = Memory(chats=2)
    assert memory.put(1, live(message=11)) == []
    assert memory.put(2, live(message=12)) == []
    assert memory.put(1, live(message=13)) == []
    assert memory.put(3, live(message=14)) == [(2, live(message=12))]
    assert memory.all() == [1, 3]


def test_a_correction_is_not_an_act():
    memory = Memory()
    memory.put(1, live())
    memory.put(2, live())
    memory.amend(1, live(message=9))
    assert memory.all() == [1, 2]


def test_a_correction_remembers_nobody_anew():
    memory = Memory()
    memory.amend(1, live())
    assert len(memory) == 0


def test_a_memory_speaks_the_language_of_what_is_shown():
    assert live().language == "fr"


def test_what_is_still_to_be_deleted_is_listed_once_and_no_longer_than_needed():
    some = live().with_leftovers([5, 3]).with_leftovers([5, 4])
    assert some.leftovers == (3, 4, 5)
    assert some.without_leftovers([3, 99]).leftovers == (4, 5)


def test_nobody_can_fill_the_memory_with_messages():
    many = live().with_leftovers(range(1, 1000))
    assert many.leftovers == tuple(range(1000 - IDS, 1000))
    photos = live()
    for number in range(1, 1000):
        photos = photos.with_evidence(number, "")
    assert list(photos.evidence) == list(range(1000 - IDS, 1000))


def test_photos_sent_together_are_decided_together():
    photos = live().with_evidence(1, "a").with_evidence(2, "b").with_evidence(3, "a")
    assert photos.same_album(1) == (1, 3)
    assert list(photos.decided((1, 3)).evidence) == [2]


def test_photos_sent_one_by_one_are_decided_one_by_one():
    photos = live().with_evidence(1, "").with_evidence(2, "")
    assert photos.same_album(1) == (1,)
    assert photos.same_album(9) == (9,)
