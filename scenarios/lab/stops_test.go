package lab

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"agistorm/analysis/record"
)

// TestCountStops: a continuation counts with the time without ticks before it, also when a tick is seen first.
func TestCountStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		continued, ticks, over := make(chan os.Signal), make(chan time.Time), make(chan struct{})
		counted := make(chan record.Stops)
		go func() { counted <- *countStops(continued, ticks, over) }()
		synctest.Wait()
		time.Sleep(stopTick)
		ticks <- time.Now()
		continued <- os.Interrupt // not stopped before: no gap
		time.Sleep(3 * time.Second)
		ticks <- time.Now()
		continued <- os.Interrupt
		time.Sleep(time.Second)
		continued <- os.Interrupt
		close(over)
		if got, want := <-counted, (record.Stops{Count: 2, Longest: 3 * time.Second}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
