package analysis

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

// connecting turns a made run into one of a client that only connects.
func connecting(run *record.Run, all Storms) (*record.Run, Storms) {
	run.Scenario.Client = "connect-only"
	for _, storms := range all {
		for _, storm := range storms {
			for i := range storm.Attempts {
				if a := &storm.Attempts[i]; a.Outcome == record.Answered {
					a.Outcome, a.FirstCommand = record.Connected, nil
				}
			}
		}
	}
	return run, all
}

const onlyConnected = "the client only connected: that proves connections, not that any script ran; a phantom counts as connected"

// TestConnectOnlyVerdicts: what connected is no lost call, and nobody is said to have been answered.
func TestConnectOnlyVerdicts(t *testing.T) {
	for name, tt := range map[string]struct {
		cells []cellOf
		want  string
	}{
		"one storm": {
			[]cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, late: 40})}},
			"Of 500 calls, 10 are lost: 10 connect-timeout. 40 of the 490 connected are 1 s or more late. " +
				"40 calls had a SYN dropped, as a full accept queue does it, which cannot be seen from here: on the server compare Recv-Q with Send-Q (ss -lnt) during a storm, and nstat -az TcpExtListenOverflows before and after it.",
		},
		"nothing lost": {
			[]cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 5})}},
			"Of 5 calls, none is lost: all connected. No connected call is late.",
		},
		"some late": {
			[]cellOf{
				{tuned(128), thrice(made{late: 1400, peak: 129})}, {tuned(4096), thrice(made{peak: 1500})},
				{fixed(128, 4096), thrice(made{late: 1395, peak: 129})},
			},
			"No setting lost a call, but not every call was connected in time. " +
				"With somaxconn 128, 1,400 of 2,000 calls are connected 1 s or more late (in each of 3 storms); with 4096, none. " +
				"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 1,500. " +
				"An application that listens with 128 connects 1,395 late even under somaxconn 4096: raising the sysctl alone is not enough for it.",
		},
		"late at best": {
			[]cellOf{{tuned(128), thrice(made{timeout: 900, peak: 129})}, {tuned(1024), thrice(made{late: 8, peak: 1025})}},
			"With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 1024, none. Set net.core.somaxconn to at least 1024 and restart the server: " +
				"with that no call was lost, though 8 calls a storm were connected 1 s or more late, since its queue was full too: try a longer one.",
		},
		"no difference": {
			[]cellOf{{tuned(128), thrice(made{calls: 9})}, {tuned(4096), thrice(made{calls: 9})}},
			"No setting lost a call or connected one late in 6 storms of 9 calls: this storm does not show a difference, even somaxconn 128 was enough for it. " +
				"A larger burst or a slower server may show one.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := Summarise(connecting(madeRun(tt.cells...)))
			if diff := cmp.Diff(tt.want, s.Verdict); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
			if !s.Conclusive || len(s.Warnings) != 1 || s.Warnings[0] != onlyConnected {
				t.Errorf("doubts %q, warnings %q", s.Doubts, s.Warnings)
			}
		})
	}
}

func TestNobodyConnected(t *testing.T) {
	for outcome, want := range map[record.Outcome]string{
		record.Refused:        "Inconclusive: no call was connected: every one was refused, so nobody listens there.",
		record.Unreachable:    "Inconclusive: no call was connected: the address cannot be reached from here.",
		record.ConnectTimeout: "Inconclusive: no call was connected: what listens there takes no connection within the connect limit.",
		record.Connected:      "Of 2 calls, none is lost: all connected.",
	} {
		run := &record.Run{Cells: []record.Cell{{ID: "storm"}}, Repeats: 1, Scenario: record.Scenario{Client: "connect-only"}}
		attempt := record.Attempt{Outcome: outcome}
		s := Summarise(run, Storms{"storm": {{Attempts: []record.Attempt{attempt, attempt}}}})
		if !strings.HasPrefix(s.Verdict, want) {
			t.Errorf("%s: verdict %q, want %q", outcome, s.Verdict, want)
		}
	}
}

func TestSuccess(t *testing.T) {
	for client, want := range map[string]record.Outcome{
		"": record.Answered, "asterisk": record.Answered, "single-write": record.Answered, "connect-only": record.Connected,
	} {
		if got := Success(&record.Run{Scenario: record.Scenario{Client: client}}); got != want {
			t.Errorf("client %q: got %s, want %s", client, got, want)
		}
	}
	if got := Success(nil); got != record.Answered {
		t.Errorf("no run: got %s", got)
	}
}
