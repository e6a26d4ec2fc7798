package words

import (
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

func change(setting string) finding.Change {
	return finding.Change{Metric: "lost", Setting: setting, Unit: "calls", Old: 52, New: 102}
}

// sideSamples are findings about two runs beside each other.
var sideSamples = []finding.Finding{
	{Fact: finding.RunInDoubt{Run: "before"}},
	{Fact: finding.RunInDoubt{Run: "before", Doubt: &finding.Finding{Fact: finding.NoStorm{}}}},
	{Fact: finding.SeenChanged{Changes: []finding.Change{
		{Metric: "lost", Setting: "somaxconn 128", Unit: "calls", Old: 52, New: 102},
	}}},
	{Fact: finding.StormsDiffer{Names: []string{"arrival", "calls"}}},
	{Fact: finding.RunsDiffer{Kinds: []string{"kernel", "target"}}},
	{Fact: finding.OneSimulated{Simulated: "plan", Measured: "before"}},
	{Fact: finding.OnlyReference{Setting: "somaxconn 64"}},
	{Fact: finding.NothingInCommon{Old: "before", New: "after"}},
	{Fact: finding.Changed{Run: "after", Changes: []finding.Change{
		change("somaxconn 128"),
		{Metric: "p99(connect)", Setting: "somaxconn 128", Unit: "ns", Old: 12e6, New: 1.04e9},
	}}},
	{Fact: finding.Changed{Run: "after", Better: true, Changes: []finding.Change{
		change("1"), change("2"), change("3"), change("4"), change("5"),
	}}},
	{Fact: finding.PerhapsChanged{Changes: []finding.Change{change("somaxconn 128")}, Settings: 3, Needed: 6}},
	{Fact: finding.DistributionDiffers{Metric: "lost", Setting: "somaxconn " +
		"128", Unit: "calls", OldMin: 785, OldMax: 800,
		NewMin: 646, NewMax: 942, Q: 0.012}},
	{Fact: finding.NoChange{Old: "before", New: "after", Settings: 1}},
	{Fact: finding.NoChange{Old: "before", New: "after", Settings: 3}},
	{Fact: finding.TooFewStorms{Settings: 3, All: true, Needed: 5}},
	{Fact: finding.TooFewStorms{Settings: 1, Needed: 5}},
	{Fact: finding.NotCompared{
		Names: []string{"somaxconn 128"}, Run: "after",
		Doubt: &finding.Finding{Settings: []string{"a"}, Fact: finding.StormsMissing{Repeats: []int{2}, Of: 5}},
	}},
	{Fact: finding.NotCompared{
		Names: []string{"somaxconn 128"}, Pace: true, Run: "after", Doubt: &finding.Finding{Fact: finding.NoStorm{}},
	}},
	{Fact: finding.OneRunOnly{Settings: 1}},
	{Fact: finding.OneRunOnly{Settings: 3}},
}

// claim is one of 10 storms a side, whose interval excludes the least difference or not.
func claim(of analysis.Finding, better, notWorse bool, needed int) finding.Finding {
	c := finding.Claimed{
		Claim: string(of), Better: better, NotWorse: notWorse, P: 0.029, Q: 0.057, Least: 20, Unit: "calls",
		Shift: stats.Shift{Estimate: 3, Low: ptr(-8.0), High: ptr(65.0)}, Old: 10, New: 9,
		Needed: needed, MostNeeded: stats.MostDeciding,
	}
	switch {
	case of == analysis.TooFew:
		c.Old, c.New, c.Shift = 4, 3, stats.Shift{Estimate: 3}
	case of == analysis.Split:
		c.Split = &stats.Split{D: 0.7, P: 0.012, Q: 0.024}
	case better:
		c.Shift = stats.Shift{Estimate: -50, Low: ptr(-54.0), High: ptr(-46.0)}
	case notWorse:
		c.Shift.High = ptr(12.0)
	}
	return finding.Finding{Fact: c}
}

// gateSamples are findings about gates.
var gateSamples = []finding.Finding{
	{Fact: finding.Measured{Value: sampleValue(1.5), Storms: 1}},
	{Fact: finding.Measured{Value: sampleValue(62), Unit: "%", Choice: finding.Median, Storms: 3}},
	{Fact: finding.Measured{Value: sampleValue(1.04e9), Unit: "ns", Choice: finding.Worst, Storms: 3}},
	{Fact: finding.Measured{Value: sampleValue(1), Unit: "ns", Instant: true, Storms: 1}},
	{Fact: finding.Measured{Value: sampleValue(1e10), Unit: "ns", Least: true, Storms: 1}},
	{Fact: finding.Measured{Value: sampleValue(169), Unit: "/s", Choice: finding.AnyOne, Storms: 3}},
	{Fact: finding.Measured{Unit: "ns", Choice: finding.Median, Storms: 3}},
	{Fact: finding.Compared{Unit: "ratio", Old: 1, New: 1.25}},
	{Fact: finding.Compared{Unit: "calls/s", Old: 1169, New: 900}},
	{Fact: finding.DoesNotHold{Storms: []int{1, 2, 3}, Of: 3}},
	{Fact: finding.DoesNotHold{Storms: []int{1, 4}, Of: 5}},
	{Fact: finding.DoesNotHold{Storms: []int{1, 2, 3, 4, 6, 7, 9}, Of: 10}},
	{Fact: finding.NotKnown{Storm: 2, Reason: "only-connects"}},
	{Fact: finding.NotKnown{Storm: 2, Reason: "queue-unsampled", Gap: 101 * time.Millisecond}},
	{
		Fact: finding.NotTried{
			Lacks: []record.Note{{Code: "sysctl-differs", Name: "net.core.somaxconn", Here: "4096", Want: "max"}},
		},
	},
	{Fact: finding.NotSet{Lacks: []record.Note{
		{Code: "sysctl-differs", Name: "net.ipv4.tcp_syncookies", Here: "1", Want: "0"},
		{Code: "sysctl-differs", Name: "net.ipv4.tcp_ecn", Want: "2"},
	}}},
	{Fact: finding.StormsRecorded{Have: 2, Of: 3}},
	claim(analysis.Differs, true, true, 0), claim(analysis.Differs, false, false, 0),
	claim(analysis.Undecided, true, true, 5), claim(analysis.Undecided, true, false, 5),
	claim(analysis.Undecided, false, false, 5), claim(analysis.Slight, false, true, 0),
	claim(analysis.Slight, false, false, 37), claim(analysis.NotShown, false, true, 0),
	claim(analysis.NotShown, false, false, 37), claim(analysis.NotShown, false, false, 100),
	claim(analysis.Split, false, true, 0), claim(analysis.Split, false, false, 37),
	claim(analysis.TooFew, false, false, 5), claim(analysis.Reference, false, true, 0),
	claim(analysis.Reference, false, false, 37), claim(analysis.OneSided, false, false, 0),
	claim(analysis.Withheld, false, false, 0),
	{Fact: finding.InDoubt{Run: "before", Doubt: &finding.Finding{Fact: finding.NoStorm{}}}},
	{Fact: finding.MachineDiffers{Name: "kernel", Old: "6.18", New: "7.0"}},
	{Fact: finding.NoNewStorm{}},
	{Fact: finding.ServedNone{Storms: 1}},
}

func sampleValue(v float64) *float64 { return &v }

// TestUnlike names what two runs differ in.
func TestUnlike(t *testing.T) {
	for want, d := range map[string]comparison.RunDiff{
		"first-command timeout: 10s, then none": {Name: "first_command_timeout", Old: "10s"},
		`net.ipv4.tcp_rmem: "4, 8", then 4`:     {Name: "net.ipv4.tcp_rmem", Old: "4, 8", New: "4"},
	} {
		if got := Unlike(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
