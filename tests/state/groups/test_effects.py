"""kbroker/state/groups/effects.py"""

from kbroker.state.groups.effects import JoinAnswer, SyncAnswer
from kbroker.state.groups.group import Group


def test_effects_are_handed_over_once(stable: Group) -> None:
    stable.join_tokens["a"] = 1
    stable.sync_tokens["b"] = 2
    assert stable.answer_join("a", JoinAnswer(member_id="a"))
    assert stable.answer_sync("b", SyncAnswer(assignment=b"B"))
    assert not stable.answer_join("a", JoinAnswer())
    assert not stable.answer_sync("b", SyncAnswer())
    effects = stable.take_effects()
    assert effects.joins == {1: JoinAnswer(member_id="a")}
    assert effects.syncs == {2: SyncAnswer(assignment=b"B")}
    assert not effects.save
    assert stable.take_effects().joins == {}
