"""Backups that are taken by themselves: one when the newest is old enough, and only so many are kept."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import structlog

from solarhub.config import Settings
from solarhub.kit.clock import now

log = structlog.get_logger(__name__)

_NAME = "solarhub-{:%Y%m%dT%H%M%SZ}.zip"
_PATTERN = "solarhub-????????T??????Z.zip"
_LOOK_SECONDS = 60.0
_AGAIN_SECONDS = 3600.0  # after one that failed


async def keep_backing_up(settings: Settings, data_dir: Path | None) -> None:
    """Until it is cancelled; `data_dir` is that of the embedded server. Returns at once where no folder is set."""
    folder = settings.backup_dir
    if folder is None:
        return
    while True:
        due = await asyncio.to_thread(_due_in, folder, timedelta(hours=settings.backup_every_hours))
        if due > 0:
            await asyncio.sleep(min(due, _LOOK_SECONDS))
        elif await _take(folder, data_dir):
            await asyncio.to_thread(prune, folder, settings.backup_keep)
        else:
            await asyncio.sleep(_AGAIN_SECONDS)


def _due_in(folder: Path, every: timedelta) -> float:
    """Seconds until the next one, by the newest file that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    newest = max((file.stat().st_mtime for file in folder.glob(_PATTERN)), default=None)
    return 0.0 if newest is None else newest + every.total_seconds() - now().timestamp()


async def _take(folder: Path, data_dir: Path | None) -> bool:
    """In a process of its own, whose memory goes with it."""
    file = folder / _NAME.format(now())
    place = ["--data-dir", str(data_dir)] if data_dir is not None else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "solarhub", "backup", str(file), *place),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode == 0:
        log.info("a backup was taken", file=str(file))
        return True
    log.error("no backup could be taken", reason=said.decode(errors="replace").strip()[-500:])
    return False


def prune(folder: Path, keep: int) -> None:
    """Removes the oldest of those that were taken by themselves; others in the folder are left alone."""
    for file in sorted(folder.glob(_PATTERN))[:-keep]:
        file.unlink()
        log.info("an old backup was removed", file=str(file))
