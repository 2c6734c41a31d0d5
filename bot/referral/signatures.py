"""What each action reads, sets and says, as data: `relais check` needs no rasa_sdk for it.

The examples are the longest that the data gives, so that a screen proved to fit always fits.
"""

from bot.triage.flow import Signature, SignatureCase

NEAREST = "action_lieux_proches"
NAME = "Bureau d'aide aux victimes, tribunal judiciaire de Charleville-Mézières"
ADDRESS = "9 esplanade du Palais de Justice"
TOWN = "Charleville-Mézières"
PLACE = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
PHONE = "+33172165650"

_OPEN = (("nom", NAME), ("telephone", PHONE), ("adresse", ADDRESS), ("commune", TOWN))
_HIDDEN = (("nom", NAME), ("telephone", PHONE), ("commune", TOWN))
_TITLE = ("utter_lieux_titre", (("lieu", PLACE),))
_OLD = ("utter_numero_ancien", (("date", "2022-01"),))

SIGNATURES = {
    NEAREST: Signature(
        NEAREST,
        reads=("lieu",),
        cases=(
            SignatureCase(
                slots=(),
                says=(
                    _TITLE,
                    ("utter_bureau", _OPEN),
                    ("utter_bureau", _OPEN),
                    ("utter_bureau_tribunal", _OPEN),
                    _OLD,
                ),
                contact=True,
            ),
            SignatureCase(
                slots=(),
                says=(_TITLE, ("utter_bureau_sans_adresse", _HIDDEN), _OLD),
                contact=True,
            ),
            SignatureCase(
                slots=(), says=(("utter_aucun_bureau", (("lieu", PLACE),)),), contact=False
            ),
        ),
    ),
}
