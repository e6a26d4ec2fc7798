package lab

import (
	"os"
	"time"

	"agistorm/analysis/record"
)

// stopTick is how exactly a stop of this process is timed. A continuation after less than two ticks was no stop.
const stopTick = 100 * time.Millisecond

// watchStops counts how often a signal stops this process, and for how long, until end is called; nil where the
// system does not tell it.
func watchStops() (end func() *record.Stops) {
	continued, forget := continuations()
	if continued == nil {
		return func() *record.Stops { return nil }
	}
	over, counted := make(chan struct{}), make(chan *record.Stops)
	go func() {
		defer forget()
		every := time.NewTicker(stopTick)
		defer every.Stop()
		counted <- countStops(continued, every.C, over)
	}()
	return func() *record.Stops {
		close(over)
		return <-counted
	}
}

// countStops takes as a stop the time without a tick before a continuation, whichever of the two is seen first.
func countStops(continued <-chan os.Signal, ticks <-chan time.Time, over <-chan struct{}) *record.Stops {
	stops := &record.Stops{}
	last, gap := time.Now(), time.Duration(0)
	for {
		select {
		case <-over:
			return stops
		case <-ticks:
			gap = time.Since(last)
			last = time.Now()
		case <-continued:
			if held := max(gap, time.Since(last)); held >= 2*stopTick {
				stops.Count++
				stops.Longest = max(stops.Longest, held)
			}
			last, gap = time.Now(), 0
		}
	}
}
