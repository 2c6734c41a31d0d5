"""Local packs: what a town hall may add, what it may never show, and that a mistake is told."""

import re
import shutil
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, example_number_for_type, format_number

from bot import cli
from bot.outputs.checkup import directory_problems, read_content
from bot.reading.problem import Problem, errors, report
from bot.referral.helpline import is_phone
from bot.referral.hours import are_hours
from bot.referral.localpack import (
    DEAD,
    GUARDED,
    KINDS,
    LIMITS,
    PACK_KEYS,
    PREMIUM,
    SERVICE_KEYS,
    SERVICES_LIMIT,
    Service,
    read_pack,
    read_packs,
)
from bot.settings import read_settings
from tests.ground import CACHAN, DATA, LAWS, NOON, ROOT, departements, tables

FILE = "data/local/essai.yml"
LOCAL = DATA / "local"
MODEL = (LOCAL / "cachan.yml").read_text(encoding="utf-8")
NATIONAL = ("3919", "17", "+33800059595")
SHELTER = "12 rue des Lilas"
HEAD = {"nom": '"Ville des Essais"', "communes": "[94016, 94038]"}
GOOD = {
    "genre": "ecoute",
    "nom": '"Point écoute"',
    "pour": '"Parler à quelqu\'un, près de chez vous."',
    "telephone": '"+33172165650"',
    "horaires": '"Mo-Fr 09:00-17:00; PH off"',
    "source": '"https://example.org/ecoute"',
    "source_nom": '"la Ville"',
    "source_date": '"2026-10"',
    "verifie_le": '"2026-11-02"',
}


def pack(head: dict[str, str | None] | None = None, **cells: str | None) -> str:
    """A good pack of one service, some of its cells replaced, added, or left out (None)."""
    above = {name: cell for name, cell in (HEAD | (head or {})).items() if cell is not None}
    row = {name: cell for name, cell in (GOOD | cells).items() if cell is not None}
    return "\n".join(
        [
            *(f"{name}: {cell}" for name, cell in above.items()),
            "services:",
            "  ecoute:",
            *(f"    {name}: {cell}" for name, cell in row.items()),
            "",
        ]
    )


def known(insee: str) -> bool:
    return insee in ("94016", "94038")


def read(text: str, file: str = FILE) -> tuple[tuple[Service, ...], list[Problem]]:
    return read_pack(text, file, known, national=NATIONAL)


def told(text: str) -> list[tuple[str, int]]:
    return [(one.code, one.span.line) for one in read(text)[1]]


def line_of(text: str, needle: str) -> int:
    """The last line that begins so: a service stands below the head of its pack."""
    lines = enumerate(text.splitlines(), 1)
    return max(number for number, one in lines if one.strip().startswith(needle))


# The model


def test_cachan_gives_the_line_of_the_departement_first_then_the_network_of_the_city():
    services, problems = read(MODEL, "data/local/cachan.yml")
    assert problems == []
    assert [one.id for one in services] == [
        "cachan.premier_pas", "cachan.tremplin_94", "cachan.apce", "cachan.aera", "cachan.pmi",
    ]  # fmt: skip
    first, *network = services
    assert (first.phone, first.departement_wide, first.communes) == ("+33189119494", "94", ())
    assert first.hours == "Mo-Fr 09:00-17:00; PH unknown"
    assert (first.source_date, first.through_town_hall) == ("2025-11", False)
    for one in network:
        assert one.through_town_hall
        assert (one.communes, one.departement_wide) == (("94016",), "")
        assert (one.source_name, one.source_date) == ("la Ville", "2020")


def test_no_number_and_no_address_of_the_network_is_made_up():
    """None was found in a source: whoever adds one brings its source."""
    services, _ = read(MODEL, "data/local/cachan.yml")
    assert [one.id for one in services if one.phone or one.hours] == ["cachan.premier_pas"]
    assert [one.id for one in services if one.address] == []


def test_every_pack_of_this_checkout_is_without_a_fault():
    assert directory_problems(DATA, ROOT / ".cache") == []


def test_the_guides_example_is_right_but_for_its_number_which_must_be_changed():
    """Whoever copies it and forgets a line is told so; no made-up number is ever served."""
    guide = (LOCAL / "LISEZMOI.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.+?)```", guide, re.DOTALL)
    _, problems = read_pack(example, FILE, {"94076"}.__contains__)
    assert [one.code for one in problems] == ["local.numero_exemple"]
    changed = example.replace("+33199001234", "+33172165650")
    services, problems = read_pack(changed, FILE, {"94076"}.__contains__)
    assert problems == []
    assert [one.address != "" for one in services] == [True, False]


def test_the_mistake_that_the_guide_quotes_is_told_in_just_these_words():
    guide = (LOCAL / "LISEZMOI.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.+?)```", guide, re.DOTALL)
    wrong = example.replace("+33199001234", "01 99 00 12 34")
    file = "data/local/villejuif.yml"
    _, problems = read_pack(wrong, file, {"94076"}.__contains__)
    assert report(problems, {file: wrong}) in guide


def test_the_guide_explains_every_line_that_a_pack_may_have_and_every_kind():
    guide = (LOCAL / "LISEZMOI.md").read_text(encoding="utf-8")
    assert [word for word in (*PACK_KEYS, *SERVICE_KEYS, *KINDS) if f"`{word}`" not in guide] == []


# What a good pack gives


def test_a_service_is_read_as_it_is_written():
    services, problems = read(pack(adresse='"1 place de la Mairie, 94230 Cachan"'))
    assert problems == []
    assert services == (
        Service(
            id="essai.ecoute", name="Point écoute",
            purpose="Parler à quelqu'un, près de chez vous.", phone="+33172165650",
            through_town_hall=False, hours="Mo-Fr 09:00-17:00; PH off",
            address="1 place de la Mairie, 94230 Cachan", communes=("94016", "94038"),
            departement_wide="", source="https://example.org/ecoute", source_name="la Ville",
            source_date="2026-10",
        ),
    )  # fmt: skip


def test_a_service_says_for_itself_whom_it_serves_or_serves_whom_its_pack_serves():
    own, _ = read(pack(communes="[94038]"))
    wide, _ = read(pack(departement="94"))
    whole, _ = read(pack({"communes": None, "departement": "2A"}))
    assert [(one.communes, one.departement_wide) for one in (*own, *wide, *whole)] == [
        (("94038",), ""),
        ((), "94"),
        ((), "2A"),
    ]
    alone, problems = read(pack({"communes": None}, communes="[94016]"))
    assert problems == []
    assert alone[0].communes == ("94016",)


def test_a_commune_that_is_written_twice_is_served_once():
    assert read(pack({"communes": "[94016, 94016]"}))[0][0].communes == ("94016",)


def test_the_address_of_a_shelter_shows_where_it_is_sworn_public_and_a_page_gives_it():
    text = pack(genre="hebergement", adresse=f'"{SHELTER}"', adresse_publique="oui")
    services, problems = read(text)
    assert problems == []
    assert services[0].address == SHELTER


def test_every_departement_of_the_directory_may_have_a_service():
    for row in departements():
        _, problems = read(pack({"communes": None, "departement": f'"{row["code"]}"'}))
        assert problems == [], row["code"]


def test_the_longest_texts_that_are_allowed_are_read():
    for cell in ("nom", "pour", "source_nom"):
        assert read(pack(**{cell: f'"{"é" * LIMITS[cell]}"'}))[1] == []


def test_as_many_services_as_a_screen_holds_are_read_and_not_one_more():
    service = pack().split("services:\n")[1]
    head = pack().split("services:\n")[0] + "services:\n"
    many = [service.replace("ecoute:", f"ecoute_{n}:", 1) for n in range(SERVICES_LIMIT + 1)]
    assert len(read(head + "".join(many[:-1]))[0]) == SERVICES_LIMIT
    assert told(head + "".join(many)) == [("local.trop", 4)]
    apart = [many[0].replace("    genre", "    communes: [94038]\n    genre"), *many[1:]]
    assert told(head.replace(", 94038", "") + "".join(apart)) == [], (
        "each commune counts for itself"
    )
    wide = [many[0].replace("    genre", "    departement: 94\n    genre"), *many[1:]]
    assert told(head + "".join(wide)) == [("local.trop", 4)], "a département's counts everywhere"


# Wrong packs: each is told with its line, and left out whole

WRONG_CELLS: list[tuple[dict[str, str | None], str, str]] = [
    ({"telephone": None}, "local.sans_contact", "ecoute:"),
    ({"par_la_mairie": "oui"}, "local.deux_contacts", "telephone:"),
    ({"telephone": None, "par_la_mairie": "non"}, "local.sans_contact", "ecoute:"),
    ({"par_la_mairie": "peut-être"}, "forme.oui_non", "par_la_mairie:"),
    ({"telephone": '"17"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"112"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"3919"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"39 19"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"116 006"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"+33800059595"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"0 800 05 95 95"'}, "local.numero_national", "telephone:"),
    ({"telephone": '"+33884284637"'}, "local.numero_mort", "telephone:"),
    ({"telephone": '"08 84 28 46 37"'}, "local.numero_mort", "telephone:"),
    ({"telephone": '"08VICTIMES"'}, "local.numero_mort", "telephone:"),
    ({"telephone": '"08 842 846 37"'}, "local.numero_mort", "telephone:"),
    ({"telephone": '"3020"'}, "local.numero_mort", "telephone:"),
    ({"telephone": '"+33890642020"'}, "local.numero_surtaxe", "telephone:"),
    ({"telephone": '"+33820202020"'}, "local.numero_surtaxe", "telephone:"),
    ({"telephone": '"01 72 16 56 50"'}, "local.numero", "telephone:"),
    ({"telephone": '"+3317216565"'}, "local.numero", "telephone:"),
    ({"telephone": '"demander à l\'accueil"'}, "local.numero", "telephone:"),
    ({"telephone": '"+33199001234"'}, "local.numero_exemple", "telephone:"),
    ({"horaires": '"du lundi au vendredi"'}, "ligne.horaires", "horaires:"),
    ({"horaires": '"Mo-Fr 25:00-26:00; PH off"'}, "ligne.horaires", "horaires:"),
    ({"horaires": f"'Mo-Fr 09:00-17:00; PH off \"{SHELTER}\"'"}, "local.horaires_texte",
     "horaires:"),
    ({"source_date": '"02/11/2026"'}, "ligne.date", "source_date:"),
    ({"verifie_le": '"2026-02-30"'}, "ligne.date", "verifie_le:"),
    ({"genre": "cachette"}, "forme.choix", "genre:"),
    ({"nom": f'"{"é" * 61}"'}, "local.texte_long", "nom:"),
    ({"pour": f'"{"é" * 101}"'}, "local.texte_long", "pour:"),
    ({"source_nom": f'"{"é" * 41}"'}, "local.texte_long", "source_nom:"),
    ({"adresse": f'"{"é" * 121}"'}, "local.texte_long", "adresse:"),
    ({"nom": '"Point {tel_3919}"'}, "local.texte_forme", "nom:"),
    ({"pour": '"Une ligne,\\npuis une autre."'}, "local.texte_forme", "pour:"),
    ({"nom": '"Point\\u202Eécoute"'}, "local.texte_forme", "nom:"),
    ({"pour": '"Appelez le 06 12 34 56 78."'}, "local.numero_texte", "pour:"),
    ({"pour": '"Appelez le 08.84.28.46.37."'}, "local.numero_texte", "pour:"),
    ({"nom": '"Le 39 19 de la Ville"'}, "local.numero_texte", "nom:"),
    ({"source_nom": '"le 114"'}, "local.numero_texte", "source_nom:"),
    ({"adresse": '"1 place de la Mairie, 01 72 16 56 50"'}, "local.numero_texte", "adresse:"),
    ({"pour": f'"Au {SHELTER}, sonnez."'}, "local.adresse_texte", "pour:"),
    ({"nom": '"Point écoute, 3bis, allée des Essais"'}, "local.adresse_texte", "nom:"),
    ({"adresse": f'"{SHELTER}"', "adresse_publique": "non"}, "local.adresse_cachee", "adresse:"),
    ({"genre": "logement", "adresse": f'"{SHELTER}"'}, "local.adresse_hebergement", "adresse:"),
    ({"genre": "accueil_urgence", "adresse": f'"{SHELTER}"'}, "local.adresse_hebergement",
     "adresse:"),
    ({"genre": "hebergement", "adresse": f'"{SHELTER}"', "adresse_publique": "non"},
     "local.adresse_hebergement", "adresse:"),
    ({"nom": '"Foyer des Essais"', "adresse": f'"{SHELTER}"'}, "local.adresse_hebergement",
     "adresse:"),
    ({"pour": '"Hébergement de femmes."', "adresse": f'"{SHELTER}"'}, "local.adresse_hebergement",
     "adresse:"),
    ({"genre": "hebergement", "adresse": f'"{SHELTER}"', "adresse_publique": "oui",
      "source": '"on me l\'a dit"'}, "local.adresse_source", "adresse:"),
    ({"communes": "[94999]"}, "local.commune", "communes: [94999]"),
    ({"communes": "[]"}, "local.sans_commune", "communes: []"),
    ({"communes": "94016"}, "forme.liste", "communes: 94016"),
    ({"departement": '"96"'}, "local.departement", "departement:"),
    ({"departement": '"20"'}, "local.departement", "departement:"),
    ({"communes": "[94016]", "departement": "94"}, "local.portee_double", "departement:"),
    ({"telefone": '"+33172165650"'}, "cle.inconnue", "telefone:"),
    ({"nom": '""'}, "forme.texte_vide", "nom:"),
    ({"nom": "[a, b]"}, "forme.texte", "nom:"),
    *[({name: None}, "cle.absente", "genre:" if name != "genre" else 'nom: "Point')
      for name in ("genre", "nom", "pour", "source", "source_nom", "source_date", "verifie_le")],
]  # fmt: skip


@pytest.mark.parametrize(("cells", "code", "place"), WRONG_CELLS)
def test_a_mistake_in_a_service_is_told_with_its_line_and_nothing_of_the_pack_is_served(
    cells: dict[str, str | None], code: str, place: str
):
    text = pack(**cells)
    assert told(text) == [(code, line_of(text, place))]
    assert read(text)[0] == ()


WRONG_PACKS = [
    ("", "fichier.vide", 1),
    ("bonjour", "forme.dictionnaire", 1),
    ("nom: x\n  communes: [94016]\n", "yaml.deux_points", 2),
    (pack({"nom": None}), "cle.absente", 1),
    (pack({"communes": None}), "local.portee", 3),
    (pack({"communes": "[94016, 75056]"}), "local.commune", 2),
    (pack({"departement": "94"}), "local.portee_double", 3),
    (pack({"commune": "[94016]"}), "cle.inconnue", 3),
    (pack().split("services:")[0], "cle.absente", 1),
    (pack().split("services:")[0] + "services: {}\n", "local.vide", 3),
    (pack().split("services:")[0] + "services: [ecoute]\n", "forme.dictionnaire", 3),
    (pack().split("  ecoute:")[0] + "  ecoute:\n", "forme.dictionnaire", 4),
    (pack().replace("  ecoute:", "  Écoute:"), "nom.forme", 4),
    (pack() + pack().split("services:\n")[1], "yaml.cle_double", 14),
    (pack(nom="!!python/name:os.system x"), "yaml.etiquette", 6),
]


@pytest.mark.parametrize(("text", "code", "line"), WRONG_PACKS)
def test_a_mistake_in_a_pack_is_told_with_its_line_and_nothing_of_it_is_served(
    text: str, code: str, line: int
):
    services, problems = read(text)
    assert (code, line) in [(one.code, one.span.line) for one in problems]
    assert len({one.span.line for one in problems}) == 1
    assert services == ()


def test_all_the_mistakes_of_a_pack_are_told_at_once():
    text = pack({"communes": "[94999]"}, telephone='"17"', nom=None, verifie_le='"hier"')
    assert {code for code, _ in told(text)} == {
        "local.commune", "local.numero_national", "cle.absente", "ligne.date",
    }  # fmt: skip


def test_a_number_as_people_write_it_is_told_with_the_form_that_is_meant():
    (problem,) = read(pack(telephone='"01 72 16 56 50"'))[1]
    assert problem.suggestion == "+33172165650"


def test_a_key_with_a_wrong_letter_is_told_with_the_right_one():
    (problem,) = read(pack(telefone='"+33172165650"'))[1]
    assert problem.suggestion == "telephone"


def test_the_address_of_a_shelter_is_not_repeated_by_the_sentence_that_refuses_it():
    problems = read(pack(genre="hebergement", adresse=f'"{SHELTER}"'))[1]
    for language in ("fr", "en"):
        assert "Lilas" not in "".join(one.sentence(language) for one in problems)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"horaires": '"Mo-Fr 09:00-17:00"'}, "local.jours_feries"),
        ({"telephone": '"+33612345678"'}, "local.numero_mobile"),
        ({"telephone": '"+262692123456"'}, "local.numero_mobile"),
    ],
)
def test_what_is_only_doubtful_is_told_and_served(cells: dict[str, str], code: str):
    services, problems = read(pack(**cells))
    assert [one.code for one in problems] == [code]
    assert errors(problems) == []
    assert len(services) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Tremplin 94, pour les 15-25 ans",
        "Depuis 2014, 2 rues plus loin",
        "Ouvert en 2025-2026",
        "Une place pour chacun, le 8 mars",
        "Femmes à la rue",
        "Une écoute\u00a0: pour «\u202ftoutes\u202f»",
    ],
)
def test_ordinary_digits_and_words_are_neither_numbers_nor_addresses(text: str):
    assert read(pack(pour=f'"{text}"'))[1] == []


# Several packs


def folder(tmp_path: Path, **packs: str) -> Path:
    home = tmp_path / "local"
    home.mkdir()
    for name, text in packs.items():
        (home / f"{name}.yml").write_text(text, encoding="utf-8")
    return home


def test_a_pack_with_a_mistake_is_left_out_whole_and_its_neighbour_is_served(tmp_path: Path):
    wrong = pack() + pack(telephone='"17"').split("services:\n")[1].replace("ecoute:", "autre:", 1)
    home = folder(tmp_path, arcueil=wrong, cachan=pack())
    services, sources, problems = read_packs(home, "data/local", known)
    assert [one.id for one in services] == ["cachan.ecoute"]
    assert [(one.code, one.span.file) for one in problems] == [
        ("local.numero_national", "data/local/arcueil.yml")
    ]
    assert sources == {"data/local/arcueil.yml": wrong, "data/local/cachan.yml": pack()}
    assert re.search(r'telephone: "17"\n +\| +\^{4}\n', report(problems, sources))


def test_two_packs_may_use_the_same_word_for_a_service_and_no_id_is_given_twice(tmp_path: Path):
    home = folder(tmp_path, a=pack(), b=pack(), a_b=pack())
    services, _, problems = read_packs(home, "data/local", known)
    assert problems == []
    assert [one.id for one in services] == ["a.ecoute", "a_b.ecoute", "b.ecoute"]


def test_no_packs_at_all_is_no_mistake(tmp_path: Path):
    assert read_packs(tmp_path / "nulle_part", "data/local", known) == ((), {}, [])
    assert read_packs(folder(tmp_path), "data/local", known) == ((), {}, [])


def test_a_file_that_would_be_passed_over_in_silence_is_told(tmp_path: Path):
    home = folder(tmp_path, cachan=pack())
    for name in ("arcueil.yaml", "cachan.yml.txt", "LISEZMOI.md", ".gitkeep"):
        (home / name).write_text("", encoding="utf-8")
    _, _, problems = read_packs(home, "data/local", known)
    assert [(one.code, one.span.file) for one in problems] == [
        ("local.fichier", "data/local/arcueil.yaml"),
        ("local.fichier", "data/local/cachan.yml.txt"),
    ]
    assert errors(problems) == []


@pytest.mark.parametrize("name", ["Cachan", "l'haÿ", "a.b", "a b", "-"])
def test_a_file_name_that_makes_no_good_id_is_told(tmp_path: Path, name: str):
    home = folder(tmp_path, **{name: pack()})
    services, _, problems = read_packs(home, "data/local", known)
    assert [one.code for one in problems] == ["local.nom_fichier"]
    assert services == ()


def test_a_pack_that_is_no_text_is_told(tmp_path: Path):
    home = folder(tmp_path)
    (home / "latin.yml").write_bytes("nom: Cachan\nville: Créteil\n".encode("latin-1"))
    (home / "dossier.yml").mkdir()
    services, _, problems = read_packs(home, "data/local", known)
    assert services == ()
    assert [(one.code, one.span.file, one.span.line) for one in problems] == [
        ("fichier.introuvable", "data/local/dossier.yml", 1),
        ("fichier.encodage", "data/local/latin.yml", 2),
    ]


# relais check


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small directory with one pack, as `relais check` finds it."""
    home = tables(tmp_path / "data", communes=[CACHAN, CACHAN | ORLY, CACHAN | MARS])
    shutil.copy(DATA / "helplines.yml", home)
    for name in ("dropped.csv", "gaps.csv"):
        if (DATA / name).exists() and not (home / name).exists():
            shutil.copy(DATA / name, home)
    folder(home, cachan=MODEL)
    return home


ORLY = {"insee": "94054", "name": "Orly", "postcodes": "94310", "population": "24000"}
MARS = {"insee": "66105", "name": "Marquixanes", "postcodes": "66320", "departement": "66"}


def in_packs(data: Path) -> list[Problem]:
    found = directory_problems(data, data / "cache")
    return [one for one in found if one.span.file.startswith("data/local/")]


def test_a_check_reads_the_packs(data: Path):
    assert in_packs(data) == []
    file = data / "local" / "cachan.yml"
    text = MODEL.replace('"+33189119494"', '"+33884284637"')
    file.write_text(text, encoding="utf-8")
    assert [(one.code, one.span.file, one.span.line) for one in in_packs(data)] == [
        ("local.numero_mort", "data/local/cachan.yml", line_of(text, "telephone:"))
    ]


def test_a_check_knows_the_numbers_of_the_national_lines(data: Path):
    file = data / "local" / "cachan.yml"
    file.write_text(MODEL.replace('"+33189119494"', '"+33800059595"'), encoding="utf-8")
    assert [one.code for one in in_packs(data)] == ["local.numero_national"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Cachan", "94016 (Cachan)"),
        ("cachen", "94016 (Cachan)"),
        ("94310", "94054 (Orly)"),
        ("94999", None),
        ("Zzzz", None),
    ],
)
def test_a_name_or_a_postcode_in_the_place_of_an_insee_code_is_told_with_the_code(
    data: Path, written: str, meant: str | None
):
    file = data / "local" / "cachan.yml"
    file.write_text(MODEL.replace("[94016]", f"[{written}]"), encoding="utf-8")
    (problem,) = in_packs(data)
    assert (problem.code, problem.suggestion) == ("local.commune", meant)
    if meant:
        assert f"Vouliez-vous dire « {meant} » ?" in problem.sentence()


def test_a_table_that_is_wrong_itself_does_not_hide_what_is_wrong_in_a_pack(data: Path):
    tables(data, communes=[CACHAN | {"population": "beaucoup"}])
    file = data / "local" / "cachan.yml"
    file.write_text(MODEL.replace("[94016]", "[Cachan]"), encoding="utf-8")
    assert [one.suggestion for one in in_packs(data)] == ["94016 (Cachan)"]


def test_a_mistake_in_a_pack_keeps_nobody_from_the_rest_and_its_line_can_be_quoted(data: Path):
    """The conversation starts without the pack: only `relais check` stops at it."""
    file = data / "local" / "cachan.yml"
    file.write_text(MODEL + "telefone: x\n", encoding="utf-8")
    content = read_content(ROOT / "flows", data, ROOT / "locales", NOON)
    assert errors(content.problems) == []
    assert f"{MODEL.count(chr(10)) + 1:>6} | telefone: x" in report(in_packs(data), content.sources)


def test_whoever_checks_reads_the_place_of_the_mistake_in_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("flows", "locales", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    environ = {"CACHE_DIR": str(ROOT / ".cache")}
    monkeypatch.setattr(cli, "read_settings", partial(read_settings, tmp_path, environ))
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    file = tmp_path / "data" / "local" / "cachan.yml"
    text = MODEL.replace("    genre: enfance", "    genre: enfances")
    file.write_text(text, encoding="utf-8")
    line = line_of(text, "genre: enfances")
    result = CliRunner().invoke(cli.relais, ["check"])
    assert result.exit_code == 1
    assert f"data/local/cachan.yml:{line}:12: erreur [forme.choix]\n" in result.output
    assert f"{line:>6} |     genre: enfances\n       |            ^^^^^^^^\n" in result.output


# Laws


def holds(services: tuple[Service, ...], problems: list[Problem]) -> None:
    """Whatever was written: nothing wrong is served, and what is served fits a screen."""
    assert not (errors(problems) and services)
    assert services or problems
    for one in services:
        assert bool(one.phone) != one.through_town_hall
        assert one.phone == "" or (is_phone(one.phone) and one.phone not in DEAD)
        assert one.hours == "" or are_hours(one.hours)
        assert bool(one.communes) != bool(one.departement_wide)
        assert all(map(known, one.communes))
        assert len(one.name) <= LIMITS["nom"]
        assert len(one.purpose) <= LIMITS["pour"]
        assert one.source
        assert one.source_date
    assert len({one.id for one in services}) == len(services)


@LAWS
@given(st.text())
def test_any_file_at_all_is_read_without_a_hitch(text: str):
    holds(*read(text))


PIECES = st.sampled_from(
    [
        "",
        "0",
        '"',
        ":",
        "{",
        "[",
        "\n",
        "  ",
        "\t",
        "é",
        "\u202e",
        "oui",
        "non",
        "17",
        "- ",
        "#",
        "&a",
    ]
)


@LAWS
@given(st.integers(0, len(MODEL)), st.integers(0, 40), PIECES | st.text(max_size=8))
def test_cachans_pack_however_it_is_spoilt_serves_nothing_wrong(at: int, gone: int, put: str):
    holds(*read(MODEL[:at] + put + MODEL[at + gone :]))


@LAWS
@given(st.permutations(MODEL.splitlines(keepends=True)), st.integers(0, 60))
def test_cachans_lines_in_any_order_serve_nothing_wrong(lines: list[str], kept: int):
    holds(*read("".join(lines[:kept])))


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@LAWS
@given(st.sampled_from([*GOOD, "adresse", "adresse_publique", "par_la_mairie"]), CELLS)
def test_any_words_in_any_cell_serve_nothing_wrong(cell: str, words: str):
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    holds(*read(pack(**{cell: f'"{quoted}"'})))


@LAWS
@given(
    st.sampled_from(KINDS),
    st.sampled_from(["Foyer", "Point écoute", "Accueil et hébergement", "Mise à l'abri"]),
    st.sampled_from([None, "oui", "non", "peut-être", '""']),
    st.sampled_from(['"https://example.org/"', '"la mairie"', None]),
)
def test_no_shelters_door_is_ever_shown_unless_a_public_page_shows_it(
    kind: str, name: str, public: str | None, source: str | None
):
    text = pack(
        genre=kind, nom=f'"{name}"', adresse=f'"{SHELTER}"', adresse_publique=public, source=source
    )
    shown = any(one.address for one in read(text)[0])
    shelter = kind in GUARDED or name != "Point écoute"
    if shelter:
        assert shown == (public == "oui" and source == '"https://example.org/"')
    else:
        assert shown == (public in (None, "oui") and source is not None)


@pytest.mark.parametrize("kind", PREMIUM)
def test_no_number_that_costs_extra_is_served(kind: int):
    example = example_number_for_type("FR", kind)
    assert example is not None
    number = format_number(example, PhoneNumberFormat.E164)
    assert [code for code, _ in told(pack(telephone=f'"{number}"'))] == ["local.numero_surtaxe"]


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_an_address_that_is_refused_is_not_told_by_whoever_refuses_it(form: str):
    """The check runs in public: what it quotes is public too."""
    text = pack(genre="hebergement", adresse='"12 rue Secrete, 94000 Creteil"')
    _, problems = read(text)
    assert problems
    assert "Secrete" not in report(problems, {FILE: text}, "fr", form)
