package folklore

import (
	"maps"
	"os/exec"
	"testing"

	"agistorm/scenarios/lab"
	"agistorm/scenarios/lab/rules"
)

// TestThisKernel measures what sockets show of the claims, and one storm, and requires the verdicts that arithmetic
// decides.
func TestThisKernel(t *testing.T) {
	results, where, err := lab.Measure(t.Context(), lab.Auto, rules.Measurements(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !where.Own() {
		if exec.Command("unshare", "--user", "--map-root-user", "--net", "true").Run() == nil {
			t.Fatalf("unshare(1) gets a namespace here, we do not: %+v", where.Reason)
		}
		t.Skip("this machine refuses namespaces to unshare(1) too")
	}
	all := map[string]source{}
	for _, r := range results {
		all[r.Name] = sourceOf(r)
	}
	some := group{"burst", bursts.change, bursts.storms[:1]}
	maps.Copy(all, some.play(t.Context(), lab.Options{}, t.TempDir(), 1))
	report := newReport(all)
	want := map[string]Verdict{
		"int-max-is-somaxconn": Holds, "constant-misses-raise": Holds, "read-misses-raise": Holds,
		"go-falls-back": Depends, "full-refuses": Fails, "zero-is-to-be-avoided": Holds, "sum-of-both-queues": Fails,
		"times-one-and-a-half": Fails,
		"listen-allocates":     Fails, "five-times-costs-nothing": Depends, "default-is-128": Fails,
		// Their other storms are not played here.
		"128-at-100-a-second": Unmeasured, "1024-suffices": Unmeasured, "large-is-pointless": Unmeasured,
		"long-does-harm": Unmeasured, "cookies-reset": Unmeasured, "abort-fails-fast": Unmeasured,
	}
	for _, r := range report.Claims {
		if r.Code == "one-round-trip" { // a busy machine adds to the round trip
			if r.Numbers["held_ms"] < 1500 || r.Numbers["stay_ms"] < 20 || r.Verdict == Holds {
				t.Errorf("%s: %s: %v %s", r.Code, r.Verdict, r.Numbers, r.Reason)
			}
			continue
		}
		if r.Verdict != want[r.Code] {
			t.Errorf("%s: %s, want %s: %v %s", r.Code, r.Verdict, want[r.Code], r.Numbers, r.Reason)
		}
	}
	n := all[burst128].numbers
	if n[burst128+"_lost"] == 0 || n[burst128+"_calls"] != 2000 || n[burst128+"_queue"] < 128 {
		t.Errorf("2,000 calls at a backlog of 128: %v, %s", n, all[burst128].reason)
	}
	if n := all["answers-of-abort"].numbers; n["syn_told"] != 0 || n["ack_told"] != n["each"] || n["cookie_told"] != 0 {
		t.Errorf("told by tcp_abort_on_overflow: %v, %s", n, all["answers-of-abort"].reason)
	}
}
