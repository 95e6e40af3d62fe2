"""A disk that may lose power: what was not synced is on it in part, or not at all.

The live files are real ones; beside them this keeps what has been made durable. Of the rest, a cut keeps what a
journalling file system (ext4, xfs) may keep:

- the names in a directory: the first so many changes since its last sync, in order, as they go through a journal
- a file's data: each page of 4 KiB as it is, as it was, or as zeros; its size as it is or as it was after any change
- the two are independent: a file may have its new name and not its data
"""

import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from attrs import define, field

from kbroker.storage.log.file_system import FileSystem

PAGE_BYTES = 4096

Data = bytes
Left = dict[str, "Data | Left"]  # a directory's files and directories, by name
Choice = Callable[["Content"], Data]


@define(eq=False)
class Content:
    """A file: what a sync has made durable, what it holds, and its sizes since that sync."""

    durable: Data = b""
    live: bytearray = field(factory=bytearray)
    sizes: list[int] = field(factory=list)

    def changed(self) -> None:
        """Its size is one that the disk may know from now on."""
        self.sizes.append(len(self.live))

    def sync(self) -> None:
        """All that it holds is durable."""
        self.durable = bytes(self.live)
        self.sizes.clear()


@define(eq=False)
class Names:
    """A directory: the names it has, those a sync has made durable, and the changes since, in order."""

    durable: dict[str, "Content | Names"] = field(factory=dict)
    live: dict[str, "Content | Names"] = field(factory=dict)
    changes: list[dict[str, "Content | Names"]] = field(factory=list)

    def changed(self) -> None:
        """A name has come, gone, or become another."""
        self.changes.append(dict(self.live))

    def sync(self) -> None:
        """All names are durable."""
        self.durable = dict(self.live)
        self.changes.clear()


@define
class Cut:
    """Which of the states that a cut may leave: `names` of the changes in a directory, `data` of a file."""

    name: str
    names: Callable[[int], int]
    data: Choice


def lost(content: Content) -> Data:
    """Nothing that was not synced."""
    return content.durable


def kept(content: Content) -> Data:
    """Everything, as if the kernel had just written it back."""
    return bytes(content.live)


def zeros(content: Content) -> Data:
    """The size has grown, and the new pages have not been written."""
    size = len(content.live)
    return (content.durable + bytes(size))[:size]


def torn(seed: int) -> Choice:
    """Any page as it is, as it was, or zeros; any size that the file has had."""
    chance = random.Random(seed)

    def choose(content: Content) -> Data:
        size = chance.choice([len(content.durable), *content.sizes])
        old, new = (part.ljust(size, b"\0") for part in (content.durable, bytes(content.live)))
        pages = []
        for at in range(0, size, PAGE_BYTES):
            page = slice(at, min(at + PAGE_BYTES, size))
            unchanged = old[page] == new[page]
            pages.append(new[page] if unchanged else chance.choice([new[page], new[page], old[page]]))
        return b"".join(pages)

    return choose


def cuts(seeds: int) -> Iterator[Cut]:
    """The extremes, and so many of the states in between."""

    def all_of(count: int) -> int:
        return count

    def none_of(count: int) -> int:
        return 0

    yield Cut("nothing", none_of, lost)
    yield Cut("names", all_of, lost)
    yield Cut("names and sizes", all_of, zeros)
    yield Cut("data", none_of, kept)
    for seed in range(seeds):
        yield Cut(f"seed {seed}", partial(random.Random(seed).randint, 0), torn(seed))


def some_cuts(moment: int, seeds: int) -> Iterator[Cut]:
    """Every second one, the others at the next moment."""
    return islice(cuts(seeds), moment % 2, None, 2)


class PowerLossFileSystem(FileSystem):
    """Works on real files below `root`, a directory that is there and durable; `left` tells what a cut would leave.

    `moment` is called after each change, whenever the power may go. Files that others make are not known here.
    """

    def __init__(self, root: Path, moment: Callable[[], None] = lambda: None) -> None:
        self._root = str(root)
        self.moment = moment
        self._files: dict[int, Content] = {}  # by inode
        self.names = self._found(root)
        self._held = Names()

    def left(self, cut: Cut) -> "Left":
        """What the disk holds after a power cut."""
        return _left(self.names, cut)

    def _found(self, path: Path) -> Names:
        live: dict[str, Content | Names] = {}
        for each in path.iterdir():
            if each.is_dir():
                live[each.name] = self._found(each)
            else:
                data = each.read_bytes()
                live[each.name] = self._files[each.stat().st_ino] = Content(data, bytearray(data))
        return Names(dict(live), live)

    # Files

    def create(self, path: str) -> int:
        is_new = not os.path.exists(path)
        descriptor = super().create(path)
        if is_new:
            content = self._files[os.fstat(descriptor).st_ino] = Content()
            self._change(path, content)
        return descriptor

    def write_at(self, descriptor: int, data: object, position: int) -> int:  # type: ignore[override]
        written = bytes(data)  # type: ignore[call-overload]
        size = os.pwrite(descriptor, written, position)
        content = self._files[os.fstat(descriptor).st_ino]
        content.live.extend(bytes(max(0, position - len(content.live))))
        content.live[position : position + size] = written[:size]
        content.changed()
        self.moment()
        return size

    def truncate(self, descriptor: int, size: int) -> None:  # type: ignore[override]
        os.ftruncate(descriptor, size)
        content = self._files[os.fstat(descriptor).st_ino]
        del content.live[size:]
        content.live.extend(bytes(size - len(content.live)))
        content.changed()
        self.moment()

    def allocate(self, descriptor: int, size: int) -> None:
        if os.fstat(descriptor).st_size < size:
            self.truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:  # type: ignore[override]
        self._files[os.fstat(descriptor).st_ino].sync()
        self.moment()

    def sync_file(self, path: str) -> None:
        self._files[os.stat(path).st_ino].sync()
        self.moment()

    # Names

    def rename(self, old: str, new: str) -> None:  # type: ignore[override]
        os.rename(old, new)
        directory, name = self._parent(old)
        node = directory.live.pop(name)
        self._change(new, node)

    def unlink(self, path: str) -> None:  # type: ignore[override]
        os.unlink(path)
        self._change(path, None)

    def mkdir(self, path: str) -> None:  # type: ignore[override]
        os.mkdir(path)
        self._change(path, Names())

    def rmdir(self, path: str) -> None:  # type: ignore[override]
        os.rmdir(path)
        self._change(path, None)

    def sync_directory(self, path: str) -> None:
        if not os.path.isdir(path):
            raise FileNotFoundError(path)
        self._directory(path).sync()
        self.moment()

    def _change(self, path: str, node: Content | Names | None) -> None:
        directory, name = self._parent(path)
        if node is None:
            del directory.live[name]
        else:
            directory.live[name] = node
        directory.changed()
        self.moment()

    def _parent(self, path: str) -> tuple[Names, str]:
        parent, _, name = path.rpartition("/")
        return self._directory(parent), name

    def _directory(self, path: str) -> Names:
        found = self.names
        if not (path + "/").startswith(self._root + "/"):
            return self._held  # above the root, where all is durable
        for name in filter(None, path.removeprefix(self._root).split("/")):
            node = found.live[name]
            assert isinstance(node, Names)
            found = node
        return found


def _left(names: Names, cut: Cut) -> "Left":
    count = cut.names(len(names.changes))
    found = names.changes[count - 1] if count else names.durable
    return {
        name: _left(node, cut) if isinstance(node, Names) else cut.data(node) for name, node in found.items()
    }


def write(left: "Left", target: Path) -> None:
    """Make a directory of it."""
    target.mkdir()
    for name, content in left.items():
        if isinstance(content, bytes):
            (target / name).write_bytes(content)
        else:
            write(content, target / name)
