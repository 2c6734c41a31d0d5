"""The conversation in a terminal, on the very same engine: numbers for buttons, words as typed."""

import asyncio
from collections.abc import Callable

from bot.conversation import Conversation, Left, Reply, Shown
from bot.triage.screen import KEEP, LEAVE, Copy, Key, Link, Press, Screen

Show = Callable[[str], None]
Ask = Callable[[], str | None]


def walk(conversation: Conversation, flow: str | None, show: Show, ask: Ask) -> None:
    """Converse until the person leaves, or until `ask` has nothing more (None)."""
    reply: Reply = conversation.greeting("fr")
    if flow is not None:
        reply = asyncio.run(conversation.begin(flow, None, "fr"))
    while isinstance(reply, Shown):
        show(_drawn(reply.screen))
        said = ask()
        if said is None:
            return
        reply = asyncio.run(_turn(conversation, reply, said.strip(), show))


async def _turn(conversation: Conversation, here: Shown, said: str, show: Show) -> Reply:
    key = _chosen(here.screen, said)
    match key:
        case None if not said:
            return here
        case None:
            return await conversation.typed(said, here.state, here.state.language)
        case Press(data=data) if data == LEAVE:
            return Left()
        case Press(data=data) if data != KEEP:
            return await conversation.press(data, here.state.language)
        case Copy(text=text):
            show(f"  (copié : {text})")
        case Link(url=url):
            show(f"  (page : {url})")
        case _:
            show("  (gardé)")
    return here


def _chosen(screen: Screen, said: str) -> Key | None:
    """The button of that number; « n » alone is a typed number only beyond the last button."""
    keys = _keys(screen)
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0  # noqa: PLR2004
    return keys[number - 1] if 1 <= number <= len(keys) else None


def _keys(screen: Screen) -> list[Key]:
    return [key for row in screen.rows for key in row]


def _drawn(screen: Screen) -> str:
    choices = [f"  {number:>2}. {key.label}" for number, key in enumerate(_keys(screen), 1)]
    return "\n".join([screen.text, "", *choices])
