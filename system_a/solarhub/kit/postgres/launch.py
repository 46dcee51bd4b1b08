"""Becomes another program that ends when the process which started it ends. Run as a script, never imported.

    python launch.py PARENT_PID UID GID GROUP,GROUP PROGRAM ARGUMENT...

Linux forgets PR_SET_PDEATHSIG when a process changes its user, so the user is changed here, first. Doing this in a
program of its own, and not between fork and exec, keeps Python code out of a fork of the many-threaded hub.
Elsewhere than on Linux the signal does not exist: there the next start ends a server whose owner has died.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, uid, gid, groups, program, *arguments = sys.argv[1:]
    if int(uid) != os.geteuid():
        os.setgroups([int(group) for group in groups.split(",")])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != int(parent):  # it ended before we could ask to be told
            sys.exit(1)
    os.execv(program, [program, *arguments])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
