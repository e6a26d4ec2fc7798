package calls

import (
	"agistorm/analysis/record"
)

// Success is the outcome of a call that got all that it came for: record.Connected for a client that
// only connects, else record.Answered. Its name is the participle that sentences use.
func Success(run *record.Run) record.Outcome {
	if run != nil && run.Scenario.Client == record.ConnectOnly {
		return record.Connected
	}
	return record.Answered
}
