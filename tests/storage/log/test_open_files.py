from kbroker.storage.log.open_files import OpenFiles, default_limit


class File:
    def __init__(self, files: OpenFiles) -> None:
        self.files = files
        self.recently_used = True
        self.is_open = True
        files.opened(self)

    def close_file(self) -> None:
        self.is_open = False
        self.files.closed(self)


def test_the_one_not_used_for_longest_is_closed() -> None:
    files = OpenFiles(3)
    first, second, third = File(files), File(files), File(files)
    File(files)
    assert [file.is_open for file in (first, second, third)] == [False, True, True]
    third.recently_used = True
    File(files)
    assert [file.is_open for file in (second, third)] == [False, True]
    assert len(files) == 3


def test_idle_ones_are_closed_after_two_looks() -> None:
    files = OpenFiles(3)
    used, idle = File(files), File(files)
    files.close_idle()
    used.recently_used = True
    files.close_idle()
    assert (used.is_open, idle.is_open) == (True, False)


def test_sockets_get_half_of_the_descriptors() -> None:
    assert default_limit() >= 16
