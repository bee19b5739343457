"""Start the Rasa server: `python -m nlu.serve ARGUMENTS OF rasa run`, in the Rasa environment.

The token comes from RASA_TOKEN: on the command line every user of the machine could read it.
"""

import os
import sys

from rasa.__main__ import main

if __name__ == "__main__":
    token = os.environ.get("RASA_TOKEN")  # noqa: TID251  the Rasa environment has no core.settings
    # `rest` alone: the other channels would open further ways in.
    sys.argv = ["rasa", "run", *sys.argv[1:], "--enable-api", "--connector", "rest"]
    sys.argv += [f"--auth-token={token}"] if token else []  # one word: a token may begin with "-"
    main()
