"""A rate over a sliding window of samples, as Kafka's metrics keep it: what quotas are compared with.

There is one sample a window, `samples` + 1 of them in a ring. The rate is their sum by the time since the oldest
began, which counts as `samples` - 1 windows at least: who was quiet may use up nearly the whole window's worth at once.
"""

from attrs import define, field

MAX_THROTTLE_MS = 2**31 - 1  # what an answer has room for


@define(eq=False)
class _Sample:
    start_ms: int
    last_ms: int
    value: float = 0.0

    def reset(self, now_ms: int) -> None:
        self.start_ms = self.last_ms = now_ms
        self.value = 0.0


@define(eq=False)
class WindowedRate:
    """What was recorded, by second. Times are in ms and never go back."""

    samples: int
    window_ms: int
    _ring: list[_Sample] = field(factory=list)
    _current: int = 0

    def record(self, value: float, now_ms: int) -> None:
        """Count `value`, which is negative to take back what was counted."""
        if not self._ring:
            self._ring.append(_Sample(now_ms, now_ms))
        sample = self._ring[self._current]
        if now_ms - sample.start_ms >= self.window_ms:
            self._current = (self._current + 1) % (self.samples + 1)
            if self._current == len(self._ring):
                self._ring.append(_Sample(now_ms, now_ms))
            sample = self._ring[self._current]
            sample.reset(now_ms)
        sample.value += value
        sample.last_ms = now_ms

    def excess_ms(self, bound: float, now_ms: int) -> int:
        """How long nothing must come until the rate has fallen to `bound` a second; 0 if it isn't above."""
        expired_ms = self.samples * self.window_ms
        total, oldest_ms = 0.0, now_ms
        for sample in self._ring:
            if now_ms - sample.last_ms >= expired_ms:
                sample.reset(now_ms)
            total += sample.value
            oldest_ms = min(oldest_ms, sample.start_ms)
        elapsed_ms = now_ms - oldest_ms
        missing = self.samples - 1 - elapsed_ms // self.window_ms
        elapsed_ms = max(1, elapsed_ms + max(0, missing) * self.window_ms)
        rate = total * 1000 / elapsed_ms
        if rate <= bound:
            return 0
        return int(
            min((rate - bound) / bound * elapsed_ms + 0.5, MAX_THROTTLE_MS)
        )  # a tiny bound gives infinity
