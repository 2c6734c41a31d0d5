"""What must be shown whatever breaks: constants that need no file, neither flows nor catalogues.

Sources: service-public.gouv.fr F12544 (2025-04-01) for 17, 112 and SMS 114, F33954 (2024-11-15)
for 15, A16929 (2026-02-04) for 3919. A test holds data/helplines.yml to the same values.
"""

NUMBERS = {"17": "17", "112": "112", "114": "114", "15": "15", "3919": "3919"}
EMERGENCY_ROW = "17 · 112 · 114"
BARE_TEXT = "17\n112\nSMS 114\n15"
EMERGENCY_TEXTS = {
    "fr": """\
Informations pratiques : numéros utiles et adresses. Service automatique et gratuit.

Ce programme a un souci et ne peut pas continuer. Ces numéros répondent à toute heure.

Danger maintenant : 17 ou 112.
Sans parler : SMS au numéro 114, dans l'application SMS, pas ici.
Blessure, malaise, étranglement même sans marque : 15.""",
    "en": """\
Practical information: useful numbers and addresses. A free and automatic service.

This program has a problem and cannot go on. These numbers answer at any hour.

Danger now: 17 or 112.
Without speaking: text 114 from your SMS app, not here. Write in French if you can.
Injury, feeling faint, strangulation even without a mark: 15.""",
}
LISTENING_TEXTS = {
    "fr": "Violences, pour parler à quelqu'un : 3919, gratuit, à toute heure.",
    "en": "Violence, to talk to someone: 3919, free, at any hour.",
}
LEAVE_LABELS = {"fr": "✕ Sortir", "en": "✕ Exit"}


def emergency_text(language: str) -> str:
    """The numbers, in French where there are no words for a language."""
    return EMERGENCY_TEXTS.get(language, EMERGENCY_TEXTS["fr"])


def listening_text(language: str) -> str:
    """Whom to talk to, in French where there are no words for a language."""
    return LISTENING_TEXTS.get(language, LISTENING_TEXTS["fr"])


def leave_label(language: str) -> str:
    """The last button, in French where there are no words for a language."""
    return LEAVE_LABELS.get(language, LEAVE_LABELS["fr"])
