"""What the hub sends to webhooks, as its description tells whoever builds a receiver. Nobody calls these here."""

from typing import Any

from fastapi import APIRouter

from solarhub.alerts.schemas import AlertCall

router = APIRouter(tags=["webhooks"])

_ANSWERS: dict[int | str, dict[str, Any]] = {
    204: {"description": "Taken; any other 2xx says the same"},
    410: {"description": "Wants no more: the webhook is switched off"},
    "default": {"description": "Not taken: it is sent again, for up to three days, under the same webhook-id"},
}


@router.post("alert.opened", status_code=204, responses=_ANSWERS)
async def alert_opened(call: AlertCall) -> None:
    """An alert has fired. Signed as Standard Webhooks has it; a repetition carries the same `webhook-id`."""


@router.post("alert.closed", status_code=204, responses=_ANSWERS)
async def alert_closed(call: AlertCall) -> None:
    """An alert of which the webhook was told is over: by a good reading, or by a person."""
