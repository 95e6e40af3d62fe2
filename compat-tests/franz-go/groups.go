package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

// pollOnce returns what one poll gives within limit; a fetch error ends the check.
func pollOnce(t *gocheck.T, cl *kgo.Client, limit time.Duration) []*kgo.Record {
	ctx, cancel := context.WithTimeout(t.Ctx, limit)
	defer cancel()
	fetches := cl.PollFetches(ctx)
	for _, fetchError := range fetches.Errors() {
		if !errors.Is(fetchError.Err, context.DeadlineExceeded) {
			t.Fail("fetch %s/%d: %v", fetchError.Topic, fetchError.Partition, fetchError.Err)
		}
	}
	return fetches.Records()
}

// member is one consumer of a group, with what it owns and what it has read.
type member struct {
	cl    *kgo.Client
	lock  sync.Mutex
	owned map[int32]bool
	seen  []string
}

func (m *member) partitions() []int32 {
	m.lock.Lock()
	defer m.lock.Unlock()
	var owned []int32
	for p := range m.owned {
		owned = append(owned, p)
	}
	sort.Slice(owned, func(i, j int) bool { return owned[i] < owned[j] })
	return owned
}

func join(t *gocheck.T, group, topic string, opts ...kgo.Opt) *member {
	m := &member{owned: map[int32]bool{}}
	change := func(owned bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, changed map[string][]int32) {
			m.lock.Lock()
			defer m.lock.Unlock()
			for _, p := range changed[topic] {
				if owned {
					m.owned[p] = true
				} else {
					delete(m.owned, p)
				}
			}
		}
	}
	m.cl = client(t, append([]kgo.Opt{
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.HeartbeatInterval(200 * time.Millisecond), kgo.SessionTimeout(10 * time.Second),
		kgo.AutoCommitInterval(300 * time.Millisecond),
		kgo.OnPartitionsAssigned(change(true)), kgo.OnPartitionsRevoked(change(false)), kgo.OnPartitionsLost(change(false)),
	}, opts...)...)
	return m
}

// balanced tells whether the members own all partitions between them, each the same number, none twice.
func balanced(partitions int, members ...*member) bool {
	owners := map[int32]int{}
	for _, m := range members {
		owned := m.partitions()
		if len(owned) != partitions/len(members) {
			return false
		}
		for _, p := range owned {
			owners[p]++
		}
	}
	return len(owners) == partitions
}

// drain polls the members until count records came in all.
func drain(t *gocheck.T, count int, what string, members ...*member) map[string]int {
	times := map[string]int{}
	t.Until(15*time.Second, what, func() bool {
		for _, m := range members {
			for _, record := range pollOnce(t, m.cl, 50*time.Millisecond) {
				times[string(record.Value)]++
			}
		}
		return len(times) >= count
	})
	return times
}

func groupOfThree(t *gocheck.T, balancer kgo.GroupBalancer) {
	topic, group := create(t, "a", 6, nil), t.Topic("g")
	var members []*member
	for range 3 {
		members = append(members, join(t, group, topic, kgo.Balancers(balancer)))
	}
	t.Until(15*time.Second, "three members own two partitions each", func() bool { return balanced(6, members...) })

	send := func(round string) {
		var records []*kgo.Record
		for i := range 60 {
			records = append(records, &kgo.Record{Topic: topic, Partition: int32(i % 6), Value: fmt.Appendf(nil, "%s-%d", round, i)})
		}
		produce(t, records)
	}
	send("first")
	for value, times := range drain(t, 60, "60 records reach three members", members...) {
		t.Equal(times, 1, "times that "+value+" was read")
	}
	t.Ok(members[1].cl.CommitUncommittedOffsets(t.Ctx), "commit before leaving")
	members[1].cl.Close()
	left := []*member{members[0], members[2]}
	t.Until(15*time.Second, "the two left own three partitions each", func() bool { return balanced(6, left...) })

	send("second")
	for value, times := range drain(t, 60, "60 more records reach the two left", left...) {
		t.Equal(times, 1, "times that "+value+" was read")
	}
}

func groupOfThreeCooperative(t *gocheck.T) { groupOfThree(t, kgo.CooperativeStickyBalancer()) }
func groupOfThreeEager(t *gocheck.T)       { groupOfThree(t, kgo.RangeBalancer()) }

// staticMembers restarts one of two static members: it gets its partitions back, and the group does not rebalance.
func staticMembers(t *gocheck.T) {
	topic, group := create(t, "a", 4, nil), t.Topic("g")
	first := join(t, group, topic, kgo.InstanceID("one"), kgo.Balancers(kgo.RangeBalancer()))
	second := join(t, group, topic, kgo.InstanceID("two"), kgo.Balancers(kgo.RangeBalancer()))
	t.Until(15*time.Second, "two partitions each", func() bool { return balanced(4, first, second) })
	before := second.partitions()
	second.cl.CloseAllowingRebalance() // a static member does not send LeaveGroup
	again := join(t, group, topic, kgo.InstanceID("two"), kgo.Balancers(kgo.RangeBalancer()))
	t.Until(8*time.Second, "the returning member has its partitions", func() bool { return len(again.partitions()) == 2 })
	t.Equal(again.partitions(), before, "partitions of the returning member")

	described, err := admin(t).DescribeGroups(t.Ctx, group)
	t.Ok(err, "describe")
	instances := map[string]bool{}
	for _, m := range described[group].Members {
		if m.InstanceID != nil {
			instances[*m.InstanceID] = true
		}
	}
	t.Equal(instances, map[string]bool{"one": true, "two": true}, "instance ids in DescribeGroups")

	responses, err := admin(t).LeaveGroup(t.Ctx, kadm.LeaveGroup(group).InstanceIDs("two").Reason("removed by the operator"))
	t.Ok(err, "leave group")
	t.Ok(responses.Error(), "leave group")
	t.Until(15*time.Second, "the member left owns everything", func() bool { return balanced(4, first) })
}

// memberDies cuts one of two members off without a LeaveGroup: its session ends and the other one takes over.
func memberDies(t *gocheck.T) {
	topic, group := create(t, "a", 4, nil), t.Topic("g")
	var network severable
	short := kgo.SessionTimeout(1500 * time.Millisecond)
	doomed := join(t, group, topic, short, kgo.Dialer(network.dial), kgo.RequestRetries(0), kgo.RetryTimeout(time.Second))
	other := join(t, group, topic, short)
	t.Until(15*time.Second, "two partitions each", func() bool { return balanced(4, doomed, other) })
	network.sever()
	started := time.Now()
	t.Until(10*time.Second, "the one left owns everything", func() bool { return balanced(4, other) })
	if took := time.Since(started); took < time.Second {
		t.Fail("the group gave a member up %s after its last sign of life, before its session timeout", took)
	}
}

// severable is a network that can be cut.
type severable struct {
	lock        sync.Mutex
	cut         bool
	connections []net.Conn
}

func (s *severable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.cut {
		return nil, errors.New("the network is cut")
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		s.connections = append(s.connections, connection)
	}
	return connection, err
}

func (s *severable) sever() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.cut = true
	for _, connection := range s.connections {
		_ = connection.Close()
	}
}

// readAndCommit joins the group, reads count records, commits exactly those and leaves; it returns the values.
func readAndCommit(t *gocheck.T, group, topic string, count int) []string {
	m := join(t, group, topic, kgo.DisableAutoCommit())
	defer m.cl.Close()
	var values []string
	t.Until(15*time.Second, fmt.Sprintf("%d records", count), func() bool {
		ctx, cancel := context.WithTimeout(t.Ctx, time.Second)
		defer cancel()
		records := m.cl.PollRecords(ctx, count-len(values)).Records()
		for _, record := range records {
			values = append(values, string(record.Value))
		}
		if len(records) > 0 {
			t.Ok(m.cl.CommitRecords(t.Ctx, records...), "commit")
		}
		return len(values) >= count
	})
	return values
}

func groupResume(t *gocheck.T) {
	topic, group := create(t, "a", 1, nil), t.Topic("g")
	values := produceNumbered(t, topic, 0, 30)
	t.Equal(readAndCommit(t, group, topic, 10), values[:10], "first ten")
	t.Equal(readAndCommit(t, group, topic, 20), values[10:], "the rest, read by another consumer")

	offsets, err := admin(t).FetchOffsets(t.Ctx, group)
	t.Ok(err, "fetch offsets")
	committed, _ := offsets.Lookup(topic, 0)
	t.Equal(committed.At, int64(30), "committed offset")
	lag, err := admin(t).Lag(t.Ctx, group)
	t.Ok(err, "lag")
	t.Equal(lag[group].Lag.Total(), int64(0), "lag")
}

func groupAdmin(t *gocheck.T) {
	adm := admin(t)
	topic, group := create(t, "a", 2, nil), t.Topic("g")
	produceNumbered(t, topic, 0, 5)
	m := join(t, group, topic, kgo.ClientID("the-client"))
	drain(t, 5, "5 records", m)
	t.Ok(m.cl.CommitUncommittedOffsets(t.Ctx), "commit")

	described, err := adm.DescribeGroups(t.Ctx, group)
	t.Ok(err, "describe")
	got := described[group]
	t.Ok(got.Err, "describe")
	t.Equal([]string{got.State, got.ProtocolType, got.Protocol}, []string{"Stable", "consumer", "cooperative-sticky"}, "state, protocol type, protocol")
	t.Equal(len(got.Members), 1, "members")
	t.Equal(got.Members[0].ClientID, "the-client", "client id of the member")
	assigned := got.AssignedPartitions()
	t.Equal(assigned.Lookup(topic, 1), true, "partition 1 is in the assignment")

	listed, err := adm.ListGroups(t.Ctx, "Stable")
	t.Ok(err, "list")
	t.Equal(listed[group].State, "Stable", "state in ListGroups")
	t.Equal(listed[group].ProtocolType, "consumer", "protocol type in ListGroups")
	deleted, err := adm.DeleteGroup(t.Ctx, group)
	if !errors.Is(deleted.Err, kerr.NonEmptyGroup) {
		t.Fail("delete a group with a member: got %v %v, want NON_EMPTY_GROUP", deleted.Err, err)
	}
	m.cl.Close()
	t.Until(5*time.Second, "group is Empty", func() bool {
		listed, err := adm.ListGroups(t.Ctx, "Empty")
		t.Ok(err, "list")
		return listed[group].State == "Empty"
	})

	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, 3, -1)
	offsets.AddOffset(topic, 1, 0, -1)
	t.Ok(adm.CommitAllOffsets(t.Ctx, group, offsets), "commit for an empty group")
	fetched, err := adm.FetchOffsets(t.Ctx, group)
	t.Ok(err, "fetch offsets")
	at, _ := fetched.Lookup(topic, 0)
	t.Equal(at.At, int64(3), "offset committed from outside")

	set := kadm.TopicsSet{}
	set.Add(topic, 0)
	removed, err := adm.DeleteOffsets(t.Ctx, group, set)
	t.Ok(err, "delete offsets")
	t.Ok(removed.Error(), "delete offsets")
	fetched, err = adm.FetchOffsets(t.Ctx, group)
	t.Ok(err, "fetch offsets")
	_, found := fetched.Lookup(topic, 0)
	t.Equal(found, false, "a deleted offset is still there")

	deleted, err = adm.DeleteGroup(t.Ctx, group)
	t.Ok(err, "delete group")
	t.Ok(deleted.Err, "delete group")
	deleted, _ = adm.DeleteGroup(t.Ctx, group)
	if !errors.Is(deleted.Err, kerr.GroupIDNotFound) {
		t.Fail("delete it again: got %v, want GROUP_ID_NOT_FOUND", deleted.Err)
	}
}
