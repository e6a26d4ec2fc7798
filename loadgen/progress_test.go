package loadgen

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/loadgen/engine"
)

func TestTally(t *testing.T) {
	a, b := tally{speaks: true}, tally{speaks: true}
	for range 3 {
		a.Started()
	}
	a.Connected(10 * time.Microsecond)
	a.Connected(time.Second)
	a.Ended(&engine.Flow{Cause: engine.Finished, HasConnected: true, HasCommand: true})
	b.Started()
	b.Ended(&engine.Flow{Cause: engine.OverLimit, Limit: engine.ConnectLimit})
	b.Ended(&engine.Flow{Cause: engine.Missed})
	sum := a.progress()
	sum.Add(b.progress())
	if sum.Offered != 4 || sum.Connected != 2 || sum.Open != 1 || sum.Connecting() != 1 || sum.Ended() != 3 {
		t.Errorf("%+v, connecting %d, ended %d; want 4 offered, 2 connected, 1 open, 1 connecting, 3 ended", sum,
			sum.Connecting(), sum.Ended())
	}
	want := map[record.Outcome]int{record.Answered: 1, record.ConnectTimeout: 1, record.NotOffered: 1}
	if diff := cmp.Diff(want, sum.Outcomes); diff != "" {
		t.Error(diff)
	}
	for q, want := range map[float64]time.Duration{0: 11 * time.Microsecond, 0.5: 11 * time.Microsecond, 1: time.Second} {
		got, ok := sum.Quantile(q)
		if !ok || got < want || got > want+want/16 {
			t.Errorf("quantile %v is %v, %v; want %v", q, got, ok, want)
		}
	}
	var none Progress
	if _, ok := none.Quantile(0.5); ok {
		t.Error("a quantile of nothing")
	}
}
