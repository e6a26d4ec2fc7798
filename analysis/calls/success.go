package calls

import (
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
