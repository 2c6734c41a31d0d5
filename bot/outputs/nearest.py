"""What `relais nearest` answers: the place that a text names, its offices, the national lines."""

from datetime import datetime
from typing import Any

from bot.referral.directory import Directory
from bot.referral.helpline import Register, opening
from bot.referral.office import Near
from bot.referral.place import Choices, Found, Place, match
from bot.triage.screen import shown_number

NATIONAL = ("3919", "tchat_police", "116006", "3919_tchat")  # always last, always present


def nearest_to(
    text: str, directory: Directory, register: Register, now: datetime
) -> dict[str, Any]:
    """`place` (None where none or several), `choices`, `offices` in order, `lines`.

    `insee` is None for a bare département, `open` None where the hours are not known.
    """
    found = match(text, directory)
    place = found.place if isinstance(found, Found) else None
    choices = found.places if isinstance(found, Choices) else ()
    return {
        "place": _place(place) if place else None,
        "choices": [_place(one) for one in choices],
        "offices": [_office(one) for one in directory.near(place.code)] if place else [],
        "lines": [_line(line, register, now) for line in NATIONAL if line in register.lines],
    }


def as_text(found: dict[str, Any]) -> str:
    """The same, to be read in a terminal."""
    place = found["place"]
    lines = [
        f"{place['name']} ({place['departement'] or 'France'})" if place else "Lieu non trouvé."
    ]
    lines += [f"  ? {one['name']} ({one['departement']})" for one in found["choices"]]
    lines += [
        f"  {one['name']} : {shown_number(one['phone'])}"
        + (f", à {one['distance_km']:.0f} km" if one["distance_km"] is not None else "")
        for one in found["offices"]
    ]
    lines += [
        f"  {one['name']}" + (f" : {shown_number(one['phone'])}" if one["phone"] else "")
        for one in found["lines"]
    ]
    return "\n".join(lines)


def _place(place: Place) -> dict[str, str | None]:
    return {"insee": place.insee, "name": place.name, "departement": place.departement or None}


def _office(near: Near) -> dict[str, Any]:
    office = near.office
    return {
        "id": office.id,
        "kind": office.kind,
        "network": office.network,
        "name": office.name,
        "phone": office.phone,
        "departement": office.departement,
        "distance_km": None if near.distance_km is None else round(near.distance_km, 1),
        "status": office.status,
    }


def _line(line: str, register: Register, now: datetime) -> dict[str, Any]:
    one = register.lines[line]
    state = opening(one, now).state
    known = None if state == "unknown" else state in ("always", "open")
    return {"id": line, "name": one.name, "phone": one.number or None, "open": known}
