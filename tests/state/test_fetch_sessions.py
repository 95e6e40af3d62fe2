"""Fetch sessions keep KIP-227's rules."""

import random

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.fetch_sessions import EVICTION_MS, FetchContext, FetchPartition, FetchSessions, next_epoch


def sessions(slots: int = 10) -> FetchSessions:
    return FetchSessions(slots, random.Random(1))


def want(*indexes: int, topic: str = "t", offset: int = 0) -> list[FetchPartition]:
    return [FetchPartition(topic, index, offset, 1000) for index in indexes]


def begin(
    cache: FetchSessions,
    session_id: int,
    epoch: int,
    wanted: list[FetchPartition] | None = None,
    forgotten: list[tuple[str, int]] | None = None,
    *,
    ids: bool = False,
    now_ms: int = 0,
) -> FetchContext:
    return cache.begin(session_id, epoch, wanted or [], forgotten or [], uses_topic_ids=ids, now_ms=now_ms)


def start(cache: FetchSessions, *indexes: int, now_ms: int = 0) -> int:
    session = begin(cache, 0, 0, want(*indexes), now_ms=now_ms).session
    assert session is not None
    return session.id


def code_of(call: object, *args: object, **kwargs: object) -> ErrorCode:
    with pytest.raises(KafkaError) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    return caught.value.code


def test_epoch_0_makes_a_session_with_a_positive_id() -> None:
    cache = sessions()
    context = begin(cache, 0, 0, want(0, 1))
    assert context.session is not None
    assert context.session.id > 0
    assert not context.incremental
    assert [p.index for p in context.partitions] == [0, 1]


def test_epoch_minus_1_makes_none_and_ends_the_one_it_names() -> None:
    cache = sessions()
    session_id = start(cache, 0)
    context = begin(cache, session_id, -1, want(0))
    assert context.session is None
    assert len(cache) == 0


def test_epoch_0_with_an_id_replaces_that_session() -> None:
    cache = sessions()
    first = start(cache, 0)
    second = begin(cache, first, 0, want(1)).session
    assert second is not None
    assert len(cache) == 1
    assert code_of(begin, cache, first, 1) is ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_an_incremental_request_changes_adds_and_forgets() -> None:
    cache = sessions()
    session_id = start(cache, 0, 1)
    context = begin(cache, session_id, 1, want(1, offset=7) + want(2), [("t", 0)])
    assert context.incremental
    assert [(p.index, p.fetch_offset) for p in context.partitions] == [(1, 7), (2, 0)]


def test_an_unknown_session_and_a_wrong_epoch_are_told_apart() -> None:
    cache = sessions()
    session_id = start(cache, 0)
    assert code_of(begin, cache, session_id + 1, 1) is ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    assert code_of(begin, cache, session_id, 2) is ErrorCode.INVALID_FETCH_SESSION_EPOCH
    begin(cache, session_id, 1)
    assert code_of(begin, cache, session_id, 1) is ErrorCode.INVALID_FETCH_SESSION_EPOCH


def test_a_session_by_name_cannot_go_on_by_id() -> None:
    cache = sessions()
    session_id = start(cache, 0)
    assert code_of(begin, cache, session_id, 1, ids=True) is ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR


def test_a_session_that_forgets_everything_ends() -> None:
    cache = sessions()
    session_id = start(cache, 0)
    context = begin(cache, session_id, 1, forgotten=[("t", 0)])
    assert context.session is None
    assert len(cache) == 0


def test_partitions_that_were_served_go_to_the_end() -> None:
    cache = sessions()
    session_id = start(cache, 0, 1, 2)
    session = begin(cache, session_id, 1).session
    assert session is not None
    session.served(("t", 0))
    assert [p.index for p in begin(cache, session_id, 2).partitions] == [1, 2, 0]


def test_a_full_cache_gives_no_session_until_one_was_idle_for_two_minutes() -> None:
    cache = sessions(slots=1)
    old = start(cache, 0)
    assert begin(cache, 0, 0, want(0), now_ms=EVICTION_MS).session is None
    assert begin(cache, 0, 0, want(0), now_ms=EVICTION_MS + 1).session is not None
    assert code_of(begin, cache, old, 1) is ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_the_least_recently_used_session_is_evicted() -> None:
    cache = sessions(slots=2)
    first, second = start(cache, 0), start(cache, 0)
    begin(cache, first, 1, now_ms=10)
    start(cache, 0, now_ms=EVICTION_MS + 5)
    assert code_of(begin, cache, second, 1) is ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    begin(cache, first, 2)


def test_a_larger_session_evicts_a_smaller_settled_one_in_use() -> None:
    cache = sessions(slots=1)
    small = start(cache, 0)
    begin(cache, small, 1, now_ms=EVICTION_MS + 1)
    assert begin(cache, 0, 0, want(0), now_ms=EVICTION_MS + 1).session is None
    assert begin(cache, 0, 0, want(0, 1), now_ms=EVICTION_MS + 1).session is not None


def test_bounds_are_news_once() -> None:
    partition = want(0)[0]
    assert partition.must_be_told(5, 0)
    assert not partition.must_be_told(5, 0)
    assert partition.must_be_told(5, 1)


def test_epochs_wrap_to_1() -> None:
    assert next_epoch(1) == 2
    assert next_epoch(2**31 - 1) == 1
