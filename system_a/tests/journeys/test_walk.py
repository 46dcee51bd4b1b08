"""docs/walk.md, word for word: its commands run in bash against a new hub, and answer what stands there."""

import os
import re
import subprocess
from dataclasses import dataclass

import pytest

from tests.house.tree import ROOT
from tests.journeys.running_hub import RunningHub

WALK = ROOT / "docs" / "walk.md"
STEP = "@@ step"


@dataclass(frozen=True)
class Step:
    """Commands, and what the document says that they print."""

    commands: str
    answer: str | None

    def is_answered_by(self, said: str) -> bool:
        """`…` stands for anything; an answer that is not shown may be anything."""
        if self.answer is None:
            return True
        return re.fullmatch(".*".join(map(re.escape, self.answer.split("…"))), said.strip(), re.DOTALL) is not None


def steps(text: str) -> list[Step]:
    """Each block of bash, with the block right behind it, if that shows an answer."""
    found = re.findall(
        r"^```bash\n(.*?)^```\n(?:\n```(?:json|text)\n(.*?)^```\n)?", text, flags=re.DOTALL | re.MULTILINE
    )
    return [Step(commands, answer.strip() or None) for commands, answer in found]


def walked(walk: list[Step], **variables: str) -> list[str]:
    """What each step printed, all of them in one bash that stops at the first failure."""
    script = "set -euo pipefail\n" + "".join(f"{step.commands}echo '{STEP}'\n" for step in walk)
    done = subprocess.run(
        ["bash", "-c", script], env=os.environ | variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout.split(f"{STEP}\n")[:-1]


def test_the_walk_leads_from_the_set_up_link_to_a_customer_who_sees_one_plant(
    hub: RunningHub, subtests: pytest.Subtests
) -> None:
    walk = steps(WALK.read_text("utf-8"))
    assert sum(step.answer is not None for step in walk) >= 8

    said = walked(walk, HUB=hub.url, LINK=hub.set_up_link())

    for number, (step, answer) in enumerate(zip(walk, said, strict=True), 1):
        with subtests.test(step=number):
            assert step.is_answered_by(answer), f"{step.commands}\nprinted\n{answer}\nand not\n{step.answer}"


def test_an_answer_that_is_not_the_documents_would_be_found() -> None:
    [step] = steps('```bash\ntrue\n```\n\n```json\n{"id":"…","name":"Gulberg roof"}\n```\n')

    assert step.is_answered_by('{"id":"1","name":"Gulberg roof"}\n')
    assert not step.is_answered_by('{"id":"1","name":"Johar Town roof"}\n')
