"""One demo for the tests of a module; a test that stops it leaves the next one a start on the same data."""

from collections.abc import Iterator

import pytest

from tests.saas.demo import process


@pytest.fixture(scope="module")
def stopped() -> Iterator[process.Demo]:
    with process.place() as directory:
        demo = process.Demo(directory / "local")
        try:
            yield demo
        finally:
            demo.close()


@pytest.fixture
def demo(stopped: process.Demo) -> process.Demo:
    stopped.start()
    return stopped
