"""make bench-isolation: attacks an installation of ours and one of plain django-tenants, and prints one table."""

import argparse
import sys
from pathlib import Path

from tests.bench import runner
from tests.bench.ground import Kind


def main() -> int:
    options = _options()
    sides = runner.SIDES[: 1 if options.ours else 2]
    kind = Kind(managed=options.managed, strict=options.strict)
    with runner.ground(tenants=options.tenants, sides=sides, kind=kind) as ground:
        attacks = runner.chosen(ground, options.only, quick=options.quick)
        if not attacks:
            # A bench that attacked nothing must not look like one that found nothing.
            sys.exit(f"No attack has one of these words in its name: {', '.join(options.only)}.")
        rows = runner.run(ground, attacks, quick=options.quick, share=options.share, say=runner.note)
        version = ground.version()
    runner.table(rows, version)
    if options.json:
        runner.save(rows, version, options.json)
    if options.managed and not options.strict:
        print("\nOpen on managed PostgreSQL:", ", ".join(runner.named_open(attacks)))
    problems = runner.problems(rows)
    if problems:
        print("\n".join(["", f"{len(problems)} attacks did not come to what they must:", *problems]))
    else:
        print("\nEvery attack came to what it must.")
    return bool(problems)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the table there as well")
    parser.add_argument("--only", nargs="*", default=[], help="attacks whose names hold one of these words")
    parser.add_argument("--quick", action="store_true", help="the few tries of `make test`")
    parser.add_argument("--share", type=float, default=1.0, help="of the tries, for a run in a hurry")
    parser.add_argument("--ours", action="store_true", help="leave django-tenants out")
    parser.add_argument(
        "--managed", action="store_true", help="install as an administrator who is no superuser"
    )
    parser.add_argument("--strict", action="store_true", help="give each tenant of ours a login of its own")
    parser.add_argument("--tenants", type=int, default=runner.TENANTS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
