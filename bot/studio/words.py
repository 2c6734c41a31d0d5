"""The page's own words, in French and in English; the conversation's words are elsewhere."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language of the page. `locale` is the browser's name for it."""

    locale: str
    title: str
    heading: str
    what: str
    private: str
    ended: str
    other: str  # the other language's name, in that language
    connect: str
    connect_steps: tuple[str, ...]
    conversation: str
    automatic: str
    empty: str
    buttons: str
    your_message: str
    send: str
    menu: str
    opens: str
    copied: str
    not_copied: str
    emptied: str
    beside: str
    settings: str
    language: str
    hour: str
    now: str
    christmas: str
    moment: str
    location: str
    location_hint: str
    send_location: str
    no_commune: str
    which_commune: str
    restart: str
    known: str
    known_hint: str
    nothing: str
    flow: str
    step: str
    question: str
    no_question: str
    outcome: str
    yes: str
    no: str
    answers: str
    no_answers: str
    slot: str
    value: str
    back: str
    carried: str
    carried_hint: str
    size: str
    age: str
    old_rows: str
    old_file: str


FRENCH = Words(
    locale="fr",
    title="Essayer Relais",
    heading="Essayer Relais",
    what="Voici la conversation qu'une personne aurait sur Telegram : les mêmes textes, les mêmes"
    " boutons, le même programme.",
    private="Elle se passe dans cet ordinateur : rien n'est envoyé ni enregistré, et fermer cet"
    " onglet oublie tout.",
    ended="L'aperçu est arrêté et la conversation effacée. Relancez-le : cette page revient"
    " d'elle-même.",
    other="English",
    connect="Relier à Telegram",
    connect_steps=(
        "Dans Telegram, écrivez à @BotFather et envoyez /newbot : il donne un jeton.",
        "Copiez le fichier .env.example en .env et collez le jeton après BOT_TOKEN=.",
        "Dans .env, ôtez le # des trois lignes OPERATOR_ et dites-y qui tient ce bot.",
        "Arrêtez ce programme avec Ctrl-C, puis relancez make run.",
    ),
    conversation="La conversation",
    automatic="service automatique",
    empty="La conversation est vide",
    buttons="Boutons du message",
    your_message="Message",
    send="Envoyer",
    menu="Menu",
    opens="ouvre le site dans un nouvel onglet",
    copied="Copié : {text}",
    not_copied="Ce navigateur n'a pas permis la copie.",
    emptied="La conversation est vide.",
    beside="À côté de la conversation",
    settings="Réglages de l'essai",
    language="Langue de la conversation",
    hour="Heure à Paris",
    now="Maintenant",
    christmas="25 décembre, 3 h",
    moment="Une autre date",
    location="Simuler l'envoi d'une position",
    location_hint="Le nom d'une commune ou un code postal. Son point est envoyé comme par"
    " Telegram, puis oublié.",
    send_location="Envoyer",
    no_commune="Aucune commune trouvée.",
    which_commune="Plusieurs communes : choisissez.",
    restart="Recommencer",
    known="Ce que sait le programme",
    known_hint="C'est tout ce que la conversation retient de la personne. Ces réponses sont portées"
    " par les boutons du message. Le programme ne les écrit nulle part.",
    nothing="Rien. Ni message, ni réponse, ni bouton.",
    flow="Sujet",
    step="Étape",
    question="Question posée",
    no_question="aucune",
    outcome="Écran d'arrivée",
    yes="oui",
    no="non",
    answers="Réponses",
    no_answers="Aucune réponse pour l'instant.",
    slot="Question",
    value="Réponse",
    back="Adresse de retour : {flow}",
    carried="Jeton",
    carried_hint="Le tout, tel qu'il tient dans un bouton.",
    size="{size} / 64 octets",
    age="À vérifier dans l'annuaire",
    old_rows="{file} : {count} numéros trop anciens. Chacun est montré avec sa date.",
    old_file="{file} : une nouvelle édition doit exister.",
)

ENGLISH = Words(
    locale="en-US",
    title="Try Relais",
    heading="Try Relais",
    what="This is the conversation that a person would have on Telegram: the same texts, the same"
    " buttons, the same program.",
    private="It takes place inside this computer: nothing is sent or saved, and closing this tab"
    " forgets everything.",
    ended="The preview has stopped and the conversation is erased. Start it again: this page comes"
    " back by itself.",
    other="Français",
    connect="Connect to Telegram",
    connect_steps=(
        "In Telegram, write to @BotFather and send /newbot: it gives a token.",
        "Copy the file .env.example to .env and paste the token after BOT_TOKEN=.",
        "In .env, remove the # of the three OPERATOR_ lines and say there who runs this bot.",
        "Stop this program with Ctrl-C, then run make run again.",
    ),
    conversation="The conversation",
    automatic="automatic service",
    empty="The conversation is empty",
    buttons="Buttons of the message",
    your_message="Message",
    send="Send",
    menu="Menu",
    opens="opens the site in a new tab",
    copied="Copied: {text}",
    not_copied="This browser did not allow copying.",
    emptied="The conversation is empty.",
    beside="Beside the conversation",
    settings="Settings of this trial",
    language="Language of the conversation",
    hour="Time in Paris",
    now="Now",
    christmas="25 December, 3 a.m.",
    moment="Another date",
    location="Pretend to send a location",
    location_hint="The name of a French commune, or a postcode. Its point is sent as by Telegram,"
    " then forgotten.",
    send_location="Send",
    no_commune="No commune found.",
    which_commune="Several communes: choose one.",
    restart="Start again",
    known="What the program knows",
    known_hint="This is all that the conversation holds of the person. These answers are carried by"
    " the buttons of the message; the program writes them nowhere.",
    nothing="Nothing. No message, no answer, no button.",
    flow="Subject",
    step="Step",
    question="Question asked",
    no_question="none",
    outcome="Destination screen",
    yes="yes",
    no="no",
    answers="Answers",
    no_answers="No answer so far.",
    slot="Question",
    value="Answer",
    back="Return address: {flow}",
    carried="Token",
    carried_hint="All of it, as it fits in one button.",
    size="{size} / 64 bytes",
    age="To check in the directory",
    old_rows="{file}: {count} numbers are too old. Each is shown with its date.",
    old_file="{file}: a newer edition should exist.",
)

PAGES = {"fr": FRENCH, "en": ENGLISH}


def preferred(accept_language: str, languages: Collection[str] = tuple(PAGES)) -> str:
    """The first of `languages` that a browser's `Accept-Language` names, else French."""
    wanted = [part.strip().lower()[:2] for part in accept_language.split(",")]
    return next((code for code in wanted if code in languages), "fr")
