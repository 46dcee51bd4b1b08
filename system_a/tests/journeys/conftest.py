"""Hubs for journeys: each on a directory of its own, gone afterwards."""

import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import temporary_data_dir
from tests.journeys.running_hub import RunningHub, running_hub


@pytest.fixture(scope="module")
def steady_hub() -> Iterator[RunningHub]:
    """One for a module whose tests leave it running."""
    yield from _hub()


@pytest.fixture
def hub() -> Iterator[RunningHub]:
    """One to be killed."""
    yield from _hub()


def _hub() -> Iterator[RunningHub]:
    data_dir = temporary_data_dir()
    try:
        with running_hub(RunningHub(data_dir)) as hub:
            yield hub
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
