"""Whether the bench can tell two answers, and two rows of times, apart."""

from tests.bench.leasehold import timing
from tests.bench.web.client import Reply


def reply(head: str, body: str) -> Reply:
    return Reply(404, head.encode(), body.encode())


def test_what_changes_with_every_answer_is_left_out() -> None:
    one = reply("HTTP/1.1 404 x\r\nDate: now\r\nX-Request-ID: 1\r\nA: b\r\n", "gone: 11")
    other = reply("HTTP/1.1 404 x\r\nDate: later\r\nX-Request-ID: 2\r\nA: b\r\n", "gone: 22")
    assert timing.comparable(one, "11") == timing.comparable(other, "22")


def test_a_header_a_status_and_a_byte_of_the_body_are_differences() -> None:
    known = reply("HTTP/1.1 404 x\r\nContent-Length: 4\r\n", "gone")
    for other in (
        reply("HTTP/1.1 404 x\r\nContent-Length: 5\r\n", "gone"),
        reply("HTTP/1.1 403 x\r\nContent-Length: 4\r\n", "gone"),
        reply("HTTP/1.1 404 x\r\nContent-Length: 4\r\n", "Gone"),
        reply("HTTP/1.1 404 x\r\nContent-Length: 4\r\nA: b\r\n", "gone"),
    ):
        assert timing.comparable(known) != timing.comparable(other)


def test_times_that_differ_by_more_than_their_noise_are_told_apart() -> None:
    one = [0.010 + n % 7 * 0.0001 for n in range(60)]
    assert timing.chance(one, [time + 0.001 for time in one]) < 0.01
    assert timing.chance(one[::2], one[1::2]) > 0.05
