package words

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

// labNotes are samples of every note that the lab records.
var labNotes = map[record.Note]string{
	{Code: record.NoteHostAsked}:  "asked for with --isolation none",
	{Code: record.NoteServerRuns}: "the server was already running",
	{
		Code: record.NoteNoNamespace, Error: "fork/exec: operation not " +
			"permitted", Allow: "user.max_net_namespaces=10000",
	}: "no network namespace of our own: " +
		"fork/exec: operation not permitted; allow it with `sysctl -w user.max_net_namespaces=10000`, " +
		"or run it as root, or in a container with --privileged",
	{Code: record.NoteNamespaceLimit, Error: "no space left on device"}: "no network namespace of our own: the limit " +
		"of namespaces is reached (ENOSPC); raise user.max_user_namespaces or user.max_net_namespaces, " +
		"or run it as root, or in a container with --privileged",
	{Code: record.NoteNotLinux, Error: "unsupported operation"}: "no network namespace of our own: " +
		"unsupported operation; run the sweep on Linux",
	{Code: record.NoteLinkRefused, Error: "no such device"}: "This machine refuses the link between clients and " +
		"server (no such device). The calls go over loopback instead, which can drop packets itself.",
	{Code: record.NoteLinkNeedsNamespace}: "A link between clients and server needs namespaces. " +
		"The calls go over loopback instead, which can drop packets itself.",
	{Code: record.NoteSysctlDiffers, Name: "net.ipv4.tcp_ecn", Want: "2"}: "the host's " +
		"net.ipv4.tcp_ecn is not known, not 2",
	{Code: record.NoteSysctlNotSet, Name: "net.ipv4.tcp_ecn", Here: "1", Want: "2"}: "The scenario's " +
		"sysctls were not set: the host's net.ipv4.tcp_ecn is 1, not 2.",
	{Code: record.NoteNoSample}: "no sample could be taken",
	{Code: record.NoteServerOnLoopback, Here: "127.0.0.1:4573"}: "The command listens on loopback only " +
		"(127.0.0.1:4573), so the calls go over loopback, which can drop packets itself.",
	{Code: record.NoteTargetLeftOut, Name: "work, backlog"}: "The server is the command. The scenario's target: keys " +
		"are left out, and so is what its settings give for work, backlog.",
	{Code: record.NoteAlone}: "The command runs in a network of its own: what it needs on other hosts, such as a " +
		"database, it cannot reach.",
	{Code: record.NoteOwnBacklog}: "The command keeps a backlog of its own. To try others, put {backlog} among its " +
		"arguments, or let it read AGISTORM_BACKLOG.",
	{Code: record.NoteSameSettings, Want: "1"}:                   "1 setting is left out: it would equal another.",
	{Code: record.NoteSameSettings, Want: "2"}:                   "2 settings are left out: they would equal others.",
	{Code: record.NoteNotListening}:                              "no socket in this network namespace listens there",
	{Code: record.NoteQueueUnreadable, Error: "it is elsewhere"}: "it is elsewhere",
	{Code: record.NoteSlabsUnreadable, Error: "permission denied"}: "only the host's root may read the kernel's " +
		"caches in /proc/slabinfo (permission denied)",
	{Code: record.NoteSlabsUnsteady}: "other programs changed the kernel's caches " +
		"meanwhile",
	{Code: record.NoteMemoryUnmeasured, Error: "it ended early"}: "it ended early",
	{Code: record.NoteReasonsRefused, Error: "permission denied"}: "only the host's root may count the kernel's drop " +
		"reasons (permission denied); run it with sudo",
	{Code: record.NoteReasonsNoTracefs, Error: "fsopen: no"}: "the kernel's drop reasons are in tracefs, which is " +
		"not mounted (fsopen: no); as root, mount it with mount -t tracefs tracefs /sys/kernel/tracing",
	{Code: record.NoteReasonsOldKernel, Error: "no field reason"}: "this kernel frees packets without a reason; Linux " +
		"5.17 and later have one (no field reason)",
	{Code: record.NoteReasonsNotLinux, Error: "plan9"}: "only Linux counts drop reasons (plan9)",
	{Code: record.NoteReasonsUnreadable, Error: "odd"}: "the kernel's drop reasons could not be counted (odd)",
	{Code: record.NoteShareUnreadable, Error: "b/run.json: line 3: it is not JSON"}: "a share is missing, since its " +
		"description is damaged: b/run.json: line 3: it is not JSON",
}

// TestNotes: every code has words, and words of an earlier version stay as they are.
func TestNotes(t *testing.T) {
	seen := map[string]bool{}
	for n, want := range labNotes {
		seen[n.Code] = true
		if got := Note(n); got != want {
			t.Errorf("%+v:\n%s\nwant\n%s", n, got, want)
		}
	}
	for code := range notePhrases {
		if !seen[code] {
			t.Errorf("%s has no sample", code)
		}
	}
	for n, want := range map[record.Note]string{
		{Words: "as it was"}: "as it was", {Code: "of-tomorrow"}: "of-tomorrow", {}: "",
	} {
		if got := Note(n); got != want {
			t.Errorf("%+v: %q, want %q", n, got, want)
		}
	}
}

// TestNotices: what the user reads before the first storm.
func TestNotices(t *testing.T) {
	host := &record.Run{
		Isolation: record.Isolation{
			Mode: record.IsolationHost, Reason: &record.Note{Code: record.NoteHostAsked},
			Asked: []record.Asked{
				{Cell: record.Cell{ID: "a"}, ShownBy: "b"},
				{Cell: record.Cell{Somaxconn: 8192, Backlog: "max"}, Lacks: record.Notes{
					{Code: record.NoteSysctlDiffers, Name: "net.core.somaxconn", Here: "4096", Want: "8192"},
				}},
			},
		},
		Warnings: record.Notes{
			{Code: record.NoteLinkNeedsNamespace},
			{Code: record.NoteSysctlNotSet, Name: "net.ipv4.tcp_ecn", Here: "1", Want: "2"},
		},
	}
	want := []string{
		"The storms run in the host's own network namespace (asked for with --isolation none).",
		Note(record.Note{Code: record.NoteLinkNeedsNamespace}),
		"Each setting is shown as a fixed backlog, up to the host's limit; the host's settings stay as they are.",
		"Left out: somaxconn 8192 with backlog max (the host's net.core.somaxconn is 4096, not 8192)",
	}
	if diff := cmp.Diff(want, Notices(host)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	own := &record.Run{Isolation: record.Isolation{Mode: record.IsolationUser}}
	if got := Notices(own); got != nil {
		t.Errorf("a run in namespaces has %q", got)
	}
}

// TestQuestion: a storm at a server that was already running asks about it.
func TestQuestion(t *testing.T) {
	for want, s := range map[string]record.Scenario{
		"What becomes of a storm at agi://a/b?": {Target: "agi://a/b"},
		"How many?":                             {Target: "agi://a/b", Question: "How many?"},
		"":                                      {Target: "a pool", Server: &record.Server{}},
	} {
		if got := Question(&s); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}
