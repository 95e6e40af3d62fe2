"""Bytes from a socket in, whole frames out. Pure: knows no socket.

Rules kept here:
- a frame is a big-endian int32 size and that many bytes; a size below 0 or above the limit is a ProtocolError
- memory follows what was received, not what a size prefix claims: the buffer at most doubles when it is full
- a client that sends faster than one frame at a time is taken in can be given room for several, see `wider`
- a frame handed out is a writable view into the buffer, valid until the next call of `space`
"""

from struct import Struct

from kbroker.protocol.errors import ProtocolError

INITIAL_CAPACITY = 4 * 1024  # all that an idle connection holds
WIDENED_BY = 4  # clients have 5 requests in flight by default
WIDEST = 256 * 1024  # larger frames take so long by themselves that one at a time costs little
SIZE_PREFIX = 4
_SIZE = Struct(">i")
TLS_HANDSHAKE = 0x1603  # what TLS begins with: a handshake record, and the major version


class FrameBuffer:
    """One connection's receive buffer."""

    __slots__ = ("_buffer", "_end", "_start", "_view", "max_frame")

    def __init__(self, max_frame: int) -> None:
        self.max_frame = max_frame
        self._buffer = bytearray(INITIAL_CAPACITY)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0

    def space(self) -> memoryview:
        """Where the next bytes may be received into, never empty. Frames handed out before are void now."""
        held = self._end - self._start
        capacity = len(self._buffer)
        if held == 0:
            self._start = self._end = 0
        elif held == capacity:
            self._replace(self._next_capacity())
        elif self._end == capacity:
            self._replace(capacity)
        return self._view[self._end :]

    def received(self, count: int) -> None:
        """`count` bytes were written to the start of what `space` gave."""
        self._end += count

    def next_frame(self) -> memoryview | None:
        """The next whole frame without its size prefix, None if more bytes are needed. Raises ProtocolError."""
        start = self._start + SIZE_PREFIX
        if self._end < start:
            return None
        end = start + self._frame_size()
        if self._end < end:
            return None
        self._start = end
        return self._view[start:end]

    def trim(self) -> None:
        """Give back the memory that a large frame left behind, if nothing is held. Frames are void then too."""
        if self._start == self._end and len(self._buffer) > INITIAL_CAPACITY:
            self._replace(INITIAL_CAPACITY)

    def wider(self) -> int:
        """A capacity for several frames at a time, if it may be of use; else 0.

        It is once frames were handed out and the bytes received last filled the buffer: more are likely to wait.
        """
        capacity = len(self._buffer)
        if not self.is_filled or not self._start or capacity >= WIDEST:
            return 0
        return min(capacity * WIDENED_BY, WIDEST)

    def widen(self, capacity: int) -> None:
        """Make it larger. Frames handed out before are void now."""
        self._replace(capacity)

    @property
    def capacity(self) -> int:
        """Bytes of memory held."""
        return len(self._buffer)

    @property
    def held(self) -> int:
        """Bytes that were received and not handed out."""
        return self._end - self._start

    @property
    def missing(self) -> int:
        """Bytes that must still come of the frame being received; 0 while its size isn't known."""
        if self._end - self._start < SIZE_PREFIX:
            return 0
        return self._start + SIZE_PREFIX + self._frame_size() - self._end

    @property
    def is_filled(self) -> bool:
        """Whether what was received last has reached its end."""
        return self._end == len(self._buffer)

    def is_filled_or_beyond(self, capacity: int) -> bool:
        """Whether it `is_filled`, or larger than `capacity`."""
        size = len(self._buffer)
        return self._end == size or size > capacity

    @property
    def is_full(self) -> bool:
        """Whether the next call of `space` makes it larger."""
        return self._end - self._start == len(self._buffer)

    def grows_beyond(self, capacity: int) -> bool:
        """Whether the next call of `space` makes it larger than `capacity`."""
        return self.is_full and self._next_capacity() > capacity

    def growth(self) -> tuple[int, int]:
        """What it will have when it is full: the capacity, and the size of the frame that it is for."""
        return self._next_capacity(), self._frame_size()

    def _next_capacity(self) -> int:
        capacity = len(self._buffer)
        return min(capacity * 2, max(self._frame_size() + SIZE_PREFIX, capacity + INITIAL_CAPACITY))

    def _frame_size(self) -> int:
        size: int = _SIZE.unpack_from(self._buffer, self._start)[0]
        if not 0 <= size <= self.max_frame:
            if size >> 16 == TLS_HANDSHAKE:
                raise ProtocolError("the client speaks TLS, and this listener does not")
            raise ProtocolError(f"frame of {size} bytes, at most {self.max_frame} are allowed")
        return size

    def _replace(self, capacity: int) -> None:
        """Move what is held to the start of a new buffer: the old one may still be exported as frames."""
        buffer = bytearray(capacity)
        held = self._end - self._start
        buffer[:held] = self._view[self._start : self._end]
        self._buffer = buffer
        self._view = memoryview(buffer)
        self._start, self._end = 0, held
