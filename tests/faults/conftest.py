"""Options of `make test-faults`: a short run (`--kills 8`), or the very one that failed (`--seed 7`)."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=50, help="how many processes are killed")
    parser.addoption("--seed", type=int, default=20261122, help="of what is killed when, and who writes what")
