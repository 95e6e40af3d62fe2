package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"kbroker.test/compat/gocheck"
)

// member is one consumer of a group: its handler records what it owns and what it reads.
type member struct {
	group sarama.ConsumerGroup
	stop  context.CancelFunc
	done  chan struct{}

	lock   sync.Mutex
	owned  map[int32]bool
	values []string
	limit  int // after so many values it marks no more
}

func (m *member) Setup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// own notes that a claim began or ended: eager sessions end all of them, cooperative ones only those revoked.
func (m *member) own(partition int32, owned bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if owned {
		m.owned[partition] = true
	} else {
		delete(m.owned, partition)
	}
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	m.own(claim.Partition(), true)
	defer m.own(claim.Partition(), false)
	for message := range claim.Messages() {
		m.lock.Lock()
		if len(m.values) < m.limit {
			m.values = append(m.values, string(message.Value))
			session.MarkMessage(message, "")
		}
		m.lock.Unlock()
	}
	return nil
}

func (m *member) count() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.values)
}

// leave commits, ends the session and sends LeaveGroup.
func (m *member) leave() {
	m.stop()
	<-m.done
	_ = m.group.Close()
}

func join(t *gocheck.T, group, topic string, limit int, change func(*sarama.Config)) *member {
	c := config()
	if change != nil {
		change(c)
	}
	consumer, err := sarama.NewConsumerGroup([]string{t.Bootstrap}, group, c)
	t.Ok(err, "join")
	ctx, stop := context.WithCancel(t.Ctx)
	m := &member{group: consumer, stop: stop, done: make(chan struct{}), owned: map[int32]bool{}, limit: limit}
	go func() {
		defer close(m.done)
		for ctx.Err() == nil {
			if err := consumer.Consume(ctx, []string{topic}, m); errors.Is(err, sarama.ErrClosedConsumerGroup) {
				return
			}
		}
	}()
	t.Cleanup(m.leave)
	return m
}

func balanced(partitions int, members ...*member) bool {
	owners := map[int32]int{}
	for _, m := range members {
		m.lock.Lock()
		owned := slices.Collect(maps.Keys(m.owned))
		m.lock.Unlock()
		if len(owned) != partitions/len(members) {
			return false
		}
		for _, p := range owned {
			owners[p]++
		}
	}
	return len(owners) == partitions
}

func groupOfThree(t *gocheck.T, strategy sarama.BalanceStrategy) {
	topic, group := create(t, "a", 6, nil), t.Topic("g")
	var members []*member
	for range 3 {
		members = append(members, join(t, group, topic, 1000, func(c *sarama.Config) {
			c.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategy}
		}))
	}
	t.Until(20*time.Second, "three members own two partitions each", func() bool { return balanced(6, members...) })
	send := func(round string, total int) {
		var messages []*sarama.ProducerMessage
		for i := range 60 {
			messages = append(messages, &sarama.ProducerMessage{Topic: topic, Partition: int32(i % 6), Value: sarama.StringEncoder(fmt.Sprintf("%s-%d", round, i))})
		}
		t.Ok(producer(t, config()).SendMessages(messages), "produce")
		t.Until(15*time.Second, fmt.Sprintf("%d messages in all", total), func() bool {
			return members[0].count()+members[1].count()+members[2].count() >= total
		})
	}
	send("first", 60)
	members[1].leave()
	t.Until(20*time.Second, "the two left own three partitions each", func() bool { return balanced(6, members[0], members[2]) })
	before := members[1].count()
	send("second", 120)
	t.Equal(members[1].count(), before, "messages of the member that left")
	times := map[string]int{}
	for _, m := range members {
		for _, value := range m.values {
			times[value]++
			t.Equal(times[value], 1, "times that "+value+" was read")
		}
	}
	t.Equal(len(times), 120, "distinct messages")
}

func groupOfThreeEager(t *gocheck.T) { groupOfThree(t, sarama.NewBalanceStrategyRange()) }
func groupOfThreeCooperative(t *gocheck.T) {
	groupOfThree(t, sarama.NewBalanceStrategyCooperativeSticky())
}

// staticMember leaves and comes back under its instance id: the group keeps its place, then the operator removes it.
func staticMember(t *gocheck.T) {
	topic, group := create(t, "a", 2, nil), t.Topic("g")
	static := func(c *sarama.Config) { c.Consumer.Group.InstanceId = "one" }
	first := join(t, group, topic, 1000, static)
	t.Until(15*time.Second, "the only member owns both partitions", func() bool { return balanced(2, first) })
	first.leave()
	description := describe(t, group)
	t.Equal(len(description.Members), 1, "members after the static one closed")
	again := join(t, group, topic, 1000, static)
	t.Until(5*time.Second, "both partitions again", func() bool { return balanced(2, again) })
	for _, m := range describe(t, group).Members {
		t.Equal(*m.GroupInstanceId, "one", "instance id")
	}
	again.leave()
	response, err := admin(t).RemoveMemberFromConsumerGroup(group, []string{"one"})
	t.Ok(err, "remove member")
	t.Equal(response.Err, sarama.ErrNoError, "remove member")
	t.Equal(len(describe(t, group).Members), 0, "members after the removal")
}

func describe(t *gocheck.T, group string) *sarama.GroupDescription {
	described, err := admin(t).DescribeConsumerGroups([]string{group})
	t.Ok(err, "describe group")
	t.Equal(len(described), 1, "described groups")
	return described[0]
}

// readAndCommit joins the group, reads count messages, commits exactly those and leaves.
func readAndCommit(t *gocheck.T, group, topic string, count int) []string {
	m := join(t, group, topic, count, nil)
	t.Until(15*time.Second, fmt.Sprintf("%d messages", count), func() bool { return m.count() >= count })
	m.leave()
	return m.values
}

func committed(t *gocheck.T, group, topic string) int64 {
	var block *sarama.OffsetFetchResponseBlock
	t.Retry(10*time.Second, "list group offsets", func() error { // a broker that has just started may be loading them
		response, err := admin(t).ListConsumerGroupOffsets(group, map[string][]int32{topic: {0}})
		if err != nil {
			return err
		}
		if err := response.GroupError(); !errors.Is(err, sarama.ErrNoError) {
			return err
		}
		if block = response.GetGroupBlock(group, topic, 0); block == nil {
			block = response.GetBlock(topic, 0) // answers before version 8
		}
		if block == nil {
			return fmt.Errorf("no offset of partition 0 in %+v", response)
		}
		return nil
	})
	return block.Offset
}

func groupResume(t *gocheck.T) {
	topic, group := create(t, "a", 1, nil), t.Topic("g")
	values := produce(t, config(), topic, 0, 30)
	t.Equal(readAndCommit(t, group, topic, 10), values[:10], "first ten")
	t.Equal(committed(t, group, topic), int64(10), "committed offset")
	t.Equal(readAndCommit(t, group, topic, 20), values[10:], "the rest, read by another consumer")
	t.Equal(committed(t, group, topic), int64(30), "committed offset")
}

func groupAdmin(t *gocheck.T) {
	adm := admin(t)
	topic, group := create(t, "a", 1, nil), t.Topic("g")
	produce(t, config(), topic, 0, 5)
	m := join(t, group, topic, 5, nil)
	t.Until(15*time.Second, "5 messages", func() bool { return m.count() == 5 })
	description := describe(t, group)
	t.Equal([]string{description.State, description.ProtocolType, description.Protocol}, []string{"Stable", "consumer", "range"}, "state, protocol type, protocol")
	for _, described := range description.Members {
		assignment, err := described.GetMemberAssignment()
		t.Ok(err, "assignment")
		t.Equal(assignment.Topics[topic], []int32{0}, "assigned partitions")
	}
	groups, err := adm.ListConsumerGroups()
	t.Ok(err, "list groups")
	t.Equal(groups[group], "consumer", "protocol type in the list")
	if err := adm.DeleteConsumerGroup(group); !errors.Is(err, sarama.ErrNonEmptyGroup) {
		t.Fail("delete a group with a member: got %v, want NON_EMPTY_GROUP", err)
	}
	m.leave()
	t.Until(5*time.Second, "group is Empty", func() bool { return describe(t, group).State == "Empty" })
	_, err = adm.AlterConsumerGroupOffsets(group, map[string]map[int32]sarama.OffsetAndMetadata{topic: {0: {Offset: 2, LeaderEpoch: -1}}}, nil)
	t.Ok(err, "alter offsets")
	t.Equal(committed(t, group, topic), int64(2), "altered offset")
	t.Ok(adm.DeleteConsumerGroupOffset(group, topic, 0), "delete offset")
	t.Equal(committed(t, group, topic), int64(-1), "deleted offset")
	t.Ok(adm.DeleteConsumerGroup(group), "delete group")
	if err := adm.DeleteConsumerGroup(group); !errors.Is(err, sarama.ErrGroupIDNotFound) {
		t.Fail("delete it again: got %v, want GROUP_ID_NOT_FOUND", err)
	}
}
