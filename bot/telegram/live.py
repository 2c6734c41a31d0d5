"""What is remembered of a chat while its screen is on, in RAM only: pure, without Telegram.

Not a cache of `cachetools`: an entry that has expired there is dropped unseen, whereas here each
message must first disappear from the chat, in that chat's turn.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.triage.engine import State

CHATS = 20_000  # remembered at once: some 20 MB
IDS = 100  # of each kind in a chat: what one `deleteMessages` takes


@dataclass(frozen=True)
class Live:
    """One chat: its live message, what is shown there, and what leaving must take away."""

    message: int
    state: State  # of what is shown, for what the person types
    acted: float  # seconds on a clock that only goes forward
    lasts: float  # seconds after the last act
    acts: int = 1  # counted to see whether the person has gone on in the meantime
    leftovers: tuple[int, ...] = ()  # messages that are still to be deleted
    evidence: dict[int, str] = field(default_factory=dict)  # photos and the like -> their album

    @property
    def language(self) -> str:
        """The language of what is shown."""
        return self.state.language

    def over(self, now: float) -> bool:
        """Whether nobody has touched this screen for as long as it lasts."""
        return now >= self.acted + self.lasts

    def with_leftovers(self, ids: Iterable[int]) -> "Live":
        """With these messages still to be deleted, the newest where they are too many."""
        return replace(self, leftovers=tuple(sorted({*self.leftovers, *ids})[-IDS:]))

    def without_leftovers(self, ids: Iterable[int]) -> "Live":
        """With these messages gone."""
        gone = set(ids)
        return replace(self, leftovers=tuple(i for i in self.leftovers if i not in gone))

    def with_evidence(self, message: int, album: str) -> "Live":
        """With a photo, or the like, about which the person has not decided yet."""
        kept = [*self.evidence.items(), (message, album)][-IDS:]
        return replace(self, evidence=dict(kept))

    def same_album(self, message: int) -> tuple[int, ...]:
        """This message and the undecided ones that were sent with it."""
        album = self.evidence.get(message)
        together = [i for i, other in self.evidence.items() if album and other == album]
        return tuple(sorted({message, *together}))

    def decided(self, messages: Iterable[int]) -> "Live":
        """With a decision taken about these photos."""
        known = set(messages)
        return replace(self, evidence={i: a for i, a in self.evidence.items() if i not in known})


class Memory:
    """The chats whose screen is on, the longest untouched first."""

    def __init__(self, chats: int = CHATS) -> None:
        """Nobody is known yet."""
        self._chats = chats
        self._lives: OrderedDict[int, Live] = OrderedDict()

    def get(self, chat: int) -> Live | None:
        """What is known of a chat."""
        return self._lives.get(chat)

    def put(self, chat: int, live: Live) -> list[tuple[int, Live]]:
        """Remember an act; what has no room any more is returned, for its messages to be erased."""
        self._lives[chat] = live
        self._lives.move_to_end(chat)
        beyond = len(self._lives) - self._chats
        return [self._lives.popitem(last=False) for _ in range(beyond)]

    def amend(self, chat: int, live: Live) -> None:
        """Correct what is known, which is not an act of the person."""
        if chat in self._lives:
            self._lives[chat] = live

    def forget(self, chat: int) -> Live | None:
        """Nothing is known of this chat any more: what was known."""
        return self._lives.pop(chat, None)

    def over(self, now: float) -> list[int]:
        """Chats whose screen has lasted its time, the longest untouched first."""
        return [chat for chat, live in self._lives.items() if live.over(now)]

    def all(self) -> list[int]:
        """Every chat, the longest untouched first."""
        return list(self._lives)

    def __len__(self) -> int:
        """How many chats are known."""
        return len(self._lives)
