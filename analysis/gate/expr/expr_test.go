package expr

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for source, want := range map[string]Condition{
		"lost == 0":             {Metric: "lost", Op: "=="},
		"  lost<1%  ":           {Source: "lost<1%", Metric: "lost", Op: "<", Limit: 1, Unit: Percent},
		"p99(connect) < 50ms":   {Metric: "p99(connect)", Op: "<", Limit: 50e6, Unit: Time},
		"p99.9( session ) <=1s": {Metric: "p99.9(session)", Op: "<=", Limit: 1e9, Unit: Time},
		"max(queue) < 80%":      {Metric: "max(queue)", Op: "<", Limit: 80, Unit: Percent},
		"max(reply-lag) < 50ms": {Metric: "max(reply-lag)", Op: "<", Limit: 50e6, Unit: Time},
		"share(reply-lag) < 9%": {Metric: "share(reply-lag)", Op: "<", Limit: 9, Unit: Percent},
		"phantoms == 0":         {Metric: "phantom", Op: "=="},
		"somaxconn=128: lost > 0": {
			Select: []Selector{{"somaxconn", "128"}}, Metric: "lost", Op: ">"},
		"backlog=max, net.ipv4.tcp_syncookies = 1 : median served >= 200.5/s": {
			Select: []Selector{{"backlog", "max"}, {"net.ipv4.tcp_syncookies", "1"}}, Median: true,
			Metric: "served", Op: ">=", Limit: 200.5, Unit: Rate},
		"max (queue) < 9 %":        {Metric: "max(queue)", Op: "<", Limit: 9, Unit: Percent},
		"p50(connect) < 1 m 5.5 s": {Metric: "p50(connect)", Op: "<", Limit: 65.5e9, Unit: Time},
		"lost < 1,710":             {Metric: "lost", Op: "<", Limit: 1710},
		"closed != 3":              {Metric: "closed", Op: "!=", Limit: 3},
	} {
		got, err := Parse(source)
		if want.Source == "" {
			want.Source = source
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got)\n%s", source, err, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for source, want := range map[string]string{
		"": `gate "", at 1: want a metric. There are offered`,
		"lots == 0": "at 1: there is no metric lots; did you mean lost? There are offered, answered, " +
			"connected, lost, late,",
		"elephants == 0":            "there is no metric elephants. There are",
		"p96(connect) < 5ms":        "there is no metric p96(connect); did you mean p9",
		"lost":                      "at 5: want an operator, one of ==, !=, <, <=, > and >=",
		"lost = 0":                  "at 6: want an operator",
		"lost == ":                  `at 8: want a limit in a number (5) or percent (5%), got ""`,
		"lost == -1":                `at 9: want a limit in a number (5) or percent (5%), got "-1"`,
		"lost < 5ms":                "at 8: lost is measured in a number (5) or percent (5%), not in time (50ms)",
		"p99(connect) < 50":         "at 16: p99(connect) is measured in time (50ms), not in a number (5)",
		"served > 5":                "served is measured in calls/s (200/s), not in a number (5)",
		"lost == 1e3":               `got "1e3"`,
		"lost == Inf":               `got "Inf"`,
		"lost == 0 0":               `got "0 0"`,
		"somaxconn: lost == 0":      `at 1: want AXIS=VALUE before the colon, such as somaxconn=128, got "somaxconn"`,
		"somaxconn=: lost == 0":     `got "somaxconn="`,
		"somaxconn=128,: lost == 0": `got ""`,
		"min(reply-lag) < 1ms":      "there is no metric min(reply-lag); did you mean max(reply-lag)?",
		"p99.9(reply-lag) < 1ms":    "there is no metric p99.9(reply-lag); did you mean p99(reply-lag)?",
		"share(reply-lag) < 10ms":   "share(reply-lag) is measured in percent (5%), not in time (50ms)",
		"share(start-lag) < 10%": "p50, p90, p95, p99, max, share of reply-lag; max, mean, full, drain of queue; " +
			"a function is written p99(connect)",
		"full(queue) < 10%":          "full(queue) is measured in time (50ms), not in percent (5%)",
		"p99(connect) < -50ms":       `got "-50ms"`,
		"mean(connect) < 50ms":       "there is no metric mean(connect)",
		"p99(first command) < 5ms":   "there is no metric p99(first command); did you mean p99(first-command)?",
		"lost < 17,10":               `got "17,10"`,
		"lo st == 5":                 "there is no metric lo st; did you mean lost?",
		"p9 9(connect) < 50ms":       "there is no metric p9 9(connect)",
		"p99(connect) < 5 0ms":       `got "5 0ms"`,
		"p99(connect) < 50m s":       `got "50m s"`,
		"p99(connect) < 50  ms":      `got "50  ms"`,
		"lost < 5 0":                 `got "5 0"`,
		"median a=1: lost == 0":      "at 1: want median after the colon, before the metric, and a=1 before it",
		"somaxconn=128: losst == 99": "at 16: there is no metric losst; did you mean lost?",
	} {
		_, err := Parse(source)
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", source, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error has more than one line", source)
		}
	}
}

func TestHolds(t *testing.T) {
	for op, want := range map[Op][3]bool{ // of 1, 2 and 3 against 2
		"==": {false, true, false}, "!=": {true, false, true}, "<": {true, false, false},
		"<=": {true, true, false}, ">": {false, false, true}, ">=": {false, true, true},
	} {
		if got := [3]bool{op.Holds(1, 2), op.Holds(2, 2), op.Holds(3, 2)}; got != want {
			t.Errorf("1, 2, 3 %s 2: %v, want %v", op, got, want)
		}
	}
}

func TestSelects(t *testing.T) {
	axes := map[string]string{"somaxconn": "128", "backlog": "max", "net.ipv4.ip_local_port_range": "1024\t65000"}
	for source, want := range map[string]bool{
		"lost == 0": true, "somaxconn=128: lost == 0": true, "somaxconn=129: lost == 0": false,
		"somaxconn=128, backlog=max: lost == 0": true, "somaxconn=128, backlog=5: lost == 0": false,
		"client=asterisk: lost == 0": false, "net.ipv4.ip_local_port_range=1024 65000: lost == 0": true,
	} {
		c, err := Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Selects(axes); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}

func TestUnmatched(t *testing.T) {
	settings := []map[string]string{
		{"cell": "a", "somaxconn": "4096", "backlog": "max"},
		{"cell": "b", "somaxconn": "128", "backlog": "max"},
		{
			"cell":      "c",
			"somaxconn": "4096",
			"backlog":   "const128",
		},
		{"cell": "d", "somaxconn": "4096", "backlog": "const128"},
	}
	var many []map[string]string
	for i := range 10 {
		many = append(many, map[string]string{"n": strings.Repeat("x", i+1)})
	}
	for selector, want := range map[string]string{
		"somxconn=128": "there is no axis somxconn; did you mean somaxconn? There are backlog, " +
			"cell, somaxconn",
		"elephant=128":        "there is no axis elephant. There are backlog, cell, somaxconn",
		"somaxconn=129":       "somaxconn is 4096 or 128 here, not 129",
		"cell=e, backlog=max": "cell is a, b, c or d here, not e",
		"somaxconn=128, backlog=const128": "no setting is all of that at once; there are somaxconn=4096, backlog=max; " +
			"somaxconn=128, backlog=max; somaxconn=4096, backlog=const128",
	} {
		c, err := Parse(selector + ": lost == 0")
		if got := c.Unmatched(settings); err != nil || got != want {
			t.Errorf("%s: %s, want %s; %v", selector, got, want, err)
		}
	}
	c := Condition{Select: []Selector{{"n", "y"}}}
	if got, want := c.Unmatched(many),
		"n is x, xx, xxx, xxxx, xxxxx, xxxxxx, xxxxxxx, xxxxxxxx, and 2 more here, not y"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A gate that every run passes, or none, checks nothing.
func TestCertainConditions(t *testing.T) {
	for source, want := range map[string]string{
		"lost >= 0": "always", "lost >= 1": "", "lost <= 100%": "always", "lost <= 99%": "", "lost < 100%": "",
		"lost < 101 %": "always", "lost < 0": "never",
		"lost <= 0": "", "lost > 100%": "never", "lost > 99%": "", "lost >= 100%": "", "lost >= 101%": "never",
		"lost == 101%": "never", "lost == 100%": "",
		"lost != 101%": "always", "lost != 100%": "", "lost == 0": "", "lost > 0": "", "max(queue) < 180%": "always",
		"syns-lost < 180%": "",
		"lost != 0.5":      "always", "lost == 0.5": "never", "lost < 0.5": "", "median lost == 0.5": "",
		"median lost == 0.25": "never", "lost != 0.5%": "",
		"max(queue) == 1.5": "never", "mean(queue) == 1.5": "", "served != 0.5/s": "", "syns-lost == 0.5": "never",
		"p99(connect) >= 0s": "always", "p99(connect) < 0s": "never", "served >= 0/s": "always", "lost < 1000000": "",
	} {
		_, err := Parse(source)
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) ||
			want != "" && !strings.Contains(got, "this "+want+" holds") {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

// What is known of a storm beforehand settles some conditions: they would waste it.
func TestSettled(t *testing.T) {
	plain := Storm{Calls: 500, Client: "asterisk"}
	only, foreign := plain, plain
	only.Client, foreign.Foreign = "connect-only", true
	for _, tt := range []struct {
		storm  Storm
		source string
		want   string
	}{
		{plain, "lost < 501", "of 500 calls this always holds"}, {plain, "lost < 500", ""},
		{plain, "lost <= 500", "of 500 calls this always holds"},
		{plain, "lost == 501", "of 500 calls this never holds"},
		{plain, "answered > 500", "of 500 calls this never holds"}, {plain, "answered >= 500", ""},
		{plain, "lost < 99999999999999999999999999", "of 500 calls this always holds"},
		{Storm{}, "lost < 99999999999999999999999999", ""},
		{plain, "syns-lost < 501", ""}, {plain, "max(queue) < 501", ""}, {plain, "served < 501/s", ""},
		{plain, "median lost > 500", "never holds"},
		{plain, "phantom == 0", ""}, {foreign, "phantom == 0", ""},
		{foreign, "share(reply-lag) < 9%", "share(reply-lag) is known in a sweep only"},
		{foreign, "p99(reply-lag) < 9ms", ""},
		{plain, "share(reply-lag) < 9%", ""}, {only, "max(reply-lag) < 1s", "never comes to max(reply-lag)"},
		{only, "max(start-lag) < 1s", ""}, {foreign, "max(queue) < 9", ""},
		{only, "answered > 0", "a client that only connects never comes to answered"},
		{only, "p99(session) < 1s", "never comes to p99(session)"},
		{only, "unserved == 0", "never comes to unserved"}, {only, "served > 1/s", "never comes to served"},
		{only, "connected > 0", ""},
		{only, "p99(connect) < 1s", ""}, {only, "lost == 0", ""},
		{plain, "connected > 0", "a client that only connects: want answered"},
		{Storm{Calls: 500}, "connected > 0", ""},
	} {
		c, err := Parse(tt.source)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Settled(tt.storm); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s of %+v: %q, want %q", tt.source, tt.storm, got, tt.want)
		}
	}
}

func TestSame(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"lost == 0", " lost==0"}: true, {"p99(connect) < 1s", "p99( connect ) < 1000ms"}: true,
		{"a=1: lost == 0", "a=1 :lost == 0"}: true,
		{"lost == 0", "lost == 0%"}:          false, {"lost == 0", "median lost == 0"}: false,
		{"a=1: lost == 0", "a=2: lost == 0"}: false,
	} {
		a, errA := Parse(pair[0])
		b, errB := Parse(pair[1])
		if a.Same(b) != want || errA != nil || errB != nil {
			t.Errorf("%q: want %v; %v, %v", pair, want, errA, errB)
		}
	}
}

// What is read can be written and read again, and means the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"lost == 0", "somaxconn=128: p99(connect) < 50ms", "a=b,c=d: median served >= 1.5/s",
		"::", "max(queue)<80%", "lost == .", "x=1:lost==0x5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		c, err := Parse(source)
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.At < 0 || wrong.At > len(source) {
				t.Fatalf("%q: %v", source, err)
			}
			return
		}
		again, err := Parse(c.Source)
		if diff := cmp.Diff(c, again); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", source, err, diff)
		}
		if c.Limit < 0 || c.Limit != c.Limit {
			t.Errorf("%q: limit %v", source, c.Limit)
		}
	})
}
