"""What the files of segments are called."""

LOG_SUFFIX = ".log"
INDEX_SUFFIX = ".index"
TIME_INDEX_SUFFIX = ".timeindex"
TXN_INDEX_SUFFIX = ".txnindex"
SUFFIXES = (LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX)
DELETED_SUFFIX = ".deleted"
CLEANED_SUFFIX = ".cleaned"  # see `cleaned_segment` for this one and the next
SWAP_SUFFIX = ".swap"
NAME_DIGITS = 20


def file_name(offset: int, suffix: str) -> str:
    """A segment's or snapshot's file name: 20 digits, so that names sort as offsets do."""
    return f"{offset:0{NAME_DIGITS}d}{suffix}"
