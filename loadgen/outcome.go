package loadgen

import (
	"cmp"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/engine"
)

// attemptOf turns raw facts into the record's terms. A client without AGI has connected when it was the one to
// leave.
func attemptOf(f *engine.Flow, speaks bool) record.Attempt {
	a := record.Attempt{
		Started:      instant(f.HasStarted, f.Started),
		Connected:    instant(f.HasConnected, f.Connected),
		FirstCommand: instant(f.HasCommand, f.FirstCommand),
		Done:         f.Done,
		Outcome:      outcomeOf(f, speaks),
		Limit:        f.Limit.String(),
		Commands:     f.Commands,
		ReplyLag:     instant(f.HasReply, f.ReplyLag),
		ReplyLagSum:  f.ReplyLagSum,
		BytesIn:      f.BytesIn,
		BytesOut:     f.BytesOut,
	}
	if f.Cause == engine.Failed {
		a.Errno = errnoName(f.Errno)
	}
	if f.Err != nil {
		a.Reason = f.Err.Error()
	}
	if f.Local.IsValid() {
		a.Local = f.Local.String()
	}
	if f.HasInfo {
		a.SYNRetransmits = &f.Retransmits
		a.RTT = instant(f.HasConnected, f.RTT)
		a.SYNACK = instant(f.HasConnected && f.Retransmits > 0, f.SYNACK) // else tcpi_rtt is finer
	}
	a.Left = instant(f.Left, f.LeftAt)
	if f.HasFIN {
		a.FINRetransmits = &f.FINRetransmits
	}
	if f.HasFIN && f.Cause == engine.Finished {
		a.Phantom = &f.Phantom
	}
	a.RTOTime = instant(f.HasRTO, f.RTOTime)
	a.Tried = instant(f.HasStarted && f.Address > 0, f.Tried)
	a.EarlierSYNRetransmits = f.EarlierRetransmits
	return a
}

func instant(happened bool, at time.Duration) *time.Duration {
	if !happened {
		return nil
	}
	return &at
}

// outcomeOf returns the one outcome of an attempt that has ended.
func outcomeOf(f *engine.Flow, speaks bool) record.Outcome {
	switch f.Cause {
	case engine.Missed:
		return record.NotOffered
	case engine.Finished:
		return finished(f, speaks)
	case engine.OverLimit:
		return overLimit[f.Limit]
	case engine.Failed:
		return failed(f)
	}
	return record.ProtocolError
}

// overLimit holds the outcomes of the attempts that a limit has ended.
var overLimit = map[engine.Limit]record.Outcome{
	engine.ConnectLimit:      record.ConnectTimeout,
	engine.FirstCommandLimit: record.Silent,
	engine.SessionLimit:      record.ProtocolError,
}

func finished(f *engine.Flow, speaks bool) record.Outcome {
	switch {
	case !speaks && f.Left && f.Phantom:
		return record.Phantom
	case !speaks && f.Left:
		return record.Connected
	case !speaks:
		return record.Closed
	case f.HasCommand:
		return record.Answered
	}
	return record.Closed
}

// failed judges a connect by its errno. A connection that broke was reset by the peer or the path, whatever
// the errno, unless this side had no memory left.
func failed(f *engine.Flow) record.Outcome {
	outcome := errnos[f.Errno].outcome
	if f.HasConnected && outcome != record.LocalExhaustion {
		return record.Reset
	}
	return cmp.Or(outcome, record.Unreachable)
}
