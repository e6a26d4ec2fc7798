package words

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/scenarios/arrival"
	"agistorm/scenarios/arrival/calllog"
)

func TestTrace(t *testing.T) {
	for _, c := range []struct {
		trace arrival.Trace
		want  []string
	}{
		{arrival.Trace{
			File: "a.csv", Calls: 1200, Found: 1200, Times: 1, Resolution: time.Second, Spread: time.Second,
		}, []string{
			"a.csv: 1,200 calls in whole seconds, each at random within its second; add exact to keep the log's times.",
		}},
		{arrival.Trace{File: "a", Calls: 1, Found: 1, Times: 1, Resolution: time.Minute, RepeatedHour: true}, []string{
			"a: 1 call in whole minutes, at the log's times.",
			"The log's clock was set back an hour. The calls after that are played an hour later.",
		}},
		{arrival.Trace{
			File: "a", Calls: 15, Found: 2, Times: 10, Resolution: time.Millisecond, AllLines: true,
			Skipped: calllog.Skipped{Empty: 1, NoTime: 2, Other: 1000, Retransmitted: 1, Outside: 3},
		}, []string{
			"a: 2 calls at the log's times.",
			"Each call of the log is made 10 times.",
			"Only the first 15 of 20 calls are made.",
			"Skipped: 1 line with no time in its column, 2 lines without a time, 1,000 lines that are no calls, " +
				"1 retransmitted SYN and 3 calls outside the chosen time.",
			"Warning: no line has AGI(agi://…), so every line with a time counts as a call.",
		}},
	} {
		if diff := cmp.Diff(c.want, Trace(&c.trace)); diff != "" {
			t.Error(diff)
		}
	}
}
