package axis

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// base has something on every axis.
func base() Plan {
	return Plan{
		Storm:     Storm{Calls: 10, Arrival: "poisson 50/100ms", Client: "asterisk"},
		Target:    Target{Behaviour: "fork:4,1ms", Work: "5ms"},
		Somaxconn: "128", Backlog: "max",
	}
}

// TestDeclarations: each axis has a name and a path, takes what it gives, and changes what it says.
func TestDeclarations(t *testing.T) {
	for name, other := range map[string]string{
		"somaxconn": "64", "backlog": "5", "client": "single-write", "behaviour": "pool:1", "handlers": "8", "work": "1ms",
		"calls": "20", "arrival": "burst", "rate": "7", "rtt": "20ms", "link": "loopback", "net.ipv4.tcp_syncookies": "0",
	} {
		a, plan := Named(name), base()
		if a.Path == "" || a.Heading() == "" {
			t.Errorf("%s: %+v", name, a)
		}
		before := a.Get(&plan)
		if before != "" {
			if err := a.Set(&plan, before); err != nil || a.Get(&plan) != before {
				t.Errorf("%s: %q is not taken: %v", name, before, err)
			}
		}
		changed, err := base().With(Values{name: other})
		if err != nil || a.Get(&changed) != other || other == before {
			t.Errorf("%s: %q instead of %q, %v", name, a.Get(&changed), other, err)
		}
	}
	for _, a := range Declared() {
		if Named(a.Name) != a {
			t.Errorf("%s is declared twice", a.Name)
		}
	}
}

// TestPlainValues: a value is written in one way, however the scenario does.
func TestPlainValues(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"somaxconn", "0128", "128"}, {"somaxconn", "2147483647", "max"}, {"backlog", "2147483647", "max"},
		{"backlog", "go", "go"},
		{"handlers", "08", "8"}, {"calls", "1_000", "1000"}, {"rtt", "1000us", "1ms"}, {"rate", "500", "500"},
		{"rate", "500/s", "500"},
		{"net.ipv4.ip_local_port_range", "1024\t 65535", "1024 65535"},
	} {
		plan, err := base().With(Values{c.name: c.value})
		if got := Named(c.name).Get(&plan); got != c.want || err != nil {
			t.Errorf("%s %q is %q, %v, want %q", c.name, c.value, got, err, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	loop := base()
	loop.Target.Behaviour, loop.Storm.Arrival, loop.Storm.Client = "loop", "burst", "connect-only"
	for _, c := range []struct {
		plan              Plan
		name, value, want string
	}{
		{base(), "somaxconn", "", `somaxconn: missing: want a number or "max"`},
		{base(), "somaxconn", "-1", `want 0 to 2147483647, or "max"`},
		{base(), "backlog", "big", "or one of max, const,"},
		{base(), "backlog", "sysconf", "has no SOMAXCONN"},
		{base(), "client", "connect-only", "want asterisk or single-write"},
		{loop, "client", "asterisk", "the storm's client is connect-only"},
		{base(), "handlers", "0", "with N from 1 to"},
		{loop, "handlers", "4", "behaviour loop has no number of handlers"},
		{base(), "behaviour", "pond", "want one of thread"},
		{base(), "work", "", "no value"},
		{base(), "calls", "-4", "want a whole number"},
		{loop, "rate", "4", `arrival "burst" has not one rate`},
		{base(), "rtt", "20", "want a time with its unit"},
		{base(), "link", "wifi", "want veth or loopback"},
		{base(), "kernel.panic", "1", "only net."},
		{base(), "net.core.somaxconn", "1", "give it there as somaxconn"},
		{base(), "net.ipv4.tcp_mem", "1", "belongs to the host"},
		{base(), "net.ipv4.tcp_syncookies", " ", "has no value"},
	} {
		_, err := c.plan.With(Values{c.name: c.value})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %q", c.name, c.value, err, c.want)
		}
	}
}

// TestConflict: two axes that set the same thing exclude each other.
func TestConflict(t *testing.T) {
	for _, c := range []struct{ names, want string }{
		{"somaxconn backlog client handlers work calls arrival rtt link", " "},
		{"behaviour handlers", "behaviour handlers"},
		{"work arrival rate", "arrival rate"},
		{"net.ipv4.a net.ipv4.b", " "},
	} {
		if a, b := Conflict(strings.Fields(c.names)); a+" "+b != c.want {
			t.Errorf("%s: %s and %s", c.names, a, b)
		}
	}
}

// TestOrder: numbers by size whatever their unit, max behind them, words before.
func TestOrder(t *testing.T) {
	values := []string{"max", "1s", "20ms", "512", "64", "veth", "loopback", "500us"}
	slices.SortFunc(values, Compare)
	want := []string{"loopback", "veth", "500us", "20ms", "1s", "64", "512", "max"}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestWords: no two settings of a matrix are called the same, and what they have in common is not said.
func TestWords(t *testing.T) {
	got := Words([]Values{
		{"somaxconn": "128", "backlog": "max", "handlers": "4", "net.ipv4.tcp_syncookies": "0", "work": "5ms"},
		{"somaxconn": "128", "backlog": "max", "handlers": "8", "net.ipv4.tcp_syncookies": "1", "work": "5ms"},
		{"somaxconn": "128", "backlog": "max", "handlers": "8", "work": "5ms"},
	})
	want := []string{
		"somaxconn 128, backlog max, tcp_syncookies 0, handlers 4",
		"somaxconn 128, backlog max, tcp_syncookies 1, handlers 8",
		"somaxconn 128, backlog max, tcp_syncookies not known, handlers 8",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

// TestKey: a cell's name is that of a folder on any system, and the parts that 0.1.0 knew stand as they did.
func TestKey(t *testing.T) {
	for want, v := range map[string]Values{
		"somaxconn-128_backlog-max_tcp_syncookies-0_asterisk": {
			"somaxconn": "128", "backlog": "max", "client": "asterisk", "net.ipv4.tcp_syncookies": "0"},
		"somaxconn-64_backlog-5_net.ipv4.conf.lo.rp_filter-1_behaviour-pool-4-reject_arrival-trace-..-x_rtt-20ms": {
			"somaxconn": "64", "backlog": "5", "behaviour": "pool:4,reject", "rtt": "20ms", "arrival": "trace ../x",
			"net.ipv4.conf.lo.rp_filter": "1"},
	} {
		if got := v.Key(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestPlanIsNotShared: a cell's sysctls are its own.
func TestPlanIsNotShared(t *testing.T) {
	plan := base()
	plan.Sysctls = map[string]string{"net.ipv4.tcp_syncookies": "1"}
	if cell, err := plan.With(Values{"net.ipv4.tcp_syncookies": "0"}); err != nil ||
		cell.Sysctls["net.ipv4.tcp_syncookies"] != "0" {
		t.Errorf("%+v, %v", cell, err)
	}
	if plan.Sysctls["net.ipv4.tcp_syncookies"] != "1" {
		t.Error("the plan's own value is changed")
	}
}
