"""kill -9 of whoever makes or destroys a tenant. Runs on servers of its own, which it crashes; see `tests.bench.kill`."""

from tests.bench import kill
from tests.bench.harness import OURS, Run, attack


class HalfBuilt(AssertionError):
    """A kill left something that answered, or that repair did not end."""


@attack("kill -9 of the worker in provisioning", tries=20, quick=0, sides=(OURS,))
def worker_in_provisioning(run: Run) -> None:
    _kill(run, "create", "worker")


@attack("kill -9 of the backend in provisioning", tries=10, quick=0, sides=(OURS,))
def backend_in_provisioning(run: Run) -> None:
    _kill(run, "create", "backend")


@attack("kill -9 of the worker in restoring", tries=20, quick=0, sides=(OURS,))
def worker_in_restoring(run: Run) -> None:
    _kill(run, "restore", "worker")


@attack("kill -9 of the worker in destroying", tries=10, quick=0, sides=(OURS,))
def worker_in_destroying(run: Run) -> None:
    _kill(run, "destroy", "worker")


def _kill(run: Run, verb: str, target: str) -> None:
    """A try passes when the tenant is whole or absent, nothing is left after repair, and its canary can be used."""
    with kill.stage() as stage:
        for outcome in kill.run(stage, verb, target, run.tries):
            tenant = run.rng.choice(run.side.tenants)
            with run.tally.attempt(tenant) as found:
                if not outcome.passed:
                    raise HalfBuilt(str(outcome))
                found.saw(tenant.canary, outcome.point)
