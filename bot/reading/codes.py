"""Every problem that can be told, by its stable code: severity, French and English sentence.

A sentence says what is wrong, then what would be right. `{names}` are filled by the problem.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["erreur", "attention"]


@dataclass(frozen=True)
class Code:
    """One kind of problem."""

    severity: Severity
    fr: str
    en: str
    quoted: bool = True  # whether the line may be shown: not where it may hold a hidden address


def _error(fr: str, en: str) -> Code:
    return Code("erreur", fr, en)


def _secret(fr: str, en: str) -> Code:
    return Code("erreur", fr, en, quoted=False)


def _warning(fr: str, en: str) -> Code:
    return Code("attention", fr, en)


CODES: dict[str, Code] = {
    # files
    "fichier.introuvable": _error(
        "Ce fichier ne peut pas être lu. Vérifiez qu'il existe et qu'il est lisible.",
        "This file cannot be read. Check that it exists and is readable.",
    ),
    "fichier.encodage": _error(
        "Ce fichier n'est pas en UTF-8. Enregistrez-le en UTF-8.",
        "This file is not UTF-8. Save it as UTF-8.",
    ),
    "fichier.taille": _error(
        "Ce fichier dépasse {limite} octets. Répartissez-le en plusieurs fichiers.",
        "This file is over {limite} bytes. Split it into several files.",
    ),
    "fichier.vide": _error(
        "Ce fichier est vide. Ajoutez son contenu ou supprimez-le.",
        "This file is empty. Add its content or delete it.",
    ),
    "dossier.vide": _error(
        "Aucun fichier .yml ici. Le dossier des flows est-il le bon ?",
        "No .yml file here. Is this the folder of flows?",
    ),
    # YAML
    "yaml.illisible": _error(
        "Ce fichier contient un caractère invisible ou interdit. Retapez le passage concerné.",
        "This file holds an invisible or forbidden character. Type that passage again.",
    ),
    "yaml.syntaxe": _error(
        "La mise en forme YAML se casse ici. Vérifiez le retrait, les « : » et les guillemets,"
        " ici et à la ligne du dessus.",
        "The YAML layout breaks here. Check indentation, colons and quotes, here and just above.",
    ),
    "yaml.deux_points": _error(
        "Il y a « : » dans un texte sans guillemets. Entourez le texte de guillemets doubles.",
        'There is ":" in a text without quotes. Put double quotes around the text.',
    ),
    "yaml.tabulation": _error(
        "Une tabulation sert de retrait. Remplacez-la par des espaces.",
        "A tab is used to indent. Replace it by spaces.",
    ),
    "yaml.caractere": _error(
        "Un texte ne peut pas commencer par « {caractere} » sans guillemets."
        " Entourez-le de guillemets doubles.",
        'A text cannot begin with "{caractere}" without quotes. Put double quotes around it.',
    ),
    "yaml.guillemet": _error(
        "Un guillemet est ouvert ici et n'est pas bien fermé. Fermez-le, ou écrivez \\\" à"
        " l'intérieur du texte.",
        'A quote opens here and is not closed properly. Close it, or write \\" inside the text.',
    ),
    "yaml.cle_double": _error(
        "« {cle} » est déjà écrit à la ligne {ligne}. Gardez-en un seul.",
        '"{cle}" already stands on line {ligne}. Keep only one.',
    ),
    "yaml.cle_simple": _error(
        "Ici il faut un nom simple, suivi de « : ».",
        'A plain name followed by ":" is needed here.',
    ),
    "yaml.ancre": _error(
        "Les raccourcis « & » et « * » ne sont pas acceptés. Recopiez le texte, ou entourez-le de"
        " guillemets.",
        'The shortcuts "&" and "*" are not accepted. Copy the text, or put quotes around it.',
    ),
    "yaml.etiquette": _error(
        "Les marques qui commencent par « ! » ne sont pas acceptées. Entourez le texte de"
        " guillemets.",
        'Marks that begin with "!" are not accepted. Put quotes around the text.',
    ),
    "yaml.documents": _error(
        "Une ligne « --- » commence un second document. Gardez-en un seul par fichier.",
        'A line "---" begins a second document. Keep one a file.',
    ),
    "yaml.profondeur": _error(
        "Plus de {limite} niveaux imbriqués. Aplatissez cette partie.",
        "More than {limite} nested levels. Flatten this part.",
    ),
    # shapes
    "forme.dictionnaire": _error(
        "Ici il faut des lignes « nom: valeur ».", 'Lines "name: value" are needed here.'
    ),
    "forme.liste": _error(
        "Ici il faut une liste : des lignes qui commencent par « - ».",
        'A list is needed here: lines that begin with "- ".',
    ),
    "forme.texte": _error("Ici il faut un simple texte.", "A plain text is needed here."),
    "forme.texte_vide": _error("Il manque un texte ici.", "A text is missing here."),
    "forme.oui_non": _error(
        "« {valeur} » n'est pas compris ici. Écrivez true ou false.",
        '"{valeur}" is not understood here. Write true or false.',
    ),
    "forme.choix": _error(
        "« {valeur} » n'est pas accepté ici. Les choix sont : {choix}.",
        '"{valeur}" is not accepted here. The choices are: {choix}.',
    ),
    "cle.inconnue": _error("« {cle} » n'existe pas ici.", '"{cle}" does not exist here.'),
    "cle.absente": _error("Il manque « {cle} » ici.", '"{cle}" is missing here.'),
    "cle.collision": _error(
        "« {nom} » et « {autre} » donnent la même clé courte. Ajoutez"
        " metadata: {{cle: un_autre_mot}} au plus récent des deux.",
        '"{nom}" and "{autre}" give the same short key. Add metadata: {{cle: another_word}} to the'
        " newer one.",
    ),
    "nom.forme": _error(
        "« {nom} » : un nom n'a que des minuscules sans accent, des chiffres et « _ », et"
        " commence par une lettre.",
        '"{nom}": a name has only lower-case letters without accents, digits and "_", and begins'
        " with a letter.",
    ),
    "nom.double": _error(
        "« {nom} » est déjà défini dans {ailleurs}. Gardez-en un seul, ou changez de nom.",
        '"{nom}" is already defined in {ailleurs}. Keep one, or choose another name.',
    ),
    "nom.obligatoire": _error(
        "Il manque, quelque part dans flows/ : {kind} « {nom} ». Le programme en a besoin.",
        'Missing somewhere in flows/: {kind} "{nom}". The program needs it.',
    ),
    # flows and steps
    "flow.vide": _error(
        "« {flow} » n'a aucune étape. Ajoutez-en une.", '"{flow}" has no step. Add one.'
    ),
    "flow.inconnu": _error("Le flow « {flow} » n'existe pas.", 'The flow "{flow}" does not exist.'),
    "flow.ferme": _error(
        "« {flow} » a « if: false » : des mots tapés ne peuvent pas l'ouvrir. Enlevez nlu_trigger,"
        " ou le « if ».",
        '"{flow}" has "if: false": typed words cannot open it. Remove nlu_trigger, or the "if".',
    ),
    "flow.toujours_ouvert": _error(
        "Le programme a toujours besoin de « {flow} » : enlevez son « if ».",
        'The program always needs "{flow}": remove its "if".',
    ),
    "flow.ancien_nom_double": _error(
        "L'ancien nom « {nom} » est aussi un ancien nom de « {autre} ». Gardez-le dans un seul.",
        'The former name "{nom}" is also a former name of "{autre}". Keep it in one.',
    ),
    "flow.ancien_nom": _error(
        "L'ancien nom « {nom} » est aussi celui d'un flow existant. Enlevez-le de anciens_noms.",
        'The former name "{nom}" is also that of an existing flow. Remove it from anciens_noms.',
    ),
    "etape.vide": _error(
        "Cette étape ne fait rien. Il lui faut une de ces clés : {cles}.",
        "This step does nothing. It needs one of these keys: {cles}.",
    ),
    "etape.deux_fois": _error(
        "Une étape fait une seule chose ; celle-ci en a plusieurs : {cles}. Faites-en deux étapes.",
        "A step does one thing; this one has several: {cles}. Make two steps of it.",
    ),
    "etape.cle_collect": _error(
        "« {cle} » ne va qu'avec « collect ».", '"{cle}" only goes with "collect".'
    ),
    "etape.double": _error(
        "Deux étapes de ce flow ont l'id « {id} ». Changez-en un.",
        'Two steps of this flow have the id "{id}". Change one.',
    ),
    "etape.inconnue": _error(
        "Aucune étape de ce flow n'a l'id « {id} ».", 'No step of this flow has the id "{id}".'
    ),
    "etape.arriere": _error(
        "L'étape « {id} » est plus haut : un chemin va seulement vers l'avant. Visez une étape"
        " plus bas.",
        'The step "{id}" stands above: a path only goes forward. Aim at a later step.',
    ),
    "etape.inaccessible": _error(
        "Personne ne peut arriver à cette étape « {id} ». Enlevez-la, ou menez-y un chemin.",
        'Nobody can reach this step "{id}". Remove it, or lead a path to it.',
    ),
    "branche.inaccessible": _warning(
        "Personne ne peut remplir cette condition : {condition}.",
        "Nobody can meet this condition: {condition}.",
    ),
    "next.forme": _error(
        "« next » attend l'id d'une étape, END, ou une liste de « if / then » et « else ».",
        '"next" takes the id of a step, END, or a list of "if / then" and "else".',
    ),
    "next.imbrique": _error(
        "La dernière étape d'une liste imbriquée doit dire où aller. Ajoutez « next: » (un id, ou"
        " END).",
        'The last step of a nested list must say where to go. Add "next:" (an id, or END).',
    ),
    "next.sans_else": _error(
        "Il manque « else » : que se passe-t-il si aucune condition n'est remplie ?",
        '"else" is missing: what happens where no condition holds?',
    ),
    "next.else_dernier": _error(
        "« else » doit être le dernier de la liste.", '"else" must be the last of the list.'
    ),
    "next.if_else": _error(
        "« if » et « else » sont dans la même branche. Commencez une nouvelle ligne « - else: ».",
        '"if" and "else" are in one branch. Begin a new line "- else:".',
    ),
    "noop.next": _error(
        "Une étape « noop » ne sert qu'à choisir la suite : ajoutez « next ».",
        'A "noop" step only chooses what follows: add "next".',
    ),
    "link.dernier": _error(
        "« link » ne revient jamais : il doit être la dernière étape, sans « next ».",
        '"link" never comes back: it must be the last step, without "next".',
    ),
    "call.boucle": _error(
        "« {flow} » finirait par s'appeler lui-même. Coupez cette boucle.",
        '"{flow}" would end by calling itself. Break this loop.',
    ),
    "call.link": _error(
        "« {flow} », appelé par « call », contient un « link » et ne reviendrait pas. Employez"
        " « link » ici.",
        '"{flow}" is called and holds a "link", so it would not come back. Use "link" here.',
    ),
    "action.inconnue": _error(
        "L'action « {nom} » n'existe pas.", 'The action "{nom}" does not exist.'
    ),
    "intent.inconnu": _error(
        "L'intent « {intent} » n'a aucun exemple sous « nlu ».",
        'The intent "{intent}" has no example under "nlu".',
    ),
    "intent.deux_flows": _error(
        "L'intent « {intent} » ouvre déjà « {autre} ». Un intent ouvre un seul flow.",
        'The intent "{intent}" already opens "{autre}". An intent opens one flow.',
    ),
    "nlu.exemple": _error(
        "Un exemple s'écrit « - » puis un espace puis le texte.",
        'An example is written "- " and then the text.',
    ),
    # slots
    "slot.inconnu": _error("Le slot « {slot} » n'existe pas.", 'The slot "{slot}" does not exist.'),
    "slot.valeur": _error(
        "« {valeur} » n'est pas une valeur possible de « {slot} » ({valeurs}).",
        '"{valeur}" is not a possible value of "{slot}" ({valeurs}).',
    ),
    "slot.type": _error(
        "« {type} » n'est pas un type de slot. Les types sont : bool, categorical, text.",
        '"{type}" is no type of slot. The types are: bool, categorical, text.',
    ),
    "slot.sans_valeurs": _error(
        "Un slot « categorical » a besoin de « values: [..., ...] ».",
        'A "categorical" slot needs "values: [..., ...]".',
    ),
    "slot.saisie": _error(
        "La seule saisie possible est « lieu ».", 'The only possible input is "lieu".'
    ),
    "slot.lieu": _error(
        "Le slot « {slot} » doit être de type text, avec metadata: {{saisie: lieu}}.",
        'The slot "{slot}" must be of type text, with metadata: {{saisie: lieu}}.',
    ),
    "slot.texte": _error(
        "On ne peut pas demander « {slot} » : un texte libre n'est jamais gardé. Donnez-lui des"
        " valeurs (categorical), ou metadata: {{saisie: lieu}}.",
        '"{slot}" cannot be asked for: free text is never kept. Give it values (categorical), or'
        " metadata: {{saisie: lieu}}.",
    ),
    "slot.saisie_libre": _error(
        "force_slot_filling ne va qu'avec un lieu, et « {slot} » n'en est pas un. Enlevez-le.",
        'force_slot_filling only goes with a place, and "{slot}" is none. Remove it.',
    ),
    "slot.persistance": _error(
        "« {slot} » est gardé d'un flow à l'autre : ajoutez-le aux persisted_slots de « {flow} ».",
        '"{slot}" is kept from flow to flow: add it to the persisted_slots of "{flow}".',
    ),
    # conditions
    "condition.and_or": _error(
        "« and » et « or » sont mélangés : ajoutez des parenthèses.",
        '"and" and "or" are mixed: add parentheses.',
    ),
    "condition.attendu": _error("Il manque « {marque} » ici.", '"{marque}" is missing here.'),
    "condition.incomplete": _error(
        'La condition s\'arrête trop tôt. Exemple : slots.age is "mineur".',
        'The condition stops too early. Example: slots.age is "mineur".',
    ),
    "condition.reste": _error(
        "« {mot} » n'est pas compris ici. Reliez les conditions par « and » ou « or ».",
        '"{mot}" is not understood here. Join conditions with "and" or "or".',
    ),
    "condition.mot_nu": _error(
        "« {mot} » : un slot s'écrit slots.nom, et une valeur entre guillemets.",
        '"{mot}": a slot is written slots.name, and a value in quotes.',
    ),
    "condition.guillemets": _error(
        "La valeur « {mot} » doit être entre guillemets.", 'The value "{mot}" must be in quotes.'
    ),
    "condition.nombre": _error(
        "« {mot} » est un nombre, mais ce slot contient du texte : mettez des guillemets.",
        '"{mot}" is a number but this slot holds text: use quotes.',
    ),
    "condition.operateur": _error(
        "« {mot} » n'est pas accepté ici. Comparez avec « is » ou « is not ».",
        '"{mot}" is not accepted here. Compare with "is" or "is not".',
    ),
    "condition.jinja": _error(
        "Pas de code entre accolades dans une condition.", "No code in braces in a condition."
    ),
    "condition.contexte": _error(
        "« context. » n'existe pas ici : seuls les slots comptent.",
        '"context." does not exist here: only slots count.',
    ),
    "condition.profondeur": _error(
        "Plus de {limite} parenthèses imbriquées. Simplifiez.",
        "More than {limite} nested parentheses. Simplify.",
    ),
    # responses and buttons
    "reponse.nom": _error(
        "« {nom} » : le nom d'une réponse commence par utter_ et n'a que des minuscules, des"
        " chiffres et « _ ».",
        '"{nom}": the name of a response begins with utter_ and has only lower-case letters,'
        ' digits and "_".',
    ),
    "reponse.vide": _error("« {nom} » n'a aucun texte.", '"{nom}" has no text.'),
    "reponse.inconnue": _error(
        "La réponse « {nom} » n'existe pas.", 'The response "{nom}" does not exist.'
    ),
    "reponse.inutile": _warning(
        "Personne ne voit la réponse « {nom} ». Enlevez-la, ou employez-la.",
        'Nobody sees the response "{nom}". Remove it, or use it.',
    ),
    "variante.defaut": _error(
        "La dernière variante doit être sans condition : on la voit dans tous les autres cas.",
        "The last variant must have no condition: it is shown in all other cases.",
    ),
    "variante.masquee": _error(
        "Cette variante sans condition cache celles d'après. Mettez-la en dernier.",
        "This variant without a condition hides those after it. Put it last.",
    ),
    "variante.type": _error(
        "Une condition de variante s'écrit {{type: slot, name: ..., value: ...}}.",
        "A variant's condition is written {{type: slot, name: ..., value: ...}}.",
    ),
    "payload.forme": _error(
        "« {payload} » n'est pas compris. Un bouton fait /SetSlots(slot=valeur), /nom_du_flow,"
        " /copier(tel_3919), /site(3919), /langue(en) ou /retour.",
        '"{payload}" is not understood. A button does /SetSlots(slot=value), /name_of_flow,'
        " /copier(tel_3919), /site(3919), /langue(en) or /retour.",
    ),
    "langue.inconnue": _error(
        "« {langue} » n'est pas une langue d'ici ({langues}).",
        '"{langue}" is not a language here ({langues}).',
    ),
    "bouton.manquant": _warning(
        "Aucun bouton ne permet de répondre « {valeur} » à « {slot} ».",
        'No button answers "{valeur}" to "{slot}".',
    ),
    "bouton.autre_slot": _error(
        "Cet écran demande « {slot} », mais ce bouton ne le remplit pas. Ajoutez {slot}=... dans"
        " SetSlots.",
        'This screen asks for "{slot}" but this button does not fill it. Add {slot}=... to'
        " SetSlots.",
    ),
    "bouton.sans_question": _error(
        "« {nom} » n'est pas une question : ce bouton SetSlots n'y servirait à rien. Posez la"
        " question avec « collect ».",
        '"{nom}" is no question: this SetSlots button would do nothing. Ask with "collect".',
    ),
    "bouton.flow_ferme": _error(
        "« {flow} » a « if: false » : un bouton ne peut pas l'ouvrir. Employez « link » ou"
        " « call », ou enlevez le « if ».",
        '"{flow}" has "if: false": a button cannot open it. Use "link" or "call", or remove the'
        ' "if".',
    ),
    "bouton.ambigu": _error(
        "Ce bouton donne la réponse de « {autre} », et d'autres en plus : le programme ne saurait"
        " pas lequel a été touché. Donnez-lui une valeur à lui.",
        'This button gives the answer of "{autre}" and more: the program could not tell which one'
        " was pressed. Give it a value of its own.",
    ),
    "bouton.deux_fois": _error(
        "Ce bouton donne deux réponses à « {slot} ». Gardez-en une.",
        'This button gives two answers to "{slot}". Keep one.',
    ),
    "bouton.long": _error(
        "Ce bouton a {longueur} caractères ; au-delà de {limite}, un petit téléphone le coupe.",
        "This button has {longueur} characters; over {limite}, a small phone cuts it.",
    ),
    "boutons.nombreux": _warning(
        "{nombre} choix sur un écran : {conseil} au plus, c'est plus facile à lire.",
        "{nombre} choices on one screen: {conseil} at most are easier to read.",
    ),
    "question.sans_bouton": _error(
        "Personne ne peut répondre à « {slot} » : ajoutez des boutons.",
        'Nobody can answer "{slot}": add buttons.',
    ),
    # texts and facts
    "texte.court": _error(
        "« {nom} » a {longueur} caractères ; il en faut {minimum}, pour que rien d'autre ne se lise"
        " dans la liste des discussions.",
        '"{nom}" has {longueur} characters; it needs {minimum}, so that nothing else shows in the'
        " list of chats.",
    ),
    "texte.accolade": _error(
        "Une accolade ne sert qu'à nommer un fait, collée à son nom : {{tel_3919}}.",
        "A brace only serves to name a fact, without spaces: {{tel_3919}}.",
    ),
    "texte.fixe": _error(
        "« {nom} » est montré tel quel : aucun nom entre accolades ici.",
        '"{nom}" is shown as it stands: no name in braces here.',
    ),
    "texte.long": _error(
        "Cet écran a {longueur} caractères ; Telegram refuse au-delà de {limite}. Raccourcissez.",
        "This screen has {longueur} characters; Telegram refuses over {limite}. Shorten it.",
    ),
    "ecran.long": _warning(
        "L'écran qui finit par ce texte a {longueur} caractères ({langue}) ; visez {conseil} au"
        " plus.",
        "The screen that ends with this text has {longueur} characters ({langue}); {conseil} at"
        " most read well.",
    ),
    "fait.en_dur": _error(
        "Le numéro « {numero} » est écrit dans le texte. Écrivez {fait} : il est tenu à jour dans"
        " data/helplines.yml.",
        'The number "{numero}" is typed in the text. Write {fait}: it is kept current in'
        " data/helplines.yml.",
    ),
    "fait.inconnu": _error(
        "« {nom} » n'existe pas : ni numéro, ni slot, ni valeur donnée par une action.",
        '"{nom}" does not exist: no number, no slot, no value given by an action.',
    ),
    "site.inconnu": _error(
        "La ligne « {ligne} » n'a pas de page officielle dans data/helplines.yml.",
        'The line "{ligne}" has no official page in data/helplines.yml.',
    ),
    # what every path must keep
    "impasse": _error(
        "Ce chemin se termine sans nommer une ligne ni un lieu : {flow}, {chemin}."
        " Ajoutez {{carte_3919}}, par exemple.",
        "This path ends without naming a line or a place: {flow}, {chemin}."
        " Add {{carte_3919}}, for example.",
    ),
    "contact.unique": _error(
        "Ce chemin se termine avec un seul contact humain : {flow}, {chemin}. Il en faut deux.",
        "This path ends with one human contact only: {flow}, {chemin}. It needs two.",
    ),
    "contact.sans_voix": _error(
        "Ce chemin se termine sans contact joignable sans parler, à toute heure : {flow}, {chemin}."
        " Ajoutez {{tel_114}} ou {{carte_tchat_police}}.",
        "This path ends without a contact reached without speaking, at any hour: {flow}, {chemin}."
        " Add {{tel_114}} or {{carte_tchat_police}}.",
    ),
    "jeton.long": _error(
        "Un chemin de « {flow} » demande {octets} octets ; un bouton en porte {limite} : {chemin}."
        " Posez moins de questions à la suite.",
        'A path of "{flow}" needs {octets} bytes; a button carries {limite}: {chemin}.'
        " Ask fewer questions in a row.",
    ),
    # tables
    "csv.illisible": _error(
        "Cette ligne n'est pas du CSV : un guillemet n'est pas fermé, sans doute.",
        "This line is not CSV: a quote is probably not closed.",
    ),
    "csv.colonnes": _error(
        "Cette ligne a {trouve} cases ; il en faut {attendu}. Une virgule dans un texte demande des"
        " guillemets autour.",
        "This line has {trouve} cells; it needs {attendu}. A comma in a text needs quotes around.",
    ),
    "csv.colonne_inconnue": _error(
        "La colonne « {colonne} » n'existe pas ici.", 'The column "{colonne}" does not exist here.'
    ),
    "csv.colonne_double": _error(
        "La colonne « {colonne} » est là deux fois. Gardez-en une seule.",
        'The column "{colonne}" is there twice. Keep one.',
    ),
    "csv.colonne_absente": _error(
        "Il manque la colonne « {colonne} ».", 'The column "{colonne}" is missing.'
    ),
    "csv.valeur": _error(
        "« {valeur} » ne va pas dans la colonne « {colonne} » : {attendu}.",
        '"{valeur}" does not fit the column "{colonne}": {attendu}.',
    ),
    "csv.double": _error(
        "« {valeur} » est déjà à la ligne {ligne}. Gardez-en une seule.",
        '"{valeur}" already stands on line {ligne}. Keep one.',
    ),
    "contour.ouvert": _error(
        "Le contour de « {departement} » ne se referme pas en {point} : il manque une ligne, ou un"
        " point a changé.",
        'The outline of "{departement}" does not close at {point}: a line is missing, or a point'
        " has changed.",
    ),
    "csv.commune": _error(
        "Aucune commune n'a le code INSEE « {valeur} ». Cherchez le bon dans communes.csv.",
        'No commune has the INSEE code "{valeur}". Look it up in communes.csv.',
    ),
    "csv.departement": _error(
        "« {valeur} » n'est pas le département de cette commune : c'est {attendu}.",
        '"{valeur}" is not the département of this commune: it is {attendu}.',
    ),
    "csv.futur": _error(
        "« {valeur} », dans la colonne « {colonne} », est encore à venir. Vérifiez l'année.",
        '"{valeur}", in the column "{colonne}", is yet to come. Check the year.',
    ),
    "csv.point": _error(
        "Le point de « {nom} » est à {km} km de {commune}. Latitude et longitude sont peut-être"
        " inversées.",
        'The point of "{nom}" is {km} km from {commune}. Latitude and longitude may have changed'
        " places.",
    ),
    "csv.adresse_masquee": _warning(
        "L'adresse de « {nom} » est masquée : elle ne doit être écrite nulle part. Videz la case"
        " « address ».",
        'The address of "{nom}" is hidden: it must not be written anywhere. Empty the cell'
        ' "address".',
    ),
    "source.mois": _error(
        "« {valeur} » n'est pas un nombre de mois. Il faut un nombre de 1 à 99.",
        '"{valeur}" is no number of months. It must be a number from 1 to 99.',
    ),
    # the official directory
    "annuaire.vide": _error(
        "Ce fichier est vide. Téléchargez de nouveau l'annuaire officiel.",
        "This file is empty. Download the official directory again.",
    ),
    "annuaire.encodage": _error(
        "Ce fichier n'est pas en UTF-8 : ce n'est pas l'annuaire tel qu'il est publié."
        " Téléchargez-le de nouveau, sans l'ouvrir dans un autre logiciel.",
        "This file is not UTF-8: it is not the directory as published. Download it again, without"
        " opening it in another program.",
    ),
    "annuaire.json": _error(
        "Ce fichier n'est ni du JSON, ni une archive .tar.bz2, ni un fichier .gz. Donnez le fichier"
        " de l'annuaire officiel tel qu'il est publié.",
        "This file is neither JSON, nor a .tar.bz2 archive, nor a .gz file. Give the file of the"
        " official directory as published.",
    ),
    "annuaire.coupe": _error(
        "Ce fichier s'arrête avant la fin : le téléchargement a été coupé. Recommencez-le.",
        "This file ends too early: the download was cut short. Start it again.",
    ),
    "annuaire.compression": _error(
        "Ce fichier compressé est abîmé. Téléchargez-le de nouveau.",
        "This compressed file is damaged. Download it again.",
    ),
    "annuaire.archive": _error(
        "Cette archive tar est abîmée. Téléchargez-la de nouveau.",
        "This tar archive is damaged. Download it again.",
    ),
    "annuaire.membre_absent": _error(
        "Cette archive ne contient pas de fichier {membre}. Donnez celle de l'annuaire officiel.",
        "This archive holds no file {membre}. Give that of the official directory.",
    ),
    "annuaire.membre_double": _error(
        "Cette archive contient plusieurs fichiers {membre} ; il en faut un seul.",
        "This archive holds several files {membre}; there must be one.",
    ),
    "annuaire.membre_dangereux": _error(
        "Cette archive contient « {membre} », un lien ou un chemin qui sort de son dossier. Elle"
        " n'est pas celle de l'annuaire officiel : supprimez-la.",
        'This archive holds "{membre}", a link or a path that leaves its folder. It is not that of'
        " the official directory: delete it.",
    ),
    "annuaire.membres": _error(
        "Cette archive contient plus de {limite} fichiers. Donnez celle de l'annuaire officiel.",
        "This archive holds over {limite} files. Give that of the official directory.",
    ),
    "annuaire.taille": _error(
        "Décompressé, ce fichier dépasse {limite} octets : ce n'est pas l'annuaire officiel.",
        "Decompressed, this file is over {limite} bytes: it is not the official directory.",
    ),
    "annuaire.fiche": _error(
        "Une fiche de ce fichier dépasse {limite} octets : ce n'est pas l'annuaire officiel.",
        "A record of this file is over {limite} bytes: it is not the official directory.",
    ),
    "annuaire.forme": _error(
        "Ce JSON n'est pas l'annuaire officiel : il y faut une liste de fiches, seule ou sous"
        " « service » ou « results ».",
        "This JSON is not the official directory: it needs a list of records, alone or under"
        ' "service" or "results".',
    ),
    # lines
    "ligne.numero": _error(
        "« {valeur} » n'est pas un numéro de téléphone que l'on peut composer en France.",
        '"{valeur}" is not a phone number that can be dialled in France.',
    ),
    "ligne.horaires": _error(
        "« {valeur} » n'est pas un horaire. Exemple : Mo-Fr 09:00-19:00.",
        '"{valeur}" is not an opening time. Example: Mo-Fr 09:00-19:00.',
    ),
    "ligne.date": _error(
        "« {valeur} » n'est pas une date. Exemples : 2026-02-04, 2026-02, 2026.",
        '"{valeur}" is not a date. Examples: 2026-02-04, 2026-02, 2026.',
    ),
    "ligne.injoignable": _error(
        "« {ligne} » n'a ni numéro, ni SMS, ni site : personne ne peut la joindre.",
        '"{ligne}" has no number, no SMS and no site: nobody can reach it.',
    ),
    "ligne.site": _error(
        "« {valeur} » n'est pas une adresse web qui commence par https://.",
        '"{valeur}" is not a web address that begins with https://.',
    ),
    "ligne.sms_long": _error(
        "Ce SMS prêt a {longueur} caractères ; un bouton en copie {limite}.",
        "This ready SMS has {longueur} characters; a button copies {limite}.",
    ),
    "ligne.obligatoire": _error(
        "Il manque la ligne « {ligne} » : l'écran de secours la nomme.",
        'The line "{ligne}" is missing: the fail-safe screen names it.',
    ),
    "ligne.secours": _error(
        "L'écran de secours dit {constante} pour « {ligne} », ce fichier dit {valeur}."
        " Les deux doivent être égaux.",
        'The fail-safe screen says {constante} for "{ligne}", this file says {valeur}.'
        " Both must be equal.",
    ),
    # local packs
    "local.nom_fichier": _error(
        "« {nom} » : le nom du fichier n'a que des minuscules sans accent, des chiffres, « - » et"
        " « _ ». Exemple : val-de-marne.yml.",
        '"{nom}": the name of the file has only lower-case letters without accents, digits, "-" and'
        ' "_". Example: val-de-marne.yml.',
    ),
    "local.fichier": _warning(
        "Ce fichier n'est pas lu : un pack local finit par « .yml ». Renommez-le ou enlevez-le.",
        'This file is not read: a local pack ends with ".yml". Rename it or remove it.',
    ),
    "local.vide": _error(
        "Ce pack n'a aucun service. Ajoutez-en un, ou supprimez le fichier.",
        "This pack has no service. Add one, or delete the file.",
    ),
    "local.trop": _error(
        "Une même commune aurait plus de {limite} services de ce pack : l'écran serait trop long."
        " Gardez les plus utiles.",
        "One commune would have over {limite} services of this pack: the screen would be too long."
        " Keep the most useful.",
    ),
    "local.portee": _error(
        "« {service} » ne dit pas qui il sert. Écrivez « communes: [94016] » ou"
        " « departement: 94 », ici ou en tête du fichier.",
        '"{service}" does not say whom it serves. Write "communes: [94016]" or "departement: 94",'
        " here or at the head of the file.",
    ),
    "local.portee_double": _error(
        "Il y a à la fois « communes » et « departement ». Gardez l'un des deux.",
        'Both "communes" and "departement" are here. Keep one of them.',
    ),
    "local.sans_commune": _error(
        "Cette liste de communes est vide. Exemple : communes: [94016].",
        "This list of communes is empty. Example: communes: [94016].",
    ),
    "local.commune": _error(
        "« {valeur} » n'est le code INSEE d'aucune commune. Ce n'est pas le code postal : cherchez"
        " le code sur insee.fr.",
        '"{valeur}" is the INSEE code of no commune. It is not the postcode: look for the code on'
        " insee.fr.",
    ),
    "local.departement": _error(
        "« {valeur} » n'est pas un code de département. Exemples : 94, 2A, 974.",
        '"{valeur}" is no code of a département. Examples: 94, 2A, 974.',
    ),
    "local.sans_contact": _error(
        "« {service} » n'a pas de contact. Écrivez « telephone », ou « par_la_mairie: oui » si"
        " aucun numéro n'est vérifié.",
        '"{service}" has no contact. Write "telephone", or "par_la_mairie: oui" where no number is'
        " verified.",
    ),
    "local.deux_contacts": _error(
        "« {service} » a un téléphone et « par_la_mairie: oui ». Gardez le numéro s'il est vérifié,"
        " sinon la mairie.",
        '"{service}" has a telephone and "par_la_mairie: oui". Keep the number if it is verified,'
        " else the town hall.",
    ),
    "local.numero": _error(
        "« {valeur} » n'est pas un numéro au format international : +33, puis 9 chiffres, sans"
        " espace ni premier zéro.",
        '"{valeur}" is no number in international form: +33, then 9 digits, without spaces or the'
        " first zero.",
    ),
    "local.numero_national": _error(
        "« {valeur} » est un numéro d'urgence ou une ligne nationale : sa place est dans"
        " data/helplines.yml. Ici : les seuls services d'ici.",
        '"{valeur}" is an emergency number or a national line: its place is data/helplines.yml.'
        " Only services of the place stand here.",
    ),
    "local.numero_mort": _error(
        "« {valeur} » n'aide plus personne : il est remplacé par le {autre}, que chacun voit déjà."
        " Enlevez-le.",
        '"{valeur}" helps nobody any more: {autre} took its place, and everybody sees that already.'
        " Remove it.",
    ),
    "local.numero_surtaxe": _error(
        "« {valeur} » est surtaxé. Donnez un numéro ordinaire, ou « par_la_mairie: oui ».",
        '"{valeur}" costs extra. Give an ordinary number, or "par_la_mairie: oui".',
    ),
    "local.numero_exemple": _error(
        "« {valeur} » est un numéro d'exemple, qui ne sonne nulle part. Mettez celui du service.",
        '"{valeur}" is a number for examples, which rings nowhere. Put that of the service.',
    ),
    "local.numero_mobile": _warning(
        "« {valeur} » est un téléphone portable. Est-ce bien celui d'un service, et non d'une"
        " personne ?",
        '"{valeur}" is a mobile phone. Is it really that of a service, and not of a person?',
    ),
    "local.numero_texte": _error(
        "Il y a un numéro dans « {cle} ». Un numéro ne s'écrit que dans « telephone ».",
        'There is a number in "{cle}". A number only stands in "telephone".',
    ),
    "local.horaires_texte": _error(
        "Un horaire ne contient pas de texte entre guillemets. Exemple : Mo-Fr 09:00-17:00;"
        " PH unknown.",
        "Opening times hold no text in quotes. Example: Mo-Fr 09:00-17:00; PH unknown.",
    ),
    "local.jours_feries": _warning(
        "Cet horaire ne dit rien des jours fériés : le service serait annoncé ouvert à Noël."
        " Ajoutez « ; PH off » (fermé) ou « ; PH unknown » (on ne sait pas).",
        "These times say nothing of public holidays: the service would be told open at Christmas."
        ' Add "; PH off" (closed) or "; PH unknown" (not known).',
    ),
    "local.adresse_hebergement": _secret(
        "Un hébergement, un logement ou un accueil d'urgence : son adresse ne s'écrit pas ici, sauf"
        " si elle est déjà publique (« adresse_publique: oui »). Dans le doute, effacez-la.",
        "Housing or emergency reception: its address is not written here, unless it is public"
        ' already ("adresse_publique: oui"). If in doubt, erase it.',
    ),
    "local.adresse_source": _secret(
        "L'adresse d'un hébergement ne se montre que si une page publique la donne : « source »"
        " doit être l'adresse de cette page, en https://.",
        'The address of a shelter is only shown where a public page gives it: "source" must be the'
        " address of that page, with https://.",
    ),
    "local.adresse_cachee": _secret(
        "Cette adresse est dite non publique : effacez-la, ce fichier est lu par tout le monde.",
        "This address is said not to be public: erase it, everybody reads this file.",
    ),
    "local.adresse_texte": _secret(
        "Il y a une adresse dans « {cle} ». Une adresse ne s'écrit que dans « adresse ».",
        'There is an address in "{cle}". An address only stands in "adresse".',
    ),
    "local.texte_long": _error(
        "« {cle} » a {longueur} caractères ; {limite} au plus.",
        '"{cle}" has {longueur} characters; {limite} at most.',
    ),
    "local.texte_forme": _error(
        "« {cle} » tient sur une ligne, sans accolades ni caractère invisible.",
        '"{cle}" is one line, without braces or invisible characters.',
    ),
    # catalogues
    "catalogue.illisible": _error(
        "Ce catalogue ne peut pas être lu comme un fichier .po. Ouvrez-le avec un éditeur de"
        " traductions.",
        "This catalogue cannot be read as a .po file. Open it with a translation editor.",
    ),
    "catalogue.langue": _error(
        "La langue « {langue} » n'est pas prévue. Les langues sont : {langues}.",
        'The language "{langue}" is not planned for. The languages are: {langues}.',
    ),
    "catalogue.relecture": _error(
        "La relecture n'est pas datée. Écrivez sous « Relu par : » la ligne"
        " « Relu le : 2026-11-22 » (année, mois, jour).",
        'The review has no date. Write under "Relu par :" the line "Relu le : 2026-11-22" (year,'
        " month, day).",
    ),
    "traduction.accolades": _error(
        "La traduction doit avoir exactement les mêmes accolades que le français : {noms}.",
        "The translation must have exactly the braces of the French text: {noms}.",
    ),
    "traduction.chiffres": _error(
        "« {chiffres} » n'est pas dans le texte français. Une traduction n'ajoute aucun nombre.",
        '"{chiffres}" is not in the French text. A translation adds no number.',
    ),
    "traduction.chiffres_perdus": _error(
        "« {chiffres} » est dans le texte français et manque dans la traduction.",
        '"{chiffres}" is in the French text and is missing from the translation.',
    ),
    "traduction.courte": _error(
        "« {nom} » a {longueur} caractères ; il en faut {minimum}, pour que rien d'autre ne se lise"
        " dans la liste des discussions.",
        '"{nom}" has {longueur} characters; it needs {minimum}, so that nothing else shows in the'
        " list of chats.",
    ),
    "traduction.longue": _error(
        "Cette traduction a {longueur} caractères ; {limite} au plus.",
        "This translation has {longueur} characters; {limite} at most.",
    ),
    "traduction.ecran": _error(
        "En « {langue} », l'écran qui finit par ce texte a {longueur} caractères ; Telegram en"
        " accepte {limite}.",
        'In "{langue}", the screen that ends with this text has {longueur} characters; Telegram'
        " accepts {limite}.",
    ),
    # settings
    "env.ligne": _error(
        "Cette ligne n'est pas de la forme NOM=valeur.", "This line is not of the form NAME=value."
    ),
    "env.inconnu": _error(
        "Le réglage « {nom} » n'existe pas.", 'The setting "{nom}" does not exist.'
    ),
    "env.jeton": _error(
        "{nom} n'a pas la forme d'un jeton de BotFather (des chiffres, « : », puis 35 caractères)."
        " Recopiez-le en entier.",
        '{nom} does not look like a token of BotFather (digits, ":", then 35 characters).'
        " Copy it whole.",
    ),
    "env.minutes": _error(
        "{nom} attend un nombre de minutes, de 1 à 999.",
        "{nom} takes a number of minutes, from 1 to 999.",
    ),
    "env.exploitant": _error(
        "{nom} manque. Une personne doit pouvoir lire qui tient ce service : complétez-le avant de"
        " servir Telegram.",
        "{nom} is missing. A person must be able to read who runs this service: fill it in before"
        " serving Telegram.",
    ),
    "env.texte": _error(
        "{nom} attend un texte d'une ligne, de {limite} caractères au plus, sans accolades.",
        "{nom} takes one line of text, at most {limite} characters, without braces.",
    ),
    "env.niveau": _error(
        "{nom} attend DEBUG, INFO, WARNING ou ERROR.", "{nom} takes DEBUG, INFO, WARNING or ERROR."
    ),
    # conversation tests
    "test.pas": _error(
        "Un pas de test a une seule de ces clés : {cles}.",
        "A step of a test has exactly one of these keys: {cles}.",
    ),
    "test.motif": _error(
        "« {motif} » n'est pas un motif de recherche (expression régulière).",
        '"{motif}" is no search pattern (regular expression).',
    ),
    "test.vide": _error("« {test} » n'a aucun pas.", '"{test}" has no step.'),
}
