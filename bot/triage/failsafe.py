"""The numbers that must be shown whatever breaks: constants that need no file.

Sources: service-public.gouv.fr F12544 (2025-04-01) for 17, 112 and SMS 114, F33954 (2024-11-15)
for 15, A16929 (2026-02-04) for 3919. `relais check` holds data/helplines.yml to the same values.
"""

NUMBERS = {"17": "17", "112": "112", "114": "114", "15": "15", "3919": "3919"}
EMERGENCY_ROW = "17 · 112 · 114"
EMERGENCY_TEXT = """\
Informations pratiques : numéros utiles et adresses. Service automatique et gratuit.

Ce programme a un souci et ne peut pas continuer. Ces numéros répondent à toute heure.

Danger maintenant : 17 ou 112.
Sans parler : SMS au numéro 114, dans l'application SMS, pas ici.
Blessure, malaise, étranglement même sans marque : 15."""
LISTENING_TEXT = "Violences, pour parler à quelqu'un : 3919, gratuit, à toute heure."
BARE_TEXT = "17\n112\nSMS 114\n15"
