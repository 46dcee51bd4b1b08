"""A file that passes its limit is split by meaning."""

from pathlib import Path

from tests.house.tree import PACKAGE, ROOT, files, inside, lines, name

LIMITS = {".py": 400, ".sql": 400, ".sh": 400, ".mako": 400, ".html": 250, ".css": 250, ".js": 250}
GENERATED = {ROOT / "docs" / "schema.sql"}


def too_long(paths: list[Path]) -> list[str]:
    lengths = {path: len(lines(path)) for path in paths if path.suffix in LIMITS and path not in GENERATED}
    return [f"{name(path)}: {length} lines" for path, length in lengths.items() if length > LIMITS[path.suffix]]


def test_no_file_passes_its_limit() -> None:
    assert too_long(list(files())) == []


def test_nine_of_ten_modules_stay_under_250_lines() -> None:
    lengths = sorted(len(lines(path)) for path in inside(PACKAGE, ".py"))

    assert lengths[len(lengths) * 9 // 10] <= 250


def test_a_file_that_is_too_long_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>\n" * 251)

    assert len(too_long([page])) == 1
