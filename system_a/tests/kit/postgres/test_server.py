import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from solarhub.kit.postgres import Server, StartFailed, attach, start, stop_running
from tests.conftest import execute
from tests.kit.postgres.conftest import HUB, SYSTEM_A, Hub, PlayHub, as_root, nothing_left, on_linux, until


def admin(server: Server) -> str:
    return server.url("solarhub_admin")


def kill(server: Server) -> int:
    """kill -9 of the postmaster; returns when it is gone."""
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: server.pid != pid)
    return pid


def test_committed_rows_are_there_after_stop_and_start(data_dir: Path) -> None:
    with start(data_dir) as server:
        assert not server.joined
        execute(admin(server), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
    assert nothing_left(data_dir)
    with start(data_dir) as server:
        assert execute(admin(server), "SELECT n FROM kept")[0][0] == 7


def test_a_second_start_joins_and_its_stop_leaves_the_server_alone(made: Path) -> None:
    with start(made) as server:
        with start(made) as second:
            assert second.joined
            assert second.pid == server.pid
        assert server.alive()


def test_start_works_where_an_event_loop_is_running(made: Path) -> None:
    async def run() -> bool:
        with start(made) as server:
            return server.alive()

    assert asyncio.run(run())


def test_of_starters_at_once_one_starts_and_the_others_join(data_dir: Path, play_hub: PlayHub) -> None:
    with ThreadPoolExecutor(4) as threads:
        hubs = list(threads.map(play_hub, [data_dir] * 4))
    assert sorted(hub.said["joined"] for hub in hubs) == [False, True, True, True]
    assert len({hub.said["pid"] for hub in hubs}) == 1


@pytest.mark.parametrize("word", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@on_linux
def test_the_server_ends_with_its_hub_whatever_ends_the_hub(
    made: Path, play_hub: PlayHub, word: signal.Signals
) -> None:
    hub = play_hub(made)
    hub.process.send_signal(word)
    hub.process.wait(30)
    until(lambda: nothing_left(made))
    control = subprocess.run(
        [attach(made).binaries.program("pg_controldata"), made / "postgres"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "shut down\n" in control.stdout, "a clean stop, which needs no recovery"


def test_the_server_ends_when_the_hub_just_returns(made: Path, play_hub: PlayHub) -> None:
    assert play_hub(made).end() == 0
    assert nothing_left(made)


def test_a_terminal_s_ctrl_c_reaches_the_hub_and_not_the_server(made: Path, play_hub: PlayHub) -> None:
    hub = play_hub(made)
    os.killpg(hub.process.pid, signal.SIGINT)  # what a terminal does to everything in the foreground
    assert hub.next_line() == {"alive_when_interrupted": True}
    hub.process.wait(30)
    assert nothing_left(made)


def test_a_detached_server_survives_its_starter(made: Path, play_hub: PlayHub) -> None:
    hub = play_hub(made, "detached")
    hub.process.kill()
    hub.process.wait()
    with start(made) as server:
        assert server.joined
        assert server.pid == hub.said["pid"]
    assert stop_running(made) == hub.said["pid"]
    assert nothing_left(made)
    assert stop_running(made) is None


def test_a_server_started_in_a_thread_outlives_the_thread(made: Path) -> None:
    started: list[Server] = []
    thread = threading.Thread(target=lambda: started.append(start(made)))
    thread.start()
    thread.join()
    with started[0] as server:
        time.sleep(0.5)
        assert server.alive()


def test_the_next_hub_waits_for_the_server_of_a_killed_one_to_be_gone(made: Path, play_hub: PlayHub) -> None:
    hub = play_hub(made)
    hub.process.kill()
    hub.process.wait()
    with start(made) as server:
        assert not server.joined
        assert server.pid != hub.said["pid"]
        time.sleep(0.3)
        assert server.alive()


def test_a_pid_file_that_names_a_stranger_is_seen_through(made: Path) -> None:
    with start(made) as server:
        killed = kill(server)
    pid_file = made / "postgres" / "postmaster.pid"
    owner = pid_file.stat()
    user = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **user) as stranger:  # type: ignore[call-overload] # two ways to be one user
        pid_file.write_text(pid_file.read_text().replace(str(killed), str(stranger.pid), 1))
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        assert attach(made).pid is None
        assert not attach(made).alive()
        with start(made) as server:
            assert not server.joined
            assert server.alive()
        assert stranger.poll() is None
        stranger.kill()


def test_a_recovery_longer_than_ten_seconds_is_waited_for(made: Path) -> None:
    with start(made) as server:
        execute(admin(server), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
        kill(server)
    once = made / "run" / "slept"
    (made / "postgres" / "recovery.signal").touch()
    slow = {"restore_command": f"test -e {once} || {{ touch {once}; sleep 11; }}; false", "hot_standby": "off"}
    told: list[str] = []
    began = time.monotonic()
    with start(made, settings=slow, on_progress=told.append) as server:
        assert time.monotonic() - began > 10
        assert execute(admin(server), "SELECT n FROM kept")[0][0] == 7
    assert any("after a crash it repeats" in sentence for sentence in told)


def test_a_start_that_takes_longer_than_allowed_is_given_up_and_leaves_nothing(made: Path) -> None:
    (made / "postgres" / "recovery.signal").touch()
    with pytest.raises(StartFailed, match="nothing came of it in 1 s"):
        start(made, settings={"restore_command": "sleep 60", "hot_standby": "off"}, start_seconds=1)
    assert nothing_left(made)


def test_a_recovery_that_fails_says_why(made: Path) -> None:
    with start(made) as server:
        kill(server)
    for segment in (made / "postgres" / "pg_wal").glob("0*"):
        segment.unlink()
    with pytest.raises(StartFailed, match="PostgreSQL did not start: could not locate a valid checkpoint record"):
        start(made)
    assert nothing_left(made)


def has_told(caplog: pytest.LogCaptureFixture, lines: int) -> bool:
    return len(caplog.records) == lines


async def test_a_killed_server_is_back_by_itself_with_every_committed_row(
    made: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with start(made) as server:
        watch = asyncio.create_task(server.watch())
        execute(admin(server), "CREATE TABLE ledger (n int)")
        acknowledged = 0
        for outage in range(2):
            connection = await asyncpg.connect(admin(server))
            for _ in range(50):
                await connection.execute("INSERT INTO ledger VALUES ($1)", acknowledged)
                acknowledged += 1
            kill(server)
            connection.terminate()
            # it answers a moment before it is said to be back: a kill in between is the same outage, told as one
            await asyncio.to_thread(until, partial(has_told, caplog, 2 * (outage + 1)))
            assert server.alive()
        assert execute(admin(server), "SELECT count(*) FROM ledger")[0][0] == acknowledged
        assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"] * 2, (
            "broken, recovered, each once"
        )
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def test_a_stop_on_purpose_ends_the_watch_and_is_no_alarm(made: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = start(made)
    watch = asyncio.create_task(server.watch())
    await asyncio.sleep(0.2)
    await asyncio.to_thread(server.stop)
    await asyncio.wait_for(watch, 5)
    assert nothing_left(made)
    assert not caplog.records


async def test_a_hub_that_is_to_end_gives_up_a_restart_that_takes_long(made: Path) -> None:
    with start(made, settings={"restore_command": "sleep 60", "hot_standby": "off"}) as server:
        watch = asyncio.create_task(server.watch(every_seconds=0.05))
        (made / "postgres" / "recovery.signal").touch()
        pid = kill(server)
        await asyncio.to_thread(until, lambda: server.pid not in (None, pid))
        watch.cancel()
        await asyncio.to_thread(until, lambda: nothing_left(made))


async def test_a_watched_server_that_was_joined_is_started_anew_when_its_owner_leaves(
    made: Path, play_hub: PlayHub
) -> None:
    owner = play_hub(made)
    with start(made) as server:
        joined_at_first = server.joined
        watch = asyncio.create_task(server.watch(every_seconds=0.05))
        owner.process.kill()
        await asyncio.to_thread(until, lambda: not server.joined and server.alive())
        assert joined_at_first
        watch.cancel()
    assert nothing_left(made)


@on_linux
def test_a_busy_backend_that_outlives_its_killed_server_does_not_block_the_next(made: Path) -> None:
    with start(made) as server:
        program = server.binaries.program("psql")
        endless = ["-c", "DO $$ BEGIN LOOP END LOOP; END $$"]
        with subprocess.Popen([program, admin(server), *endless], stderr=subprocess.DEVNULL) as busy:
            until(
                lambda: (
                    execute(admin(server), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%'")[0][0] == 1
                )
            )
            kill(server)
            assert not nothing_left(made)
            server.restart()
            assert server.alive()
            busy.wait(10)


@on_linux
def test_a_server_that_does_not_react_is_killed_in_the_end(made: Path) -> None:
    server = start(made)
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    server.stop(patience_seconds=0.6)
    assert nothing_left(made)


def test_restarting_a_server_that_runs_changes_nothing(made: Path) -> None:
    with start(made) as server:
        pid = server.pid
        server.restart()
        assert server.pid == pid
        assert not server.joined


def test_alembic_joins_the_running_server(server: Server) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    done = subprocess.run(
        [Path(sys.executable).with_name("alembic"), "current"],
        cwd=SYSTEM_A,
        env=environment | {"SOLARHUB_DATA_DIR": str(server.data_dir)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert server.alive()
    assert not server.joined


@as_root
def test_the_service_user_may_join_what_root_started(made: Path) -> None:
    with start(made) as server:
        uid, gid = (made / "postgres").stat().st_uid, (made / "postgres").stat().st_gid
        become = f"import os; os.setgroups([]); os.setgid({gid}); os.setuid({uid})"
        code = HUB.replace("server = start", f"{become}\nserver = start")
        with subprocess.Popen(
            [sys.executable, "-c", code, made, "owner"],
            cwd=SYSTEM_A,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            hub = Hub(process)
            assert hub.said == {"pid": server.pid, "joined": True}
            assert hub.end() == 0
        assert server.alive()
