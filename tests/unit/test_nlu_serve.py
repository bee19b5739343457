"""How the Rasa server is started."""

import argparse

import pytest

from nlu.serve import arguments


@pytest.mark.parametrize("token", ["secret", "-begins-with-a-dash", "--auth-token"])
def test_any_token_reaches_rasa_whole(token: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--auth-token")
    known, _others = parser.parse_known_args(arguments(["--port", "5005"], token)[2:])
    assert known.auth_token == token


def test_only_the_channel_of_the_gateway_is_open() -> None:
    command = arguments(["--port", "5005"], None)
    assert command[command.index("--connector") + 1] == "rest"
    assert not any(argument.startswith("--auth-token") for argument in command)
