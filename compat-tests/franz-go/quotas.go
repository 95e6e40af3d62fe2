package main

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

// clientQuotas sets, finds and removes quotas.
func clientQuotas(t *gocheck.T) {
	adm := admin(t)
	name := t.Topic("client")
	entity := kadm.ClientQuotaEntity{{Type: "client-id", Name: &name}}
	set := []kadm.AlterClientQuotaEntry{{Entity: entity, Ops: []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 1e9}}}}
	wanted := []kadm.DescribeClientQuotaComponent{{Type: "client-id", MatchName: &name}}

	validated, err := adm.ValidateAlterClientQuotas(t.Ctx, set)
	t.Ok(err, "validate")
	t.Ok(validated[0].Err, "validate")
	described, err := adm.DescribeClientQuotas(t.Ctx, true, wanted)
	t.Ok(err, "describe")
	t.Equal(len(described), 0, "quotas after validation only")

	altered, err := adm.AlterClientQuotas(t.Ctx, set)
	t.Ok(err, "alter")
	t.Ok(altered[0].Err, "alter")
	described = eventually(t, adm, wanted, 1)
	t.Equal(described[0].Values[0].Key, "producer_byte_rate", "key")
	t.Equal(described[0].Values[0].Value, 1e9, "value")

	bad := []kadm.AlterClientQuotaEntry{{Entity: entity, Ops: []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: -1}}}}
	altered, err = adm.AlterClientQuotas(t.Ctx, bad)
	t.Ok(err, "alter to a bad value")
	if !errors.Is(altered[0].Err, kerr.InvalidRequest) {
		t.Fail("a negative quota gave %v", altered[0].Err)
	}

	set[0].Ops[0] = kadm.AlterClientQuotaOp{Key: "producer_byte_rate", Remove: true}
	_, err = adm.AlterClientQuotas(t.Ctx, set)
	t.Ok(err, "remove")
	eventually(t, adm, wanted, 0)
}

// slowProducer is slowed to its quota, while another client is not.
func slowProducer(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "slow", 1, nil)
	name := t.Topic("client")
	entity := kadm.ClientQuotaEntity{{Type: "client-id", Name: &name}}
	ops := []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 100_000}}
	_, err := adm.AlterClientQuotas(t.Ctx, []kadm.AlterClientQuotaEntry{{Entity: entity, Ops: ops}})
	t.Ok(err, "alter")
	eventually(t, adm, []kadm.DescribeClientQuotaComponent{{Type: "client-id", MatchName: &name}}, 1)

	took := func(id string) time.Duration {
		producer := client(t, kgo.ClientID(id), kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(kgo.NoCompression()))
		start := time.Now()
		for range 13 { // 1.3 MB: three seconds' worth more than the ten that are free
			t.Ok(producer.ProduceSync(t.Ctx, kgo.SliceRecord(make([]byte, 100_000))).FirstErr(), "produce")
		}
		return time.Since(start)
	}
	if free := took("free"); free > 2*time.Second {
		t.Fail("a client without a quota took %v", free)
	}
	if slow := took(name); slow < 1500*time.Millisecond || slow > 10*time.Second {
		t.Fail("a client with a quota took %v", slow)
	}
}

func eventually(t *gocheck.T, adm *kadm.Client, wanted []kadm.DescribeClientQuotaComponent, count int) kadm.DescribedClientQuotas {
	for range 100 {
		described, err := adm.DescribeClientQuotas(t.Ctx, true, wanted)
		t.Ok(err, "describe")
		if len(described) == count {
			return described
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fail("never %d quotas", count)
	return nil
}
