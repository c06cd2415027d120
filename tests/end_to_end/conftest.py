"""One browser and one house for each file: every test of a file goes on where the one before it ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from siskop.base.embedded import Servers
from tests.end_to_end import house as houses
from tests.end_to_end.house import House


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with houses.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with houses.house(servers, tmp_path_factory.mktemp("house")) as house:
        yield house
