package lab

import (
	"context"
	"errors"
	"time"

	"agistorm/analysis/record"
)

// session is a run while it is played: its description in the run directory, and the storms that are
// recorded.
type session struct {
	dir record.Dir
	run *record.Run
	// finished counts the storms that are recorded.
	finished int
	// last storm that is over, while its record is written; nil if there is none.
	last *recording
}

// unfinished is what run.json says until the run is over, in case it never is.
const unfinished = "it did not finish"

// begin writes run.json, by which the storms can be read if nothing else happens.
func (s *session) begin() error {
	s.run.Started, s.run.Partial = time.Now(), unfinished
	return s.dir.WriteRun(s.run)
}

// stage makes the folder for a storm. One that is not planned is added to the run first: nothing that is
// measured may be without its description.
func (s *session) stage(at step) (record.RepeatDir, error) {
	if s.run.Plan(at.cell, at.repeat) {
		if err := s.dir.WriteRun(s.run); err != nil {
			return "", err
		}
	}
	return s.dir.Stage(at.cell.ID, at.repeat)
}

// commit keeps a storm.
func (s *session) commit(at step) error {
	err := s.dir.Commit(at.cell.ID, at.repeat)
	if err == nil {
		s.finished++
	}
	return err
}

// end completes run.json. After a failure the run is partial; where no storm was recorded, there is none.
func (s *session) end(failure error) (*record.Run, error) {
	if failure != nil && s.finished == 0 {
		return nil, errors.Join(failure, s.dir.RemoveRun())
	}
	s.run.Finished, s.run.Partial = time.Now(), ""
	switch {
	case errors.Is(failure, context.Canceled):
		s.run.Partial = record.Interrupted
	case failure != nil:
		s.run.Partial = failure.Error()
	}
	return s.run, errors.Join(failure, s.dir.WriteRun(s.run))
}
