"""What `relais nearest` answers: the place that a text names, whom to turn to, national lines."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.referral.directory import Directory, Proposal
from bot.referral.helpline import Register, opening
from bot.referral.localpack import Service
from bot.referral.office import Near
from bot.referral.place import Choices, Found, Place, answer
from bot.referral.saying import zone
from bot.triage.screen import shown_number

# Always last, always present: those that are known to answer where the person is.
NATIONAL = {
    "metropole": ("3919", "tchat_police", "116006", "3919_tchat"),
    "outremer": ("3919", "tchat_police", "france_victimes_etranger", "3919_tchat"),
    "collectivite": ("france_victimes_etranger", "3919_tchat", "tchat_police"),
    "caledonie": ("sos_ecoute_nc", "france_victimes_etranger", "3919_tchat", "tchat_police"),
}


def nearest_to(
    text: str, directory: Directory, register: Register, now: datetime
) -> dict[str, Any]:
    """`place` (None where none or several), `choices`, `offices` in order, `lines`.

    `insee` is None for a bare département, `open` None where the hours are not known. Among the
    offices stand the commune's own services first, and its town hall after the three kinds of door.
    """
    found = answer(text, directory.places)
    place = found.place if isinstance(found, Found) else None
    choices = found.places if isinstance(found, Choices) else ()
    proposal = directory.proposal(place.code) if place else None
    lines = NATIONAL[zone(place.departement if place else "")]
    return {
        "place": _place(place) if place else None,
        "choices": [_place(one) for one in choices],
        "offices": list(_offices(proposal)) if proposal else [],
        "lines": [_line(line, register, now) for line in lines if line in register.lines],
    }


def as_text(found: dict[str, Any]) -> str:
    """The same, to be read in a terminal."""
    place = found["place"]
    lines = [
        f"{place['name']} ({place['departement'] or 'France'})" if place else "Lieu non trouvé."
    ]
    lines += [f"  ? {one['name']} ({one['departement']})" for one in found["choices"]]
    lines += [f"  {_shown(one)}" for one in found["offices"]]
    lines += [
        f"  {one['name']}" + (f" : {shown_number(one['phone'])}" if one["phone"] else "")
        for one in found["lines"]
    ]
    return "\n".join(lines)


def _shown(one: dict[str, Any]) -> str:
    phone = shown_number(one["phone"]) if one["phone"] else "par la mairie"
    far = f", à {one['distance_km']:.0f} km" if one["distance_km"] is not None else ""
    return f"{one['name']} : {phone}{far}"


def _place(place: Place) -> dict[str, str | None]:
    return {"insee": place.insee, "name": place.name, "departement": place.departement or None}


def _offices(proposal: Proposal) -> Iterator[dict[str, Any]]:
    departement = proposal.place.departement
    for service in proposal.services:
        yield _service(service, departement)
    for near in proposal.doors:
        yield _office(near)
    hall = proposal.town_hall
    if hall:
        yield _door(
            f"mairie-{proposal.place.insee}", "town_hall", f"Mairie, {hall.name}", hall.phone,
            departement,
        )  # fmt: skip
    for last in (proposal.safety, proposal.law):
        if last:
            yield _office(last)


def _service(one: Service, departement: str) -> dict[str, Any]:
    return _door(one.id, "local", one.name, one.phone, departement)


def _door(id_: str, kind: str, name: str, phone: str, departement: str) -> dict[str, Any]:
    return {
        "id": id_, "kind": kind, "network": "", "name": name, "phone": phone or None,
        "departement": departement, "distance_km": None, "status": "",
    }  # fmt: skip


def _office(near: Near) -> dict[str, Any]:
    one = near.office
    far = None if near.distance_km is None else round(near.distance_km, 1)
    return _door(one.id, one.kind, one.name, one.phone, one.departement) | {
        "network": one.network, "distance_km": far, "status": one.status,
    }  # fmt: skip


def _line(line: str, register: Register, now: datetime) -> dict[str, Any]:
    one = register.lines[line]
    state = opening(one, now).state
    known = None if state == "unknown" else state in ("always", "open")
    return {"id": line, "name": one.name, "phone": one.number or None, "open": known}
