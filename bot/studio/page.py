"""The page: a phone with the conversation, and beside it the settings and what the program knows.

A tab is one visit of the page: its preview lives as long as the tab, and in memory only.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from nicegui import ui

from bot.conversation import Conversation
from bot.studio.beside import Age, Knowledge, Settings, Wishes
from bot.studio.html import Tag
from bot.studio.phone import Acts, Phone
from bot.studio.preview import Preview, christmas_night
from bot.studio.words import PAGES, Words, preferred

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="8" fill="#17605b"/>'
    '<path d="M8 16h15m-5-6 6 6-6 6" fill="none" stroke="#fff" stroke-width="3"'
    ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
READING_SECONDS = 0.6  # how long a typed message is seen before it is erased
ENDED = """
socket.on('disconnect', () => {  // whoever passes by later reads nothing of the conversation
  document.querySelector('.page').remove();
  document.getElementById('ended').hidden = false;
});
socket.on('connect', () => location.reload());
"""

Act = Callable[[Preview], Awaitable[Preview]]


def add_pages(conversation: Conversation) -> None:
    """Serve the page in each of its languages, `/fr` and `/en`."""
    for code in PAGES:
        _add_page(conversation, code)


def _add_page(conversation: Conversation, code: str) -> None:
    words = PAGES[code]

    @ui.page(f"/{code}", title=words.title, language=words.locale)  # type: ignore[arg-type]
    def page() -> None:
        ui.add_css(STYLE)
        accepted = ui.context.client.request.headers.get("accept-language", "")
        Tab(Preview(conversation, _spoken(conversation, code, accepted)), code)


def _spoken(conversation: Conversation, code: str, accepted: str) -> str:
    """What a browser asks for; on the page that it would not have got, the page's own language."""
    if code != preferred(accepted):
        return conversation.language(code)
    return preferred(accepted, conversation.ground.catalogue.languages)


class Tab:
    """One visit of the page."""

    def __init__(self, preview: Preview, code: str) -> None:
        """Build the page around an empty chat."""
        self.preview = preview
        self.one_at_a_time = asyncio.Lock()
        self.client = ui.context.client
        _drop_frame()
        words = PAGES[code]
        with Tag("div", classes="page"):
            _introduce(words, code)
            with Tag("main"):
                acts = Acts(self._press, self._write, self._begin)
                self.phone = Phone(words, acts, self.client)
            with Tag("aside", aria_label=words.beside):
                self.knowledge = Knowledge(words)
                self.settings = Settings(preview, words, self._wishes())
                conversation = preview.conversation
                Age(conversation.ground.directory, conversation.clock().date(), words)
        Tag("p", words.ended, classes="ended", id="ended", role="alert", hidden=True)
        self.client.run_javascript(ENDED)
        self._show()

    def _wishes(self) -> Wishes:
        return Wishes(
            language=lambda code: self._change(lambda preview: preview.speaking(code)),
            moment=lambda moment: self._change(lambda preview: preview.at(moment)),
            location=lambda point: self._change(lambda preview: preview.located(point)),
            restart=lambda: self._change(_begun),
            christmas=lambda: christmas_night(self.preview.conversation.clock()),
        )

    async def _begin(self) -> None:
        await self._go_on(_begun)

    async def _press(self, data: str) -> None:
        await self._go_on(lambda preview: preview.pressed(data))

    async def _write(self, text: str, still: bool) -> None:  # noqa: FBT001
        async def read(preview: Preview) -> Preview:
            if not still:
                self.phone.hear(text)
                await asyncio.sleep(READING_SECONDS)
            return await preview.typed(text)

        await self._change(read)

    async def _go_on(self, act: Act) -> None:
        """A turn that leads the focus to what the chat then holds."""
        if await self._turn(act):
            self.phone.focus_chat()

    async def _change(self, act: Act) -> None:
        """A turn that leaves the focus where it is."""
        if await self._turn(act):
            self.phone.announce(self.preview)

    async def _turn(self, act: Act) -> bool:
        """One act after the other; whether the chat now shows something else."""
        async with self.one_at_a_time:
            before = self.preview
            self.preview = await act(before)
            if self.client.is_deleted:
                return False
            if self.preview.shown is before.shown and before.shown is not None:
                self.phone.tell(self.preview.notice)
                return False
            self._show()
            if self.preview.shown is None:
                self.settings.forget()
            return True

    def _show(self) -> None:
        self.phone.show(self.preview)
        self.settings.show(self.preview)
        self.knowledge.show(self.preview)


async def _begun(preview: Preview) -> Preview:
    return preview.begun()


def _drop_frame() -> None:
    """Take away the roles of NiceGUI's own frame: the page has a `main` of its own."""
    element = ui.context.client.content
    while element.parent_slot is not None:
        element = element.parent_slot.parent
        element.tag = "div"


def _introduce(words: Words, code: str) -> None:
    other = next(one for one in PAGES if one != code)
    with Tag("header"):
        with Tag("div", classes="title"):
            Tag("h1", words.heading)
            Tag("a", words.other, href=f"/{other}", hreflang=other, lang=other)
        Tag("p", words.what)
        Tag("p", words.private)
        with Tag("details"):
            Tag("summary", words.connect)
            with Tag("ol"):
                for step in words.connect_steps:
                    Tag("li", step)
