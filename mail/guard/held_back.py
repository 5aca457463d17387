"""What somebody is told who has to wait."""

from mail import clock


class HeldBack(Exception):
    """Too many log-ins have failed; from `opens` on it may be tried again."""

    def __init__(self, opens: clock.Moment) -> None:
        super().__init__(opens)
        self.opens = opens

    @property
    def wait(self) -> int:
        """Seconds until then, at least one."""
        return max(-(-(self.opens - clock.now()) // clock.SECOND), 1)

    @property
    def wait_text(self) -> str:
        """The same in words: 40 seconds, 7 minutes, 3 hours. Never too short."""
        for unit, seconds in (("hour", 3600), ("minute", 60), ("second", 1)):
            if self.wait > seconds or seconds == 1:
                number = -(-self.wait // seconds)
                return f"{number} {unit}{'' if number == 1 else 's'}"
        raise AssertionError("not reached")
