package planner

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/scenarios/lab"
)

func TestMain(m *testing.M) {
	if code, ok := lab.Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestTry(t *testing.T) {
	p, err := New(&Ask{Calls: 5000, In: 10 * time.Second, Work: "lognormal 50ms p99 400ms", Confidence: .95, Budget: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	p.SimulateOnly = os.Getenv("REAL") == ""
	p.Options = lab.Options{Engine: "auto"}
	dir := record.Dir(t.TempDir())
	a, err := p.Answer(t.Context(), dir)
	out, _ := json.MarshalIndent(a, "", " ")
	a.QueueSimulated = nil
	t.Log(err, a.Status, a.Handlers, *a.Backlog, string(out[:3000]))
	_ = capacity.Proven
}
