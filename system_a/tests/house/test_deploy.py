"""What an operator copies from deploy/ fits the hub that is here."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from solarhub.config import Settings
from tests.house.tree import PACKAGE, ROOT, inside, name

DEPLOY = ROOT / "deploy"
README = ROOT / "README.md"


def variables(text: str) -> set[str]:
    return set(re.findall(r"\bSOLARHUB_[A-Z_]+\b", text))


KNOWN = {f"SOLARHUB_{field.upper()}" for field in Settings.model_fields}
OF_CADDY = {"SOLARHUB_NAME", "SOLARHUB_UPSTREAM"}


@pytest.mark.parametrize("path", inside(DEPLOY), ids=name)
def test_what_is_set_there_is_a_setting(path: Path) -> None:
    assert variables(path.read_text("utf-8")) <= KNOWN | OF_CADDY


def test_the_readme_has_a_row_for_every_setting() -> None:
    rows = [line for line in README.read_text("utf-8").splitlines() if line.startswith("| `SOLARHUB_")]

    assert variables("\n".join(rows)) == KNOWN


def test_the_brokers_file_is_the_one_that_the_hub_runs_it_with() -> None:
    assert (DEPLOY / "mosquitto.conf").read_bytes() == (PACKAGE / "kit" / "mosquitto" / "mosquitto.conf").read_bytes()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "solarhub"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = (DEPLOY / "solarhub.service").read_text("utf-8")
    copied = tmp_path / "solarhub.service"
    copied.write_text(re.sub(r"(?m)^ExecStart=\S+/solarhub ", f"ExecStart={program} ", unit))

    answer = subprocess.run(["systemd-analyze", "verify", copied], capture_output=True, text=True, check=False)

    assert (answer.returncode, answer.stderr) == (0, "")
