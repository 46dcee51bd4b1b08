"""The rules that suit a recorded plant, as the documents that `POST …/alert-rules` takes.

They lie beside the recording as plain JSON, so that whoever checks the hub can read them without the hub.
"""

import json
from typing import Any

from solarhub.demo.plant import Plant

RuleDocument = dict[str, Any]


def rules_of(plant: Plant) -> list[RuleDocument]:
    """In the order in which they should be read: a rule and its daylight twin stand together."""
    rules: list[RuleDocument] = json.loads(plant.rules_file.read_text("utf-8"))
    return rules
