package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// Experiment plays storms one by one and records them as a run. NewExperiment makes one whose settings are
// tried in cells of their own, NewStorm one at a server that is already running. End ends it.
type Experiment struct {
	dir  record.Dir
	run  *record.Run
	site site
	// finished counts the storms that are recorded.
	finished int
	// last storm that is over, while its record is written; nil if there is none.
	last *recording
	// recorded gets the calls of each storm that is recorded, and how many were lost; nil where nobody asks.
	recorded func(calls, lost int)
}

// site is where the storms of an experiment are played.
type site interface {
	// cell returns the cell of a setting.
	cell(setting axis.Values) (record.Cell, error)
	// storm returns a storm that is to be recorded in dir.
	storm(at step, dir record.RepeatDir) (storm, error)
}

// storm is one storm at its site. An error of prepare or play discards it.
type storm interface {
	// prepare does what can be done while the record of the storm before is written.
	prepare(ctx context.Context) error
	// play returns when the storm is over. When ctx is done the storm ends early.
	play(ctx context.Context) error
	// write writes the record. kept reports whether there is one, which an error does not exclude.
	write() (kept bool, err error)
	// kill ends what still runs, if anything does.
	kill()
}

// recording is a storm that is over, while its record is written.
type recording struct {
	done chan struct{}
	// err of the record; read it when done is closed.
	err error
}

// ErrCannotStart wraps what keeps an experiment from starting at all; nothing has been measured.
var ErrCannotStart = errors.New("cannot start")

// partsKept wraps the error of a storm whose parts were recorded, but could not be put together.
type partsKept struct{ error }

func (e partsKept) Unwrap() error { return e.error }

// unfinished is what run.json says until the run is over, in case it never is.
const unfinished = "it did not finish"

// begin writes run.json, by which the storms can be read if nothing else happens.
func (e *Experiment) begin() error {
	e.run.Started, e.run.Partial = time.Now(), unfinished
	return e.dir.WriteRun(e.run)
}

// Cell returns the cell of a setting, which the scenario need not have, for Play.
func (e *Experiment) Cell(setting axis.Values) (record.Cell, error) {
	cell, err := e.site.cell(setting)
	if i := slices.IndexFunc(e.run.Cells, func(c record.Cell) bool { return c.ID == cell.ID }); i >= 0 && err == nil {
		return e.run.Cells[i], nil // as it was tried
	}
	return cell, err
}

// Play plays storm n of a setting. Neither needs to be planned: a setting may be added when others were
// played. It returns when the storm is over: the next one, or End, waits for its record.
func (e *Experiment) Play(ctx context.Context, setting record.Cell, n int) error {
	at := step{setting, n}
	staged, err := e.stage(at)
	if err != nil {
		return err
	}
	s, err := e.site.storm(at, staged)
	if err != nil {
		return e.discard(at, e.name(at, err))
	}
	err = inTurn(
		func() error { return e.name(at, s.prepare(ctx)) },
		e.join,
		func() error { return e.name(at, s.play(ctx)) },
	)
	if err != nil {
		s.kill()
		awaitInterrupt(ctx)
		return e.discard(at, err)
	}
	r := &recording{done: make(chan struct{})}
	e.last = r
	go func() {
		defer close(r.done)
		defer s.kill()
		r.err = e.record(at, s, staged)
	}()
	return nil
}

// awaitInterrupt gives an interrupt that is on its way the time to arrive: a signal to all processes may have ended
// a child that had just started, and then the signal is what ended the storm.
func awaitInterrupt(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(interruptWithin):
	}
}

// interruptWithin is how much later than a child the parent may get a signal that goes to both.
const interruptWithin = 100 * time.Millisecond

// stage makes the folder for a storm. One that is not planned is added to the run first: nothing that is
// measured may be without its description.
func (e *Experiment) stage(at step) (record.RepeatDir, error) {
	if e.run.Plan(at.cell, at.repeat) {
		if err := e.dir.WriteRun(e.run); err != nil {
			return "", err
		}
	}
	return e.dir.Stage(at.cell.ID, at.repeat)
}

// record writes the record of a storm and keeps it, if it may be kept.
func (e *Experiment) record(at step, s storm, staged record.RepeatDir) error {
	kept, err := s.write()
	if kept && e.recorded != nil {
		e.recorded(staged.CountAttempts(), staged.CountLost())
	}
	if kept {
		failed := e.dir.Commit(at.cell.ID, at.repeat)
		kept, err = failed == nil, errors.Join(err, failed)
	}
	if err = e.name(at, err); !kept {
		return e.discard(at, err)
	}
	if at.repeat > 0 { // a warm-up alone is no run
		e.finished++
	}
	return err
}

// discard removes what there is of a storm that failed, unless it is all that there is of its record.
func (e *Experiment) discard(at step, failure error) error {
	if errors.As(failure, new(partsKept)) {
		return failure
	}
	return errors.Join(failure, e.dir.Discard(at.cell.ID, at.repeat))
}

// name adds to an error which storm it is of, where there are several.
func (e *Experiment) name(at step, err error) error {
	if err == nil || len(e.run.Steps()) == 1 {
		return err
	}
	return fmt.Errorf("%s, repeat %d: %w", at.cell.ID, at.repeat, err)
}

// join waits until the last storm that is over is recorded.
func (e *Experiment) join() error {
	r := e.last
	if r == nil {
		return nil
	}
	e.last = nil
	<-r.done
	return r.err
}

// Wait waits for the record of the last storm.
func (e *Experiment) Wait() error { return e.join() }

// End waits for the last record and completes run.json. A failure makes the run partial; where no storm was
// recorded there is no run.
func (e *Experiment) End(failure error) (*record.Run, error) {
	failure = errors.Join(failure, e.join())
	switch {
	case errors.As(failure, new(partsKept)) && e.finished == 0:
		return nil, failure
	case failure != nil && e.finished == 0:
		return nil, errors.Join(failure, e.dir.RemoveRun())
	}
	e.run.Finished, e.run.Partial = time.Now(), ""
	switch {
	case errors.Is(failure, context.Canceled):
		e.run.Partial = record.Interrupted
	case failure != nil:
		e.run.Partial = failure.Error()
	}
	return e.run, errors.Join(failure, e.dir.WriteRun(e.run))
}

// Progress of an experiment that plays all its storms.
type Progress struct {
	// Done storms, of Storms.
	Done, Storms int
	// Setting, in words, and Repeat (of Repeats, from 1) that begin now; an empty Setting means that all are
	// over. The Repeat of a warm-up is 0 or less.
	Setting         string
	Repeat, Repeats int
	Warmups         int
	Elapsed         time.Duration
	// Left is an estimate from the storms that are done; nil before the first.
	Left *time.Duration
}

// playAll plays every planned storm and ends the run. show, which may be nil, gets the progress before every
// storm and once at the end.
func (e *Experiment) playAll(ctx context.Context, show func(Progress)) (*record.Run, error) {
	words, plan := e.words(), interleave(e.run.Cells, e.run.Warmups, e.run.Repeats, e.run.Seed)
	report := func(done int, next step) {
		if show == nil {
			return
		}
		p := Progress{
			Done: done, Storms: len(plan),
			Setting: words[next.cell.ID], Repeat: next.repeat, Repeats: e.run.Planned(next.cell.ID),
			Warmups: e.run.Warmups,
			Elapsed: time.Since(e.run.Started),
		}
		if done > 0 {
			left := p.Elapsed / time.Duration(done) * time.Duration(len(plan)-done)
			p.Left = &left
		}
		show(p)
	}
	for done, next := range plan {
		report(done, next)
		err := ctx.Err()
		if err == nil {
			err = e.Play(ctx, next.cell, next.repeat)
		}
		if err != nil {
			return e.End(cmp.Or(ctx.Err(), err)) // an interrupt is what ended it
		}
	}
	run, err := e.End(nil)
	report(len(plan), step{})
	return run, err
}

// words returns which setting each cell is, by the cells' IDs.
func (e *Experiment) words() map[string]string {
	var values []axis.Values
	for i := range e.run.Cells {
		values = append(values, e.run.Cells[i].Axes())
	}
	words := map[string]string{}
	for i, text := range axis.Words(values) {
		words[e.run.Cells[i].ID] = cmp.Or(text, e.run.Cells[i].ID)
	}
	return words
}
