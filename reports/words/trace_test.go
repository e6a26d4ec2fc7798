package words

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/scenarios/arrival"
	"agistorm/scenarios/arrival/calllog"
	"agistorm/scenarios/arrival/recording"
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
			"Each of them is made 10 times.",
			"Only the first 15 of 20 calls are made.",
			"Skipped: 1 line with no time in its column, 2 lines without a time, 1,000 lines that are no calls, " +
				"1 retransmitted SYN and 3 calls outside the chosen time.",
			"Warning: no line has AGI(agi://…), so every line with a time counts as a call.",
		}},
		{arrival.Trace{
			File: "a.pcap", Calls: 20, Found: 20, Times: 1, Skipped: calllog.Skipped{Retransmitted: 3, OtherPort: 2},
			Captured: &arrival.Captured{Port: 4573, Hosts: 3, Truncated: true},
		}, []string{
			"a.pcap: 20 calls at port 4573, each at the time of its first SYN.",
			"They come from 3 hosts. With sources, the calls of a host have one address.",
			"Warning: the file is cut off at its end. What was whole before that is taken.",
			"Skipped: 3 retransmitted SYNs and 2 SYNs for other ports.",
		}},
		{arrival.Trace{
			File: "a.rec", Calls: 1, Found: 1, Times: 1,
			Captured: &arrival.Captured{Port: 80, Hosts: 1, Recording: &recording.Header{Lost: 1, Dropped: 1200}},
		}, []string{
			"a.rec: 1 call at port 80, each at the time of its first SYN.",
			"Warning: the recording lacks 1 SYN that found the capture's buffer full.",
			"The recording was full: its oldest 1,200 SYNs were dropped.",
		}},
	} {
		if diff := cmp.Diff(c.want, Trace(&c.trace)); diff != "" {
			t.Error(diff)
		}
	}
}
