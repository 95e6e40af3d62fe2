package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"kbroker.test/compat/gocheck"
)

func groupReader(t *gocheck.T, group, topic string) *kafka.Reader {
	return reader(t, kafka.ReaderConfig{
		GroupID: group, Topic: topic, StartOffset: kafka.FirstOffset, HeartbeatInterval: 200 * time.Millisecond,
		SessionTimeout: 10 * time.Second, RebalanceTimeout: 10 * time.Second, JoinGroupBackoff: 200 * time.Millisecond,
	})
}

func describe(t *gocheck.T, group string) kafka.DescribeGroupsResponseGroup {
	response, err := client(t).DescribeGroups(t.Ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	t.Ok(err, "describe group")
	t.Equal(len(response.Groups), 1, "described groups")
	return response.Groups[0]
}

// balanced tells whether the group is stable with so many members that own the same number of partitions.
func balanced(t *gocheck.T, group string, members, partitions int) bool {
	described := describe(t, group)
	if described.GroupState != "Stable" || len(described.Members) != members {
		return false
	}
	owned := map[int]bool{}
	for _, member := range described.Members {
		count := 0
		for _, topic := range member.MemberAssignments.Topics {
			for _, partition := range topic.Partitions {
				owned[partition] = true
				count++
			}
		}
		if count != partitions/members {
			return false
		}
	}
	return len(owned) == partitions
}

// readTogether reads with all readers at once until they have count messages; it returns how often each value came.
func readTogether(t *gocheck.T, count int, readers ...*kafka.Reader) map[string]int {
	ctx, cancel := context.WithTimeout(t.Ctx, 15*time.Second)
	defer cancel()
	var lock sync.Mutex
	var group sync.WaitGroup
	times := map[string]int{}
	for _, r := range readers {
		group.Go(func() {
			for {
				message, err := r.ReadMessage(ctx) // commits at once
				if err != nil {
					return
				}
				lock.Lock()
				times[string(message.Value)]++
				if len(times) >= count {
					cancel()
				}
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return times
}

func groupOfThree(t *gocheck.T) {
	topic, group := create(t, "a", 6), t.Topic("g")
	var readers []*kafka.Reader
	for range 3 {
		readers = append(readers, groupReader(t, group, topic))
	}
	t.Until(20*time.Second, "three members own two partitions each", func() bool { return balanced(t, group, 3, 6) })
	send := func(round string) {
		for p := range 6 {
			var messages []kafka.Message
			for i := range 10 {
				messages = append(messages, kafka.Message{Value: fmt.Appendf(nil, "%s-%d-%d", round, p, i)})
			}
			t.Ok(writer(t, topic, p).WriteMessages(t.Ctx, messages...), "write")
		}
	}
	exactlyOnce := func(times map[string]int) {
		t.Equal(len(times), 60, "distinct messages")
		for value, n := range times {
			t.Equal(n, 1, "times that "+value+" was read")
		}
	}
	send("first")
	exactlyOnce(readTogether(t, 60, readers...))
	t.Ok(readers[1].Close(), "leave")
	t.Until(20*time.Second, "the two left own three partitions each", func() bool { return balanced(t, group, 2, 6) })
	send("second")
	exactlyOnce(readTogether(t, 60, readers[0], readers[2]))
}

// readAndCommit joins the group, reads count messages, commits exactly those and leaves.
func readAndCommit(t *gocheck.T, group, topic string, count int) []string {
	r := groupReader(t, group, topic)
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Ctx, 15*time.Second)
	defer cancel()
	var values []string
	for range count {
		message, err := r.FetchMessage(ctx)
		t.Ok(err, "fetch")
		values = append(values, string(message.Value))
		t.Ok(r.CommitMessages(ctx, message), "commit")
	}
	return values
}

func committed(t *gocheck.T, group, topic string) int64 {
	response, err := client(t).OffsetFetch(t.Ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: {0}}})
	t.Ok(err, "offset fetch")
	t.Ok(response.Error, "offset fetch")
	t.Equal(len(response.Topics[topic]), 1, "partitions in offset fetch")
	return response.Topics[topic][0].CommittedOffset
}

func groupResume(t *gocheck.T) {
	topic, group := create(t, "a", 1), t.Topic("g")
	values := write(t, topic, 0, 30)
	t.Equal(committed(t, group, topic), int64(-1), "offset of a group that does not exist")
	t.Equal(readAndCommit(t, group, topic, 10), values[:10], "first ten")
	t.Equal(committed(t, group, topic), int64(10), "committed offset")
	t.Equal(readAndCommit(t, group, topic, 20), values[10:], "the rest, read by another consumer")
	t.Equal(committed(t, group, topic), int64(30), "committed offset")
}

func groupAdmin(t *gocheck.T) {
	topic, group := create(t, "a", 1), t.Topic("g")
	write(t, topic, 0, 5)
	r := groupReader(t, group, topic)
	readTogether(t, 5, r)
	t.Until(10*time.Second, "stable group of one", func() bool { return balanced(t, group, 1, 1) })
	t.Equal(describe(t, group).Members[0].MemberMetadata.Topics, []string{topic}, "topics of the member's subscription")

	listed, err := client(t).ListGroups(t.Ctx, &kafka.ListGroupsRequest{})
	t.Ok(err, "list groups")
	t.Ok(listed.Error, "list groups")
	found := false
	for _, entry := range listed.Groups {
		if entry.GroupID == group {
			found = true
			t.Equal(entry.ProtocolType, "consumer", "protocol type in ListGroups")
		}
	}
	t.Equal(found, true, "group in ListGroups")

	remove := func() error {
		response, err := client(t).DeleteGroups(t.Ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{group}})
		t.Ok(err, "delete group")
		return response.Errors[group]
	}
	if err := remove(); !errors.Is(err, kafka.NonEmptyGroup) {
		t.Fail("delete a group with a member: got %v, want NON_EMPTY_GROUP", err)
	}
	t.Ok(r.Close(), "leave")
	t.Until(5*time.Second, "group is Empty", func() bool { return describe(t, group).GroupState == "Empty" })

	commit, err := client(t).OffsetCommit(t.Ctx, &kafka.OffsetCommitRequest{
		GroupID: group, GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: 0, Offset: 2, Metadata: "by hand"}}},
	})
	t.Ok(err, "commit for an empty group")
	t.Ok(commit.Topics[topic][0].Error, "commit for an empty group")
	t.Equal(committed(t, group, topic), int64(2), "offset committed from outside")
	removed, err := client(t).OffsetDelete(t.Ctx, &kafka.OffsetDeleteRequest{GroupID: group, Topics: map[string][]int{topic: {0}}})
	t.Ok(err, "offset delete")
	t.Ok(removed.Error, "offset delete")
	t.Ok(removed.Topics[topic][0].Error, "offset delete")
	t.Equal(committed(t, group, topic), int64(-1), "deleted offset")
	t.Ok(remove(), "delete group")
	if err := remove(); !errors.Is(err, kafka.GroupIdNotFound) {
		t.Fail("delete it again: got %v, want GROUP_ID_NOT_FOUND", err)
	}
}
