package lab

import (
	"context"
	"errors"
	"fmt"

	"agistorm/analysis/record"
	"agistorm/target/netns"
)

// recording is a storm that is over, and whose cell writes its record while the next is set up.
type recording struct {
	at   step
	done chan struct{}
	// err of the record; read it when done is closed.
	err error
}

// Play plays storm n of a setting. Neither needs to be planned: a setting may be added when others were
// played. It returns when the storm is over: the next one, or End, waits for its record, which is kept only
// when it is whole.
func (e *Experiment) Play(ctx context.Context, setting record.Cell, n int) (err error) {
	at := step{setting, n}
	staged, err := e.stage(at)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.dir.Discard(at.cell.ID, at.repeat))
		}
	}()
	order, err := e.order(at, staged)
	if err != nil {
		return at.name(err)
	}
	// An interrupt ends a storm that is played, but no record that is written.
	playing, end := context.WithCancel(context.WithoutCancel(ctx))
	interrupted := context.AfterFunc(ctx, end)
	defer interrupted()
	cell, err := startChild(playing, roleCell, netns.Attributes(e.place.mode))
	if err != nil {
		return at.name(err)
	}
	if err := e.playIn(cell, at, order); err != nil {
		cell.kill()
		return err
	}
	if !interrupted() {
		cell.kill()
		return at.name(context.Cause(ctx))
	}
	e.record(at, cell)
	return nil
}

// playIn prepares a storm in a cell while the one before is recorded, waits for that, and plays the storm.
// The error names its storm.
func (e *Experiment) playIn(cell *child, at step, order *cellOrder) error {
	if err := cell.ask(order, nil); err != nil {
		return at.name(err)
	}
	if err := e.join(); err != nil {
		return err
	}
	if err := cell.ask(struct{}{}, nil); err != nil {
		return at.name(err)
	}
	return nil
}

// record lets a cell write the record of its storm.
func (e *Experiment) record(at step, cell *child) {
	r := &recording{at: at, done: make(chan struct{})}
	e.last = r
	go func() {
		defer close(r.done)
		defer cell.kill()
		if r.err = cell.hear(nil); r.err == nil {
			r.err = cell.end()
		}
		if r.err == nil {
			r.err = e.commit(at)
		}
		if r.err != nil {
			r.err = errors.Join(at.name(r.err), e.dir.Discard(at.cell.ID, at.repeat))
		}
	}()
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

// name says of an error which storm it is of.
func (s step) name(err error) error { return fmt.Errorf("%s, repeat %d: %w", s.cell.ID, s.repeat, err) }
