"""The phone: one message of the bot, its buttons, and the field to write in, as Telegram has them.

Focus: a press moves it to the new message, so that a screen reader reads it and a second Enter
presses nothing; whoever writes keeps writing, and the new message is announced instead.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import Client
from nicegui.events import GenericEventArguments

from bot.commands import MENU
from bot.conversation import Shown
from bot.studio.html import Tag
from bot.studio.preview import Preview
from bot.studio.words import Words
from bot.triage.screen import Copy, Key, Link, Press
from bot.triage.understand import TEXT_LIMIT
from bot.triage.words import BEGIN, DESCRIPTION

WRITTEN = """(event) => {
  event.preventDefault();
  const field = event.target.elements.written;
  const text = field.value.trim();
  field.value = '';
  if (text) emit(text, matchMedia('(prefers-reduced-motion: reduce)').matches);
}"""
CHOSEN = """(event) => {
  const menu = event.currentTarget.closest('details');
  menu.open = false;
  menu.querySelector('summary').focus();
  emit(event.currentTarget.dataset.command, true);
}"""
COPIED = """(event) => {
  const copying = navigator.clipboard.writeText(event.currentTarget.dataset.copy);
  copying.then(() => emit(true), () => emit(false));
}"""
LOOK = """
const chat = document.getElementById('chat');
chat.scrollTop = 0;
if (chat.getBoundingClientRect().top < 0) chat.scrollIntoView();
"""
FOCUS = """
const focused = document.activeElement;  // whoever has begun to write meanwhile keeps writing
if (focused === document.body || chat.contains(focused))
  chat.querySelector('article, .empty button').focus({preventScroll: true});
"""


@dataclass(frozen=True)
class Acts:
    """What a person can do on the phone; each is one turn."""

    press: Callable[[str], Awaitable[None]]
    write: Callable[[str, bool], Awaitable[None]]  # the words; whether nothing should move
    begin: Callable[[], Awaitable[None]]


class Phone:
    """The phone of one tab; it shows previews and knows nothing of what led to them."""

    def __init__(self, words: Words, acts: Acts, client: Client) -> None:
        """Build it where the page stands, with an empty chat that is shown by `show`."""
        self.words = words
        self.acts = acts
        self.client = client
        self.menu_language = ""
        with Tag("section", classes="phone", aria_label=words.conversation):
            with Tag("div", classes="bar"):
                Tag("span", "R", classes="avatar", aria_hidden="true")
                with Tag("div"):
                    Tag("h2", "Relais")
                    Tag("p", words.automatic)
            self.chat = Tag("div", classes="chat", id="chat")
            self.toast = Tag("p", classes="toast", role="status")
            self.announced = Tag("p", classes="unseen", role="status")
            self._build_field()

    def _build_field(self) -> None:
        with Tag("div", classes="field"):
            with Tag("details", classes="menu"):
                Tag("summary", self.words.menu)
                self.menu = Tag("ul")
            form = Tag("form", autocomplete="off")
            with form:
                Tag("label", self.words.your_message, classes="unseen", for_="written")
                Tag(
                    "input", id="written", name="written", type="text", maxlength=TEXT_LIMIT,
                    placeholder=self.words.your_message, enterkeyhint="send",
                )  # fmt: skip
                with Tag("button", type="submit", classes="send"):
                    Tag("span", "↑", aria_hidden="true")
                    Tag("span", self.words.send, classes="unseen")
        form.on("submit", self._on_written, js_handler=WRITTEN)

    async def _on_written(self, event: GenericEventArguments) -> None:
        text, still = event.args
        await self.acts.write(str(text), bool(still))

    def hear(self, text: str) -> None:
        """The person's own message, for the moment before it is read and erased."""
        self.announced.set_text("")
        with self.chat:
            Tag("p", text, classes="said")

    def tell(self, words: str) -> None:
        """A few words over the chat, that fade by themselves; none where `words` is empty."""
        self.toast.set_text("")
        self.toast.classes(remove="up")
        if words:
            self.toast.set_text(words)
            self.toast.classes("up")

    def show(self, preview: Preview) -> None:
        """The chat as it now is."""
        self.chat.clear()
        self.announced.set_text("")
        self.tell(preview.notice)
        language = preview.language.partition("_")[0]
        with self.chat:
            self.chat.set("lang", language)
            if preview.shown:
                self._show_message(preview.shown)
            else:
                self._show_empty(preview)
        if preview.language != self.menu_language:
            self._show_menu(preview, language)

    def focus_chat(self) -> None:
        """Put the focus on what the chat now holds."""
        self.client.run_javascript(LOOK + FOCUS)

    def announce(self, preview: Preview) -> None:
        """Have a screen reader say what the chat now holds, and leave the focus alone."""
        shown = preview.shown
        self.announced.set_text(shown.screen.text if shown else self.words.emptied)
        self.client.run_javascript(LOOK)

    def _show_empty(self, preview: Preview) -> None:
        with Tag("div", classes="empty"):
            Tag("h3", self.words.empty, lang=self.words.locale)
            Tag("p", preview.say(DESCRIPTION), dir="auto")
            begin = Tag("button", preview.say(BEGIN), type="button")
            begin.on("click", self.acts.begin, js_handler="() => emit()")

    def _show_message(self, shown: Shown) -> None:
        screen = shown.screen
        with Tag("article", tabindex="-1", aria_labelledby="text", dir="auto"):
            Tag("p", screen.text, id="text")
        with Tag("div", classes="rows", role="group", aria_label=self.words.buttons):
            for row in screen.rows:
                with Tag("div", classes="row"):
                    for key in row:
                        self._show_key(key)

    def _show_key(self, key: Key) -> None:
        match key:
            case Press(label, data):
                pressed = Tag("button", label, type="button", dir="auto")
                pressed.on("click", lambda: self.acts.press(data), js_handler="() => emit()")
            case Copy(label, text):
                copy = Tag("button", label, type="button", dir="auto", data_copy=text)
                copy.on("click", lambda event: self._on_copied(event, text), js_handler=COPIED)
            case Link(label, url):
                with Tag(
                    "a", label, href=url, target="_blank", rel="noopener noreferrer", dir="auto"
                ):
                    Tag("span", " ↗", aria_hidden="true")
                    Tag("span", f" ({self.words.opens})", classes="unseen")

    def _on_copied(self, event: GenericEventArguments, text: str) -> None:
        done = self.words.copied.format(text=text)
        self.tell(done if event.args else self.words.not_copied)

    def _show_menu(self, preview: Preview, language: str) -> None:
        self.menu_language = preview.language
        self.menu.clear()
        self.menu.set("lang", language)
        with self.menu:
            for command, words in MENU:
                with Tag("li"):
                    choice = Tag("button", type="button", data_command=f"/{command}")
                    choice.on("click", self._on_written, js_handler=CHOSEN)
                with choice:
                    Tag("span", f"/{command}", classes="command")
                    Tag("span", f" {preview.say(words)}")
