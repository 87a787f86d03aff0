"""`/`: the carriers and their troubles, the parcels and their buttons, the events."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from fulfillment.carrier_server.network import TROUBLES, WEBHOOKS, Network
from fulfillment.carrier_server.pages.rendering import Html, Page, join, page, render, table
from fulfillment.carrier_server.store import Row
from fulfillment.carrier_server.tracking import KINDS, last_event

_RECENT = 40


def show_home(network: Network) -> Page:
    store = network.store
    carriers = store.execute("SELECT * FROM carriers ORDER BY code")
    labels = store.execute("SELECT * FROM labels ORDER BY seq DESC LIMIT ?", _RECENT)
    events = store.execute("SELECT * FROM events ORDER BY seq DESC LIMIT ?", _RECENT)
    content = render(
        "home.html",
        url=network.url,
        webhook=network.webhook_url or "nowhere",
        carriers=table(("Carrier", "It", "Events are delivered"), [_carrier(c) for c in carriers]),
        parcels=table(
            ("Made", "Parcel", "For", "Now", "What happens next"),
            [_parcel(network, label) for label in labels],
        ),
        events=table(
            ("When", "Carrier", "Parcel", "What", "Delivery", ""), [_event(e) for e in events]
        ),
    )
    return page(title="Simulated carriers", content=content)


def _carrier(row: Row) -> tuple[str, ...]:
    return (
        row["code"],
        _choice(f"/carriers/{row['code']}/trouble", TROUBLES, row["trouble"]),
        _choice(f"/carriers/{row['code']}/webhooks", WEBHOOKS, row["webhooks"]),
    )


def _choice(url: str, options: dict[str, str], current: str) -> Html:
    shown = join(
        render(
            "_option.html",
            value=value,
            label=label,
            selected=Html(" selected" if value == current else ""),
        )
        for value, label in options.items()
    )
    return render("_choice.html", url=url, options=shown)


def _parcel(network: Network, label: Row) -> tuple[str, ...]:
    parcel = json.loads(label["parcel"])
    last = last_event(network, label["number"])
    state = KINDS[last["kind"]] if last else "Label made"
    if label["status"] == "voided":
        state = "Label voided"
    done = label["status"] == "voided" or (last is not None and last["kind"] == "delivered")
    receiver = parcel["receiver"]
    return (
        _time(label["made_at"]),
        render("_number.html", number=label["number"], id=label["id"], carrier=label["carrier"]),
        f"{parcel.get('reference', '')} · {receiver['lines'][0]}, {receiver['country']}",
        state,
        Html("") if done else _buttons(label["number"]),
    )


def _buttons(number: str) -> Html:
    return render(
        "_moves.html",
        number=number,
        buttons=join(
            render("_button.html", name="kind", value=kind, label=label)
            for kind, label in KINDS.items()
        ),
    )


def _event(event: Row) -> tuple[str, ...]:
    late = f", expected {event['expected_on']}" if event["expected_on"] else ""
    if event["due_at"] is not None:
        delivery = f"due{', ' + event['outcome'] if event['outcome'] else ''}"
    else:
        delivery = event["outcome"] or "held"
    return (
        _time(event["occurred_at"]),
        event["carrier"],
        event["number"],
        f"{KINDS[event['kind']]}{late}",
        delivery,
        render("_again.html", id=event["id"]),
    )


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %H:%M:%S")
