"""What a person sees: neutral first, whole sentences, the same ways out in the same places."""

from datetime import UTC, datetime

import pytest

from bot.referral.helpline import Register, read_register
from bot.triage.engine import Part, ReturnAddress, Show, State, replay
from bot.triage.flow import EMERGENCY, START
from bot.triage.screen import (
    KEEP,
    LEAVE,
    Copy,
    Link,
    Press,
    Renderer,
    Screen,
    shown_number,
    shown_value,
    utf16_units,
)
from bot.triage.token import Codebook
from bot.triage.translation import SourceTexts
from tests.material import (
    CHRISTMAS_NIGHT,
    PARIS,
    ROOT,
    SUNDAY_NIGHT,
    TUESDAY,
    bundle_of,
    keys,
    labels,
    press,
    real,
    real_codes,
    real_renderer,
    shown,
    with_steps,
)

COVER = "Informations pratiques : numéros utiles et adresses. Service automatique et gratuit."


def screen_of(show: Show, now: datetime = TUESDAY) -> Screen:
    return real_renderer().render(show, now)


def couple() -> Show:
    return shown(real().bundle, State("fr", "couple"))


def card(line: str, now: datetime) -> list[str]:
    """The lines of a card, as shown at a moment."""
    variant = real().bundle.responses["utter_ligne"].variants[-1]
    part = Part("utter_ligne", variant, (("carte", line),))
    show = couple()
    only = Show(show.state, (part,), None, False, None, {}, show.visits, False)
    return screen_of(only, now).text.removeprefix(COVER).strip().splitlines()


# --- The same ways out, in the same places ---


def test_the_cover_comes_first_and_stands_alone() -> None:
    text = screen_of(couple()).text
    assert text.startswith(f"{COVER}\n\n")


def test_the_foot_is_the_emergency_row_then_retour_then_sortir_alone() -> None:
    rows = screen_of(couple()).rows
    assert [[key.label for key in row] for row in rows[-3:]] == [
        ["17 · 112 · 114"],
        ["Retour"],
        ["✕ Sortir"],
    ]
    leave = rows[-1][0]
    assert isinstance(leave, Press)
    assert leave.data == LEAVE


def test_without_a_screen_before_there_is_no_retour_and_the_rest_stays_in_place() -> None:
    first = screen_of(shown(real().bundle, State("fr", START)))
    assert [[key.label for key in row] for row in first.rows[-2:]] == [
        ["17 · 112 · 114"],
        ["✕ Sortir"],
    ]
    assert "Retour" not in labels(first)


def test_the_emergency_row_leads_to_urgence_and_back() -> None:
    here = couple()
    row = next(key for key in keys(screen_of(here)) if key.label == "17 · 112 · 114")
    assert isinstance(row, Press)
    back = ReturnAddress("couple", here.state.answers)
    assert real_codes().decode(row.data) == State("fr", EMERGENCY, here.state.answers, back)


def test_retour_carries_the_state_of_the_screen_before() -> None:
    second = press(real().bundle, couple(), "Répondre à des questions")
    key = next(key for key in keys(screen_of(second)) if key.label == "Retour")
    assert isinstance(key, Press)
    assert real_codes().decode(key.data) == couple().state


def test_choices_stand_one_under_another_above_the_foot() -> None:
    rows = screen_of(couple()).rows
    titles = [one.title for _, one in couple().offers]
    assert [row[0].label for row in rows[: len(titles)]] == titles
    assert all(len(row) == 1 for row in rows)


def test_only_an_outcome_can_be_kept_for_an_hour() -> None:
    asked = press(real().bundle, couple(), "Répondre à des questions")
    ended = press(real().bundle, asked, "Voir l'aide maintenant")
    assert "Garder 1 heure" not in labels(screen_of(asked))
    kept = screen_of(ended).rows[-4][0]
    assert isinstance(kept, Press)
    assert (kept.label, kept.data) == ("Garder 1 heure", KEEP)


def test_a_copied_number_has_no_spaces_and_a_page_is_the_official_one() -> None:
    called = press(real().bundle, couple(), "Comment se passe l'appel")
    copies = [key for key in keys(screen_of(called)) if isinstance(key, Copy)]
    pages = [key for key in keys(screen_of(called)) if isinstance(key, Link)]
    assert copies == [Copy("Copier le numéro", "3919")]
    assert [page.url for page in pages] == [real().register.site("tchat_police")]


def test_the_ready_sms_is_copied_whole() -> None:
    urgent = screen_of(shown(real().bundle, State("fr", EMERGENCY)))
    [copied] = [key for key in keys(urgent) if isinstance(key, Copy)]
    assert copied.text == real().register.ready_sms("114")
    assert "je ne peux pas parler" in copied.text
    assert 0 < len(copied.text) <= 256


def test_every_word_passes_through_the_translation_with_its_context() -> None:
    asked: set[tuple[str, str, str]] = set()

    class Marked:
        languages = ("fr", "ar")

        def find(self, language: str, context: str, text: str, *, new_sense: bool = False) -> str:
            asked.add((language, context, text))
            return f"§{text}"

    renderer = Renderer(real_codes(), Marked(), real().register)
    show = shown(real().bundle, State("ar", "couple"))
    screen = renderer.render(show, TUESDAY)
    assert {language for language, _, _ in asked} == {"ar"}
    contexts = {context for _, context, _ in asked}
    assert {"utter_couverture", "utter_ask_couple_choix", "interface", "lignes"} <= contexts
    assert "utter_ask_couple_choix /lieu" in contexts
    assert ("ar", "interface", "Retour") in asked
    assert "§3919, Violences Femmes Info" in screen.text
    assert "§17 · 112 · 114" not in labels(screen)  # numbers are numbers in every language
    assert {"§Retour", "§✕ Sortir", "§Trouver un lieu d'aide"} <= set(labels(screen))


# --- Values are filled and shaped for reading ---


def test_a_number_is_shown_as_it_is_read() -> None:
    assert shown_number("+33180523376") == "+33 1 80 52 33 76"
    assert shown_number("+33800059595") == "0 800 05 95 95"
    assert shown_number("116006") == "116 006"
    assert shown_number("3919") == "3919"
    assert shown_number("17") == "17"


@pytest.mark.parametrize(
    ("value", "language", "read"),
    [
        ("+33474223964", "fr", "+33 4 74 22 39 64"),
        ("2026-02-04", "fr", "4 février 2026"),
        ("2026-04-01", "fr", "1er avril 2026"),
        ("2026-02-04", "en", "4 February 2026"),
        ("2024-11", "fr", "novembre 2024"),
        ("2022-01", "fr_FALC", "janvier 2022"),
        ("2025", "fr", "2025"),
        ("Châlons-en-Champagne", "fr", "Châlons-en-Champagne"),
        ("12 rue du 4-Septembre", "fr", "12 rue du 4-Septembre"),
        ("", "fr", ""),
    ],
)
def test_a_value_of_the_data_is_shown_in_words(value: str, language: str, read: str) -> None:
    assert shown_value(value, language) == read


def test_offices_are_shown_with_names_spaced_numbers_and_dates_in_words() -> None:
    door = (("adresse", "1 rue X"), ("commune", "Laon"), ("date", "2022-01"), ("horaires", ""))
    values = (("nom", "CIDFF"), ("telephone", "+33474223964"), *door)
    variants = real().bundle.responses
    parts = (
        Part("utter_bureau", variants["utter_bureau"].variants[-1], values),
        Part(
            "utter_numero_ancien",
            variants["utter_numero_ancien"].variants[0],
            (("date", "2022-01"),),
        ),
    )
    show = couple()
    text = screen_of(Show(show.state, parts, None, False, None, {}, show.visits, True)).text
    card = "CIDFF\nTéléphone : +33 4 74 22 39 64 (janvier 2022)\nAdresse : 1 rue X, Laon\n\n"
    assert f"{card}Numéro relevé en janvier 2022 : s'il ne répond pas, 3919 ou 116 006." in text


def test_a_value_that_looks_like_a_name_between_braces_is_not_filled_again() -> None:
    variant = real().bundle.responses["utter_aucun_bureau"].variants[-1]
    part = Part("utter_aucun_bureau", variant, (("lieu", "{tel_17}"),))
    show = couple()
    text = screen_of(Show(show.state, (part,), None, False, None, {}, show.visits, True)).text
    assert "près de : {tel_17}." in text


def test_a_text_is_measured_in_the_units_that_telegram_counts() -> None:
    assert utf16_units("a") == utf16_units("é") == utf16_units("✕") == 1
    assert utf16_units("🆘") == 2
    assert utf16_units("👩‍👧") == 5
    assert utf16_units("") == 0


# --- A line is said to answer only where it is known to ---

SLEEPS = "Fermé. Répond"


@pytest.mark.parametrize(
    ("line", "now", "told"),
    [
        ("3919", CHRISTMAS_NIGHT, "À toute heure, tous les jours."),
        ("17", SUNDAY_NIGHT, "À toute heure, tous les jours."),
        ("tchat_police", CHRISTMAS_NIGHT, "À toute heure, tous les jours."),
        ("116006", TUESDAY, "Répond jusqu'à 20 h, heure de Paris."),
        ("116006", CHRISTMAS_NIGHT, f"{SLEEPS} aujourd'hui à partir de 9 h, heure de Paris."),
        ("116006", datetime(2025, 6, 3, 0, 30, tzinfo=PARIS),
         f"{SLEEPS} aujourd'hui à partir de 9 h, heure de Paris."),
        ("116006", datetime(2025, 6, 3, 21, tzinfo=PARIS),
         f"{SLEEPS} demain à partir de 9 h, heure de Paris."),
        ("3919_tchat", TUESDAY, "Répond jusqu'à 20 h, heure de Paris."),
        ("3919_tchat", CHRISTMAS_NIGHT, "Horaires à vérifier."),
        ("3919_tchat", SUNDAY_NIGHT, f"{SLEEPS} demain à partir de 13 h, heure de Paris."),
        ("3919_tchat", datetime(2025, 6, 13, 21, tzinfo=PARIS),
         f"{SLEEPS} lundi 16 juin à partir de 13 h, heure de Paris."),
        ("3919_tchat", datetime(2025, 12, 24, 21, tzinfo=PARIS),
         f"{SLEEPS} vendredi 26 décembre à partir de 13 h, heure de Paris."),
        ("cfcv", datetime(2025, 7, 31, 9, 59, tzinfo=PARIS),
         f"{SLEEPS} aujourd'hui à partir de 10 h, heure de Paris."),
        ("cfcv", datetime(2025, 7, 31, 10, tzinfo=PARIS), "Répond jusqu'à 19 h, heure de Paris."),
        ("cfcv", datetime(2025, 7, 31, 19, tzinfo=PARIS),
         f"{SLEEPS} demain à partir de 10 h, heure de Paris."),
        ("cfcv", datetime(2025, 12, 31, 20, tzinfo=PARIS),
         f"{SLEEPS} vendredi 2 janvier à partir de 10 h, heure de Paris."),
    ],
)  # fmt: skip
def test_a_line_is_said_open_closed_or_unknown_at_a_moment(
    line: str, now: datetime, told: str
) -> None:
    assert told in card(line, now)
    assert card(line, now.astimezone(UTC)) == card(line, now)


def test_the_hour_is_that_of_paris_in_summer_and_in_winter() -> None:
    """9 h in Paris is 7 h in summer and 8 h in winter on the clock of the server."""
    july, january = datetime(2025, 7, 1, 7, tzinfo=UTC), datetime(2025, 1, 7, 7, tzinfo=UTC)
    assert "Répond jusqu'à 20 h, heure de Paris." in card("116006", july)
    assert f"{SLEEPS} aujourd'hui à partir de 9 h, heure de Paris." in card("116006", january)


def test_a_closed_line_is_never_called_open() -> None:
    for line in real().register.lines:
        for now in (TUESDAY, SUNDAY_NIGHT, CHRISTMAS_NIGHT):
            assert not any("ouvert" in told.lower() for told in card(line, now))


def register_with(hours: str) -> Register:
    """The real lines and one more, `essai`, with these hours."""
    text = (ROOT / "data" / "helplines.yml").read_text()
    line = (
        "\n  essai:\n    nom: Essai\n    numero: '+33172165650'\n    pour: Essayer.\n"
        "    operateur: X\n    source: x\n    source_date: '2025-05-01'\n"
        f"    verifie_le: '2025'\n{hours}"
    )
    register, found = read_register(text + line, "data/helplines.yml")
    assert not found
    return register


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ("", "Horaires à vérifier."),
        ("    horaires: 'Mo-Fr 08:30-17:45'\n", "Répond jusqu'à 17 h 45, heure de Paris."),
        ("    horaires: 'Mo-Fr 15:30-17:45'\n",
         "Fermé. Répond aujourd'hui à partir de 15 h 30, heure de Paris."),
        ("    horaires: 'off'\n", "Fermé."),
        ("    horaires: 'Jul 01 09:00-12:00'\n",
         "Fermé. Répond mardi 1er juillet à partir de 9 h, heure de Paris."),
    ],
)  # fmt: skip
def test_hours_are_told_as_far_as_they_are_known(hours: str, told: str) -> None:
    bundle = bundle_of(
        "responses: {utter_x: [{text: '{carte_essai}'}]}\n"
        "flows: {essai: {description: x, steps: [{action: utter_x}]}}\n"
    )
    renderer = Renderer(Codebook(bundle), SourceTexts(), register_with(hours))
    lines = renderer.render(shown(bundle, State("fr", "essai")), TUESDAY).text.splitlines()
    assert told in lines
    assert "Le coût n'est pas connu." in lines
    assert "+33 1 72 16 56 50" in lines
    assert "Source : 1er mai 2025." in lines


# --- Cards say what a call costs and leaves behind ---


def test_a_card_names_a_number_once_and_says_what_a_call_leaves() -> None:
    lines = card("3919", TUESDAY)
    assert lines[0] == "3919, Violences Femmes Info"
    assert "3919" not in lines
    assert "Gratuit. N'apparaît pas sur la facture." in lines
    assert "L'appel reste dans le journal d'appels du téléphone." in lines
    assert "On ne vous demande pas votre nom." in lines
    assert lines[-1] == "Source : 4 février 2026."


def test_a_number_that_its_name_does_not_hold_gets_a_line() -> None:
    assert card("cfcv", TUESDAY)[1] == "0 800 05 95 95"
    assert card("france_victimes_etranger", TUESDAY)[1] == "+33 1 80 52 33 76"
    assert "116 006" not in card("116006", TUESDAY)


def test_a_chat_leaves_no_call_and_no_bill() -> None:
    lines = card("tchat_police", TUESDAY)
    assert "Gratuit." in lines
    assert not any("journal d'appels" in line or "facture" in line for line in lines)


def test_what_is_not_known_is_not_promised() -> None:
    assert "Le coût n'est pas connu." in card("france_victimes_etranger", TUESDAY)
    assert "Gratuit." in card("cfcv", TUESDAY)  # free, the bill is not known
    assert not any("votre nom" in line for line in card("119", TUESDAY))


def test_every_line_that_may_be_shown_has_a_whole_card_at_any_hour() -> None:
    for line in real().register.lines:
        for now in (TUESDAY, SUNDAY_NIGHT, CHRISTMAS_NIGHT):
            lines = card(line, now)
            assert all(told == told.strip() and told for told in lines)
            assert not any(mark in "".join(lines) for mark in "{}")


def test_a_small_topic_looks_like_the_others() -> None:
    bundle = bundle_of(with_steps("- collect: age\n- action: utter_fin"))
    show = replay(bundle, State("fr", "essai"))
    assert isinstance(show, Show)
    renderer = Renderer(Codebook(bundle), SourceTexts(), real().register)
    assert renderer.render(show, TUESDAY).text == f"{COVER}\n\nVotre âge ? À toute heure : 3919."
