package expr

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func metric(t testing.TB, name string) Metric {
	t.Helper()
	m, ok := lookUp(name)
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	return m
}

func TestParse(t *testing.T) {
	for source, want := range map[string]Condition{
		"lost == 0":             {Metric: metric(t, "lost"), Op: "=="},
		"  lost<1%  ":           {Source: "lost<1%", Metric: metric(t, "lost"), Op: "<", Limit: 1, Unit: Percent},
		"p99(connect) < 50ms":   {Metric: metric(t, "p99(connect)"), Op: "<", Limit: 50e6, Unit: Time},
		"p99.9( session ) <=1s": {Metric: metric(t, "p99.9(session)"), Op: "<=", Limit: 1e9, Unit: Time},
		"max(queue) < 80%":      {Metric: metric(t, "max(queue)"), Op: "<", Limit: 80, Unit: Percent},
		"phantoms == 0":         {Metric: metric(t, "phantom"), Op: "=="},
		"somaxconn=128: lost > 0": {
			Select: []Selector{{"somaxconn", "128"}}, Metric: metric(t, "lost"), Op: ">"},
		"backlog=max, net.ipv4.tcp_syncookies = 1 : median served >= 200.5/s": {
			Select: []Selector{{"backlog", "max"}, {"net.ipv4.tcp_syncookies", "1"}}, Median: true,
			Metric: metric(t, "served"), Op: ">=", Limit: 200.5, Unit: Rate},
		"p50(connect) < 1 m 5.5 s": {Metric: metric(t, "p50(connect)"), Op: "<", Limit: 65.5e9, Unit: Time},
		"lost < 1,710":             {Metric: metric(t, "lost"), Op: "<", Limit: 1710},
		"closed != 3":              {Metric: metric(t, "closed"), Op: "!=", Limit: 3},
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
		"":                           `gate "", at 1: want a metric. There are lost`,
		"lots == 0":                  "at 1: there is no metric lots; did you mean lost? There are lost, late,",
		"elephants == 0":             "there is no metric elephants. There are",
		"p95(connect) < 5ms":         "there is no metric p95(connect); did you mean p90(connect)?",
		"lost":                       "at 5: want an operator, one of ==, !=, <, <=, > and >=",
		"lost = 0":                   "at 6: want an operator",
		"lost == ":                   `at 8: want a limit in a number (5) or percent (5%), got ""`,
		"lost == -1":                 `at 9: want a limit in a number (5) or percent (5%), got "-1"`,
		"lost < 5ms":                 "at 8: lost is measured in a number (5) or percent (5%), not in time (50ms)",
		"p99(connect) < 50":          "at 16: p99(connect) is measured in time (50ms), not in a number (5)",
		"served > 5":                 "served is measured in calls a second (200/s), not in a number (5)",
		"lost == 1e3":                `got "1e3"`,
		"lost == Inf":                `got "Inf"`,
		"lost == 0 0":                `got "0 0"`,
		"somaxconn: lost == 0":       `at 1: want AXIS=VALUE before the colon, such as somaxconn=128, got "somaxconn"`,
		"somaxconn=: lost == 0":      `got "somaxconn="`,
		"somaxconn=128,: lost == 0":  `got ""`,
		"full(queue) < 10%":          "full(queue) is measured in time (50ms), not in percent (5%)",
		"p99(connect) < -50ms":       `got "-50ms"`,
		"mean(connect) < 50ms":       "there is no metric mean(connect)",
		"p99(first command) < 5ms":   "there is no metric p99(first command); did you mean p99(first-command)?",
		"lost < 17,10":               `got "17,10"`,
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
	settings := []map[string]string{{"cell": "a", "somaxconn": "4096", "backlog": "max"}, {"cell": "b", "somaxconn": "128", "backlog": "max"},
		{"cell": "c", "somaxconn": "4096", "backlog": "const128"}, {"cell": "d", "somaxconn": "4096", "backlog": "const128"}}
	var many []map[string]string
	for i := range 10 {
		many = append(many, map[string]string{"n": strings.Repeat("x", i+1)})
	}
	for selector, want := range map[string]string{
		"somxconn=128":                    "there is no axis somxconn; did you mean somaxconn? There are backlog, cell, somaxconn",
		"elephant=128":                    "there is no axis elephant. There are backlog, cell, somaxconn",
		"somaxconn=129":                   "somaxconn is 4096 or 128 here, not 129",
		"cell=e, backlog=max":             "cell is a, b, c or d here, not e",
		"somaxconn=128, backlog=const128": "no setting is all of that at once; there are somaxconn=4096, backlog=max; somaxconn=128, backlog=max; somaxconn=4096, backlog=const128",
	} {
		c, err := Parse(selector + ": lost == 0")
		if got := c.Unmatched(settings); err != nil || got != want {
			t.Errorf("%s: %s, want %s; %v", selector, got, want, err)
		}
	}
	c := Condition{Select: []Selector{{"n", "y"}}}
	if got, want := c.Unmatched(many), "n is x, xx, xxx, xxxx, xxxxx, xxxxxx, xxxxxxx, xxxxxxxx, and 2 more here, not y"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A gate that every run passes, or none, checks nothing.
func TestCertainConditions(t *testing.T) {
	for source, want := range map[string]string{
		"lost >= 0": "always", "lost >= 1": "", "lost <= 100%": "always", "lost <= 99%": "", "lost < 100%": "", "lost < 101 %": "always", "lost < 0": "never",
		"lost <= 0": "", "lost > 100%": "never", "lost > 99%": "", "lost >= 100%": "", "lost >= 101%": "never", "lost == 101%": "never", "lost == 100%": "",
		"lost != 101%": "always", "lost != 100%": "", "lost == 0": "", "lost > 0": "", "max(queue) < 180%": "always", "syns-lost < 180%": "",
		"p99(connect) >= 0s": "always", "p99(connect) < 0s": "never", "served >= 0/s": "always", "lost < 1000000": "",
	} {
		_, err := Parse(source)
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) || want != "" && !strings.Contains(got, "this "+want+" holds") {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{{"", ""}: 0, {"lost", ""}: 4, {"lost", "lots"}: 2, {"kitten", "sitting"}: 3} {
		if got := distance(pair[0], pair[1]); got != want {
			t.Errorf("%v: %d, want %d", pair, got, want)
		}
	}
}

// What is read can be written and read again, and means the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"lost == 0", "somaxconn=128: p99(connect) < 50ms", "a=b,c=d: median served >= 1.5/s", "::", "max(queue)<80%", "lost == .", "x=1:lost==0x5"} {
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
