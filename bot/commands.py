"""Messages that begin with « / »: what each asks for, the same in every channel."""

import re

from bot.triage import words

START = "start"
EXITS = frozenset({"quitter", "sortir", "exit", "stop", "q", "quit"})
FLOWS = {
    "urgence": "urgence",
    "lieu": "lieu",
    "confidentialite": "confidentialite",
    "privacy": "confidentialite",  # the word that Telegram's terms for bots ask for
    "discretion": "discretion",
    "apropos": "a_propos",
    "about": "a_propos",
    "langue": "langue",
    "language": "langue",
    "aide": "accueil",
    "help": "accueil",  # the word that Telegram's documentation asks for
}
MENU = (
    (START, words.BEGIN),
    ("urgence", words.NUMBERS),
    ("lieu", words.ADDRESSES),
    ("langue", words.LANGUAGE),
    ("confidentialite", words.PRIVACY),
    ("apropos", words.ABOUT),
    ("aide", words.SUBJECTS),
    ("quitter", words.QUIT),
)  # what a channel lists: bland, since it may be seen
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(\S*).*)?", re.DOTALL)


def command_in(text: str) -> tuple[str, str]:
    """The command that a message is, in lower case, and its first word; empty where it is none."""
    found = COMMAND.fullmatch(text)
    return (found[1].lower(), found[2] or "") if found else ("", "")
