"""Start the Rasa server: `python -m nlu.serve ARGUMENTS OF rasa run`, in the Rasa environment.

The token comes from RASA_TOKEN: on the command line every user of the machine could read it.
"""

import os
import sys


def arguments(given: list[str], token: str | None) -> list[str]:
    """The command line for Rasa: those given, the API with its token, and no channel but `rest`."""
    command = ["rasa", "run", *given, "--enable-api", "--connector", "rest"]
    return [*command, f"--auth-token={token}"] if token else command  # one word: a token may begin with "-"


if __name__ == "__main__":
    from rasa.__main__ import main

    from nlu.hot_spots import relieve

    relieve()
    # The Rasa environment has no core.settings.
    sys.argv = arguments(sys.argv[1:], os.environ.get("RASA_TOKEN"))  # noqa: TID251
    main()
