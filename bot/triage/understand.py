"""Typed words to an intent, by local rules: danger first, no model, no network.

The words come from the `nlu` examples of the flow files. A phrase is found where its words stand
one after the other in the message; accents, case, punctuation and one wrong letter in a long word
do not matter. Phrases of `hors_sujet` are taken out first, so that « je tue le temps » alarms
nobody.
"""

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.triage.flow import DANGER, DANGER_ALONE, LEAVING, OFF_TOPIC, Bundle

LONG_WORD = 5  # letters: from here on one wrong letter is forgiven
SHORT_MESSAGE = 40  # words: a longer one is much like no example
CLOSE_ENOUGH = 84  # percent of RapidFuzz's token_sort_ratio, for messages near an example
TEXT_LIMIT = 4096  # characters: the longest message that Telegram carries
LIGATURES = {ord("œ"): "oe", ord("æ"): "ae"}

Words = tuple[str, ...]


@dataclass(frozen=True)
class Understood:
    """What a message is about; `intent` and `flow` are None where nothing is close enough."""

    intent: str | None
    flow: str | None
    score: float  # 0 to 1


class Understanding:
    """The phrases of a bundle, made ready once a load."""

    def __init__(self, bundle: Bundle) -> None:
        """Every example of every intent, as words."""
        phrases = {
            name: [words for example in intent.examples if (words := words_of(example))]
            for name, intent in bundle.intents.items()
        }
        self.vocabulary = {word for some in phrases.values() for one in some for word in one}
        self.alarms = set(phrases.pop(DANGER_ALONE, []))
        self.exits = {" ".join(words) for words in phrases.pop(LEAVING, [])}
        self.off_topic = _Phrases(phrases.pop(OFF_TOPIC, []))
        self.danger = _Phrases(phrases.pop(DANGER, []))
        self.flows = {intent: flow.id for flow in bundle.flows.values() for intent in flow.triggers}
        self.topics = {name: _Phrases(some) for name, some in phrases.items() if name in self.flows}

    def leaving(self, text: str) -> bool:
        """Whether the *whole* message asks to leave; one letter may be wrong in a long word."""
        said = " ".join(words_of(text))
        if said in self.exits:
            return True
        return any(
            len(word) >= LONG_WORD and OSA.distance(said, word, score_cutoff=1) <= 1
            for word in self.exits
        )

    def alarming(self, text: str) -> bool:
        """Whether the *whole* message is a word of danger: « sos », « police », « j'ai peur ».

        To the letter, since « danger » is one letter away from « manger ».
        """
        return words_of(text) in self.alarms

    def everyday(self, text: str) -> bool:
        """Whether the examples know every word of the message: « rue », « mère » are communes."""
        return self.vocabulary.issuperset(words_of(text))

    def dangerous(self, text: str) -> bool:
        """Whether a phrase of danger stands anywhere in the message."""
        return self.alarming(text) or self.danger.longest_in(self._on_topic(text)) is not None

    def topic(self, text: str) -> Understood:
        """The most specific intent: the longest phrase said, else the nearest example."""
        said = self._on_topic(text)
        best = Understood(None, None, 0.0)
        length = 0
        for intent, phrases in self.topics.items():
            score, words = phrases.score(said)
            if (score, words) > (best.score, length):
                best, length = Understood(intent, self.flows[intent], score), words
        return best if best.score * 100 >= CLOSE_ENOUGH else Understood(None, None, best.score)

    def _on_topic(self, text: str) -> Words:
        said = words_of(text)
        while (found := self.off_topic.longest_in(said)) is not None:
            at, length = found
            said = (*said[:at], *said[at + length :])
        return said


class _Phrases:
    """Phrases that are looked for in a message, by the words they begin with."""

    def __init__(self, phrases: list[Words]) -> None:
        self.phrases = phrases
        self.by_first: dict[str, list[Words]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            self.by_first.setdefault(phrase[0], []).append(phrase)
        self.spellings: dict[str, set[str]] = {}
        for word in {word for phrase in phrases for word in phrase}:
            for spelling in _spellings(word):
                self.spellings.setdefault(spelling, set()).add(word)

    def longest_in(self, said: Words) -> tuple[int, int] | None:
        """Where the longest phrase stands in the message, and how many words it has."""
        meant = [self._meant(word) for word in said]
        places = (
            (len(phrase), -at)
            for at, firsts in enumerate(meant)
            for first in firsts
            for phrase in self.by_first.get(first, ())
            if len(phrase) <= len(said) - at
            and all(word in meant[at + ahead] for ahead, word in enumerate(phrase))
        )
        longest = max(places, default=None)
        return (-longest[1], longest[0]) if longest else None

    def score(self, said: Words) -> tuple[float, int]:
        """1 and the words of the longest phrase found, else the likeness of the nearest one."""
        found = self.longest_in(said)
        if found is not None:
            return 1.0, found[1]
        if len(said) > SHORT_MESSAGE:
            return 0.0, 0
        whole = " ".join(said)
        likeness = ((fuzz.token_sort_ratio(" ".join(one), whole), len(one)) for one in self.phrases)
        ratio, words = max(likeness, default=(0.0, 0))
        return ratio / 100, words

    def _meant(self, word: str) -> set[str]:
        """The words of these phrases that a typed word may be."""
        near = (self.spellings.get(spelling, set()) for spelling in _spellings(word))
        return {known for some in near for known in some if _alike(known, word)}


def words_of(text: str) -> Words:
    """The words of a text, in lower case, without accents or punctuation."""
    lowered = text[:TEXT_LIMIT].casefold().translate(LIGATURES)
    letters = unicodedata.normalize("NFKD", lowered)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(re.findall(r"\w+", plain))


def _spellings(word: str) -> set[str]:
    """The word, and a long one with each letter left out: two words one letter apart share one."""
    if len(word) < LONG_WORD:
        return {word}
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _alike(word: str, said: str) -> bool:
    if word == said:
        return True
    long = len(word) >= LONG_WORD and len(said) >= LONG_WORD
    return long and OSA.distance(word, said, score_cutoff=1) <= 1
