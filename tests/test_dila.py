"""Reading the official directory: which doors come out of it, and which never do."""

import bz2
import csv
import gzip
import json
import os
import subprocess
import sys
import tarfile
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.referral.hours import are_hours
from bot.referral.office import Point, distance_km
from bot.referral.official import file as official_file
from bot.referral.official import listings
from bot.referral.official.door import SURCHARGED, phone_of
from bot.referral.official.listings import (
    REASONS,
    Listing,
    OfficialFileError,
    Reading,
    read_official,
)
from bot.referral.official.times import hours_of
from bot.referral.official.words import address_of, name_of
from tests.dila_files import MEMBER, address, archive, as_text, exported, line, record, write_many
from tests.ground import LAWS, ROOT, directory

TODAY = date(2026, 11, 22)
SHARED = ROOT.parent / "shared"
REAL = SHARED / "dila" / "donnees_locales_2022-01.v4.json.gz"
CACHAN = Point(48.7920, 2.3310)
at_hand = pytest.mark.skipif(not REAL.exists(), reason="no real records at hand")


def read(folder: Path, raw: bytes, **more: Any) -> Reading:
    file = folder / "annuaire"
    file.write_bytes(raw)
    return read_official(file, directory().places, more.pop("dropped", {}), TODAY, **more)


def one(folder: Path, *records: object, **more: Any) -> Listing:
    (listing,) = read(folder, as_text(*records), **more).listings
    return listing


def reasons(folder: Path, *records: object, **more: Any) -> list[str]:
    reading = read(folder, as_text(*records), **more)
    return [aside.reason for aside in reading.left_aside]


def wrong(folder: Path, raw: bytes) -> str:
    with pytest.raises(OfficialFileError) as caught:
        read(folder, raw)
    told = caught.value.problem
    assert told.span.file == "annuaire"
    assert told.sentence("fr") != told.sentence("en")
    return told.code


# What a file may look like


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: text,
        lambda text: b"\xef\xbb\xbf" + text,
        gzip.compress,
        bz2.compress,
        lambda text: archive((MEMBER, text)),
        lambda text: archive(("lisez-moi.txt", b"rien" * 50_000), (f"jour/{MEMBER}", text)),
        lambda text: bz2.decompress(archive((MEMBER, text))),
        lambda text: json.dumps(json.loads(text)["service"]).encode(),
        lambda text: text.replace(b'"service"', b'"total_count": 1, "results"', 1),
        lambda text: json.dumps([exported(one) for one in json.loads(text)["service"]]).encode(),
    ],
)  # fmt: skip
def test_a_file_is_read_for_what_it_is_whatever_it_is_called(tmp_path: Path, wrapped: Any) -> None:
    reading = read(tmp_path, wrapped(as_text(record())))
    (listing,) = reading.listings
    assert (listing.kind, listing.commune, listing.phone) == (
        "gendarmerie",
        "Cachan",
        "+33149085500",
    )
    assert (reading.records, reading.date) == (1, "2021-12-03")


def link(kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(MEMBER)
    info.type, info.linkname = kind, "/etc/hostname"
    return info


WHOLE = as_text(record())


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "annuaire.vide"),
        (b"   \n", "annuaire.vide"),
        (gzip.compress(b"", mtime=0), "annuaire.vide"),
        (b"<?xml version='1.0'?><service/>", "annuaire.json"),
        (b"PK\x03\x04 une archive zip", "annuaire.json"),
        (WHOLE[:-40], "annuaire.coupe"),
        (WHOLE + b"}", "annuaire.json"),
        (WHOLE.decode().encode("utf-16"), "annuaire.encodage"),
        (WHOLE.decode().encode("utf-16-le"), "annuaire.encodage"),
        (as_text(record(name="Évry")).decode().encode("latin-1"), "annuaire.encodage"),
        (gzip.compress(WHOLE, mtime=0)[:-30], "annuaire.coupe"),
        (bz2.compress(WHOLE)[:-30], "annuaire.coupe"),
        (gzip.compress(WHOLE, mtime=0)[:30] + b"\0" * 200, "annuaire.compression"),
        (bz2.compress(WHOLE)[:30] + b"\0" * 200, "annuaire.compression"),
        (archive((MEMBER, WHOLE))[:-30], "annuaire.coupe"),
        (bz2.compress(bz2.decompress(archive((MEMBER, WHOLE)))[:700]), "annuaire.archive"),
        (archive(("autre.json", WHOLE)), "annuaire.membre_absent"),
        (archive((MEMBER, WHOLE), (f"b/{MEMBER}", WHOLE)), "annuaire.membre_double"),
        (archive((f"../{MEMBER}", WHOLE)), "annuaire.membre_dangereux"),
        (archive((f"/{MEMBER}", WHOLE)), "annuaire.membre_dangereux"),
        (archive((MEMBER, WHOLE), ("a/../../b", b"")), "annuaire.membre_dangereux"),
        (archive(link(tarfile.SYMTYPE)), "annuaire.membre_dangereux"),
        (archive(link(tarfile.LNKTYPE)), "annuaire.membre_dangereux"),
        (archive(*((f"{n}.txt", b"") for n in range(120))), "annuaire.membres"),
        (b'{"service": {"id": "a"}}', "annuaire.forme"),
        (b'{"mairies": []}', "annuaire.forme"),
        (b'"service"', "annuaire.forme"),
        (b'{"x": "' + b"a" * 1_200_000 + b'"}', "annuaire.forme"),
        (b'{"service": [{"id": "' + b"a" * 1_200_000 + b'"}]}', "annuaire.fiche"),
        (b'{"service": [{"id": ' + b"9" * 5000 + b"}]}", "annuaire.json"),
        (b'{"n": ' + b"9" * 5000 + b', "service": []}', "annuaire.json"),
        (b'{"service": [{"id": 1e999}]}', "annuaire.json"),
        (gzip.compress(b'{"service": [' + b" " * 9_000_000, mtime=0), "annuaire.fiche"),
    ],
)
def test_each_wrong_file_is_told_by_one_clear_problem(
    tmp_path: Path, raw: bytes, code: str
) -> None:
    assert wrong(tmp_path, raw) == code


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OfficialFileError) as caught:
        read_official(tmp_path / "absent.json", directory().places, {}, TODAY)
    assert caught.value.problem.code == "fichier.introuvable"


def test_what_swells_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official_file, "WHOLE_LIMIT", 5_000_000)
    many = as_text(*({"id": str(number), "x": "a" * 900} for number in range(6000)))
    assert len(gzip.compress(many, mtime=0)) < 200_000
    assert wrong(tmp_path, gzip.compress(many, mtime=0)) == "annuaire.taille"
    assert wrong(tmp_path, archive(("x", b"\0" * 6_000_000), (MEMBER, WHOLE))) == "annuaire.taille"


def shaped() -> list[bytes]:
    text = as_text(
        record(),
        record("aav", "Aide aux victimes", id="b"),
        record("cidf", "CIDFF - Essai", id="c"),
    )
    return [text, gzip.compress(text, mtime=0), archive((MEMBER, text))]


@LAWS
@given(
    raw=st.sampled_from(shaped()),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=6)), max_size=5),
    end=st.floats(0, 1),
)
def test_no_bytes_at_all_end_in_anything_but_a_reading_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory,
    raw: bytes,
    changes: list[tuple[float, bytes]],
    end: float,
) -> None:
    spoilt = bytearray(raw)
    for where, what in changes:
        start = int(where * len(spoilt))
        spoilt[start : start + len(what)] = what
    folder = tmp_path_factory.mktemp("octets")
    with suppress(OfficialFileError):
        read(folder, bytes(spoilt[: int(end * len(spoilt)) + 1]))


FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | FINITE | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(sorted({**record(), **address(), **line("", "")})), inner,
                      max_size=4),
    max_leaves=8,
)  # fmt: skip


@LAWS
@given(fields=st.dictionaries(st.sampled_from(sorted(record())), ANYTHING, max_size=6))
def test_no_record_at_all_keeps_the_others_from_being_read(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, Any]
) -> None:
    odd = {**record(id="odd"), **fields}
    text = json.dumps([odd, record(id="kept")])
    reading = read(tmp_path_factory.mktemp("fiches"), text.encode())
    assert "kept" in {listing.id for listing in reading.listings}
    for listing in reading.listings:
        assert phonenumbers.is_valid_number(phonenumbers.parse(listing.phone))
        assert repr(listing).encode()  # nothing that a file or a database cannot hold


# Which doors


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("cidf", "cidff"), ("CIDFF", "cidff"), ("aav", "victim_support"), ("bav", "court_desk"),
        ("commissariat_police", "police"), ("Commissariat police", "police"),
        ("gendarmerie", "gendarmerie"), ("mjd", "legal_access"),
        ("antenne_justice", "legal_access"),
        ("permanence_juridique", "legal_access"), ("point-justice", "legal_access"),
    ],
)  # fmt: skip
def test_a_type_is_known_under_each_of_its_names(tmp_path: Path, written: str, kind: str) -> None:
    assert one(tmp_path, record(written, "Aide aux victimes")).kind == kind


def test_what_is_known_and_unwanted_is_told_apart_from_what_nobody_knows(tmp_path: Path) -> None:
    kinds = ("mairie", "pmi", "pmi", "chrs", "cdad", "soucoupe_volante", "")
    reading = read(tmp_path, as_text(*(record(kind, id=str(n)) for n, kind in enumerate(kinds))))
    assert reading.listings == reading.left_aside == ()
    assert reading.unwanted == {"mairie": 1, "pmi": 2, "chrs": 1, "cdad": 1}
    assert reading.unrecognised == {"": 1, "soucoupe_volante": 1}


def test_a_shelter_is_never_a_door_even_where_it_is_also_something_else(tmp_path: Path) -> None:
    both = [{"type_service_local": name} for name in ("permanence_juridique", "chrs")]
    assert read(tmp_path, as_text(record(pivot=both))).listings == ()
    for kind in ("permanence_juridique", "aav", "cidf"):
        name = "Aide aux victimes - centre d'hébergement"
        assert reasons(tmp_path, record(kind, name)) == ["shelter"]
    assert reasons(tmp_path, record("mjd", "Relais du droit chez Solidarité Femmes")) == ["shelter"]


def test_legal_access_for_others_or_in_a_prison_is_no_door(tmp_path: Path) -> None:
    for name in ("Point d'accès au droit du centre pénitentiaire", "Accès au droit des étrangers"):
        assert reasons(tmp_path, record("permanence_juridique", name)) == ["other_public"]


def test_an_association_that_speaks_of_no_victims_is_left_aside_unless_it_is_known(
    tmp_path: Path,
) -> None:
    association = record("aav", "Agora justice", ancien_code_pivot="aav-29232-01")
    assert reasons(tmp_path, association) == ["not_victims"]
    assert one(tmp_path, association, known={"aav-29232-01"}).kind == "victim_support"


def test_a_dropped_record_stays_dropped_by_either_of_its_ids(tmp_path: Path) -> None:
    written = record("aav", "Aide aux victimes", id="abc", ancien_code_pivot="aav-94016-01")
    for name in ("abc", "aav-94016-01"):
        assert reasons(tmp_path, written, dropped={name: "essai"}, known={name}) == ["dropped"]


@pytest.mark.parametrize("changes", [{"statut": "inactive"}, {"statut_de_diffusion": "false"}])
def test_a_closed_door_is_no_door(tmp_path: Path, changes: dict[str, str]) -> None:
    assert reasons(tmp_path, record(**changes)) == ["inactive"]


def test_of_two_records_with_one_id_the_first_stays(tmp_path: Path) -> None:
    reading = read(tmp_path, as_text(record(), record(phone="01 49 08 55 01")))
    assert [listing.phone for listing in reading.listings] == ["+33149085500"]
    assert [aside.reason for aside in reading.left_aside] == ["duplicate"]


def test_what_is_no_record_is_counted_and_harms_nothing(tmp_path: Path) -> None:
    reading = read(tmp_path, as_text("texte", 12, None, [], record(), record(id="../x")))
    assert (reading.records, len(reading.listings)) == (6, 1)
    assert [aside.reason for aside in reading.left_aside] == ["shape"] * 5


def test_a_cidff_that_stands_twice_is_one_door(tmp_path: Path) -> None:
    name = "Centre d'information sur les droits des femmes et des familles (CIDFF) - Essai"
    again = record("aav", name, id="b")
    assert one(tmp_path, again).kind == "cidff"
    victims = record("aav", "Aide aux victimes", id="c")
    reading = read(tmp_path, as_text(again, victims, record("cidf", name, id="d")))
    assert [listing.id for listing in reading.listings] == ["d"]
    assert {aside.reason for aside in reading.left_aside} == {"same_body"}


def test_two_police_stations_may_share_a_number(tmp_path: Path) -> None:
    assert len(read(tmp_path, as_text(record(), record(id="b"))).listings) == 2


# Where


@pytest.mark.parametrize(
    ("postcode", "town", "insee"),
    [
        ("94230", "CACHAN", "94016"), ("94235", "Cachan CEDEX 2", "94016"),
        ("06300", "NICE CEDEX 4", "06088"), ("02322", "ST QUENTIN CEDEX", "02691"),
        ("75013", "Paris", "75113"), ("75013", "PARIS 13", "75113"), ("75940", "Paris", "75056"),
        ("7100", "ANNONAY", "07010"), ("39\u00a0000", "LONS LE SAUNIER", "39300"),
        ("20200", "Bastia", "2B033"), ("97133", "Gustavia", "97701"),
        ("97200", "Fort de France", "97209"), ("98846", "NOUMEA CEDEX", "98818"),
    ],
)  # fmt: skip
def test_a_town_is_found_by_postcode_and_name(
    tmp_path: Path, postcode: str, town: str, insee: str
) -> None:
    """`code_insee_commune` is that of the record's creation and says something else here."""
    where = address(code_postal=postcode, nom_commune=town, latitude="", longitude="")
    found = one(tmp_path, record(at=[where], area="01004", code_insee_commune="01004"))
    assert found.insee == insee
    assert found.serves == {found.departement}


def test_a_postcode_with_a_typing_error_does_not_move_a_door_to_another_departement(
    tmp_path: Path,
) -> None:
    where = address(code_postal="49230")
    found = one(tmp_path, record(at=[where]))
    assert (found.insee, found.postcode) == ("94016", "")


@pytest.mark.parametrize(
    ("latitude", "longitude", "moved"),
    [
        ("48.7950", "2.3320", False), ("2.3320", "48.7950", True), ("", "", True),
        ("48", "2", True), ("48,7950", "2,3320", False), ("nan", "inf", True),
        ("1e400", "2.3", True), ("-20.9", "55.4", True),
    ],
)  # fmt: skip
def test_a_point_is_near_its_commune_or_replaced(
    tmp_path: Path, latitude: str, longitude: str, moved: bool
) -> None:
    where = address(latitude=latitude, longitude=longitude)
    reading = read(tmp_path, as_text(record(at=[where])))
    (found,) = reading.listings
    assert distance_km(CACHAN, Point(found.latitude, found.longitude)) < 2
    assert reading.moved_points == moved


def test_a_point_written_the_wrong_way_round_is_turned_not_lost(tmp_path: Path) -> None:
    found = one(tmp_path, record(at=[address(latitude="2.3401", longitude="48.7999")]))
    assert (found.latitude, found.longitude) == (48.7999, 2.3401)


def test_the_first_address_that_is_a_door_is_taken(tmp_path: Path) -> None:
    letters = address(type_adresse="Adresse postale", numero_voie="BP 12")
    door = address(numero_voie="2 rue de la Porte", code_postal="94800", nom_commune="Villejuif")
    found = one(tmp_path, record(at=[letters, door, address()]))
    assert (found.address, found.commune) == ("2 rue de la Porte", "Villejuif")


def test_a_town_that_nobody_knows_makes_no_door(tmp_path: Path) -> None:
    where = address(code_postal="98000", nom_commune="Atlantide")
    assert reasons(tmp_path, record(at=[where], area="", code_insee_commune="")) == ["place"]
    assert reasons(tmp_path, record(at=[], area="", code_insee_commune="")) == ["place"]


def test_an_office_serves_the_area_that_its_record_names(tmp_path: Path) -> None:
    wide = record("cidf", "CIDFF Limousin", area=["87085", "19272", "23096", "00000"])
    assert one(tmp_path, wide).serves == {"87", "19", "23"}


def test_an_association_of_women_keeps_its_address_to_itself(tmp_path: Path) -> None:
    """It may run a shelter there; its number is enough to reach it."""
    for name in ("SOS Femmes 94", "Réseau VIF", "SOS violences conjugales"):
        found = one(tmp_path, record("aav", name, area="94016"))
        assert (found.address, found.postcode, found.commune) == ("", "", "Cachan")
        cachan = directory().places.locate("C94016")
        assert cachan is not None
        assert Point(found.latitude, found.longitude) == cachan.point


# Numbers, hours, words


@pytest.mark.parametrize(
    ("written", "departement", "expected"),
    [
        ("01 49 08 55 00", "94", "+33149085500"), ("+33 1 49 08 55 00", "94", "+33149085500"),
        ("0(596)484141", "972", "+596596484141"), ("+590 5 90 99 57 90", "971", "+590590995790"),
        ("0590 99 57 90", "978", "+590590995790"), ("01 49 08 55 00", "974", "+33149085500"),
        ("0262 96 10 00", "974", "+262262961000"), ("+687 27 27 27", "988", "+687272727"),
        ("01 49 08 55 / 01 49 08 55 00", "94", "+33149085500"),
        ("0800 17 18 05", "94", "+33800171805"),
        ("+596 78 14 05", "972", ""), ("01 49 08 55", "94", ""), ("17", "94", ""),
        ("3919", "94", ""),
        ("3430", "75", ""), ("116 006", "94", ""), ("0 899 12 34 56", "94", ""),
        ("0810 81 38 13", "13", ""), ("0826 10 10 10", "94", ""), ("+32 2 555 12 12", "59", ""),
        ("", "94", ""), ("sans", "94", ""), ("9" * 500, "94", ""),
    ],
)  # fmt: skip
def test_a_number_can_be_dialled_at_the_price_of_a_call_or_is_none(
    written: str, departement: str, expected: str
) -> None:
    assert phone_of([written], departement) == expected


def test_without_a_number_there_is_no_door(tmp_path: Path) -> None:
    assert reasons(tmp_path, record(phone=None)) == ["phone"]
    assert reasons(tmp_path, record(phone="17")) == ["phone"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([line("Lundi", "Vendredi", "09:00:00", "12:30:00", "13:30:00", "17:00:00")],
         "Mo-Fr 09:00-12:30,13:30-17:00"),
        ([line("Lundi", "Vendredi", "09:00:00", "12:00:00"),
          line("Mercredi", "Mercredi", "14:00:00", "17:00:00")],
         "Mo-Tu 09:00-12:00; We 09:00-12:00,14:00-17:00; Th-Fr 09:00-12:00"),
        ([line("Lundi", "Dimanche", "00:00:00", "23:59:00")], "24/7"),
        ([line("Samedi", "Dimanche", "22:00", "00:00")], "Sa-Su 22:00-24:00"),
        ([line("Lundi", "Vendredi", "09:00:00", "12:00:00", remark="Sur rendez-vous.")], ""),
        ([line("Lundi", "Vendredi")], ""), ([], ""),
        ([line("Lundi", "Vendredi", "18:00:00", "09:00:00")], ""),
        ([line("Lundi", "Vendredi", "09:00:00", "")], ""),
        ([line("Vendredi", "Lundi", "09:00:00", "12:00:00")], ""),
        ([line("Lundi", "Férié", "09:00:00", "12:00:00")], ""),
    ],
)  # fmt: skip
def test_hours_are_told_where_they_can_be_read_and_nothing_is_remarked(
    written: list[dict[str, str]], expected: str
) -> None:
    assert hours_of(written) == expected
    assert not expected or are_hours(expected)


def test_a_remark_on_the_whole_week_silences_the_hours(tmp_path: Path) -> None:
    week = [line("Lundi", "Vendredi", "09:00:00", "12:00:00")]
    assert one(tmp_path, record(plage_ouverture=week)).hours == "Mo-Fr 09:00-12:00"
    remarked = record(plage_ouverture=week, commentaire_plage_ouverture="Sur rendez-vous")
    assert one(tmp_path, remarked).hours == ""


@pytest.mark.parametrize(
    ("written", "town", "expected"),
    [
        ("Brigade de gendarmerie - Ambérieu-en-Bugey", "Ambérieu-en-Bugey",
         "Brigade de gendarmerie - Ambérieu-en-Bugey"),
        ("Centre d'information sur les droits des femmes et des familles (CIDFF) – Moselle – Metz",
         "Metz", "CIDFF - Moselle - Metz"),
        ("Centre d’information des droits des femmes et des familles (CIDFF) - Ain", "Bourg",
         "CIDFF - Ain"),
        ("France victimes 16 - Association de soutien aux victimes (ASVAD) - Angoulême",
         "Angoulême", "France Victimes 16 - Angoulême"),
        ("Point-justice - Maison de la justice et du droit de St Denis", "Saint-Denis",
         "Maison de la justice et du droit de Saint-Denis"),
        ("Point-justice - France services", "Cachan", "Point-justice - France services"),
        ("Point-justice - Antenne de justice d'Antibes (06)", "Antibes",
         "Antenne de justice d'Antibes"),
        ("Commissariat de police de Cachan - Cachan", "Cachan", "Commissariat de police de Cachan"),
        ("POINT D'ACCES AU DROIT DE SAINT-BRIEUC", "Saint-Brieuc",
         "Point d'Acces au Droit de Saint-Brieuc"),
        ("APCE 80", "Amiens", "APCE 80"), ("aide aux victimes", "Nice", "Aide aux victimes"),
        ("Aide aux victimes, camille@example.org - Mme Camille Essai", "Nice", "Aide aux victimes"),
    ],
)  # fmt: skip
def test_a_name_is_what_a_person_would_say(written: str, town: str, expected: str) -> None:
    name = name_of(written, town, ("06", "Alpes-Maritimes"))
    assert name.rstrip(" ,") == expected


def test_an_address_tells_the_door_and_nobody(tmp_path: Path) -> None:
    where = address(
        complement1="À l'attention de Mme Essai", complement2="Bâtiment B, BP 123",
        numero_voie="7 BIS RUE MADAME CURIE",
    )  # fmt: skip
    assert address_of(where) == "Bâtiment B, 7 Bis rue Madame Curie"
    assert address_of(address(complement1="Contact : camille@example.org")) == "1 rue des Essais"
    assert address_of(address(complement1="M. Essai 06 12 34 56 78")) == "1 rue des Essais"


def test_nothing_personal_of_a_record_comes_out(tmp_path: Path) -> None:
    where = address(complement2="Madame Camille Essai")
    sites = [{"valeur": "mailto:camille@example.org"}, {"valeur": "https://example.org/"}]
    found = one(tmp_path, record(at=[where], site_internet=sites, nom="Brigade (Mme Essai)"))
    assert found.website == "https://example.org/"
    assert "Essai" not in found.name + found.address.replace("1 rue des Essais", "")
    assert "@" not in repr(found)


def test_a_day_to_come_is_no_day(tmp_path: Path) -> None:
    later = record(date_modification="23/11/2026 00:00:00")
    assert one(tmp_path, later).modified == ""
    reading = read(tmp_path, as_text(later, record(id="b", date_modification="2024-02-29")))
    assert reading.date == "2024-02-29"


def test_every_reason_has_its_sentence() -> None:
    assert set(REASONS) == set(listings.Reason.__args__)


# The real records


@pytest.fixture(scope="module")
def dropped() -> dict[str, str]:
    with (SHARED / "facts" / "dropped.csv").open(encoding="utf-8", newline="") as opened:
        return {row["dila_id"]: row["reason"] for row in csv.DictReader(opened)}


@pytest.fixture(scope="module")
def real(dropped: dict[str, str]) -> Reading:
    return read_official(REAL, directory().places, dropped, TODAY)


@at_hand
@pytest.mark.shared
def test_every_real_record_is_accounted_for(real: Reading) -> None:
    assert (real.records, real.date, real.unrecognised) == (10_080, "2022-01-05", {})
    assert real.unwanted == {
        "cdad": 108, "civi": 185, "msap": 1950, "ordre_avocats": 164, "pif": 360, "pmi": 1061,
        "tgi": 176,
    }  # fmt: skip
    kinds = Counter([one.kind for one in real.listings] + [one.kind for one in real.left_aside])
    assert kinds.pop("cidff") + kinds.pop("victim_support") == 112 + 216
    assert kinds == {
        "court_desk": 182, "police": 606, "gendarmerie": 3054, "legal_access": 149 + 26 + 1731,
    }  # fmt: skip


@at_hand
@pytest.mark.shared
def test_the_real_doors_are_these(real: Reading) -> None:
    assert Counter(one.kind for one in real.listings) == {
        "cidff": 107, "victim_support": 111, "court_desk": 160, "police": 586, "gendarmerie": 2957,
        "legal_access": 1819,
    }  # fmt: skip
    assert len({one.id for one in real.listings}) == len(real.listings)
    assert list(real.listings) == sorted(real.listings, key=lambda one: (one.kind, one.id))


@at_hand
@pytest.mark.shared
def test_every_real_door_stands_near_its_commune_and_can_be_called(real: Reading) -> None:
    places = directory().places
    for one in real.listings:
        located = places.locate(f"C{one.insee}")
        assert located is not None
        if located.point:
            assert distance_km(located.point, Point(one.latitude, one.longitude)) <= 8
        number = phonenumbers.parse(one.phone)
        assert phonenumbers.is_valid_number(number), one
        assert phonenumbers.number_type(number) not in SURCHARGED, one
        assert not one.hours or are_hours(one.hours)
        assert "@" not in repr(one)
        assert one.departement in one.serves


@at_hand
@pytest.mark.shared
def test_no_dropped_record_and_no_hidden_address_comes_back(
    real: Reading, dropped: dict[str, str]
) -> None:
    assert len(dropped) == 97
    shown = {one.former_id: one for one in real.listings}
    assert not dropped.keys() & shown.keys()
    with (SHARED / "facts" / "offices.csv").open(encoding="utf-8", newline="") as opened:
        blank = {row["id"] for row in csv.DictReader(opened) if not row["address"]}
    with (SHARED / "facts" / "dila_id_map.csv").open(encoding="utf-8", newline="") as opened:
        hidden = {row["dila_id"] for row in csv.DictReader(opened)
                  if row["id"] in blank and row["dila_id"].startswith("aav")}  # fmt: skip
    assert len(hidden) > 12
    for former_id in hidden & shown.keys():
        assert shown[former_id].address == ""


@pytest.mark.long
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="its memory is told by Linux only"
)
def test_a_hundred_thousand_records_fit_in_little_memory(tmp_path: Path) -> None:
    """Every one of them is a door: the published file holds about ten thousand."""
    file = tmp_path / "annuaire.json"
    write_many(file, 100_000)
    script = """
import re, sys, time
from datetime import date
from pathlib import Path
from tests.ground import directory
from bot.referral.official.listings import read_official
places, began = directory().places, time.monotonic()
reading = read_official(Path(sys.argv[1]), places, {}, date(2026, 11, 22))
status = Path("/proc/self/status").read_text()  # ru_maxrss counts what forked this process too
(peak,) = re.findall(r"VmHWM:\\s+(\\d+) kB", status)
print(reading.records, len(reading.listings), peak)
print(f"{time.monotonic() - began:.1f} s", file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], cwd=ROOT, capture_output=True, text=True,
        check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    print(done.stdout, done.stderr)
    records, listings, kilobytes = map(int, done.stdout.split())
    assert (records, listings) == (100_000, 100_000)
    assert kilobytes < 300_000


@pytest.mark.parametrize(
    "before_the_street",
    ["Centre maternel", "Foyer Les Lilas", "CHRS L'Escale", "Accueil d'urgence", "Halte de nuit",
     "Espace mère-enfant", "Protection maternelle et infantile", "PMI"],
)  # fmt: skip
def test_a_desk_inside_a_shelter_is_never_taken(tmp_path: Path, before_the_street: str) -> None:
    """The name says nothing of it; the address does, and would show where a shelter is."""
    name = "Relais d'accès au droit - Cachan"
    hidden = record("permanence_juridique", name, at=[address(complement1=before_the_street)])
    told = read(tmp_path, as_text(hidden))
    assert told.listings == ()
    assert [one.reason for one in told.left_aside] == ["shelter"]
    street = record("permanence_juridique", name, at=[address(numero_voie="3 rue du Foyer")])
    assert len(read(tmp_path, as_text(street)).listings) == 1, "a street may have such a name"


def test_a_desk_that_is_a_child_welfare_centre_too_is_never_taken(tmp_path: Path) -> None:
    both = [{"type_service_local": one, "code_insee_commune": ["94016"]}
            for one in ("pmi", "permanence_juridique")]  # fmt: skip
    assert read(tmp_path, as_text(record(pivot=both, name="Permanence juridique"))).listings == ()


@pytest.mark.parametrize("day", ["01/01/0001 00:00:00", "1899-12-30", "31/12/9999 00:00:00"])
def test_a_day_that_cannot_be_is_no_day(tmp_path: Path, day: str) -> None:
    (listing,) = read(tmp_path, as_text(record(date_modification=day))).listings
    assert listing.modified == ""
