package inspect

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"agistorm/analysis/gate/expr"
	"agistorm/analysis/listeners"
	"agistorm/target/container"
)

func ptr[T any](v T) *T { return &v }

// sample is a report with a fault, a note and a listener without a finding.
func sample(t *testing.T) *listeners.Report {
	t.Helper()
	r := &listeners.Report{
		Version: "0.2", At: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), Boot: "b",
		Namespaces: []listeners.Namespace{
			{Netns: listeners.Host, Inode: 7, Somaxconn: ptr(4096), Counters: map[string]uint64{"ListenDrops": 1532},
				Sysctls: map[string]string{"net.core.somaxconn": "4096", "net.ipv4.tcp_syncookies": "1"}},
			{Netns: "4026532000", Inode: 4026532000, Container: &container.Container{ID: "abc", Name: "agi"}},
			{Netns: "4026532001", Inode: 4026532001},
		},
		Listeners: []listeners.Listener{
			{Address: "0.0.0.0", Port: 80, Netns: listeners.Host, PID: 5, Process: "nginx", Servers: []string{"nginx"},
				Backlog: 511, Somaxconn: ptr(4096), Drops: ptr(0), Cookie: 1},
			{Address: "::1", Port: 4573, Netns: "4026532000", Backlog: 128, Somaxconn: ptr(4096), Depth: 129,
				Drops: ptr(1200), Container: &container.Container{ID: "abc", Name: "agi"}, MPTCP: true, Cookie: 2},
			{Address: "0.0.0.0", Port: 22, Netns: listeners.Host, Backlog: 4096, Cookie: 3, Drops: ptr(0)},
		},
		Unseen: listeners.Unseen{Namespaces: 2, Owners: 1},
	}
	listeners.Judge(r)
	c, err := listeners.ParseGate("drops == 0")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Hold([]expr.Condition{c}); err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, form string, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Forms[form](&b, sample(t), o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	const want = `1 of 3 listeners needs attention. 2 listeners without a fault are not shown; --all shows them.

Not seen: 2 network namespaces and 1 owner of a listener. Run it as root for what only root may see.

finding                      address           process  where       queue  backlog  somaxconn  drops
full; drops; asked for       [::1]:4573 mptcp  –        agi    129 of 129      128      4,096  1,200
less, or raised later

Worst first:
- [::1]:4573 in agi: The accept queue is full: 129 connections wait. It dropped 1,200 packets of
  clients since it listens. Its backlog is 128; net.core.somaxconn allows 4096. Either the server
  asked for that, as Python socket does, or somaxconn was raised after it began to listen. Raise the
  backlog passed to listen() from 128 to at least 4,096. Restart the server.

network namespace  somaxconn  tcp_syncookies  tcp_max_syn_backlog  tcp_abort_on_overflow
host                    4096               1                    –                      –
4026532000 (agi)           –               –                    –                      –

network namespace  ListenOverflows  ListenDrops  SyncookiesSent  TCPReqQFullDrop
host                             –        1,532               –                –
4026532000 (agi)                 –            –               –                –

The gate failed.

status    gate        setting            result
✗ failed  drops == 0  [::1]:4573 in agi  Measured 1200.
`
	if got := write(t, "text", Options{Width: 100}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAll shows those without a fault, too, and says nothing of what is left out.
func TestAll(t *testing.T) {
	for form, rows := range map[string][]string{
		"text": {"0.0.0.0:80", "0.0.0.0:22", "asked for less  "},
		"markdown": {"| 0.0.0.0:80 | nginx 5 | host |", "| 0.0.0.0:22 |",
			"| **full; drops; asked for less, or raised later** |"},
	} {
		got := write(t, form, Options{All: true})
		for _, row := range rows {
			if !strings.Contains(got, row) || strings.Contains(got, "--all") {
				t.Errorf("%s lacks %q:\n%s", form, row, got)
			}
		}
	}
}

// TestJSON has every listener, with the codes and the words of what was found.
func TestJSON(t *testing.T) {
	var got struct {
		Listeners []struct {
			Address   string
			Port      int
			Effective int  `json:"effective_backlog"`
			Drops     *int `json:"drops"`
			Findings  []struct{ Code, Words string }
			Advice    *struct{ Words string }
		}
		Gates struct{ Status string }
	}
	if err := json.Unmarshal([]byte(write(t, "json", Options{})), &got); err != nil {
		t.Fatal(err)
	}
	first := got.Listeners[0]
	if len(got.Listeners) != 3 || first.Address != "::1" || first.Port != 4573 || first.Effective != 128 ||
		*first.Drops != 1200 || first.Findings[0].Code != "listener-full" || first.Findings[0].Words == "" ||
		first.Advice == nil || first.Advice.Words == "" || got.Gates.Status != "failed" {
		t.Errorf("%+v", got)
	}
	if last := got.Listeners[2]; last.Findings == nil || len(last.Findings) > 0 || last.Advice != nil {
		t.Errorf("without a finding: %+v", last)
	}
}

// TestWidth: without a terminal the lines of texts are not longer than a person can read.
func TestWidth(t *testing.T) {
	for line := range strings.Lines(write(t, "text", Options{All: true})) {
		if n := utf8.RuneCountInString(line); n > defaultWidth+1 {
			t.Errorf("a line of %d: %s", n, line)
		}
	}
}

// TestNothing: without a listener it says so, and without a fault that nothing is wrong.
func TestNothing(t *testing.T) {
	r := &listeners.Report{}
	listeners.Judge(r)
	if d := Document(r, false); d.Lead != "Nothing listens here." || d.Class != "good" {
		t.Errorf("%+v", d)
	}
	r.Listeners = sample(t).Listeners[1:]
	if d := Document(r, false); d.Lead != "Nothing is wrong with 2 listeners." || d.Class != "good" {
		t.Errorf("%+v", d)
	}
}
