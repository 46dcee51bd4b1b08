"""Setting the hub up over HTTP."""

from fastapi import Depends, Request, status

from solarhub.accounts.deps import AuthDatabase, Hashing
from solarhub.accounts.network import network_of
from solarhub.accounts.throttle import spend
from solarhub.kit.errors import Conflict, Invalid, TooManyRequests, Unauthenticated, Unreadable
from solarhub.kit.http import AuthWriting, Router, WritingSession, client_address, describe
from solarhub.organizations import setting_up
from solarhub.organizations.deps import trail_of
from solarhub.organizations.schemas.organizations import OrganizationAnswer
from solarhub.organizations.schemas.setting_up import SettingUp, SetUpAnswer

router = Router(prefix="/setup", tags=["set-up"])


async def _unhurried(request: Request, auth: AuthDatabase) -> None:
    await spend(auth, "set_up.address", network_of(client_address(request)))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(_unhurried, scope="function")],
    responses=describe(Unreadable, Unauthenticated, Conflict, Invalid, TooManyRequests),
)
async def set_up_hub(
    wanted: SettingUp,
    auth: AuthWriting,  # before the other: sessions end in the opposite order, and the link is used up last
    session: WritingSession,
    passwords: Hashing,
    request: Request,
) -> SetUpAnswer:
    """Become the one who runs this hub, with the link that it printed when it began; works once. Then sign in."""
    admin, organization = await setting_up.set_up(
        session, auth, passwords, wanted, lambda actor: trail_of(request, actor)
    )
    return SetUpAnswer(
        user_id=admin.id, email=admin.email, organization=OrganizationAnswer.model_validate(organization)
    )
