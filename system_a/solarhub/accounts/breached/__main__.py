"""Makes `passwords.bloom` from lists of leaked passwords; `SOURCE.md` says from which ones, and how to call it."""

import sys
from pathlib import Path

from solarhub.accounts.breached import SHORTEST, Filter, spelling


def collect(folder: Path) -> set[str]:
    """Every line of every .txt file in it that is long enough to be a password here; what is no UTF-8 is left out."""
    found: set[str] = set()
    for path in folder.rglob("*.txt"):
        for line in path.read_bytes().splitlines():
            try:
                password = spelling(line.decode())
            except UnicodeDecodeError:
                continue
            if len(password) >= SHORTEST:
                found.add(password)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m solarhub.accounts.breached FOLDER_OF_LISTS FILE_TO_WRITE")
    made = Filter.of(collect(Path(sys.argv[1])))
    Path(sys.argv[2]).write_bytes(made.written())
    sys.stdout.write(f"{made.entries:,} passwords in {len(made.body):,} bytes\n")
