"""The program's own words, in French: what is said around the volunteers' texts.

Each is translated in the catalogues under the context `interface`.
"""

# On every screen
BACK = "Retour"
LEAVE = "✕ Sortir"
KEEP = "Garder 1 heure"
NOT_YET_TRANSLATED = "Pas encore traduit."

# The first message, and what stays at a clean stop
CONTINUE = "Continuer"
RESUME = "Reprendre"

# Places
DEPARTEMENT = "Département {numero}"
WHOLE_DEPARTEMENT = "{nom}, département"

# The card of a line
ALWAYS = "À toute heure, tous les jours."
HOURS_UNKNOWN = "Horaires à vérifier."
CLOSED = "Fermé."
OPEN_UNTIL = "Répond jusqu'à {heure}, heure de Paris."
OPENS = "Fermé. Répond {jour} à partir de {heure}, heure de Paris."
OPEN_UNTIL_THERE = "Répond jusqu'à {heure}, heure locale."
OPENS_THERE = "Fermé. Répond {jour} à partir de {heure}, heure locale."
DOOR_OPEN_UNTIL = "Ouvert jusqu'à {heure}."
DOOR_OPENS = "Fermé. Ouvre {jour} à {heure}."
TODAY = "aujourd'hui"
TOMORROW = "demain"
FREE = "Gratuit."
FREE_UNBILLED = "Gratuit. N'apparaît pas sur la facture."
COST_UNKNOWN = "Le coût n'est pas connu."
CALL_LOG = "L'appel reste dans le journal d'appels du téléphone."
NAMELESS = "On ne vous demande pas votre nom."
SOURCE = "Source : {date}."

# A channel's own buttons and short notices
NEXT_SCREEN = "Écran suivant"  # for screen readers, which may not announce an edit
KEPT = "Gardé 1 heure"
ERASE = "Effacer"
LEAVE_THERE = "Laisser"

# What a channel shows of the bot before anybody writes, so also after an exit: neutral, true
DESCRIPTION = (
    "Service automatique d'information pratique : numéros utiles et adresses. "
    "Personne n'écrit derrière, personne n'est prévenu. "
    "Urgences : 17, 112, SMS 114, 15. Commencer : /start"
)
SHORT_DESCRIPTION = "Service automatique d'information pratique. Urgences : 17, 112, SMS 114, 15."

# The commands of a menu
BEGIN = "Commencer"
NUMBERS = "Numéros"
ADDRESSES = "Adresses"
SUBJECTS = "Sujets"
PRIVACY = "Vie privée"
ABOUT = "À propos"
LANGUAGE = "Langue"
QUIT = "Quitter"

ALL: tuple[str, ...] = tuple(value for name, value in list(vars().items()) if name.isupper())
SENTENCES = (
    ALWAYS,
    OPEN_UNTIL,
    OPENS,
    OPEN_UNTIL_THERE,
    OPENS_THERE,
    FREE_UNBILLED,
    COST_UNKNOWN,
    CALL_LOG,
    NAMELESS,
)
LONGEST = {  # characters of a translation; others are buttons and menu words
    **dict.fromkeys(SENTENCES, 160),
    DESCRIPTION: 512,  # Bot API setMyDescription
    SHORT_DESCRIPTION: 120,  # Bot API setMyShortDescription
}
