// Package gocheck runs named checks against a broker and prints one line for each:
// "PASS name", or "FAIL name: reason". The Go client programs share it.
package gocheck

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"
)

// Check is one named expectation of the broker.
type Check struct {
	Name  string
	Phase string // "main"; "before" and "after" on the two sides of a restart; "outage" while the broker dies and returns
	Quick bool   // also part of the short run
	Run   func(t *T)
}

// T is what a running check receives.
type T struct {
	Ctx       context.Context
	Bootstrap string
	Prefix    string // distinguishes this run's topics and groups from every other run's
	name      string
	cleanups  []func()
}

// Cleanup has f called when the check ends, last registered first.
func (t *T) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

type failure struct{ reason string }

// Topic names a topic (or a group) that belongs to this check alone.
func (t *T) Topic(suffix string) string {
	return t.Prefix + "-" + strings.ReplaceAll(t.name, "_", "-") + "-" + suffix
}

// Shared names a topic or group that two checks of the same run refer to.
func (t *T) Shared(suffix string) string { return t.Prefix + "-" + suffix }

// Fail ends the check.
func (t *T) Fail(format string, args ...any) { panic(failure{fmt.Sprintf(format, args...)}) }

// Ok ends the check if err is set.
func (t *T) Ok(err error, what string) {
	if err != nil {
		t.Fail("%s: %v", what, err)
	}
}

// Equal ends the check if got differs from want.
func (t *T) Equal(got, want any, what string) {
	if !reflect.DeepEqual(got, want) {
		t.Fail("%s: got %v, want %v", what, got, want)
	}
}

// Until polls cond until it holds, and ends the check if it does not within limit.
func (t *T) Until(limit time.Duration, what string, cond func() bool) {
	deadline := time.Now().Add(limit)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fail("not within %s: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Retry calls try until it gives no error, and ends the check if it still does after limit.
func (t *T) Retry(limit time.Duration, what string, try func() error) {
	deadline := time.Now().Add(limit)
	for err := try(); err != nil; err = try() {
		if time.Now().After(deadline) {
			t.Ok(err, what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Main parses the command line, runs the chosen checks and exits 1 if any failed.
func Main(checks []Check) {
	bootstrap := flag.String("bootstrap", "127.0.0.1:9092", "host:port of the broker")
	prefix := flag.String("prefix", "compat", "start of every topic and group name")
	phase := flag.String("phase", "main", "main, before or after (a broker restart), or outage (during one)")
	quick := flag.Bool("quick", false, "only the short subset")
	only := flag.String("only", "", "run checks whose name contains this")
	limit := flag.Duration("limit", 60*time.Second, "time allowed for one check")
	flag.Parse()

	failed := 0
	for _, check := range checks {
		if check.Phase != *phase || (*quick && !check.Quick) || !strings.Contains(check.Name, *only) {
			continue
		}
		if reason := run(check, *bootstrap, *prefix, *limit); reason != "" {
			failed++
			fmt.Printf("FAIL %s: %s\n", check.Name, strings.ReplaceAll(reason, "\n", " | "))
		} else {
			fmt.Printf("PASS %s\n", check.Name)
		}
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// run returns why the check failed, or "".
func run(check Check, bootstrap, prefix string, limit time.Duration) string {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan string, 1)
	t := &T{Ctx: ctx, Bootstrap: bootstrap, Prefix: prefix, name: check.Name}
	go func() {
		defer func() {
			defer func() {
				for i := len(t.cleanups) - 1; i >= 0; i-- {
					t.cleanups[i]()
				}
			}()
			switch r := recover().(type) {
			case nil:
				done <- ""
			case failure:
				done <- r.reason
			default:
				done <- fmt.Sprintf("panic: %v", r)
			}
		}()
		check.Run(t)
	}()
	select {
	case reason := <-done:
		return reason
	case <-time.After(limit + 5*time.Second):
		return fmt.Sprintf("no end after %s", limit)
	}
}
