"""What people do about an alert, over HTTP. None of it asks for a version: an impossible move is 409."""

from solarhub.alerts import triage
from solarhub.alerts.api.alerts import detail
from solarhub.alerts.deps import AlertToMove
from solarhub.alerts.schemas import AlertDetail, Comment, Remark
from solarhub.kit.errors import Conflict, Invalid, NotFound, Unreadable
from solarhub.kit.http import Router, describe
from solarhub.organizations.deps import Here, TenantWriting, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/alerts/{alert_id}", tags=["alerts"])

_TRIAGE = needs(Permission.ALERTS_TRIAGE)


@router.post("/acknowledge", responses=describe(Unreadable, NotFound, Conflict, Invalid), openapi_extra=_TRIAGE)
async def acknowledge_alert(
    alert: AlertToMove, here: Here, session: TenantWriting, remark: Remark | None = None
) -> AlertDetail:
    """Say that you see to it. 409, with the present `state`, for an alert that is not active any more."""
    await triage.acknowledge(session, here.actor, alert, remark.note if remark else None)
    return await detail(session, alert, of_a_guest=here.site_ids is not None)


@router.post("/resolve", responses=describe(Unreadable, NotFound, Conflict, Invalid), openapi_extra=_TRIAGE)
async def resolve_alert(
    alert: AlertToMove, here: Here, session: TenantWriting, remark: Remark | None = None
) -> AlertDetail:
    """Say that it is over. Until a good reading has been seen, the rule stays silent about the device.

    409, with the present `state`, for an alert that is closed.
    """
    await triage.resolve(session, here.actor, alert, remark.note if remark else None)
    return await detail(session, alert, of_a_guest=here.site_ids is not None)


@router.post("/comment", responses=describe(Unreadable, NotFound, Invalid), openapi_extra=_TRIAGE)
async def comment_on_alert(alert: AlertToMove, here: Here, session: TenantWriting, comment: Comment) -> AlertDetail:
    """Write down something worth knowing, also about an alert that is over."""
    await triage.comment(session, here.actor, alert, comment.note)
    return await detail(session, alert, of_a_guest=here.site_ids is not None)
