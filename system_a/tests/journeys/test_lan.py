"""A telephone on the network: it is taught to trust the hub once, signs in, and sees the page; nothing is in clear."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Error, expect

from tests.conftest import temporary_data_dir
from tests.journeys.browser import CHROMIUM, visitor
from tests.journeys.lan import HUB, Lan, lan, trusting_home, until_reachable
from tests.journeys.running_hub import ADMIN, PASSWORD, RunningHub, running_hub

PORT = 8443


@dataclass(frozen=True)
class Home:
    """A network with a hub that serves a certificate of its own."""

    lan: Lan
    hub: RunningHub

    @property
    def url(self) -> str:
        return f"https://{HUB}:{PORT}"

    @property
    def certificate(self) -> Path:
        return self.hub.data_dir / "tls" / "authority.crt"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    data_dir = temporary_data_dir()
    try:
        with lan() as network:
            hub = RunningHub(
                data_dir, PORT, options=("--tls-local",), inside=network.hub.inside, url=f"https://{HUB}:{PORT}"
            )
            with running_hub(hub):
                until_reachable(network.telephone, f"https://{HUB}:{PORT}/health/ready")
                yield Home(network, hub)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture
def browser(home: Home, tmp_path: Path) -> str:
    """A program that starts Chromium on the telephone."""
    program = tmp_path / "chromium"
    program.write_text(f'#!/bin/sh\nexec {" ".join(home.lan.telephone.inside)} {CHROMIUM} "$@"\n')
    program.chmod(0o755)
    return str(program)


async def test_a_browser_that_trusts_the_hubs_certificate_signs_in_over_the_network(
    home: Home, browser: str, tmp_path: Path
) -> None:
    trusting = trusting_home(tmp_path / "trusting", home.certificate)
    async with visitor(home.url, program=browser, home=trusting) as admin:
        await admin.set_up(
            home.hub.set_up_link(),
            name=(ADMIN["first_name"], ADMIN["last_name"]),
            email=ADMIN["email"],
            password=PASSWORD,
            organization="Lahore Solar",
        )
    async with visitor(home.url, program=browser, home=trusting) as person:
        await person.sign_in(ADMIN["email"], PASSWORD)
        await expect(person.page.get_by_text("Ayesha Khan")).to_be_visible()
        assert await person.page.evaluate("isSecureContext")
        [cookie] = await person.page.context.cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-solarhub", True, True)


async def test_a_browser_that_was_not_told_to_trust_it_warns(home: Home, browser: str, tmp_path: Path) -> None:
    async with visitor(home.url, program=browser, home=tmp_path) as person:
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await person.page.goto(home.url)


def test_nobody_is_answered_whom_the_certificate_does_not_convince_and_nothing_in_clear(home: Home) -> None:
    telephone = home.lan.telephone
    without = telephone.run("curl", "--silent", "--show-error", home.url)
    trusting = telephone.run("curl", "--silent", "--fail", "--cacert", home.certificate, f"{home.url}/health/ready")
    clear = telephone.run("curl", "--silent", "--show-error", home.url.replace("https", "http"))
    old = telephone.run("curl", "--silent", "--tls-max", "1.1", "--cacert", home.certificate, home.url)

    assert without.returncode == 60  # the certificate's issuer is not known
    assert json.loads(trusting.stdout)["status"] == "ready"
    assert (clear.returncode, clear.stdout) == (52, "")  # an empty reply
    assert old.returncode != 0


def test_the_page_that_explains_it_is_there_before_anybody_trusts_it(home: Home, tmp_path: Path) -> None:
    telephone = home.lan.telephone
    fetched = tmp_path / "solar-hub.crt"
    page = telephone.run("curl", "--silent", "--insecure", f"{home.url}/trust").stdout
    telephone.run("curl", "--silent", "--insecure", "--output", fetched, f"{home.url}/trust/solar-hub.crt")

    fingerprint = home.hub.words().partition("SHA-256 ")[2].split()[0]
    assert fingerprint in page
    assert fetched.read_bytes() == home.certificate.read_bytes()
    named = telephone.run(
        *("curl", "--silent", "--fail", "--cacert", fetched, "--resolve", f"localhost:{PORT}:{HUB}"),
        f"https://localhost:{PORT}/",
    )
    assert named.returncode == 22, "a certificate for localhost does not make the network's address ours"


def test_plain_http_is_not_even_offered_on_that_address(home: Home) -> None:
    hub = home.lan.hub
    answer = hub.run("env", f"SOLARHUB_DATA_DIR={home.hub.data_dir}", *home.hub.command("--host", HUB))

    assert answer.returncode == 1
    assert f"{HUB} is an address of a network, and plain HTTP is served on this machine alone" in answer.stderr
