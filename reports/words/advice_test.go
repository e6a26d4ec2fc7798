package words

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// TestAdviceAndGenerator shows in testdata/advice.golden what is said of a recommendation and of the generator.
func TestAdviceAndGenerator(t *testing.T) {
	const dropIn, ms = "/etc/sysctl.d/90-listen-queue.conf", time.Millisecond
	var b strings.Builder
	for _, a := range []Advice{
		{Recommendation: &analysis.Recommendation{Somaxconn: 4096, Backlog: 4096, Change: analysis.ChangeBoth, Peak: 1024,
			Margin: ptr(0.75), LossFree: 1024, LossFreeLate: 870, Useful: 9600}, Host: ptr(128), DropIn: dropIn},
		{Recommendation: &analysis.Recommendation{Somaxconn: 400, Backlog: 400, Peak: 390, Margin: ptr(0.04), LossFree: 400},
			Host: ptr(4096), DropIn: dropIn, Longer: 512},
		{Recommendation: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Late: 1059.5, LossFree: 512,
			TryLonger: true}, DropIn: dropIn},
		{Recommendation: &analysis.Recommendation{Somaxconn: 8192, Backlog: 8192, Late: 7, Peak: 5984, Untried: true, Tried: record.MaxBacklog}},
		{Recommendation: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeApplication}},
		{Recommendation: &analysis.Recommendation{Somaxconn: 511, Backlog: 511, Own: true}, Host: ptr(4096)},
		{Recommendation: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeApplication,
			Untried: true, From: 5, Waiting: 480, Calls: 500}, Host: ptr(4096), Servers: []string{"nginx"}},
		{Recommendation: &analysis.Recommendation{Somaxconn: 256, Backlog: 256, Change: analysis.ChangeBoth, Untried: true,
			From: 128, Peak: 120}, Host: ptr(128), DropIn: dropIn, Servers: []string{"java-socket", "java-netty"}},
		{Recommendation: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeApplication,
			Untried: true, From: 64, Waiting: 500, Calls: 500}, Host: ptr(4096), Servers: []string{"xinetd"}},
		{Recommendation: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeSysctl,
			Untried: true, From: 128, Waiting: 500, Calls: 500}, Host: ptr(128), DropIn: dropIn, Servers: []string{"go"}},
	} {
		fmt.Fprintf(&b, "advice %d: %s\n  note: %s\n", a.Backlog, a.ListenLine(), a.Note())
		for _, p := range append(a.Steps(), a.Seen()...) {
			fmt.Fprintf(&b, "  %s\n", p)
		}
		for _, p := range a.Brief() {
			fmt.Fprintf(&b, "  in brief: %s\n", p)
		}
	}
	lag := metric.Quantiles{Count: 900, P99: 3 * ms, Max: 4 * ms}
	for _, h := range []analysis.RunHealth{
		{}, {StartLag: lag}, {StartLag: metric.Quantiles{Count: 99, P99: 3 * ms, Max: 4 * ms}},
		{StartLag: lag, CPUShare: ptr(0.26), RunQueueShare: ptr(0.004), Waited: ptr(ms), Pauses: &record.Pauses{},
			LoopbackDrops: ptr(uint64(0)), Workers: 1, StolenShare: ptr(0.009), OthersShare: ptr(0.009)},
		{ReplyLag: &analysis.ReplyLag{Count: 4000, P99: 5 * ms, Max: 412 * ms, Share: ptr(0.31)}},
		{ReplyLag: &analysis.ReplyLag{Count: 9, Max: ms, FromRead: true, Share: ptr(0.0004)}, LinkDrops: ptr(uint64(668))},
		{NotOffered: 3, Exhausted: 1, CPUShare: ptr(0.16), RunQueueShare: ptr(0.77), Waited: ptr(7658 * ms),
			Pauses: &record.Pauses{Count: 2, Longest: 10 * ms, Total: 15 * ms}, LoopbackDrops: ptr(uint64(1)), Workers: 6,
			StolenShare: ptr(0.47), OthersShare: ptr(0.62)},
	} {
		fmt.Fprintf(&b, "generator\n  %s\n", Generator(&h))
	}
	for _, g := range []analysis.Grade{analysis.HealthWell, analysis.HealthStrained, analysis.HealthLimit} {
		fmt.Fprintf(&b, "grade\n  %s; %s\n", Health(g, false), Health(g, true))
	}
	golden(t, "testdata/advice.golden", b.String())
}

func TestRows(t *testing.T) {
	for want, numbers := range map[string][]int{
		"": nil, "2": {2}, "1, 2": {1, 2}, "1 to 3": {1, 2, 3}, "1, 3 to 5, 7, 8": {1, 3, 4, 5, 7, 8},
	} {
		if got := rows(numbers); got != want {
			t.Errorf("%v: %q, want %q", numbers, got, want)
		}
	}
}

func TestAbout(t *testing.T) {
	for n, want := range map[int]string{7: "7", 96: "96", 104: "100", 995: "1,000", 7072: "7,100", 9600: "9,600",
		14073: "14,000", 123456: "120,000"} {
		if got := about(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
