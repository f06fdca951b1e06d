"""The children of the demo that hold every login: `python -m saas.demo seeding`, `python -m saas.demo job`."""

import importlib
import sys

import django

CHILDREN = ("seeding", "job")

if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in CHILDREN):
        sys.exit("usage: python -m saas.demo seeding|job; `manage.py demo` starts them.")
    django.setup()
    importlib.import_module(f"saas.demo.{sys.argv[1]}").main()
