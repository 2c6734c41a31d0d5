"""Typed words, read by local rules: danger is heard, a joke is not, and only an exit exits."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.triage.flow import DANGER, DANGER_ALONE, LEAVING, OFF_TOPIC
from bot.triage.understand import Understanding, words_of
from tests.ground import LAWS, bundle, communes

LONGEST_MESSAGE = 4096  # characters, Telegram


@cache
def understanding() -> Understanding:
    return Understanding(bundle())


def dangerous(text: str) -> bool:
    return understanding().dangerous(text)


def leaving(text: str) -> bool:
    return understanding().leaving(text)


def examples(intent: str) -> tuple[str, ...]:
    return bundle().intents[intent].examples


@pytest.mark.parametrize(
    "text",
    [
        "il va me tuer",
        "Il a dit qu'il va me tuer ce soir",
        "IL VA ME TUER",
        "mon mari me frappe",
        "mon mari me frape depuis des mois, aidez-moi",
        "au secours !!!",
        "AU SECOURS",
        "ausecours au secours",
        "je suis en danger de mort",
        "jsuis en danger la",
        "il m'a étranglée hier",
        "il m’a etranglee",
        "il est devant ma porte et il crie",
        "j'ai peur, il est là",
        "je veux mourir",
        "j'ai envie d'en finir",
        "il a un couteau",
        "ma voisine est en danger",
        "ma soeur est en danger",
        "mdr non il va vraiment me tuer, il va me tuer",
        "je tue le temps mais il va me tuer",
        "he is going to kill me",
        "He's gonna KILL me",
        "my husband hits me every day",
        "he choked me last night",
        "please call the police",
        "I can't breathe",
        "i want to die",
        "he has a knife and he is drunk",
        "someone help me please",
    ],
)
def test_danger_is_heard_wherever_it_stands_in_a_sentence(text: str):
    assert dangerous(text)


@pytest.mark.parametrize(
    "text",
    [
        "je tue le temps",
        "on va tuer le temps",
        "recette de gâteau",
        "je suis mort de rire",
        "ça me tue de rire",
        "un film policier",
        "une arme de jeu vidéo",
        "le secours populaire de Cachan",
        "je vais au Secours populaire",
        "il a une arme de jeu vidéo",
        "formation premiers secours",
        "bonjour",
        "j'ai droit à l'aide au logement",
        "où trouver un CIDFF",
        "mon ex veut voir les enfants",
        "j'habite à Dangers",
        "j'habite à Armes",
        "j'habite à Violès",
        "j'habite à Secourt",
        "j'habite à Tuéjols",
        "j'habite à Mourens",
        "killing time at work",
        "dying of laughter",
        "tell me a joke",
        "cake recipe",
        "I want to leave him",
        "",
        "🙂",
    ],
)
def test_what_is_not_danger_alarms_nobody(text: str):
    assert not dangerous(text)


def test_every_example_of_danger_is_danger():
    assert [one for one in examples(DANGER) if not dangerous(one)] == []


def test_no_example_of_another_subject_is_danger():
    others = set(bundle().intents) - {DANGER, DANGER_ALONE}
    assert [one for name in others for one in examples(name) if dangerous(one)] == []


def test_nobody_raises_an_alarm_by_saying_where_they_live():
    names = sorted({row["name"] for row in communes()})
    assert [name for name in names if dangerous(name)] == ["Sos"]  # a call for help first
    assert [name for name in names[::10] if dangerous(f"j'habite à {name}")] == []


@pytest.mark.parametrize("text", ["SOS", "sos !", "Danger", "police", "j'ai peur", "I'm scared."])
def test_a_word_of_danger_that_is_the_whole_message_is_heard(text: str):
    assert dangerous(text)


@pytest.mark.parametrize(
    "text", ["sans danger", "manger", "la police est gentille", "un roman policier", "sosie"]
)
def test_the_same_word_amid_others_alarms_nobody(text: str):
    assert not dangerous(text)


def test_everyday_words_are_known_as_such_and_most_names_of_communes_are_not():
    for text in ("rue", "mère", "ma mère", "père"):
        assert understanding().everyday(text)
    everyday = {row["name"] for row in communes() if understanding().everyday(row["name"])}
    assert 20 < len(everyday) < 60
    assert not everyday & {"Cachan", "Paris", "Lille", "Marseille", "Toulouse", "Fort-de-France"}


@LAWS
@given(st.sampled_from(examples(DANGER)), st.sampled_from(["", "bonjour, ", "svp ", "ma fille "]))
def test_danger_is_heard_in_capitals_without_accents_and_amid_other_words(phrase: str, before: str):
    assert dangerous(before + phrase.upper())
    assert dangerous(f"{before}« {' '.join(words_of(phrase))} »... voilà")


def test_danger_is_heard_at_the_end_of_a_long_message():
    """People tell the whole story before they say it; a message has up to 4,096 characters."""
    for told in (1, 10, 30, 120):
        story = "Je vous raconte depuis le début. " * told + "Il va me tuer."
        assert len(story) < LONGEST_MESSAGE
        assert dangerous(story), told


# Leaving


def test_every_word_for_leaving_leaves():
    for word in examples(LEAVING):
        for said in (word, word.upper(), f" {word} !", f"« {word} ».", f"{word} 🙏"):
            assert leaving(said), said


@pytest.mark.parametrize("text", ["Sortir !", "qitter", "sotrir", "QUITER", "Stop.", "efacer tout"])
def test_a_word_for_leaving_may_be_mistyped(text: str):
    assert leaving(text)


@pytest.mark.parametrize(
    "text",
    [
        "je veux le quitter",
        "comment quitter mon mari",
        "I want to leave him",
        "stop il me frappe",
        "je ne peux pas sortir",
        "il faut que ça sorte, stop",
        "sortir de chez moi",
        "il veut tout effacer",
        "stop violence",
        "femme",
        "partir",
        "adieu",
        "non",
        "top",
        "bye maman je vais mourir",
        "",
        " ",
    ],
)
def test_a_sentence_never_leaves(text: str):
    """« Je veux le quitter » is about a man, not about this screen."""
    assert not leaving(text)


@LAWS
@given(
    st.sampled_from(examples(LEAVING)), st.sampled_from(["le", "mon mari", "il me frappe", "vie"])
)
def test_a_word_for_leaving_amid_other_words_does_not_leave(word: str, other: str):
    assert not leaving(f"{word} {other} maintenant")
    assert not leaving(f"je veux {word} {other}")


def test_what_follows_much_empty_space_is_still_part_of_the_message():
    """However many characters are read, an exit must be the whole message."""
    for spaces in (1, 100, 1500, 4000):
        assert not leaving("stop" + " " * spaces + "il me frappe"), spaces


def test_no_other_example_leaves():
    others = set(bundle().intents) - {LEAVING}
    assert [one for name in others for one in examples(name) if leaving(one)] == []


def test_leaving_and_danger_are_never_the_same_words():
    assert [one for one in examples(LEAVING) if dangerous(one)] == []


# Another subject


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("mon mari me rabaisse", "couple"),
        ("J'ai peur de rentrer chez moi", "couple"),
        ("violences conjugales", "couple"),
        ("my husband", "couple"),
        ("je cherche un CIDFF", "lieu"),
        ("où aller ?", "lieu"),
        ("who can read this", "confidentialite"),
        ("Bonjour", "accueil"),
        ("besoin d'aide", "accueil"),
        ("violence conjugal", "couple"),
    ],
)
def test_a_subject_is_found_in_a_few_words(text: str, flow: str):
    assert understanding().topic(text).flow == flow


@pytest.mark.parametrize("text", ["zzzz", "recette de gâteau", "", "42", "météo demain", "🙂🙂"])
def test_what_is_about_nothing_we_know_has_no_subject(text: str):
    found = understanding().topic(text)
    assert (found.intent, found.flow) == (None, None)
    assert 0 <= found.score <= 1


def test_every_example_of_a_subject_leads_to_a_flow_that_this_subject_opens():
    for flow in bundle().flows.values():
        for intent in flow.triggers:
            if intent == DANGER:
                continue
            for example in examples(intent):
                found = understanding().topic(example)
                assert found.flow is not None, example
                assert found.score == 1.0


def test_the_more_specific_words_win():
    """« Aide » alone begins at the start; with an association it is about a place."""
    assert understanding().topic("aide").flow == "accueil"
    assert understanding().topic("association d'aide aux victimes").flow == "lieu"


@LAWS
@given(st.text(max_size=4096))
def test_any_text_at_all_is_read_without_a_hitch(text: str):
    found = understanding().topic(text)
    assert 0 <= found.score <= 1
    assert isinstance(dangerous(text), bool)
    assert not leaving(text) or len(words_of(text)) <= 3
    assert all(word == word.casefold() for word in words_of(text))


def test_phrases_of_everyday_are_taken_out_before_danger_is_looked_for():
    assert examples(OFF_TOPIC)
    for one in examples(OFF_TOPIC):
        assert not dangerous(one)
        assert dangerous(f"{one}, il va me tuer")
