"""A room exists when it has something in it, and the tests stand in the same rooms."""

from pathlib import Path

from tests.house.tree import PACKAGE, TESTS, inside, name

ACROSS_THE_HOUSE = {"house", "journeys", "oracle", "walls"}
"""Folders of tests that belong to no single room: the house itself, whole journeys, their independent oracle, and the
walls between tenants, which are tried at every route."""


def empty_rooms(root: Path, paths: list[Path]) -> list[str]:
    """Folders under `root` in which nothing but `__init__.py` is found."""
    folders = {folder for path in paths for folder in path.parents if folder.is_relative_to(root)}
    furnished = {folder for path in paths if path.name != "__init__.py" for folder in path.parents}
    return sorted(name(folder) for folder in folders - furnished)


def test_no_room_is_empty() -> None:
    assert empty_rooms(PACKAGE, inside(PACKAGE)) == []
    assert empty_rooms(TESTS, inside(TESTS)) == []


def test_an_empty_room_would_be_found(tmp_path: Path) -> None:
    assert len(empty_rooms(tmp_path, [tmp_path / "a.py", tmp_path / "events" / "__init__.py"])) == 1


def test_every_folder_of_tests_mirrors_a_room() -> None:
    folders = {path.parent.relative_to(TESTS) for path in inside(TESTS, ".py")}
    mirrors = [folder for folder in folders if folder.parts and folder.parts[0] not in ACROSS_THE_HOUSE]

    assert sorted(str(folder) for folder in mirrors if not (PACKAGE / folder).is_dir()) == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Two rooms may both have a `test_queries.py`: only their packages keep them apart."""
    folders = {path.parent for path in inside(TESTS, ".py")}

    assert sorted(name(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_every_test_at_the_top_mirrors_a_module() -> None:
    modules = {f"test_{path.stem}.py" for path in PACKAGE.glob("*.py")}

    assert sorted(path.name for path in TESTS.glob("test_*.py") if path.name not in modules) == []
