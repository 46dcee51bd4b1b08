"""SQL of authenticators and recovery codes."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.accounts.models import RecoveryCode, SecondFactor
from solarhub.kit.db import Session


async def seed(auth: Session, user_id: UUID, *, confirmed: bool) -> str | None:
    """The sealed seed of a person's authenticator, of a confirmed one or of one that waits for its first code."""
    is_confirmed = SecondFactor.confirmed_at.is_not(None)
    return await auth.scalar(
        sa.select(SecondFactor.secret_sealed).where(
            SecondFactor.user_id == user_id, is_confirmed if confirmed else sa.not_(is_confirmed)
        )
    )


async def enter(auth: Session, user_id: UUID, secret_sealed: str) -> bool:
    """A new seed, in place of one that was never confirmed; False where one is confirmed."""
    statement = insert(SecondFactor).values(user_id=user_id, secret_sealed=secret_sealed)
    entered = await auth.scalar(
        statement.on_conflict_do_update(
            index_elements=[SecondFactor.user_id],
            set_={"secret_sealed": statement.excluded.secret_sealed, "last_step": None, "created_at": sa.func.now()},
            where=SecondFactor.confirmed_at.is_(None),
        ).returning(SecondFactor.user_id)
    )
    return entered is not None


async def use_step(auth: Session, user_id: UUID, step: int, *, secret_sealed: str, confirm: bool = False) -> bool:
    """Takes a time step that nobody took; of two at once one succeeds. `confirm`: of a seed that waits for it."""
    known = SecondFactor.confirmed_at.is_(None) if confirm else SecondFactor.confirmed_at.is_not(None)
    taken = await auth.scalar(
        sa.update(SecondFactor)
        .where(
            SecondFactor.user_id == user_id,
            SecondFactor.secret_sealed == secret_sealed,
            known,
            sa.or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step),
        )
        .values(last_step=step, **({"confirmed_at": sa.func.now()} if confirm else {}))
        .returning(SecondFactor.user_id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


async def remove(auth: Session, user_id: UUID) -> bool:
    """Authenticator and recovery codes are gone; False where there was no confirmed one."""
    await auth.execute(
        sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id).execution_options(synchronize_session=False)
    )
    removed = await auth.execute(
        sa.delete(SecondFactor)
        .where(SecondFactor.user_id == user_id)
        .returning(SecondFactor.confirmed_at)
        .execution_options(synchronize_session=False)
    )
    row = removed.one_or_none()
    return row is not None and row.confirmed_at is not None


async def replace_recovery_codes(auth: Session, user_id: UUID, hashes: Iterable[bytes]) -> None:
    """These, and no older ones."""
    await auth.execute(
        sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id).execution_options(synchronize_session=False)
    )
    await auth.execute(sa.insert(RecoveryCode), [{"user_id": user_id, "code_sha256": each} for each in hashes])


async def use_recovery_code(auth: Session, user_id: UUID, code_sha256: bytes) -> int | None:
    """Uses one up; how many are left, None when it is none of theirs."""
    used = await auth.scalar(
        sa.delete(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_sha256 == code_sha256)
        .returning(RecoveryCode.user_id)
        .execution_options(synchronize_session=False)
    )
    return None if used is None else await count_recovery_codes(auth, user_id)


async def count_recovery_codes(auth: Session, user_id: UUID) -> int:
    """How many are left."""
    counted = sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return await auth.scalar(counted) or 0
