"""manage.py tells what is wrong with its environment in one line."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_a_variable_that_makes_no_sense_is_one_line_and_an_exit_code() -> None:
    environment = {**os.environ, "LEASEHOLD_ENV": "test", "LEASEHOLD_POOL_SIZE": "many"}
    ended = subprocess.run(
        [sys.executable, "manage.py", "tenant_list"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        "LEASEHOLD_POOL_SIZE is 'many': set it to a whole number, at least 0, at most 1000.\n"
    )
