package lab

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
	"agistorm/target/netns/link"
	"agistorm/target/probe"
)

// TestWire is a burst that a queue of 128 cannot hold, on the link that a sweep has by default: it drops
// nothing, and says so.
func TestWire(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Isolation: Auto, Scenario: scenario(t, `
name: wire
storm: {calls: 2000, first-command-timeout: 1s}
target: {behaviour: "pool:16", work: 5ms}
settings: [{somaxconn: 128, backlog: max}]
repeats: 1
`)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, a := range r.Attempts {
		if a.Outcome.Lost() {
			lost++
		}
	}
	l := r.Kernel.Link
	if run.Scenario.Link != "veth" || l == nil || l.Kind != "veth" || l.Forwarded == 0 || lost == 0 {
		t.Fatalf("link %q, %+v, %d calls lost; want some over a veth", run.Scenario.Link, l, lost)
	}
	for name, n := range map[string]*uint64{
		"to send": l.SendDrops, "in the queue": l.QueueDrops, "received": l.ReceiveDrops,
	} {
		if n == nil {
			t.Errorf("what was dropped %s is not known", name)
		}
	}
	dropped, counted := r.Kernel.Delta(link.Device + ".tx_dropped")
	if !counted {
		t.Error("what the link drops has no counter")
	}
	release := run.Host.Kernel
	switch holdsBack, known := probe.LinuxAtLeast(release, 6, 16); {
	case !known:
		t.Fatalf("release %q", release)
	case !holdsBack:
		t.Skipf("the full ring of a veth drops on Linux %s: %d packets", release, l.Dropped)
	}
	if l.Dropped+dropped != 0 {
		t.Errorf("the link dropped %+v", l)
	}
}

// TestLoopbackOnDemand: a scenario can ask for loopback.
func TestLoopbackOnDemand(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Isolation: Auto, Scenario: scenario(t, `
name: near
link: loopback
storm: {calls: 20, sources: 127.0.0.0/30}
settings: [{somaxconn: 64, backlog: max}]
repeats: 1
`)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if run.Scenario.Link != "" || len(run.Warnings) > 0 || r.Kernel.Link != nil {
		t.Errorf("link %q, warnings %q, %+v; want none", run.Scenario.Link, run.Warnings, r.Kernel.Link)
	}
	if got := addressesOf(t, r); !slices.Equal(got, []string{"127.0.0.1", "127.0.0.2"}) {
		t.Errorf("calls came from %v", got)
	}
}

// addressesOf are those that the calls of a storm came from.
func addressesOf(t *testing.T, r *record.Repeat) (all []string) {
	t.Helper()
	for _, a := range r.Attempts {
		local, err := netip.ParseAddrPort(a.Local)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, local.Addr().String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestSourcesOnLink: sources of loopback are as many addresses of the link, in the record too, and others stay.
func TestSourcesOnLink(t *testing.T) {
	needsNamespace(t)
	for sources, want := range map[string]struct {
		addresses []string
		words     string
	}{
		"127.0.0.0/29": {
			[]string{"10.198.0.1", "10.198.0.2", "10.198.0.3", "10.198.0.4", "10.198.0.5", "10.198.0.6"},
			"10.198.0.1-10.198.0.6 (6)",
		},
		"192.0.2.7,192.0.2.9": {[]string{"192.0.2.7", "192.0.2.9"}, "192.0.2.7-192.0.2.9 (2)"},
	} {
		dir := newDir(t)
		run, err := Sweep(t.Context(), dir, Options{Isolation: Auto, Scenario: scenario(t,
			"name: sources\nstorm: {calls: 30, sources: \""+sources+"\"}\n"+
				"settings: [{somaxconn: 64, backlog: max}]\nrepeats: 1\n")})
		if err != nil {
			t.Fatal(err)
		}
		r, err := dir.Repeat(run.Cells[0].ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.addresses, addressesOf(t, r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sources, diff)
		}
		if got := run.Scenario.Clients.String(); got != want.words {
			t.Errorf("%s: recorded as %q, want %q", sources, got, want.words)
		}
		for _, a := range r.Attempts {
			if !a.Outcome.Served() {
				t.Fatalf("%s: the call from %s: %s", sources, a.Local, a.Outcome)
			}
		}
	}
}

func TestOnLink(t *testing.T) {
	for name, c := range map[string]struct{ asked, want []string }{
		"none":             {nil, nil},
		"in order":         {[]string{"127.0.0.9", "127.0.0.1"}, []string{"10.198.0.1", "10.198.0.2"}},
		"twice":            {[]string{"127.0.0.9", "127.0.0.9"}, []string{"10.198.0.1", "10.198.0.1"}},
		"beside others":    {[]string{"192.0.2.1", "127.0.0.1"}, []string{"192.0.2.1", "10.198.0.1"}},
		"beside the first": {[]string{"127.0.0.1", "10.198.0.1"}, []string{"10.198.0.2", "10.198.0.1"}},
	} {
		var asked []netip.Addr
		for _, s := range c.asked {
			asked = append(asked, netip.MustParseAddr(s))
		}
		var got []string
		for _, a := range onLink(asked) {
			got = append(got, a.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestManySourcesOnLink: as many as a storm can have fit.
func TestManySourcesOnLink(t *testing.T) {
	asked := make([]netip.Addr, link.MaxSources)
	for i, a := 0, netip.MustParseAddr("127.0.0.1"); i < len(asked); i, a = i+1, a.Next() {
		asked[i] = a
	}
	got := onLink(asked)
	if last := got[len(got)-1]; last != netip.MustParseAddr("10.199.0.0") {
		t.Errorf("the last is %v", last)
	}
}

// TestLinkOnHost: in the host's own namespace a link that was not asked for is given up, with a notice; one that was
// asked for is an error, and so are addresses that only a link has.
func TestLinkOnHost(t *testing.T) {
	const small = "name: test\nstorm: {calls: 5}\nsettings: [{somaxconn: 64, backlog: max}]\nrepeats: 1\n"
	var noticed record.Notes
	run, err := Sweep(t.Context(), newDir(t), Options{
		Scenario: scenario(t, small), Isolation: None, Notice: func(r *record.Run) { noticed = slices.Clone(r.Warnings) },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := record.Note{Code: record.NoteLinkNeedsNamespace}
	if run.Scenario.Link != "" || !slices.Contains(run.Warnings, want) || !slices.Contains(noticed, want) {
		t.Errorf("link %q, warnings %+v, noticed %+v", run.Scenario.Link, run.Warnings, noticed)
	}
	for text, want := range map[string]string{
		small + "link: veth\n": "a link needs namespaces: --isolation none was asked for",
		small + "rtt: 20ms\n":  "a link needs namespaces: --isolation none was asked for",
		strings.Replace(small, "calls: 5", "calls: 5, sources: 192.0.2.7", 1): "sources: 192.0.2.7 needs the link",
	} {
		run, err := Sweep(t.Context(), newDir(t), Options{Scenario: scenario(t, text), Isolation: None})
		if run != nil || !errors.Is(err, ErrCannotStart) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestRefusedLink: where a link cannot be made, the sweep goes over loopback in its namespaces, and says why; one that
// was asked for is an error. A round trip that no scenario can have stands for what a machine may refuse.
func TestRefusedLink(t *testing.T) {
	needsNamespace(t)
	refused := scenario(t, "name: test\nstorm: {calls: 5, sources: 127.0.0.0/30}\n"+
		"settings: [{somaxconn: 64, backlog: max}]\nrepeats: 1\n")
	refused.RTT = -1
	dir := newDir(t)
	var noticed record.Notes
	run, err := Sweep(t.Context(), dir, Options{
		Scenario: refused, Isolation: Auto, Notice: func(r *record.Run) { noticed = slices.Clone(r.Warnings) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if run.Scenario.Link != "" || !run.Isolation.Own() || r.Kernel.Link != nil {
		t.Errorf("link %q, isolation %+v, %+v; want loopback in a namespace",
			run.Scenario.Link, run.Isolation, r.Kernel.Link)
	}
	if got := addressesOf(t, r); !slices.Equal(got, []string{"127.0.0.1", "127.0.0.2"}) {
		t.Errorf("calls came from %v", got)
	}
	const why = "link: a round trip of -1ns, want 0 to 10s"
	if len(run.Warnings) != 1 || run.Warnings[0].Code != record.NoteLinkRefused ||
		!strings.HasPrefix(run.Warnings[0].Error, why) || !slices.Equal(noticed, run.Warnings) {
		t.Errorf("warnings %+v, noticed %+v, want %q", run.Warnings, noticed, why)
	}
	refused.Link = axis.LinkVeth
	run, err = Sweep(t.Context(), newDir(t), Options{Scenario: refused, Isolation: Auto})
	if run != nil || !errors.Is(err, ErrCannotStart) {
		t.Errorf("asked for: %v, want ErrCannotStart", err)
	}
}
