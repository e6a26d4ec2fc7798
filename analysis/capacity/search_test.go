package capacity

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/metric"
)

// TestKnownCapacity: the search finds the least handlers and backlog of a fake that has them.
func TestKnownCapacity(t *testing.T) {
	for _, c := range []struct {
		handlers, backlog int
		noise             float64
		wantHandlers      int
	}{
		{1, 0, 0, 6},     // 5 erlangs keep 5 handlers busy all the time; a backlog of 0 is not recommended
		{6, 17, 0, 6},    //
		{7, 1, 0, 7},     //
		{23, 300, 0, 23}, // beyond the first steps
		{6, 17, 0.4, 6},  // 16 holds in 40 % of the storms
		{600, 5, 0, 600},
	} {
		a := answer(t, Config{Question: question(), Simulate: threshold(c.handlers, c.backlog, c.noise)})
		if a.Status != Simulated || a.Handlers != c.wantHandlers || a.Backlog == nil ||
			*a.Backlog != max(c.backlog, LeastBacklog) {
			t.Errorf("%+v: %s, %d handlers, backlog %v", c, a.Status, a.Handlers, deref(a.Backlog))
		}
		if n := a.Searched.Simulations; n > 900 {
			t.Errorf("%+v: %d simulations: that is a grid", c, n)
		}
	}
}

func deref(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

// TestTables: what stands beside the recommended setting.
func TestTables(t *testing.T) {
	q := question()
	q.Handlers = 5
	host := &Host{Somaxconn: 8, Asked: "max", Backlog: 1 << 30}
	a := answer(t, Config{Question: q, Simulate: threshold(6, 17, 0), Host: host})
	if len(a.Rows) != 4 || a.Rows[1].Handlers != 8 || a.Rows[3].Handlers != 12 || deref(a.Rows[3].Backlog) != 17 {
		t.Errorf("rows %+v", a.Rows)
	}
	if u := a.Useful; u == nil || u.Backlog != 120 || u.Rate != 120 || !u.Tried || !u.Held {
		t.Errorf("useful %+v, want 6 ÷ 50 ms × 1 s", u)
	}
	if h := a.Hopeless; h == nil || h.Handlers != 5 || deref(h.Need) != 6 {
		t.Errorf("5 handlers are too few: %+v", h)
	}
	if d := a.Today; d == nil || d.Setting != (Setting{5, 8}) || d.Holds || !d.HandlersGiven {
		t.Errorf("today %+v", d)
	}
	if len(a.Scaled) != 3 || a.Scaled[2].Calls != 10_000 {
		t.Errorf("scaled %+v", a.Scaled)
	}
	checkCurves(t, a)
	if _, err := json.Marshal(a); err != nil {
		t.Error(err)
	}
}

func checkCurves(t *testing.T, a *Answer) {
	t.Helper()
	for i, point := range a.ByBacklog[1:] {
		before := a.ByBacklog[i]
		if point.Setting.Backlog <= before.Setting.Backlog || point.Lost > before.Lost || before.Holds && !point.Holds {
			t.Errorf("point %+v behind %+v", point, before)
		}
	}
	m := a.Map
	if m == nil || len(m.Lost) != len(m.Handlers) || len(m.Lost[0]) != len(m.Backlogs) {
		t.Fatalf("map %+v", m)
	}
	for i, handlers := range m.Handlers {
		for j, backlog := range m.Backlogs {
			if want := handlers >= 6 && backlog >= 17; m.Holds[i][j] != want || m.Lost[i][j] == nil {
				t.Errorf("%d handlers, backlog %d: holds is %v", handlers, backlog, m.Holds[i][j])
			}
		}
	}
}

// TestHopeless: where no number of handlers helps, the answer is that.
func TestHopeless(t *testing.T) {
	q := question()
	q.MostHandlers = 40
	a := answer(t, Config{Question: q, Simulate: threshold(41, 0, 0)})
	if h := a.Hopeless; a.Status != Hopeless || a.Backlog != nil || h == nil || h.Tried != 40 || h.Need != nil {
		t.Errorf("%s, %+v", a.Status, a.Hopeless)
	}
	q.Planned, q.Handlers = false, 1
	a = answer(t, Config{Question: q, Simulate: threshold(2, 0, 0)})
	if a.Status != Hopeless || a.Hopeless == nil || a.Hopeless.Handlers != 1 || a.Hopeless.Outcome.Storms == 0 {
		t.Errorf("%s, %+v", a.Status, a.Hopeless)
	}
}

// TestShedding: where calls may be lost, a shorter queue keeps the others in time.
func TestShedding(t *testing.T) {
	q := question()
	q.Lose = 0.1
	short := func(_ context.Context, t Trial) (*metric.Storm, error) {
		if t.Backlog > 40 {
			return stormOf(t.Calls, 0, 5*time.Second), nil
		}
		return stormOf(t.Calls, 50, time.Second/2), nil
	}
	a := answer(t, Config{Question: q, Simulate: short})
	if a.Backlog == nil || *a.Backlog > 40 {
		t.Errorf("%s, backlog %d", a.Status, deref(a.Backlog))
	}
	if a.Searched.NotMonotonic == 0 {
		t.Error("larger backlogs do not hold, and it is not said")
	}
}

// TestBudget: what was found when the time is over is kept.
func TestBudget(t *testing.T) {
	looks := 0
	after := func(n int) func(int) bool {
		looks = 0
		return func(int) bool { looks++; return looks > n }
	}
	a, err := Search(t.Context(), Config{Question: question(), Simulate: threshold(6, 17, 0), Over: after(2)})
	if !errors.Is(err, ErrBudget) || a.Status != OverBudget || !a.Searched.Cut {
		t.Errorf("%v, %s", err, a.Status)
	}
	a, err = Search(t.Context(), Config{Question: question(), Simulate: threshold(6, 17, 0), Over: after(100)})
	if err != nil || a.Status != Simulated || deref(a.Backlog) != 17 || !a.Searched.Cut {
		t.Errorf("%v, %s, %+v", err, a.Status, a.Searched)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, err = Search(ctx, Config{Question: question(), Simulate: threshold(6, 17, 0), Over: never})
	if a.Status != Interrupted {
		t.Errorf("%v, %s", err, a.Status)
	}
	failing := func(context.Context, Trial) (*metric.Storm, error) { return nil, errors.New("no model") }
	if _, err = Search(t.Context(), Config{Question: question(), Simulate: failing, Over: never}); err == nil ||
		!strings.Contains(err.Error(), "no model") {
		t.Errorf("%v", err)
	}
}

// TestFind: the rate that is found is within 5 % of the capacity of a pool in 95 of 100 runs.
func TestFind(t *testing.T) {
	q := question()
	q.Planned, q.Find, q.Handlers, q.Span, q.MeanWork = false, FindRate, 4, 10*time.Second, 20*time.Millisecond
	near := 0
	for run := range uint64(100) {
		q.Seed = 1000 * run
		found := answer(t, Config{Question: q, Simulate: pool(&q)}).Found
		if found.Rate == nil || *found.Capacity != 200 {
			t.Fatalf("%+v", found)
		}
		if *found.Rate >= 190 && *found.Rate <= 210 {
			near++
		}
	}
	if near < 95 {
		t.Errorf("%d of 100 runs are within 5 %% of 200 calls/s", near)
	}
}

// TestFindBurst: without handlers the calls are sought up or down from those of the question.
func TestFindBurst(t *testing.T) {
	for _, limit := range []int{0, 1, 777, 5000, 123_456} {
		q := question()
		q.Planned, q.Find, q.Handlers, q.Span = false, FindRate, 0, 0
		a := answer(t, Config{Question: q, Host: &Host{Somaxconn: 128, Backlog: maxBacklog},
			Simulate: func(_ context.Context, t Trial) (*metric.Storm, error) {
				return stormOf(t.Calls, max(t.Calls-limit, 0), time.Millisecond), nil
			}})
		f := a.Found
		if f.Calls > limit || f.Calls < limit-limit/fineness || f.Rate != nil || *f.Above <= limit ||
			f.Setting.Backlog != 128 || *a.HostLimit != 128 || (a.Status == Hopeless) != (limit == 0) {
			t.Errorf("limit %d: %s, %+v", limit, a.Status, f)
		}
	}
}

// TestFindCut: when the budget ends the highest rate so far is kept, and it is not called the answer.
func TestFindCut(t *testing.T) {
	q := question()
	q.Planned, q.Find, q.Handlers, q.Span = false, FindRate, 0, 0
	looks := 0
	a, err := Search(t.Context(), Config{Question: q, Over: func(int) bool { looks++; return looks > 5 },
		Simulate: func(_ context.Context, t Trial) (*metric.Storm, error) {
			return stormOf(t.Calls, 0, time.Millisecond), nil
		}})
	if f := a.Found; !errors.Is(err, ErrBudget) || a.Status != OverBudget || f == nil || f.Calls <= 1000 || f.Above != nil {
		t.Errorf("%v, %s, %+v", err, a.Status, a.Found)
	}
}
