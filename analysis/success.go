package analysis

import (
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// connectOnly is the client whose calls end with the connection (record.Connected).
const connectOnly = "connect-only"

// Success is the outcome of a call that got all that it came for: record.Connected for a client that
// only connects, else record.Answered. Its name is the participle that sentences use.
func Success(run *record.Run) record.Outcome {
	if run != nil && run.Scenario.Client == connectOnly {
		return record.Connected
	}
	return record.Answered
}

// connectionsOnly warns of what a client that only connects cannot show.
func connectionsOnly(s *Summary) []finding.Finding {
	if Success(s.Run) != record.Connected {
		return nil
	}
	return []finding.Finding{about(finding.ConnectionsOnly{})}
}

// served counts the calls of all storms of the cell that got all that they came for.
func (c *Cell) served() int { return c.total(record.Answered) + c.total(record.Connected) }

// retransmits are the lost SYNs of an attempt, to all addresses; false without an account.
func retransmits(a *record.Attempt) (int64, bool) {
	if a.SYNRetransmits == nil {
		return 0, false
	}
	return int64(*a.SYNRetransmits) + int64(a.EarlierSYNRetransmits), true
}
