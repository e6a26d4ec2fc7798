package main

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/target/spec"
)

func TestCount(t *testing.T) {
	at := new(time.Duration)
	got := count([]record.Attempt{
		{Outcome: record.Answered, Connected: at, FirstCommand: at},
		{Outcome: record.Reset, Connected: at},
		{Outcome: record.Silent, Connected: at},
		{Outcome: record.Closed, Connected: at},
		{Outcome: record.ProtocolError, Connected: at, FirstCommand: at},
		{
			Outcome: record.Reset,
		}, {Outcome: record.Refused}, {Outcome: record.ConnectTimeout}, {Outcome: record.Unreachable},
		{Outcome: record.NotOffered}, {Outcome: record.LocalExhaustion},
	})
	if want := (tally{by: [kinds]int{1, 3, 4}, others: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// storms of a server with 500 calls.
func storms(real [kinds]*span, runs ...tally) row {
	return row{server{[]string{"--like", "x"}, 500, real}, runs}
}

// TestMisses: 10 % of the calls beyond the real server's span are allowed, and not one more.
func TestMisses(t *testing.T) {
	real := [kinds]*span{{25, 43}, {320, 458}, nil}
	for _, c := range []struct {
		by   [kinds]int
		want string
	}{
		{[kinds]int{43, 457, 0}, ""},
		{[kinds]int{93, 407, 0}, ""},
		{[kinds]int{94, 406, 0}, "served: 94 of 500 calls, the real server has 25 to 43"},
		{[kinds]int{0, 270, 230}, ""},
		{[kinds]int{0, 269, 231}, "no script: 269 of 500 calls, the real server has 320 to 458"},
	} {
		r := storms(real, tally{by: c.by})
		if got := strings.Join(r.misses(), "; "); got != c.want {
			t.Errorf("%v: %q, want %q", c.by, got, c.want)
		}
	}
	r := storms(real, tally{by: [kinds]int{30, 400, 69}, others: 1})
	if got := r.misses(); len(got) != 1 || !strings.Contains(got[0], "1 calls were not offered") {
		t.Errorf("a call that is none of them: %q", got)
	}
}

func TestTable(t *testing.T) {
	rows := []row{storms([kinds]*span{{25, 43}, exactly(450), nil},
		tally{by: [kinds]int{50, 450, 0}}, tally{by: [kinds]int{30, 420, 50}}, tally{by: [kinds]int{20, 440, 40}})}
	const want = "" +
		"serve     calls  served  real      no script  real  connect failed  real\n" +
		"--like x  500    30      25 to 43  440        450   40              -\n"
	if got := table(rows); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestServers: every flag is one that serve takes, and what is known of the real server adds up to no more
// than its calls.
func TestServers(t *testing.T) {
	for _, s := range servers {
		if _, err := spec.ParseLike(s.flags[1]); err != nil || s.flags[0] != "--like" {
			t.Errorf("%s: %v", s.name(), err)
		}
		least := 0
		for _, span := range s.real {
			if span != nil {
				least += span.least
			}
		}
		if s.real[served] == nil || least > s.calls {
			t.Errorf("%s: %d of %d calls", s.name(), least, s.calls)
		}
	}
}

// TestScenario: what the simulator plays is the server's storm.
func TestScenario(t *testing.T) {
	for i := range servers {
		s, err := scenarios.Parse("likes.yaml", []byte(servers[i].scenario("burst", 3)))
		if err != nil {
			t.Fatalf("%s: %v", servers[i].name(), err)
		}
		if s.Storm.Calls != servers[i].calls || s.Target.Like != servers[i].flags[1] || s.Repeats != 3 {
			t.Errorf("%s: %d calls, like %s, %d repeats", servers[i].name(), s.Storm.Calls, s.Target.Like, s.Repeats)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {"-runs", "0", "a"}, {"-what"}} {
		var out strings.Builder
		if _, err := run(t.Context(), args, &out); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, %q", args, err, out.String())
		}
	}
}
