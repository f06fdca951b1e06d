"""Somebody who asks one web process again and again, and writes down when each question was put and how it was answered."""

import http.client
import threading
import time
from dataclasses import dataclass

WARM = 20  # answers of 200 before anything is taken away
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    asked: float
    answered: float
    status: int


class Watch:
    """A thread that sends a request at a time over one connection until it is stopped."""

    def __init__(self, port: int, host: str, path: str, credential: dict[str, str]) -> None:
        self.answers: list[Answer] = []
        self._warm, self._over = threading.Event(), threading.Event()
        headers = {"Host": host}
        if session := credential.get("session"):
            headers["Cookie"] = session
        elif secret := next(iter(credential.values()), ""):
            headers["Authorization"] = f"Bearer {secret}"
        self._thread = threading.Thread(target=self._run, args=(port, path, headers), daemon=True)
        self._thread.start()

    def wait_until_warm(self) -> None:
        assert self._warm.wait(PATIENCE), [answer.status for answer in self.answers[-5:]]

    def wait_until_warm_and_stop(self) -> None:
        self.wait_until_warm()
        self.stop()

    def stop(self) -> list[Answer]:
        self._over.set()
        self._thread.join()
        return self.answers

    def _run(self, port: int, path: str, headers: dict[str, str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while not self._over.is_set():
            asked = time.monotonic()
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            self.answers.append(Answer(asked, time.monotonic(), response.status))
            if [answer.status for answer in self.answers[-WARM:]] == [200] * WARM:
                self._warm.set()
        connection.close()


def pause_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def let_in_until(answers: list[Answer], moment: float) -> float:
    """Return how long after the moment the last request was put that was let in; 0 when none was."""
    return max((found.asked - moment for found in answers if found.status == 200), default=0.0)


def refused_from(answers: list[Answer], moment: float) -> float:
    """Return how long after the moment the first refusal arrived that no other answer follows than refusals."""
    last = max((found.asked for found in answers if found.status == 200), default=moment)
    return min(found.answered for found in answers if found.asked > last) - moment
