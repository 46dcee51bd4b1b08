"""What is kept holds neither the address of a package registry nor a path of somebody's machine."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, matches

# In pieces, or this file would be the first to be found.
REGISTRIES = (
    *("pypi" + dot for dot in (r"\.org", r"\.python\.org", "/simple")),
    *(f"registry{dot}" for dot in (r"\.npmjs\.org", r"\.yarnpkg\.com", r"-1\.docker\.io")),
    r"files\." + "pythonhosted",
    r"(deb|security|ftp)\." + r"debian\.org",
    r"(archive|security)\." + r"ubuntu\.com",
    r"conda\." + r"anaconda\.org",
    r"proxy\." + r"golang\.org",
    r"index\." + r"crates\.io",
)
HERE = "|".join(re.escape(str(path)) for path in {ROOT, Path.home()} if len(path.parts) > 1)
MACHINE_PATH = rf"(^|[^\w.$}}/-])(/work|/root|/Users|/mnt|{HERE})/\w|" + "file:" + "//"


def test_no_file_names_a_package_registry() -> None:
    assert list(matches("|".join(REGISTRIES), files())) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert list(matches(MACHINE_PATH, files())) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("|".join(REGISTRIES), "--index" + "-url https://pypi" + ".org/simple"),
        ("|".join(REGISTRIES), "resolved https://registry" + ".npmjs.org/react"),
        (MACHINE_PATH, f'open("{Path.home()}/data.csv")'),
        (MACHINE_PATH, "wheel @ file:" + "///srv/wheels/x.whl"),
    ],
    ids=["python registry", "javascript registry", "home folder", "file address"],
)
def test_an_address_would_be_found(tmp_path: Path, pattern: str, line: str) -> None:
    planted = tmp_path / "planted.txt"
    planted.write_text(f"{line}\n")

    assert len(list(matches(pattern, [planted]))) == 1
