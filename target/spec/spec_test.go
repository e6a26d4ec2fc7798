package spec

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// TestMaxBacklog locks the number: the largest that C's int holds, not one more, not one less.
func TestMaxBacklog(t *testing.T) {
	if int64(MaxBacklog) != 2147483647 || MaxBacklog != math.MaxInt32 {
		t.Errorf("MaxBacklog = %d", int64(MaxBacklog))
	}
}

func TestParseBacklog(t *testing.T) {
	somaxconn := 777
	for s, want := range map[string]int{
		"max": 2147483647, "0": 0, "128": 128, "2147483646": 2147483646, "2147483647": 2147483647,
		"const": headerSomaxconn, "const128": 128, "max1024": max(1024, headerSomaxconn), "sysctl": 777, "go": 777,
	} {
		b, err := ParseBacklog(s)
		if err != nil || b.String() != s {
			t.Errorf("%s: got %v, %v", s, b, err)
		}
		if got, err := b.Number(&somaxconn); got != want || err != nil {
			t.Errorf("%s: listen is given %d, %v, want %d", s, got, err, want)
		}
	}
	const tooLarge = `the largest is 2147483647 (INT_MAX), or "max"`
	const form = "want a number from 0 to 2147483647, or one of max, const, const128, max1024, sysctl, go, sysconf"
	for s, want := range map[string]string{
		"2147483648":           "backlog 2147483648: " + tooLarge,
		"99999999999999999999": "backlog 99999999999999999999: " + tooLarge,
		"-1": "backlog -1: the kernel takes a negative backlog for the largest, and cuts it to net.core.somaxconn: " +
			"write max",
		"-":   `backlog "-": ` + form,
		"":    `backlog "": ` + form,
		"MAX": `backlog "MAX": ` + form,
		"1k":  `backlog "1k": ` + form,
	} {
		if _, err := ParseBacklog(s); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", s, err, want)
		}
	}
}

// TestGoBacklog: net's parser of small numbers gives up at 0xFFFFFF, and Go falls back to 128
// (net/parse.go, dtoi).
func TestGoBacklog(t *testing.T) {
	for somaxconn, want := range map[int]int{
		1: 1, 4096: 4096, 16777214: 16777214, 16777215: 128, 2147483647: 128, 0: 128,
	} {
		if got, err := (Backlog{policy: "go"}).Number(&somaxconn); got != want || err != nil {
			t.Errorf("somaxconn %d: %d, %v, want %d", somaxconn, got, err, want)
		}
	}
	if got, err := (Backlog{policy: "go"}).Number(nil); got != 128 || err != nil {
		t.Errorf("somaxconn not known: %d, %v", got, err)
	}
}

func TestNoNumber(t *testing.T) {
	if _, err := (Backlog{policy: "sysctl"}).Number(nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("sysctl of a system that does not report it: %v", err)
	}
	if _, err := (Backlog{policy: "sysconf"}).Number(nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("sysconf: %v", err)
	}
	if _, err := Fixed(-1).Number(nil); err == nil {
		t.Error("-1: no error")
	}
}

func TestParseBehaviour(t *testing.T) {
	for s, words := range map[string]string{
		"pool:16":        "pool of 16 handlers",
		"pool:1":         "pool of 1 handler",
		"pool:100000":    "pool of 100000 handlers",
		"thread":         "a thread for each connection",
		"pool:5,reject":  "pool of 5 handlers that rejects when full",
		"pool:5,hoard":   "pool of 5 handlers that hoards what waits",
		"prefork:50":     "50 processes with one call each",
		"fork:40,300µs":  "a process for each connection, at most 40 at once, 300µs for each fork",
		"fork:1,10s":     "a process for each connection, at most 1 at once, 10s for each fork",
		"loop":           "one event loop, which a call's work blocks",
		"async":          "one event loop, in which a call's work is a wait",
		"async:60µs":     "one event loop, in which a call's work is a wait, 60µs of CPU time for each event",
		"async:10ms":     "one event loop, in which a call's work is a wait, 10ms of CPU time for each event",
		"env-in-accept":  "a thread for each connection, whose environment the accept loop reads",
		"reuseport:4":    "4 sockets on one port, each with a queue of its own",
		"xinetd:50,10s":  "a process for each connection, at most 50 a second",
		"xinetd:1,500ms": "a process for each connection, at most 1 a second",
	} {
		got, err := ParseBehaviour(s)
		if err != nil || got.String() != s || got.Words() != words || got.Check() != nil {
			t.Errorf("%s: got %v, %q, %v", s, got, got.Words(), err)
		}
	}
	const form = "want one of thread pool:N pool:N,reject pool:N,hoard prefork:N fork:N,COST loop async async:COST " +
		"env-in-accept reuseport:N xinetd:N,D"
	for s, want := range map[string]string{
		"":                 form,
		"pool":             form,
		"threads":          form,
		"thread:4":         form,
		"loop:1":           form,
		"pool:4,drop":      form,
		"pool:4,":          form,
		"prefork:4,reject": form,
		"xinetd:4":         form,
		"pool:":            "want pool:N with N from 1 to 100000",
		"pool:0":           "from 1 to 100000",
		"pool:-1":          "from 1 to 100000",
		"pool:100001":      "from 1 to 100000",
		"pool:many":        "from 1 to 100000",
		"pool:0,reject":    "want pool:N,reject with N from 1 to 100000",
		"prefork:257":      "want prefork:N with N from 1 to 256",
		"reuseport:0":      "want reuseport:N with N from 1 to 256",
		"forks:40,1ms":     "; did you mean fork:N,COST?",
		"polo:4":           "; did you mean pool:N or pool:N,reject or pool:N,hoard?",
		"asink":            "; did you mean async or async:COST?",
		"asink:60us":       "; did you mean async or async:COST?",
		"async:":           "want async:COST with COST from 1µs to 10ms",
		"async:0s":         "want async:COST with COST from 1µs to 10ms",
		"async:999ns":      "want async:COST with COST from 1µs to 10ms",
		"async:10001us":    "want async:COST with COST from 1µs to 10ms",
		"async:1us,reject": "want async:COST with COST from 1µs to 10ms",
		"fork:40":          form,
		"fork":             form,
		"async:4":          "want async:COST with COST from 1µs to 10ms",
		"fork:0,1ms":       "want fork:N,COST with N from 1 to 100000",
		"fork:40,0s":       "want fork:N,COST with COST from 1µs to 10s",
		"fork:40,11s":      "want fork:N,COST with COST from 1µs to 10s",
		"fork:40,cheap":    "want fork:N,COST with COST from 1µs to 10s",
		"xinetd:4,soon":    "want xinetd:N,D with D from 1ms to 10m0s",
		"xinetd:4,11m":     "want xinetd:N,D with D from 1ms to 10m0s",
		"xinetd:0,1s":      "want xinetd:N,D with N from 1 to 100000",
	} {
		if _, err := ParseBehaviour(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", s, err, want)
		}
	}
}

// TestLikes locks what stands in the table of servers: what each does and asks for.
func TestLikes(t *testing.T) {
	want := map[string]string{
		"pystrix": "thread max", "panoramisk": "async:20µs 100", "starpy": "async:20µs 50",
		"pyst2": "fork:40,300µs 5", "asterisk-java": "pool:500,reject 200", "asternet": "pool:10,hoard max",
		"ding-dong":     "async 511",
		"phpagi-xinetd": "xinetd:50,10s 64", "asterisk-fastagi": "prefork:50 const",
		"exfastagi": "thread 5", "go": "thread go",
	}
	if len(Likes()) != len(want) {
		t.Errorf("%d servers, want %d", len(Likes()), len(want))
	}
	for name, both := range want {
		like, err := ParseLike(name)
		if got := like.Behaviour.String() + " " + like.Backlog.String(); got != both || err != nil {
			t.Errorf("%s: %s, %v, want %s", name, got, err, both)
		}
		if like.Behaviour.Check() != nil || like.Words == "" || like.Scripts == "" {
			t.Errorf("%s: %+v", name, like)
		}
	}
	if _, err := ParseLike("asterisk"); err == nil ||
		!strings.HasPrefix(err.Error(), `like "asterisk": want one of pystrix, panoramisk,`) {
		t.Errorf("got %v", err)
	}
	if _, err := ParseLike("starpi"); err == nil || !strings.HasSuffix(err.Error(), "; did you mean starpy?") {
		t.Errorf("got %v", err)
	}
}

// TestRules locks what makes the event loops and the forks different from a thread for each.
func TestRules(t *testing.T) {
	for s, want := range map[string]Rules{
		"thread":    {Loops: 1, Open: 9, Active: 9},
		"loop":      {Loops: 1, Open: 9, Active: 9, OneThread: true, WorkBlocks: true},
		"async":     {Loops: 1, Open: 9, Active: 9, OneThread: true},
		"async:1ms": {Loops: 1, Open: 9, Active: 9, OneThread: true, EventCost: time.Millisecond},
		"fork:3,1s": {Loops: 1, Open: 3, Active: 3, ForkTime: time.Second},
	} {
		if b, err := ParseBehaviour(s); err != nil || b.Rules(9) != want {
			t.Errorf("%s: %+v, %v, want %+v", s, b.Rules(9), err, want)
		}
	}
}

func TestParseDisturbance(t *testing.T) {
	for s, want := range map[string]Disturbance{
		"2s@5s": {2 * time.Second, 5 * time.Second}, "1ms@0s": {time.Millisecond, 0},
		"10m0s@10m0s": {10 * time.Minute, 10 * time.Minute},
	} {
		if got, err := ParseDisturbance(s); got != want || err != nil || got.String() != s {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2s", "@", "2s@", "@5s", "0s@5s", "2s@-1s", "11m@1s", "1s@11m", "2@5", "2s@5s@1s"} {
		if _, err := ParseDisturbance(s); err == nil ||
			!strings.Contains(err.Error(), "want FOR@AFTER, such as 2s@5s") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// TestBehaviourCheck: what costs time has some.
func TestBehaviourCheck(t *testing.T) {
	for _, b := range []Behaviour{{form: "fork:N,COST", n: 4}, {form: "async:COST"}, {form: "pool:N"}, {}} {
		if b.Check() == nil {
			t.Errorf("%+v: no error", b)
		}
	}
}

// TestWithHandlers: N is replaced, and nothing else; where there is none it is refused.
func TestWithHandlers(t *testing.T) {
	for s, want := range map[string]string{
		"pool:4": "pool:8", "pool:4,reject": "pool:8,reject", "fork:4,1ms": "fork:8,1ms", "xinetd:4,1s": "xinetd:8,1s",
		"prefork:4": "prefork:8", "reuseport:2": "reuseport:8",
	} {
		b, err := ParseBehaviour(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.WithHandlers("8"); err != nil || got.String() != want || got.Handlers() != 8 ||
			got.Check() != nil {
			t.Errorf("%s: %v, %v, want %s", s, got, err, want)
		}
		if _, err := b.WithHandlers("0"); err == nil {
			t.Errorf("%s with 0 handlers: no error", s)
		}
	}
	for _, s := range []string{"thread", "loop", "async", "async:1ms", "env-in-accept"} {
		b, err := ParseBehaviour(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.WithHandlers("8"); err == nil || b.Handlers() != 0 {
			t.Errorf("%s: %v", s, got)
		}
	}
}
