import csv
import io
import json
from collections.abc import AsyncIterator

import pytest
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from solarhub.kit.http.exports import ExportFormat, export


class Place(BaseModel):
    city: str
    postal_code: str | None = None


class Plant(BaseModel):
    name: str
    place: Place
    capacity_kw: float
    online: bool
    tags: list[str]


PLANTS = [
    Plant(name="لاہور پلانٹ", place=Place(city="Lahore", postal_code="54000"), capacity_kw=-1.5, online=True, tags=[]),
    Plant(name='=HYPERLINK("http://x")', place=Place(city="+92"), capacity_kw=1e6, online=False, tags=["a", "b"]),
    Plant(name="-2+3\nline", place=Place(city="\tx"), capacity_kw=0, online=False, tags=["@x"]),
]


async def of(plants: list[Plant]) -> AsyncIterator[Plant]:
    for plant in plants:
        yield plant


async def text_of(response: StreamingResponse) -> str:
    parts = [part async for part in response.body_iterator]
    return "".join(part if isinstance(part, str) else bytes(part).decode() for part in parts)


async def test_a_spreadsheet_gets_a_column_for_each_value_and_no_formula() -> None:
    response = export("plants", of(PLANTS), Plant, ExportFormat.CSV)
    assert response.headers["content-disposition"] == 'attachment; filename="plants.csv"'
    text = await text_of(response)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[0] == ["name", "place.city", "place.postal_code", "capacity_kw", "online", "tags"]
    assert rows[1] == ["لاہور پلانٹ", "Lahore", "54000", "-1.5", "true", "[]"]
    assert rows[2] == ['\'=HYPERLINK("http://x")', "'+92", "", "1000000.0", "false", '["a","b"]']
    assert rows[3] == ["'-2+3\nline", "'\tx", "", "0.0", "false", '["@x"]']


async def test_a_program_gets_a_document_on_each_line() -> None:
    lines = (await text_of(export("plants", of(PLANTS), Plant, ExportFormat.JSONL))).splitlines()
    assert [json.loads(line) for line in lines] == [plant.model_dump(mode="json") for plant in PLANTS]


@pytest.mark.parametrize("file_format", list(ExportFormat))
@pytest.mark.parametrize("count", [0, 1, 200, 201, 1000])
async def test_a_list_of_any_length_arrives_whole(file_format: ExportFormat, count: int) -> None:
    text = await text_of(export("plants", of([PLANTS[0]] * count), Plant, file_format))
    assert len(text.splitlines()) == count + (file_format is ExportFormat.CSV)
