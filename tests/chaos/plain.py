"""A batch without Prefect, by the same steps: `python -m tests.chaos.plain INBOX`, settings from the environment.

It begins in a fraction of the time, and so can be killed more often.
"""

import json
import sys

from flows.logs import set_up_logging
from storage.settings import load_settings
from tests.flows.test_batch import run

if __name__ == "__main__":
    settings = load_settings()
    set_up_logging(settings.log_level)
    sys.stdout.write(json.dumps(run(sys.argv[1], settings).as_json()))
