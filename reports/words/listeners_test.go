package words

import (
	"slices"
	"strings"
	"testing"

	"agistorm/analysis/finding"
	"agistorm/analysis/listeners"
)

// TestListeners: sockets of a port with the same to say share a line; a stuck one has its own.
func TestListeners(t *testing.T) {
	socket := func(n, pid int, depth int) listeners.Listener {
		return listeners.Listener{Address: "0.0.0.0", Port: 80, Netns: listeners.Host, Process: "web", PID: pid,
			Backlog: 128, Somaxconn: ptr(4096), Depth: depth, Drops: ptr(0), Cookie: uint64(n)}
	}
	r := &listeners.Report{Listeners: []listeners.Listener{
		socket(1, 11, 0), socket(2, 12, 129), socket(3, 13, 0),
		{Address: "::1", Port: 81, Netns: "4026532000", Process: "web", PID: 14, Backlog: 1, Somaxconn: ptr(4096),
			Drops: ptr(0)},
		{Address: "::1", Port: 82, Netns: listeners.Host, Process: "fine", PID: 15, Backlog: 4096, Somaxconn: ptr(4096),
			Drops: ptr(0), Servers: []string{"go"}},
	}}
	listeners.Judge(r)
	var heads []string
	for _, text := range Listeners(r.Listeners) {
		head, _, _ := strings.Cut(string(text), ": ")
		heads = append(heads, head)
	}
	want := []string{"0.0.0.0:80 web (socket 2 of 3) (process 12)", "[::1]:81 web in netns 4026532000 (process 14)",
		"0.0.0.0:80 web (2 of 3 sockets)"}
	if !slices.Equal(heads, want) {
		t.Errorf("%q, want %q", heads, want)
	}
}

// TestFindingNames: every finding of a listener has a short name; advice is none.
func TestFindingNames(t *testing.T) {
	for _, f := range listenerSamples {
		name := FindingNames(&listeners.Listener{Findings: []finding.Finding{f}})
		if code := f.Code(); (name == "") != (code == "accept-again" || code == "longer-queue") {
			t.Errorf("%s: %q", code, name)
		}
	}
}

// TestUnseen: what was not seen, with what helps where something does.
func TestUnseen(t *testing.T) {
	for want, u := range map[string]listeners.Unseen{
		"": {Root: true},
		"Not seen: 1 network namespace, 2 processes whose network namespaces are not known and 1 owner of a " +
			"listener. Run it as root for what only root may see.": {Namespaces: 1, Processes: 2, Owners: 1},
		"Not seen: 3 owners of listeners.": {Owners: 3, Root: true},
	} {
		if got := Unseen(u); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
