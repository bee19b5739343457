"""Real Rasa, action server, worker, Redis, and the WeChat stand-in, started once for all end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.phone import Phone
from tests.product import Product, running_product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product, ready."""
    with running_product(tmp_path_factory.mktemp("e2e") / "var") as product:
        yield product


@pytest.fixture
def phone(product: Product, request: pytest.FixtureRequest) -> Phone:
    """A new follower."""
    return Phone(product, request.node.name[:20])
