package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// shownRuns are runs with each variant of the grammar of captions.
var shownRuns = []Plotted{
	{Run: &record.Run{}, Settings: 1, Storms: 1, Fewest: 1, Success: record.Answered, Room: 4, Rows: "somaxconn",
		Columns: "tcp_syncookies", Per: 10 * time.Millisecond},
	{Run: &record.Run{Partial: "interrupted", Share: &record.Share{K: 1, N: 3}, Host: record.Host{Kernel: "6.18.0"},
		Scenario: record.Scenario{Arrival: "2000 at once", Target: "a pool"}}, Settings: 6, Storms: 5, Fewest: 5,
		Success: record.Connected, Shared: true, Room: 4, Recommended: true, Rows: "backlog", Columns: "client",
		Whisker: true, Others: true, Even: true, Per: 1200 * time.Millisecond, Starts: 1, Dots: 2000},
	{Run: &record.Run{}, Settings: 12, Storms: 3, Fewest: 1, Success: record.Answered, Room: 8, Rows: "backlog",
		Columns: "client", Per: 10 * time.Millisecond, Starts: 3},
	{Run: &record.Run{}, Settings: 1, Room: 4, Success: record.Answered, Rows: "backlog", Columns: "client",
		Per: 10 * time.Millisecond},
	{Run: &record.Run{}, Settings: 6, Storms: 3, Success: record.Answered, Room: 4, Rows: "backlog", Columns: "client",
		Per: 20 * time.Millisecond, Storm: &shownStorms[0]},
	{Run: &record.Run{}, Settings: 1, Storms: 1, Success: record.Answered, Room: 4, Rows: "backlog", Columns: "client",
		Per: 20 * time.Millisecond, Storm: &shownStorms[1]},
	{Run: &record.Run{}, Settings: 1, Storms: 1, Success: record.Answered, Room: 4, Rows: "backlog", Columns: "client",
		Per: 20 * time.Millisecond, Storm: &shownStorms[2]},
}

// shownStorms are seen as a whole.
var shownStorms = []PlottedStorm{
	{Setting: "somaxconn 128", N: 2, Of: 3, Calls: 2000, Lost: 529, Late: 722, Served: 1471, Drops: 1289,
		Within: 249 * ms, Queue: &metric.Queue{Limit: 128, Peak: 129, Seen: 129, Full: 172 * ms}},
	{Setting: "storm", N: 1, Of: 1, Calls: 2000, Late: 805, Served: 2000, Queue: &metric.Queue{Limit: 512, Peak: 40}},
	{Setting: "storm", N: 1, Of: 1, Calls: 1, Served: 1, Queue: &metric.Queue{Limit: record.MaxBacklog, Peak: 1}},
}

func number(v float64) *float64 { return &v }

// noteFacts are the facts of rows, by the figure that shows them.
var noteFacts = map[*Figure][]any{
	&FigureLost: {
		PlottedCalls{}, PlottedCalls{Offered: 2000, Success: record.Answered},
		PlottedCalls{Storms: 2, Offered: 2000, Lost: 1532, Least: 1529, Most: 1535, Late: 12, Slow: 3, Unplayed: 7,
			LateKnown: true, Success: record.Answered},
		PlottedCalls{Offered: 10, LateKnown: true, MostLate: 9, Success: record.Connected},
		PlottedCalls{Offered: 10, LateKnown: true},
	},
	&FigureLadder: {
		PlottedLadder{}, PlottedLadder{LossFree: "16"},
		PlottedLadder{LossFree: "4,096", Below: "2,048", Most: 3, Offered: 2000, Timely: "max"},
	},
	&FigureHeat: {
		PlottedCalls{}, PlottedCalls{Storms: 1}, PlottedCalls{Storms: 1, Offered: 2000},
		PlottedCalls{Storms: 1, Offered: 2000, Lost: 1, Most: 3},
	},
	&FigureLatency: {
		PlottedCalls{}, PlottedCalls{Offered: 6, Success: record.Answered, Connect: metric.Quantiles{Count: 1, Max: ms}},
		PlottedCalls{Offered: 6000, Served: 1368, Never: 4632, Slow: 3, Success: record.Answered,
			Connect: metric.Quantiles{Count: 1368, P50: 30 * ms, P99: 1030 * ms}},
		PlottedCalls{Offered: 60, Served: 60, Success: record.Connected,
			Connect: metric.Quantiles{Count: 60, P50: 30 * ms, Max: 1030 * ms}},
	},
	&FigurePercentiles: {
		PlottedCalls{}, PlottedCalls{Offered: 9, Served: 9}, PlottedCalls{Offered: 9, Served: 8, WaitsKnown: true,
			Waits: []PlottedWait{{0.5, ms}}, Slowest: 2 * ms},
		PlottedCalls{Offered: 1000, Served: 1000, WaitsKnown: true, Waits: []PlottedWait{{0.99, ms}, {0.999, 2 * ms}}},
	},
	&FigureQueue: {
		PlottedQueue{Queue: &metric.Queue{Limit: 128, Peak: 129, Seen: 129, Full: 40 * ms}},
		PlottedQueue{Queue: &metric.Queue{Limit: 128, Peak: 129, Seen: 129}, Another: true},
		PlottedQueue{Queue: &metric.Queue{Limit: 128, Peak: 129, Seen: 127}},
		PlottedQueue{Queue: &metric.Queue{Limit: 128, Peak: 90, Seen: 90}, Near: true},
		PlottedQueue{Queue: &metric.Queue{Limit: record.MaxBacklog, Peak: 90, Seen: 90}},
	},
	&FigureWhole: {nil},
	&FigureFlow:  {[]PlottedLane{{"arrivals", number(2.5)}, {"accepts", nil}, {"drops", number(0)}}},
	&FigureDots: {
		PlottedDots{Lost: 1532, Calls: 2000, Drawn: 1900, Slowest: ptr(5 * ms)}, PlottedDots{Calls: 2, Drawn: 2},
	},
}

// labelFacts are the facts of those labels that have any but the name of an outcome.
var labelFacts = map[*Figure]map[string]any{
	&FigureLatency:     {"retry": time.Second, "again": 2 * time.Second, "limit": 1500 * ms},
	&FigurePercentiles: {"lost": PlottedCalls{Lost: 1532, Offered: 2000}},
	&FigureQueue:       {"limit": 129},
	&FigureFlow: {"most": shownRuns[0], "lane": struct {
		Plotted
		Lane PlottedLane
	}{shownRuns[0], PlottedLane{"drops", number(12)}}},
}

// TestFigures shows all words of the figures in testdata/figures.golden, and keeps their sentences short.
func TestFigures(t *testing.T) {
	var b strings.Builder
	for _, p := range shownRuns {
		fmt.Fprintf(&b, "subtitle\n  %s\nnote\n  %s\n", FigureSubtitle.With(p), FiguresNote.With(p))
	}
	fmt.Fprintf(&b, "  %s\n  %s\n", FigureCommon.With("client a"), FigureStorm.With(struct{ N, Of int }{2, 5}))
	for _, f := range Figures {
		fmt.Fprintf(&b, "\n%s\n", f.Name)
		seen := map[string]bool{}
		for _, p := range shownRuns {
			for _, phrase := range []Phrase{f.Title, f.Alt, f.Axis, f.Upright, f.Caption} {
				for _, sentence := range strings.SplitAfter(phrase.With(p), ". ") {
					if sentence = strings.TrimSpace(sentence); sentence != "" && !seen[sentence] {
						fmt.Fprintf(&b, "  %s\n", sentence)
					}
					seen[sentence] = true
					if n := len(strings.Fields(sentence)); n > 25 || strings.Contains(sentence, "  ") {
						t.Errorf("%s: %d words: %s", f.Name, n, sentence)
					}
				}
			}
		}
		if len(noteFacts[f]) == 0 {
			t.Errorf("%s has no sample of its notes", f.Name)
		}
		for _, facts := range noteFacts[f] {
			fmt.Fprintf(&b, "  notes %s\n", f.NotesOf(facts))
		}
		for _, label := range slices.Sorted(maps.Keys(f.Labels)) {
			if strings.HasSuffix(label, " notes") {
				for _, storm := range shownStorms {
					fmt.Fprintf(&b, "  %s %s\n", label, NotesIn(f.Label(label, storm)))
				}
				continue
			}
			facts := labelFacts[f][label]
			if facts == nil {
				facts = record.Reset
			}
			fmt.Fprintf(&b, "  label %s: %s\n", label, f.Label(label, facts))
		}
	}
	golden(t, "testdata/figures.golden", b.String())
}
