package lab

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/analysis/validation"
	"agistorm/scenarios"
)

// tiny has a setting that loses calls and one that loses none.
const tiny = `name: tiny
storm: {calls: 200, arrival: burst in 100ms}
target: {behaviour: "pool:1", work: 20ms}
settings:
  - {somaxconn: 4096, backlog: 8}
  - {somaxconn: 4096, backlog: 4096, handlers: 100}
repeats: 2
`

func parsedScenario(t *testing.T, text string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// simulateInto simulates a scenario into a fresh directory.
func simulateInto(ctx context.Context, t *testing.T, o Options) (record.Dir, *record.Run, error) {
	t.Helper()
	dir, err := record.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	run, err := Simulate(ctx, dir, o)
	return dir, run, err
}

// TestSimulate: a simulated run is recorded as a sweep is, says that it is none, and is the same again.
func TestSimulate(t *testing.T) {
	dir, run, err := simulateInto(t.Context(), t, Options{Scenario: parsedScenario(t, tiny), Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := summary.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Run.Simulated == nil || s.Run.Host.OS != "" || s.Run.Isolation.Mode != record.IsolationSimulator {
		t.Errorf("%+v on %+v in %+v, want a simulation, on no host", s.Run.Simulated, s.Run.Host, s.Run.Isolation)
	}
	if s.Health != nil || len(s.Doubts) > 0 || len(s.Warnings) > 0 || run.Partial != "" {
		t.Errorf("health %+v, doubts %+v, warnings %+v, partial %q: want "+
			"none", s.Health, s.Doubts, s.Warnings, run.Partial)
	}
	short, long := s.Cells[0], s.Cells[1]
	if len(short.Repeats) != 2 || short.Lost.Min < 50 || long.Lost.Max > 0 {
		t.Errorf("%d storms lose %+v with a queue of 8, and %+v with the long one, want 2, many and none",
			len(short.Repeats), short.Lost, long.Lost)
	}
	other, _, err := simulateInto(t.Context(), t, Options{Scenario: parsedScenario(t, tiny)})
	if err != nil {
		t.Fatal(err)
	}
	for c, r := range s.Storms() {
		again, err := other.Repeat(c.ID, r.N)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r.Raw.Attempts, again.Attempts); diff != "" {
			t.Errorf("%s, storm %d differs the second time:\n%s", c.ID, r.N, diff)
		}
	}
}

// TestSimulateInterrupted: what had ended is kept, and the run says that it is partial.
func TestSimulateInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir, run, err := simulateInto(ctx, t, Options{Scenario: parsedScenario(t, tiny), Progress: func(p Progress) {
		if p.Done == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || run == nil || run.Partial != record.Interrupted {
		t.Fatalf("%+v, %v, want a partial run and an interrupt", run, err)
	}
	have := 0
	for _, step := range run.Steps() {
		if dir.Has(step.Cell, step.N) {
			have++
		}
	}
	if have != 2 {
		t.Errorf("%d storms are kept, want 2", have)
	}
}

// TestSimulateRefuses: what the simulator cannot play is refused before there is a run.
func TestSimulateRefuses(t *testing.T) {
	text := tiny + "sysctls: {net.ipv4.tcp_fin_timeout: 3}\n"
	dir, run, err := simulateInto(t.Context(), t, Options{Scenario: parsedScenario(t, text)})
	if run != nil || !errors.As(err, new(InputError)) {
		t.Errorf("%+v, %v, want bad input", run, err)
	}
	if _, err := dir.Run(); err == nil {
		t.Error("there is a run all the same")
	}
}

// TestStartsOf: the actual starts are in their order, each with its intended one; what never started is left out.
func TestStartsOf(t *testing.T) {
	got := startsOf([]record.Attempt{
		{Seq: 0, Intended: 1, Started: new(9 * time.Second)}, {Seq: 1, Intended: 2}, {Seq: 2, Intended: 3, Started: new(4 * time.Second)},
	})
	want := starts{{4 * time.Second, 3}, {9 * time.Second, 1}}
	if !slices.Equal(got, want) || got.Len() != 2 || got.At(1) != 9*time.Second {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestGrid: the simulator can play every setting of the grid, of which a third was held out; those of the part have
// pools.
func TestGrid(t *testing.T) {
	ids, err := gridIDs()
	if err != nil {
		t.Fatal(err)
	}
	heldOut := 0
	for i := range ids {
		if validation.HeldOut(i) {
			heldOut++
		}
	}
	if len(ids) != 48 || heldOut != 16 {
		t.Errorf("%d settings, %d held out, want 48 and 16", len(ids), heldOut)
	}
	grid, err := ValidationScenario(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := newSimulation(grid, simulatedDefaults()).describe(Options{Scenario: grid}); err != nil {
		t.Error(err)
	}
	part, err := ValidationScenario(true)
	if err != nil {
		t.Fatal(err)
	}
	if len(part.Settings) != len(validation.PartPositions) || part.Repeats != validation.LeastPartStorms {
		t.Errorf("%d settings, %d storms of each", len(part.Settings), part.Repeats)
	}
	for _, setting := range part.Settings {
		if b := setting["behaviour"]; !strings.HasPrefix(b, "pool:") && !strings.HasPrefix(b, "prefork:") {
			t.Errorf("%s: %s is no pool", setting.Key(), b)
		}
	}
}
