package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"agistorm/target/netns"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if code, ok := Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each rule's process waits for a second at its end
	os.Exit(m.Run())
}

func TestAllAreDescribed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$|^capacity$|^phantom$`)
	seen := map[string]bool{}
	for _, r := range All() {
		if !name.MatchString(r.Name) || seen[r.Name] || r.Statement == "" || r.Source == "" || r.measure == nil {
			t.Errorf("rule %+v", r)
		}
		if strings.HasSuffix(r.Statement, ".") {
			t.Errorf("%s ends with a point", r.Name)
		}
		seen[r.Name] = true
	}
}

func TestSelect(t *testing.T) {
	list, err := Select([]string{"close-resets-the-queue", "closed-port-refuses"})
	if err != nil || len(list) != 2 || list[0].Name != "closed-port-refuses" {
		t.Errorf("got %v, %v; want both in the order of All", list, err)
	}
	if list, err = Select(nil); err != nil || len(list) != len(All()) {
		t.Errorf("no name gives %d rules, %v", len(list), err)
	}
	if _, err = Select([]string{"closed-port-refuses", "nonsense", "more"}); err == nil ||
		!strings.Contains(err.Error(), `rule "nonsense": no such rule`) {
		t.Errorf("got %v", err)
	}
	if _, err = Select([]string{"closed-port-refuse"}); err == nil ||
		!strings.HasSuffix(err.Error(), "; did you mean closed-port-refuses?") {
		t.Errorf("got %v", err)
	}
}

func TestTry(t *testing.T) {
	for name, c := range map[string]struct {
		measure func(*site) Finding
		want    Verdict
	}{
		"as expected": {func(*site) Finding { return compareText("1", "1") }, Holds},
		"otherwise":   {func(*site) Finding { return compareText("1", "2") }, Fails},
		"could not": {func(*site) Finding { check(errors.New("no socket")); return compareText("", "") },
			Unchecked},
		"has no such":     {func(*site) Finding { lack("none of %d", 3); return compareText("", "") }, Lacking},
		"no error":        {func(*site) Finding { check(nil); return compareText("1", "1") }, Holds},
		"half as it says": {func(*site) Finding { return compareText("1", "1").and("2", "3") }, Fails},
	} {
		r := Rule{Name: name, measure: c.measure}
		if got := judge(r, outcomeOf(r.try(&site{})), 1, time.Second); got.Verdict != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a mistake in a rule was swallowed")
		}
	}()
	r := Rule{measure: func(*site) Finding { panic("mistake") }}
	_, _ = r.try(&site{})
}

// TestAgain: a rule that did not hold, or failed to be measured, has other tries; one that holds or is
// lacking has none.
func TestAgain(t *testing.T) {
	said := map[string][]outcome{
		"holds":   {{Finding: compareText("1", "1")}},
		"lacking": {{Error: "none", Lacking: true}},
		"second":  {{Finding: compareText("1", "2")}, {Finding: compareText("1", "1")}},
		"never": {
			{Finding: compareText("1", "2")},
			{Finding: compareText("1", "3")},
			{Finding: compareText("1", "4")},
		},
		"late":        {{Error: "stood still"}, {Error: "stood still"}, {Finding: compareText("1", "1")}},
		"unmeasured":  {{Error: "a"}, {Error: "b"}, {Error: "c"}},
		"namespace":   nil,
		"slow-second": {{Finding: compareText("1", "2")}, {Finding: compareText("1", "1")}},
	}
	want := map[string]string{
		"holds": "holds at 1", "lacking": "not here at 1", "second": "holds at 2", "never": "does not hold at 3",
		"late":       "holds at 3",
		"unmeasured": "not checked at 3", "namespace": "not checked at 0", "slow-second": "holds at 2",
	}
	var list []Rule
	for name := range said {
		list = append(
			list,
			Rule{Name: name, own: name == "namespace", slow: strings.HasPrefix(name, "slow"), alone: name == "never"},
		)
	}
	var lock sync.Mutex
	b := &batch{options: Options{Mode: netns.Host}, list: list, results: make([]Result, len(list))}
	b.measure = func(_ context.Context, r Rule) outcome {
		lock.Lock()
		defer lock.Unlock()
		next := said[r.Name][0]
		said[r.Name] = said[r.Name][1:]
		return next
	}
	b.runAll(t.Context())
	for _, r := range b.results {
		if got := fmt.Sprintf("%s at %d", r.Verdict, r.Tries); got != want[r.Name] {
			t.Errorf("%s: %s, want %s", r.Name, got, want[r.Name])
		}
		if r.Name == "namespace" && r.Reason != NoNamespace {
			t.Errorf("reason %q", r.Reason)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, portableRules, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestPortable needs no namespace and holds on every system.
func TestPortable(t *testing.T) {
	results, err := Run(t.Context(), portableRules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict != Holds {
			t.Errorf("%s: %s: expected %s, measured %s%s", r.Name, r.Verdict, r.Expected, r.Measured, r.Reason)
		}
	}
}

func sample() *Report {
	r := NewReport([]Result{
		{
			Name:     "capacity",
			Rule:     "The accept queue holds backlog + 1 connections",
			Source:   "sock.h",
			Verdict:  Holds,
			Expected: "5",
			Measured: "5",
			Tries:    1,
		},
		{
			Name:     "count",
			Rule:     "One > none",
			Verdict:  Fails,
			Expected: "ListenOverflows +1",
			Measured: "ListenOverflows +0",
			Tries:    3,
		},
		{
			Name:    "memory",
			Rule:    "A queued connection takes memory",
			Verdict: Unchecked,
			Reason:  "it needs a network namespace of its own",
		},
		{Name: "linear", Rule: "It has the sysctl", Verdict: Lacking, Reason: "this kernel has no such sysctl"},
	}, 1234567*time.Microsecond)
	r.System, r.Reason = "Linux 9.9", "no network namespace of our own: refused"
	return r
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := sample().JSON(&b); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Counts != (Counts{1, 1, 1, 1}) || !reflect.DeepEqual(back.Rules, sample().Rules) || back.Seconds != 1.235 {
		t.Errorf("got %+v", back)
	}
	for _, part := range []string{`"rule": "One > none"`, `"verdict": "does not hold"`, `"system": "Linux 9.9"`} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %s in\n%s", part, b.String())
		}
	}
}

func TestList(t *testing.T) {
	var b bytes.Buffer
	List(&b, portableRules)
	if got := strings.Count(b.String(), "\n"); got != len(portableRules) ||
		!strings.HasPrefix(b.String(), "closed-port-refuses  ") {
		t.Errorf("got\n%s", b.String())
	}
}

func TestRetransmissions(t *testing.T) {
	for _, c := range []struct {
		linear, n int
		want      string
	}{
		{4, 8, "1, 2, 3, 4, 5, 7, 11, 19 s"}, // measured on Linux 6.18
		{0, 6, "1, 3, 7, 15, 31, 63 s"},      // Linux before 6.5
		{1, 3, "1, 2, 4 s"},
		{0, 0, "never"},
	} {
		if got := seconds(retransmissions(c.linear, c.n)...); got != c.want {
			t.Errorf("linear %d: %s, want %s", c.linear, got, c.want)
		}
	}
}

func TestOnTime(t *testing.T) {
	const second = time.Second
	for _, c := range []struct {
		due, at time.Duration
		want    bool
	}{
		{second, second, true},
		{second, 1050 * time.Millisecond, true},
		{second, 990 * time.Millisecond, true},
		{second, 900 * time.Millisecond, false},
		{second, 2 * second, false},
		{7 * second, 7300 * time.Millisecond, true},
		{7 * second, 8200 * time.Millisecond, false},
	} {
		if got := onTime(c.due, c.at); got != c.want {
			t.Errorf("due %v, at %v: %v", c.due, c.at, got)
		}
	}
	if allOnTime([]time.Duration{second}, nil) || !allOnTime(nil, nil) {
		t.Error("lists of different lengths")
	}
}

func TestFirstLine(t *testing.T) {
	if got := firstLine("panic: x\n\ngoroutine 1"); got != ": panic: x" {
		t.Errorf("got %q", got)
	}
	if got := firstLine(" \n"); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestRoleOfOthers(t *testing.T) {
	for _, args := range [][]string{nil, {RoleArg}, {"verify", "a", "b"}} {
		if _, ok := Role(args); ok {
			t.Errorf("%q was taken", args)
		}
	}
}
