"""Replays a written conversation between a group and those who call on it.

A conversation is a text file. A line that starts at the margin is something that happens:

    TIME WHO VERB [key=value ...]      e.g.  2s bob joins instance=b topics=orders

Indented lines are what the group does about it, and are compared word for word. The replay remembers for
each of the callers which member id and generation the group has told them, so that lines stay short.

Verbs: joins, syncs, beats, leaves, commits, restarts (forgets its id), and `time passes` for WHO VERB.
"""

from collections.abc import Iterator

import pytest
from attrs import Factory, define

from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer, check_commit
from kbroker.state.groups.effects import Effects, JoinAnswer, SyncAnswer
from kbroker.state.groups.expiry import tick
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.heartbeat import heartbeat
from kbroker.state.groups.join import join
from kbroker.state.groups.leave import Leaving, leave
from kbroker.state.groups.member import JoinCall, Member
from kbroker.state.groups.rebalance import GroupLimits
from kbroker.state.groups.sync import SyncCall, sync


@define
class Caller:
    """What one client knows."""

    member_id: str = ""
    generation_id: int = -1
    incarnation: int = 0
    options: dict[str, str] = Factory(dict)  # of its last JoinGroup; it repeats them


@define
class Conversation:
    """A group and its callers, and the clock they share."""

    limits: GroupLimits = Factory(GroupLimits)
    group: Group = Factory(lambda: Group("g"))
    callers: dict[str, Caller] = Factory(dict)
    tokens: dict[int, str] = Factory(dict)
    shown_state: str = "Empty 0:"

    def replay(self, text: str) -> str:
        """The text as it should read."""
        lines: list[str] = []
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                lines.append(line)
            elif not line.startswith(" "):
                lines.append(line)
                lines.extend(f"    {outcome}" for outcome in self._happens(line))
        return "\n".join(lines) + "\n"

    def _happens(self, line: str) -> Iterator[str]:
        if line.startswith("limits "):
            for name, value in _options(line.split()[1:]).items():
                setattr(self.limits, name, int(value))
            return
        time, who, verb, *rest = line.split()
        now = float(time.removesuffix("s"))
        if (who, verb) != ("time", "passes"):
            # What was due before must not happen after.
            yield from self._effects(tick(self.group, now, self.limits))
            caller = self.callers.setdefault(who, Caller())
            yield from getattr(self, f"_{verb}")(who, caller, now, _options(rest))
        else:
            yield from self._effects(tick(self.group, now, self.limits))
        state = self._state()
        if state != self.shown_state:
            self.shown_state = state
            yield f"[{state}]"

    def _joins(self, who: str, caller: Caller, now: float, options: dict[str, str]) -> Iterator[str]:
        caller.options |= options
        said = caller.options
        if not caller.member_id:
            caller.incarnation += 1
        version = int(said.get("v", 9))
        topics = said.get("topics", "")
        call = JoinCall(
            member_id=options.get("id", caller.member_id),
            group_instance_id=said.get("instance"),
            client_id=who,
            client_host="/127.0.0.1",
            session_timeout_ms=int(float(said.get("session", "10")) * 1000),
            rebalance_timeout_ms=int(float(said.get("rebalance", "60")) * 1000),
            protocol_type=said.get("type", "consumer"),
            protocols=[(name, topics.encode()) for name in said.get("offers", "range").split(",")],
            new_member_id=f"{who}-{caller.incarnation}",
            must_know_member_id=version >= 4,
            may_skip_assignment=version >= 9,
            token=self._token(who),
        )
        yield from self._effects(join(self.group, call, now, self.limits))

    def _syncs(self, who: str, caller: Caller, now: float, options: dict[str, str]) -> Iterator[str]:
        given = (part.split(":") for part in options.get("assigns", "").split(",") if part)
        call = SyncCall(
            member_id=options.get("id", caller.member_id),
            group_instance_id=caller.options.get("instance"),
            generation_id=int(options.get("generation", caller.generation_id)),
            protocol_type=options.get("type"),
            protocol_name=options.get("protocol"),
            assignments={self._id(name): assignment.encode() for name, assignment in given},
            token=self._token(who),
        )
        yield from self._effects(sync(self.group, call, now))

    def _beats(self, who: str, caller: Caller, now: float, options: dict[str, str]) -> Iterator[str]:
        generation = int(options.get("generation", caller.generation_id))
        try:
            heartbeat(self.group, caller.member_id, caller.options.get("instance"), generation, now)
        except KafkaError as error:
            yield f"{who} <- {error.code.name}"

    def _commits(self, who: str, caller: Caller, now: float, options: dict[str, str]) -> Iterator[str]:
        committer = Committer(
            "g",
            options.get("id", caller.member_id),
            options.get("instance", caller.options.get("instance")),
            int(options.get("generation", caller.generation_id)),
        )
        try:
            check_commit(self.group, committer, now)
        except KafkaError as error:
            yield f"{who} <- {error.code.name}"
        else:
            yield f"{who} <- committed"

    def _leaves(self, who: str, caller: Caller, now: float, options: dict[str, str]) -> Iterator[str]:
        leaving = [Leaving(options.get("id", caller.member_id))]
        if "instances" in options:
            leaving = [Leaving("", instance) for instance in options["instances"].split(",")]
        effects = leave(self.group, leaving, now, self.limits)
        for one in leaving:
            yield f"{who} <- {one.group_instance_id or 'left'} {one.error_code.name}"
        yield from self._effects(effects)

    def _restarts(self, who: str, caller: Caller, now: float, options: dict[str, str]) -> Iterator[str]:
        caller.member_id = ""
        caller.generation_id = -1
        yield from ()

    def _token(self, who: str) -> int:
        token = len(self.tokens) + 1
        self.tokens[token] = who
        return token

    def _id(self, who: str) -> str:
        return self.callers[who].member_id

    def _effects(self, effects: Effects) -> Iterator[str]:
        if effects.save:
            yield "save"
        for token, answer in effects.joins.items():
            yield f"{self.tokens[token]} <- {self._joined(self.callers[self.tokens[token]], answer)}"
        for token, synced in effects.syncs.items():
            yield f"{self.tokens[token]} <- {_synced(synced)}"

    def _joined(self, caller: Caller, answer: JoinAnswer) -> str:
        if answer.error_code.name != "NONE":
            if answer.error_code.name == "MEMBER_ID_REQUIRED":
                caller.member_id = answer.member_id
            return f"{answer.error_code.name} {answer.member_id}".rstrip()
        caller.member_id = answer.member_id
        caller.generation_id = answer.generation_id
        text = f"joined {answer.generation_id} as {answer.member_id}, {answer.protocol_name}"
        text += ", leads" if answer.members else f", led by {answer.leader}"
        for member in answer.members:
            text += f" {member.member_id}({member.metadata.decode()})"
        return text + (", skip assignment" if answer.skip_assignment else "")

    def _state(self) -> str:
        group = self.group
        text = f"{group.state} {group.generation_id}:"
        for member_id in group.members:
            text += f" {member_id}" + ("*" if member_id == group.leader_id else "")
        return text + "".join(f" ({member_id})" for member_id in sorted(group.pending_joins))


def _synced(answer: SyncAnswer) -> str:
    if answer.error_code.name != "NONE":
        return answer.error_code.name
    return f"assigned {answer.assignment.decode() or 'nothing'}"


@pytest.fixture
def stable() -> Group:
    """A stable group of two in generation 7: leader `a`, and `b` with the instance id `i`."""
    group = Group("g", GroupState.STABLE, generation_id=7)
    for member_id, instance in (("a", None), ("b", "i")):
        member = Member(member_id, instance, "c", "/h", 10_000, 60_000, "consumer", [("range", b"")], b"A")
        group.add(member)
        group.start_session(member, 0)
    group.protocol_name = "range"
    return group


@pytest.fixture
def conversation() -> Conversation:
    """A new group that nobody has called yet."""
    return Conversation()


def _options(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)
