"""A process with a Django project of its own: one verb per line of JSON comes in, one line of JSON goes out.

python -m tests.benchmarks.child MODULE, with DJANGO_SETTINGS_MODULE set; the verbs are the functions of MODULE.
"""

import importlib
import json
import os
import sys
import warnings

import django


def main(module: str) -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a command prints is no answer
    warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)  # WhiteNoise
    django.setup()
    verbs = importlib.import_module(module)
    for line in sys.stdin:
        verb, arguments = json.loads(line)
        print(json.dumps(getattr(verbs, verb)(**arguments)), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
