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

// Play plays storm n of a setting in a fresh cell. Neither needs to be planned: a setting may be added when others were
// played. It returns when the storm is over; join waits for its record, which is kept only when it is whole.
func (s *sweep) Play(ctx context.Context, setting record.Cell, n int) (err error) {
	at := step{setting, n}
	staged, err := s.stage(at)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.dir.Discard(at.cell.ID, at.repeat))
		}
	}()
	order, err := s.order(at, staged)
	if err != nil {
		return at.name(err)
	}
	// An interrupt ends a storm that is played, but no record that is written.
	playing, end := context.WithCancel(context.WithoutCancel(ctx))
	interrupted := context.AfterFunc(ctx, end)
	defer interrupted()
	cell, err := startChild(playing, roleCell, netns.Attributes(s.place.mode))
	if err != nil {
		return at.name(err)
	}
	if err := s.playIn(cell, at, order); err != nil {
		cell.kill()
		return err
	}
	if !interrupted() {
		cell.kill()
		return at.name(context.Cause(ctx))
	}
	s.record(at, cell)
	return nil
}

// playIn prepares a storm in a cell while the one before is recorded, waits for that, and plays the storm. The
// error names its storm.
func (s *sweep) playIn(cell *child, at step, order *cellOrder) error {
	if err := cell.ask(order, nil); err != nil {
		return at.name(err)
	}
	if err := s.join(); err != nil {
		return err
	}
	if err := cell.ask(struct{}{}, nil); err != nil {
		return at.name(err)
	}
	return nil
}

// record lets a cell write the record of its storm.
func (s *sweep) record(at step, cell *child) {
	r := &recording{at: at, done: make(chan struct{})}
	s.last = r
	go func() {
		defer close(r.done)
		defer cell.kill()
		if r.err = cell.hear(nil); r.err == nil {
			r.err = cell.end()
		}
		if r.err == nil {
			r.err = s.commit(at)
		}
		if r.err != nil {
			r.err = errors.Join(at.name(r.err), s.dir.Discard(at.cell.ID, at.repeat))
		}
	}()
}

// join waits until the last storm that is over is recorded.
func (s *sweep) join() error {
	r := s.last
	if r == nil {
		return nil
	}
	s.last = nil
	<-r.done
	return r.err
}

// name says of an error which storm it is of.
func (s step) name(err error) error { return fmt.Errorf("%s, repeat %d: %w", s.cell.ID, s.repeat, err) }
