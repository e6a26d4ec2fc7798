package caller

import (
	"fmt"
	"time"
)

// MaxWorkers of one storm.
const MaxWorkers = 256

// Limits of one attempt. Connect counts from connect(2), FirstCommand from the end of the environment, and
// Session from the connection.
type Limits struct {
	Connect, FirstCommand, Session time.Duration
}

// DefaultLimits are Asterisk's 2 s for the connect (MAX_AGI_CONNECT), and for the rest,
// where Asterisk waits for ever, what a caller may be expected to bear.
func DefaultLimits() Limits {
	return Limits{Connect: 2 * time.Second, FirstCommand: 10 * time.Second, Session: 30 * time.Second}
}

// CheckTimeout returns an error for a limit outside 1 ms to 10 min.
func CheckTimeout(d time.Duration) error {
	if d < time.Millisecond || d > 10*time.Minute {
		return fmt.Errorf("%v: want 1ms to 10m", d)
	}
	return nil
}

// Check returns an error that names the first limit that CheckTimeout refuses.
func (l Limits) Check() error {
	for _, limit := range []struct {
		name string
		d    time.Duration
	}{{"connect", l.Connect}, {"first-command", l.FirstCommand}, {"session", l.Session}} {
		if err := CheckTimeout(limit.d); err != nil {
			return fmt.Errorf("%s timeout %w", limit.name, err)
		}
	}
	return nil
}
