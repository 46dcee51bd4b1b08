import re
from datetime import UTC, datetime

from solarhub.kit.tls import Authority
from solarhub.pages.trust import render

ANCHOR = Authority.new("hub", [], datetime(2026, 3, 1, tzinfo=UTC)).anchor
URL = "https://192.168.1.10:8000"


def test_the_page_shows_what_to_compare_and_leads_to_every_form_of_the_certificate() -> None:
    page = render(ANCHOR, URL)

    assert ANCHOR.fingerprint in page.html
    assert "Solar Hub on hub" in page.html
    assert {"/trust/solar-hub.crt", "/trust/solar-hub.mobileconfig"} <= set(re.findall(r'href="([^"]+)"', page.html))
    assert all(device in page.html for device in ("Android", "iPhone", "Windows", "macOS", "Firefox"))
    assert "<svg" in page.html


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    page = render(ANCHOR, URL)

    assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in page.policy
    assert not re.search(r"<script|\sstyle=|\son\w+=|src=", page.html)


def test_what_the_machine_is_called_cannot_become_markup() -> None:
    anchor = Authority.new("<b>hub</b>", [], datetime(2026, 3, 1, tzinfo=UTC)).anchor

    assert "<b>" not in render(anchor, URL).html
