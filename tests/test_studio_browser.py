"""The local page in a real browser, as a newcomer, a keyboard and a screen reader meet it."""

import http.client
import re
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser import QUIET, Studio, Watch, chromium, needs_browser, studio

pytestmark = needs_browser
LAPTOP = {"width": 1280, "height": 860}
TELEPHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
SEEN = """() => {
  globalThis.seen = [];  // the inside of every message of the person, however short its time
  const look = (changes) => changes.forEach((one) => one.addedNodes.forEach((node) => {
    if (node.classList?.contains('said')) seen.push(node.innerHTML);
  }));
  new MutationObserver(look).observe(document.getElementById('chat'), { childList: true });
}"""
PRIVATE = "il me frappe, 12 rue de la Paix"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio(tmp_path_factory.mktemp("studio")) as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield one
        one.close()


@pytest.fixture
def visit(served: Studio, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page; nothing may leave this machine, and no script may complain."""
    contexts: list[tuple[BrowserContext, Watch]] = []

    def open_page(address: str = "", **wishes: object) -> Page:
        options = {"viewport": LAPTOP, "locale": "fr-FR", "reduced_motion": "reduce"} | wishes
        context = browser.new_context(**options)
        contexts.append((context, Watch(context)))
        page = context.new_page()
        page.goto(served.url + address)
        expect(page.locator(".empty button")).to_be_visible()
        return page

    yield open_page
    for context, watch in contexts:
        context.close()
        assert watch.hosts == {"127.0.0.1"}
        assert watch.complaints == []


def button(page: Page, label: str):
    return page.locator(".chat").get_by_role("button", name=label, exact=True)


def message(page: Page):
    return page.get_by_role("article")


def press(page: Page, *labels: str) -> None:
    """One button after the other, by their labels."""
    for label in labels:
        button(page, label).click()


def write(page: Page, words: str) -> None:
    page.get_by_label("Message", exact=True).fill(words)
    page.keyboard.press("Enter")


def to_the_card(page: Page) -> None:
    """To the card of a line that is closed at night."""
    press(page, "Commencer", "Continuer", "Oui", "Une autre violence", "Viol, agression sexuelle")
    expect(message(page)).to_contain_text("0 800 05 95 95")


# Walking


def test_a_newcomer_begins_and_comes_to_the_3919(visit):
    page = visit()
    press(page, "Commencer", "Continuer", "Oui", "Partenaire ou ex")
    expect(message(page)).to_contain_text("3919")
    expect(message(page)).to_contain_text("Informations pratiques")  # the cover stands first
    assert page.get_by_role("article").count() == 1


def test_a_person_without_a_mouse_comes_to_the_3919(visit):
    page = visit()
    for label in ("Commencer", "Continuer", "Oui", "Partenaire ou ex"):
        wanted = button(page, label)
        expect(wanted).to_be_visible()
        for _ in range(30):
            if wanted.evaluate("one => one === document.activeElement"):
                break
            page.keyboard.press("Tab")
        expect(wanted).to_be_focused()
        page.keyboard.press("Enter")
        expect(wanted).to_have_count(0)
        expect(message(page)).to_be_focused()  # a screen reader reads it; Enter presses nothing
    expect(message(page)).to_contain_text("3919")
    page.keyboard.press("Escape")
    expect(message(page)).to_contain_text("3919")


def test_typing_cachan_gives_the_office_of_val_de_marne(visit):
    page = visit()
    press(page, "Commencer", "Continuer")
    write(page, "cachan")
    expect(message(page)).to_contain_text("CIDFF du Val-de-Marne")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    announced = page.locator(".phone .unseen[role=status]")
    expect(announced).to_contain_text("CIDFF du Val-de-Marne")


def test_words_of_danger_give_the_emergency_numbers_at_once(visit):
    page = visit()
    press(page, "Commencer", "Continuer")
    write(page, "il va me tuer")
    expect(message(page)).to_contain_text("17")
    expect(message(page)).to_contain_text("Personne n'a lu votre message")


def test_what_is_written_is_seen_for_a_moment_then_gone(visit):
    page = visit(reduced_motion="no-preference")
    press(page, "Commencer", "Continuer")
    page.evaluate(SEEN)
    write(page, PRIVATE)
    expect(message(page)).to_contain_text("Personne n'a lu votre message")
    assert page.evaluate("seen") == [PRIVATE]
    assert PRIVATE not in page.content()


def test_what_is_written_never_becomes_a_part_of_the_page(visit):
    page = visit(reduced_motion="no-preference")
    press(page, "Commencer")
    page.evaluate(SEEN)
    write(page, "<img src=x onerror=alert(1)><b>gras</b>")
    expect(message(page)).to_contain_text("Personne n'a lu votre message")
    assert page.evaluate("seen") == ["&lt;img src=x onerror=alert(1)&gt;&lt;b&gt;gras&lt;/b&gt;"]


def test_the_menu_lists_the_commands_and_carries_one_out(visit):
    page = visit()
    press(page, "Commencer")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="/urgence").click()
    expect(message(page)).to_contain_text("SMS au 114")
    expect(page.get_by_role("button", name="/urgence")).to_be_hidden()


def test_keeping_for_an_hour_is_said_without_moving_anything(visit):
    page = visit()
    to_the_card(page)
    press(page, "Garder 1 heure")
    expect(page.get_by_text("Gardé 1 heure")).to_be_visible()
    expect(button(page, "Garder 1 heure")).to_be_focused()


def test_a_number_is_copied_and_the_page_says_so(visit):
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Commencer", "Continuer", "Oui", "Partenaire ou ex", "Comment se passe l'appel")
    press(page, "Copier le numéro")
    expect(page.get_by_text("Copié : 3919")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "3919"


def test_a_site_opens_beside_and_learns_nothing(visit):
    page = visit()
    to_the_card(page)
    site = page.locator(".chat a").first
    assert site.get_attribute("target") == "_blank"
    assert set(site.get_attribute("rel").split()) == {"noopener", "noreferrer"}
    expect(site).to_contain_text("ouvre le site dans un nouvel onglet")


# Leaving


@pytest.mark.parametrize("way", ["button", "words"])
def test_whoever_leaves_leaves_no_word_on_the_page(visit, way: str):
    page = visit()
    press(page, "Commencer", "Continuer", "Oui", "Partenaire ou ex", "Comment se passe l'appel")
    write(page, "cachan")
    expect(message(page)).to_contain_text("Val-de-Marne")
    if way == "button":
        press(page, "✕ Sortir")
    else:
        write(page, "/quitter")
    expect(button(page, "Commencer")).to_be_visible()
    left = page.content()  # suggestions of towns stay, and say nothing of this conversation
    for word in ("Val-de-Marne", "C94016", "couple_choix", "Copier le numéro", "q_suite"):
        assert word not in left, word
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    expect(page.get_by_text("Rien. Ni message")).to_be_visible()


def test_whoever_leaves_leaves_no_name_of_a_place_beside_the_phone(visit):
    page = visit()
    press(page, "Commencer", "Continuer")
    place = page.get_by_label("Simuler l'envoi d'une position")
    place.fill("Saint-Denis")
    place.press("Enter")
    expect(page.get_by_role("button", name="Saint-Denis (93)")).to_be_visible()
    press(page, "✕ Sortir")
    expect(place).to_have_value("")
    expect(page.get_by_role("button", name="Saint-Denis (93)")).to_have_count(0)


# The settings


def test_on_christmas_night_no_card_says_that_the_line_answers(visit):
    page = visit()
    to_the_card(page)
    expect(message(page)).to_contain_text("Répond jusqu'à")
    page.get_by_role("button", name="25 décembre, 3 h").click()
    expect(message(page)).not_to_contain_text("Répond jusqu'à")
    expect(message(page)).to_contain_text("0 800 05 95 95")
    page.get_by_role("button", name="Maintenant").click()
    expect(message(page)).to_contain_text("Répond jusqu'à")


def test_any_hour_can_be_chosen(visit):
    page = visit()
    to_the_card(page)
    page.get_by_label("Une autre date").fill("2026-11-22T23:30")  # a Sunday
    expect(message(page)).to_contain_text("Fermé. Répond")
    expect(page.get_by_label("Une autre date")).to_have_value("2026-11-22T23:30")


def test_changing_the_language_keeps_the_place(visit):
    page = visit()
    to_the_card(page)
    token = page.locator(".token").inner_text()
    page.get_by_label("Langue de la conversation").select_option("en")
    expect(page.locator(".token")).to_have_text("e" + token[1:])
    expect(message(page)).to_contain_text("0 800 05 95 95")
    expect(button(page, "✕ Exit")).to_be_visible()


def test_a_location_becomes_its_commune(visit):
    page = visit()
    press(page, "Commencer", "Continuer")
    place = page.get_by_label("Simuler l'envoi d'une position")
    place.fill("Saint-Denis")
    place.press("Enter")
    page.get_by_role("button", name="Saint-Denis (93)").click()
    expect(message(page)).to_contain_text("Seine-Saint-Denis")
    place.fill("nulle part")
    place.press("Enter")
    expect(page.get_by_text("Aucune commune trouvée.")).to_be_visible()


def test_beginning_again_shows_the_greeting(visit):
    page = visit()
    to_the_card(page)
    page.get_by_role("button", name="Recommencer").click()
    expect(button(page, "Continuer")).to_be_visible()


def test_what_the_program_knows_is_shown_at_each_turn(visit):
    page = visit()
    knows = page.get_by_role("region", name="Ce que sait le programme")
    expect(knows).to_contain_text("Rien. Ni message")
    press(page, "Commencer", "Continuer", "Oui", "Partenaire ou ex")
    expect(knows).to_contain_text("couple_choix")
    expect(knows).to_contain_text(re.compile(r"\d+ / 64 octets"))
    write(page, "cachan")
    expect(knows).to_contain_text("C94016 Cachan")


# Who and where


def test_two_tabs_do_not_see_each_other(visit, served: Studio):
    page = visit()
    press(page, "Commencer", "Continuer", "Oui", "Partenaire ou ex")
    other = page.context.new_page()
    other.goto(served.url)
    expect(button(other, "Commencer")).to_be_visible()
    press(other, "Commencer")
    expect(message(page)).to_contain_text("3919")
    expect(message(other)).not_to_contain_text("3919")


def test_an_english_browser_gets_an_english_page_and_conversation(visit):
    page = visit(locale="en-GB")
    assert page.url.endswith("/en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Try Relais")
    expect(page.get_by_label("Language of the conversation")).to_have_value("en")


def test_whoever_asks_for_the_other_page_gets_its_language_in_the_conversation_too(visit):
    page = visit()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_label("Language of the conversation")).to_have_value("en")
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_label("Langue de la conversation")).to_have_value("fr")


def test_nothing_is_written_where_it_runs(visit, served: Studio):
    page = visit()
    press(page, "Commencer", "Continuer")
    write(page, PRIVATE)
    expect(message(page)).to_contain_text("Personne n'a lu votre message")
    assert list(served.folder.iterdir()) == []


def status(served: Studio, path: str, **headers: str) -> int:
    """What the server answers to a request with these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(served.url).port, timeout=10)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse().status


WEBSOCKET = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def test_a_foreign_host_or_page_is_refused(served: Studio):
    socket_path = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    assert status(served, "/fr") == 200
    assert status(served, "/fr", Host="evil.example") == 403
    assert status(served, "/fr", Origin="http://evil.example") == 403
    assert status(served, socket_path, Origin="http://evil.example", **WEBSOCKET) == 403
    assert status(served, socket_path, Origin=served.url.rstrip("/"), **WEBSOCKET) == 101


def test_only_this_machine_can_reach_it(served: Studio):
    port = urlsplit(served.url).port
    others = {one[4][0] for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        with socket.socket() as knocking:
            knocking.settimeout(2)
            assert knocking.connect_ex((address, port)) != 0


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_it_without_a_word_and_empties_an_open_tab(
    browser: Browser, tmp_path, times: int
):
    with studio(tmp_path) as one:
        context = browser.new_context(locale="fr-FR")
        page = context.new_page()
        page.goto(one.url)
        press(page, "Commencer", "Continuer")
        write(page, PRIVATE)
        expect(message(page)).to_contain_text("Personne n'a lu votre message")
        code, written = one.interrupted(times)
        expect(page.get_by_role("alert")).to_contain_text("L'aperçu est arrêté")
        assert "Personne n'a lu" not in page.content()
        context.close()
    assert code in (0, 130)
    assert written == ""
    assert list(tmp_path.iterdir()) == []


# Whom it suits


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [LAPTOP, TELEPHONE, NARROW], ids=["laptop", "phone", "narrow"])
def test_every_kind_of_screen_is_accessible_and_fits(visit, scheme: str, viewport: dict):
    page = visit(color_scheme=scheme, viewport=viewport)

    def check() -> None:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]

    check()
    page.get_by_text("Relier à Telegram").click()
    press(page, "Commencer")
    page.get_by_text("Menu", exact=True).click()
    check()
    page.get_by_text("Menu", exact=True).click()
    press(page, "Continuer", "Oui", "Partenaire ou ex", "Comment se passe l'appel")
    check()
    write(page, "cachan")
    expect(message(page)).to_contain_text("Val-de-Marne")
    check()


def test_at_twice_the_size_nothing_is_cut_off(visit):
    """200 % on a laptop is what a window half as large shows."""
    page = visit(viewport={"width": 640, "height": 430}, device_scale_factor=2)
    to_the_card(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 640
    press(page, "✕ Sortir")
    expect(button(page, "Commencer")).to_be_focused()


def test_whoever_presses_reads_from_the_top_of_the_new_message(visit):
    page = visit(viewport=NARROW)
    press(page, "Commencer", "Continuer", "Oui")
    button(page, "Partenaire ou ex").scroll_into_view_if_needed()
    press(page, "Partenaire ou ex")
    expect(button(page, "Comment se passe l'appel")).to_have_count(1)
    expect(message(page)).to_be_in_viewport()
    assert message(page).bounding_box()["y"] >= 0


def test_the_page_says_what_it_is_and_has_its_landmarks(visit):
    page = visit()
    for landmark in ("banner", "main", "complementary"):
        assert page.get_by_role(landmark).count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    expect(page.get_by_role("banner")).to_contain_text("Voici la conversation")
    assert page.locator("html").get_attribute("lang") == "fr"
