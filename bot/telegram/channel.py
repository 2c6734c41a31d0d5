"""What every module of this room works with, made once when the bot starts."""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import Bot

from bot.conversation import Conversation
from bot.telegram.background import Background
from bot.telegram.lateness import Lateness
from bot.telegram.live import Memory
from bot.telegram.turns import Turns

LASTS = 15 * 60.0  # seconds that a screen stays after the last act
KEPT = 60 * 60.0  # seconds that it stays after « Garder 1 heure »


@dataclass(frozen=True)
class Channel:
    """One bot account and everybody who uses it at the moment.

    `timer` counts seconds and only goes forward: screens expire by it, whatever the clock does.
    """

    bot: Bot
    conversation: Conversation
    memory: Memory
    turns: Turns
    background: Background
    lateness: Lateness
    timer: Callable[[], float]
    lasts: float = LASTS
