"""The channel: the only rooms that know Telegram.

An update takes one straight line: `polling` receives it, `router` gives it its chat's turn
(`turns`) and asks the conversation, `display` puts the screen in the chat's one live message,
`erasing` makes messages disappear, `calls` speaks to Telegram and turns its refusals into values.
`leaving` is how a screen ends. `live` is all that is remembered of anybody, in RAM, while a screen
is on; `background` is what goes on after an answer; `lateness` tells messages that are too old for
one; `identity` is what Telegram shows of the bot.
"""

from bot.telegram.polling import serve

__all__ = ["serve"]
