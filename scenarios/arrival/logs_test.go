package arrival

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/scenarios/arrival/calllog"
)

// TestLogs: the forms of real logs, each with the calls that are in it.
func TestLogs(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		file       string
		calls      int
		last       time.Duration
		resolution time.Duration
		skipped    calllog.Skipped
	}{
		{file: "dst.csv", calls: 40, last: s, resolution: s},
		{file: "freepbx.csv", calls: 60, last: 2 * s, resolution: s},
		{file: "isoT.csv", calls: 60, last: 2 * s, resolution: s},
		{file: "master.csv", calls: 60, last: 2 * s, resolution: s},
		{file: "master_crlf_blank.csv", calls: 60, last: 2 * s, resolution: s},
		{file: "messages", calls: 60, last: 2 * s, resolution: s},
		{file: "ms_epoch.csv", calls: 60, last: 590 * ms, resolution: 10 * ms},
		{file: "mysql2.tsv", calls: 60, last: 2 * s, resolution: s},
		{file: "null.csv", calls: 59, last: 2 * s, resolution: s, skipped: calllog.Skipped{Empty: 1}},
		{file: "queue_log", calls: 60, last: 2 * s, resolution: s},
		{file: "semicolon.csv", calls: 60, last: 2 * s, resolution: s},
		{file: "smdr.txt", calls: 60, last: 2 * s, resolution: s},
		{file: "tcpdump_tt", calls: 60, last: 590 * ms, resolution: 10 * ms},
		{file: "tshark_csv", calls: 60, last: 590 * ms, resolution: 10 * ms},
		{file: "tz.csv", calls: 60, last: 2 * s, resolution: s},
	} {
		exact := parsed(t, "trace testdata/logs/"+c.file+" exact", Options{Open: logs})
		spread := parsed(t, "trace testdata/logs/"+c.file, Options{Open: logs, Seed: 1})
		if first, last := exact.At(0), exact.At(exact.Len()-1); exact.Len() != c.calls || first != 0 || last != c.last {
			t.Errorf("%s: %d calls from %v to %v, want %d from 0s to %v", c.file, exact.Len(), first, last, c.calls, c.last)
		}
		facts := TraceOf(spread)
		want := Trace{
			File: "testdata/logs/" + c.file, Calls: c.calls, Found: c.calls, Skipped: c.skipped,
			Resolution: c.resolution, Times: 1,
			RepeatedHour: c.file == "dst.csv",
		}
		if c.resolution == s {
			want.Spread = s
		}
		if diff := cmp.Diff(want, *facts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.file, diff)
		}
		for i := range spread.Len() {
			if late := spread.At(i) - exact.At(i); late < 0 || late > facts.Spread {
				t.Errorf("%s: call %d is %v after the log's time", c.file, i, late)
			}
		}
		neverDecreases(t, spread)
	}
	_, err := Parse("trace testdata/logs/uid.csv", Options{Open: logs})
	want := `arrival "trace testdata/logs/uid.csv": testdata/logs/uid.csv: line 40: column 2, "1759654800.39": ` +
		"the number behind the dot is a counter, as in Asterisk's uniqueid; want the column of the calls' start"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}
