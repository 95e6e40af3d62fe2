// Command security-franz-go runs security cases with github.com/twmb/franz-go: its argument is a file of cases.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const (
	count   = 100
	timeout = 6 * time.Second
)

type securityCase struct {
	Name, Bootstrap, Topic, Protocol, CA, Certificate, Key, Version, Mechanism, Username, Password, Token string
	Seconds                                                                                                int
	Works                                                                                           bool
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var cases []securityCase
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(err)
	}
	for _, one := range cases {
		err := run(one)
		switch {
		case (err == nil) == one.Works:
			fmt.Println("PASS", one.Name)
		case err == nil:
			fmt.Printf("FAIL %s: it worked\n", one.Name)
		default:
			fmt.Printf("FAIL %s: %s\n", one.Name, strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
}

func run(one securityCase) error {
	options := []kgo.Opt{kgo.SeedBrokers(one.Bootstrap), kgo.AllowAutoTopicCreation(), kgo.FetchMaxWait(200 * time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner())}
	if strings.Contains(one.Protocol, "SSL") {
		config, err := tlsConfig(one)
		if err != nil {
			return err
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	if mechanism := saslMechanism(one); mechanism != nil {
		options = append(options, kgo.SASL(mechanism))
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout+time.Duration(2*one.Seconds)*time.Second)
	defer cancel()
	producer, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer producer.Close()
	records := make([]*kgo.Record, count)
	for i := range records {
		records[i] = &kgo.Record{Topic: one.Topic, Partition: 0, Value: make([]byte, 1000)}
	}
	if err := producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return err
	}
	for i := 0; i < 10*one.Seconds; i++ {
		record := &kgo.Record{Topic: one.Topic, Partition: 0, Value: make([]byte, 1000)}
		if err := producer.ProduceSync(ctx, record).FirstErr(); err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	first := kgo.NewOffset().At(records[0].Offset)
	consumer, err := kgo.NewClient(append(options,
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{one.Topic: {0: first}}))...)
	if err != nil {
		return err
	}
	defer consumer.Close()
	for got := 0; got < count; {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		got += fetches.NumRecords()
	}
	return nil
}

func tlsConfig(one securityCase) (*tls.Config, error) {
	authority, err := os.ReadFile(one.CA)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(authority)
	if one.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(one.Certificate, one.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	versions := map[string]uint16{"TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}
	if version, given := versions[one.Version]; given {
		config.MinVersion, config.MaxVersion = version, version
	}
	return config, nil
}

func saslMechanism(one securityCase) sasl.Mechanism {
	auth := scram.Auth{User: one.Username, Pass: one.Password}
	switch one.Mechanism {
	case "PLAIN":
		return plain.Auth{User: one.Username, Pass: one.Password}.AsMechanism()
	case "SCRAM-SHA-256":
		return auth.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return auth.AsSha512Mechanism()
	case "OAUTHBEARER":
		return oauth.Auth{Token: one.Token}.AsMechanism()
	}
	return nil
}
