"""The group itself: its members, its state, and what they agree on."""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum

from attrs import Factory, define

from kbroker.state.groups.deadlines import Deadlines
from kbroker.state.groups.effects import Effects, JoinAnswer, JoinedMember, SyncAnswer, Token
from kbroker.state.groups.election import most_voted
from kbroker.state.groups.member import Member, Protocols
from kbroker.state.groups.pending_offsets import PendingOffsets
from kbroker.state.groups.subscription import CONSUMER_PROTOCOL_TYPE, subscribed_topics
from kbroker.state.offsets import CommittedOffsets


class GroupState(StrEnum):
    """States by the names that DescribeGroups and ListGroups show."""

    EMPTY = "Empty"
    PREPARING_REBALANCE = "PreparingRebalance"
    COMPLETING_REBALANCE = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"  # what DescribeGroups calls a group that doesn't exist


@define
class Group:
    """One group. The call of a member that waits is in `join_tokens` or `sync_tokens`, by member id."""

    group_id: str
    state: GroupState = GroupState.EMPTY
    state_timestamp_ms: int = -1  # wall clock time at which `state` was entered; kept by the owner
    initial: bool = False  # the rebalance under way is the first one of an empty group
    new_member_added: bool = False  # since the initial rebalance was last extended
    initial_delay_left_ms: int = 0
    generation_id: int = 0
    protocol_type: str | None = None
    protocol_name: str | None = None
    leader_id: str | None = None
    members: dict[str, Member] = Factory(dict)
    static_members: dict[str, str] = Factory(dict)  # group.instance.id to member id
    pending_joins: set[str] = Factory(set)  # ids given out to callers who have yet to join with them
    pending_syncs: set[str] = Factory(set)  # members of this generation who have not yet asked for their part
    join_tokens: dict[str, Token] = Factory(dict)
    sync_tokens: dict[str, Token] = Factory(dict)
    subscribed_topics: frozenset[str] | None = None  # None: not known
    offsets: CommittedOffsets = Factory(CommittedOffsets)
    pending_offsets: PendingOffsets = Factory(PendingOffsets)
    deadlines: Deadlines = Factory(Deadlines)
    effects: Effects = Factory(Effects)
    _supported: Counter[str] = Factory(Counter)  # by how many members each protocol is offered

    # --- what is due

    def take_effects(self) -> Effects:
        """Hand over what has come due since the last call."""
        effects, self.effects = self.effects, Effects()
        return effects

    def answer_join(self, member_id: str, answer: JoinAnswer) -> bool:
        """Answer the JoinGroup that a member waits for; False if it doesn't wait for one."""
        token = self.join_tokens.pop(member_id, None)
        if token is None:
            return False
        self.effects.joins[token] = answer
        return True

    def answer_sync(self, member_id: str, answer: SyncAnswer) -> bool:
        """Answer the SyncGroup that a member waits for; False if it doesn't wait for one."""
        token = self.sync_tokens.pop(member_id, None)
        if token is None:
            return False
        self.effects.syncs[token] = answer
        return True

    # --- members

    def add(self, member: Member) -> None:
        """Take in a member; the first one gives the group its protocol type and leads it."""
        if not self.members:
            self.protocol_type = member.protocol_type
        self.members[member.member_id] = member
        if member.group_instance_id is not None:
            self.static_members[member.group_instance_id] = member.member_id
        self._supported.update(name for name, _ in member.protocols)
        if self.leader_id is None:
            self.leader_id = member.member_id
        self.pending_joins.discard(member.member_id)

    def remove(self, member_id: str) -> None:
        """Let a member, or a pending one, go. Calls it still waits for are dropped: answer them first."""
        self.pending_joins.discard(member_id)
        self.pending_syncs.discard(member_id)
        self.join_tokens.pop(member_id, None)
        self.sync_tokens.pop(member_id, None)
        self.deadlines.cancel(member_key(member_id))
        member = self.members.pop(member_id, None)
        if member is not None:
            self._supported.subtract(name for name, _ in member.protocols)
            if member.group_instance_id is not None:
                del self.static_members[member.group_instance_id]
        if self.leader_id == member_id:
            self.leader_id = next(iter(self.members), None)

    def replace_protocols(self, member: Member, protocols: Protocols) -> None:
        """Let a member offer other protocols, or the same with other metadata."""
        self._supported.subtract(name for name, _ in member.protocols)
        member.protocols = protocols
        self._supported.update(name for name, _ in protocols)

    def rename_static(self, member: Member, new_id: str) -> None:
        """Give a static member the id of its new incarnation; it keeps its assignment and leadership."""
        old_id = member.member_id
        member.member_id = new_id
        self.members = {new_id if key == old_id else key: value for key, value in self.members.items()}
        if member.group_instance_id is not None:
            self.static_members[member.group_instance_id] = new_id
        if self.leader_id == old_id:
            self.leader_id = new_id
        self.pending_syncs.discard(old_id)
        self.deadlines.cancel(member_key(old_id))

    def start_session(self, member: Member, now: float, timeout_ms: int | None = None) -> None:
        """Expect to hear from a member within its session timeout, or within `timeout_ms`."""
        timeout = member.session_timeout_ms if timeout_ms is None else timeout_ms
        self.deadlines.set(member_key(member.member_id), now + timeout / 1000)

    @property
    def rebalance_timeout_ms(self) -> int:
        """How long a rebalance may take: as long as the slowest member asks."""
        return max((member.rebalance_timeout_ms for member in self.members.values()), default=0)

    @property
    def all_joined(self) -> bool:
        """Whether nobody is left to wait for."""
        return len(self.join_tokens) == len(self.members) and not self.pending_joins

    # --- protocols

    def supports(self, protocol_type: str, names: Collection[str]) -> bool:
        """Whether a caller that offers `names` can become a member beside those who are."""
        if self.state is GroupState.EMPTY:
            return bool(protocol_type) and bool(names)
        members = len(self.members)
        return protocol_type == self.protocol_type and any(self._supported[name] == members for name in names)

    def select_protocol(self) -> str | None:
        """The protocol most members like best of those they all support."""
        members = len(self.members)
        candidates = {name for name, count in self._supported.items() if count == members}
        return most_voted(member.vote(candidates) for member in self.members.values())

    def choose_protocol(self) -> None:
        """Settle on the protocol of the next generation, and learn what it says of topics."""
        self.protocol_name = self.select_protocol() if self.members else None
        self.learn_subscriptions()

    def learn_subscriptions(self) -> None:
        """Read from the members' metadata which topics the group consumes."""
        if self.protocol_type == CONSUMER_PROTOCOL_TYPE:
            metadata = [member.metadata(self.protocol_name) for member in self.members.values()]
            self.subscribed_topics = subscribed_topics(metadata)
        else:
            self.subscribed_topics = None

    def is_subscribed_to(self, topic: str) -> bool:
        """Whether the group consumes a topic; consumers whose metadata nobody can read consume them all."""
        if self.subscribed_topics is None:
            return self.protocol_type == CONSUMER_PROTOCOL_TYPE
        return topic in self.subscribed_topics

    def joined_members(self) -> list[JoinedMember]:
        """What the leader needs in order to assign."""
        name = self.protocol_name
        return [
            JoinedMember(m.member_id, m.group_instance_id, m.metadata(name)) for m in self.members.values()
        ]

    def current_generation(self, member_id: str) -> JoinAnswer:
        """A JoinGroup's answer for this generation; the leader's comes with the members."""
        return JoinAnswer(
            member_id=member_id,
            generation_id=self.generation_id,
            protocol_type=self.protocol_type,
            protocol_name=self.protocol_name,
            leader=self.leader_id or "",
            members=self.joined_members() if member_id == self.leader_id else [],
        )


def member_key(member_id: str) -> tuple[str, str]:
    """Name of the deadline of a member's session, or of a pending member's time to join."""
    return ("member", member_id)


JOIN_KEY = ("join", "")  # the deadline of a rebalance's first half
SYNC_KEY = ("sync", "")  # the deadline of its second half
