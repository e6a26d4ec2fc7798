package calls

import (
	"time"

	"agistorm/analysis/record"
)

// ServedRate is the calls per second that got all that they came for, from the first intended start to the end
// of the last of them; nil where none was served or it took no time.
func ServedRate(attempts []record.Attempt) *float64 {
	served := Count(attempts, func(a *record.Attempt) bool { return a.Outcome.Served() })
	began, ended := ServedWindow(attempts)
	if served == 0 || ended <= began {
		return nil
	}
	rate := float64(served) / (ended - began).Seconds()
	return &rate
}

// ServedWindow is from the first intended start to the end of the last call that got all that it came for; to 0
// where none did.
func ServedWindow(attempts []record.Attempt) (began, ended time.Duration) {
	for i := range attempts {
		a := &attempts[i]
		if i == 0 || a.Intended < began {
			began = a.Intended
		}
		if a.Outcome.Served() {
			ended = max(ended, a.Done)
		}
	}
	return began, ended
}

// LastArrival is the last intended start of a storm.
func LastArrival(attempts []record.Attempt) time.Duration {
	last := time.Duration(0)
	for i := range attempts {
		last = max(last, attempts[i].Intended)
	}
	return last
}
