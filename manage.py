#!/usr/bin/env python3
"""Run management commands; on a developer's machine unless the environment says otherwise."""

import os
import sys

from django.core.management import execute_from_command_line

from saas.env import BadEnvironment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")
    os.environ.setdefault("LEASEHOLD_ENV", "development")
    if sys.argv[1:2] == ["demo"]:
        # It writes the file that the other commands read, and must not find its own servers named there.
        os.environ["LEASEHOLD_ENV_FILE"] = "none"
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(str(error))
