import json
import subprocess
import sys

SCRIPT = """
import logging, structlog
from solarhub.kit import log
log.configure()
structlog.get_logger("hub").info("sample stored", device="inv-1", values=3)
logging.getLogger("uvicorn.error").warning("port %d is taken", 8000)
structlog.get_logger("hub").debug("not at this level")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("hub").exception("flush failed")
"""


def test_away_from_a_terminal_every_line_is_json_whoever_wrote_it() -> None:
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    ours, library, failure = (json.loads(line) for line in said.stderr.splitlines())

    assert said.stdout == ""
    assert ours | {"timestamp": ""} == {
        "event": "sample stored",
        "device": "inv-1",
        "values": 3,
        "level": "info",
        "logger": "hub",
        "timestamp": "",
    }
    assert ours["timestamp"].endswith("Z")
    assert (library["event"], library["level"], library["logger"]) == ("port 8000 is taken", "warning", "uvicorn.error")
    assert failure["exception"][0]["exc_type"] == "ZeroDivisionError"
