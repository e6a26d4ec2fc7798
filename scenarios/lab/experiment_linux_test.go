package lab

import (
	"context"
	"errors"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// failing is a site whose storms fail, and a storm of it.
type failing struct{ prepared func() error }

func (f failing) cell(axis.Values) (record.Cell, error) { return record.Cell{ID: StormCell}, nil }

func (f failing) storm(step, record.RepeatDir) (storm, error) { return f, nil }

func (f failing) prepare(context.Context) error { return f.prepared() }

func (f failing) play(context.Context) error { return nil }

func (f failing) write() (bool, error) { return false, nil }

func (f failing) kill() {}

// TestSignalToAll: a signal to all processes that ends a starting child before it arrives here is an interrupt, and
// no failure of the child.
func TestSignalToAll(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	site := failing{func() error {
		time.AfterFunc(interruptWithin/20, interrupt)
		return errors.New("the storm process was killed by signal 15")
	}}
	e := &Experiment{dir: newDir(t), site: site, run: &record.Run{Cells: []record.Cell{{ID: StormCell}}, Repeats: 1}}
	if err := e.begin(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.playAll(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want an interrupt", err)
	}
}
