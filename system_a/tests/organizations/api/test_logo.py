from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.clients import People, refused
from tests.organizations.company import Company


def picture(kind: str = "PNG", colour: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (1000, 500), colour).save(out, kind)
    return out.getvalue()


async def put(client: httpx.AsyncClient, company: Company, sent: bytes, kind: str = "image/png") -> httpx.Response:
    return await client.put(f"{company.path}/logo", content=sent, headers={"Content-Type": kind})


async def test_a_logo_is_put_shown_replaced_and_taken_away(company: Company) -> None:
    logo = f"{company.path}/logo"
    assert (await company.owner.get(logo)).status_code == 404
    answer = await put(company.owner, company, picture("JPEG"), "image/jpeg")
    assert (answer.status_code, answer.json()["logo_url"]) == (200, logo)

    viewer = await company.member("viewer")
    shown = await viewer.get(logo)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"] == 'inline; filename="logo.png"'
    assert Image.open(BytesIO(shown.content)).size == (512, 256)
    same = await viewer.get(logo, headers={"If-None-Match": shown.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")

    await put(company.owner, company, picture(colour="blue"))
    other = await viewer.get(logo, headers={"If-None-Match": shown.headers["etag"]})
    assert (other.status_code, other.headers["etag"] == shown.headers["etag"]) == (200, False)

    assert (await company.owner.delete(logo)).status_code == 204
    assert (await company.owner.delete(logo)).status_code == 404
    assert (await viewer.get(company.path)).json()["logo_url"] is None
    assert "organization.change_logo" in await company.audit()


async def test_a_logo_comes_as_a_form_too(company: Company) -> None:
    answer = await company.owner.put(f"{company.path}/logo", files={"logo": ("l.webp", picture("WEBP"), "image/webp")})
    assert answer.status_code == 200, answer.text
    [error] = refused(await company.owner.put(f"{company.path}/logo", files={"logo": (None, "no file")}))
    assert error["field"] == "logo"


async def test_the_bytes_count_and_not_what_the_header_says(company: Company, subtests: pytest.Subtests) -> None:
    assert (await put(company.owner, company, picture("PNG"), "image/webp")).status_code == 200
    for sent in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"", b"%PDF-1.7"):
        with subtests.test(sent=sent):
            [error] = refused(await put(company.owner, company, sent))
            assert error["field"] == "logo"


async def test_more_than_a_megabyte_is_refused(company: Company) -> None:
    assert (await put(company.owner, company, bytes(2**20 + 1))).status_code == 413


async def test_a_form_that_cannot_be_read_is_refused(company: Company) -> None:
    answer = await company.owner.put(
        f"{company.path}/logo", content=b"nothing", headers={"Content-Type": "multipart/form-data"}
    )
    assert answer.status_code == 400


async def test_viewers_put_none_and_strangers_see_none(people: People, company: Company) -> None:
    await put(company.owner, company, picture())
    viewer, stranger = await company.member("viewer"), await people.stranger()
    assert (await put(viewer, company, picture())).status_code == 403
    assert (await stranger.get(f"{company.path}/logo")).status_code == 404
    assert (await put(stranger, company, picture())).status_code == 404
