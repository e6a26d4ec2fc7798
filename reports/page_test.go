package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/plots"
)

// recorded is the sample with a small record behind each storm: a ramp of 600 calls, a queue that
// fills and empties, and drops.
func recorded() *analysis.Summary { return recordedOf(600) }

func recordedOf(calls int) *analysis.Summary {
	s := sample()
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			recordStorm(&s.Cells[i], &s.Cells[i].Repeats[j], calls, rand.New(rand.NewPCG(uint64(i), uint64(j))))
		}
	}
	return s
}

func recordStorm(c *analysis.Cell, r *analysis.Repeat, calls int, random *rand.Rand) {
	for n := range calls {
		at := time.Duration(n) * ms
		a := record.Attempt{Intended: at, Started: &at, Outcome: record.Answered, SYNRetransmits: ptr(uint32(0))}
		connected := at + time.Duration(random.IntN(30000)+50)*us
		switch {
		case c.Effective < 1024 && n%3 == 0:
			a.Outcome, a.Done, a.SYNRetransmits = record.ConnectTimeout, at+2*time.Second, ptr(uint32(1))
		case c.Effective < 4096 && n%5 == 0:
			connected += time.Second
			a.Connected, a.Done, a.SYNRetransmits = &connected, connected+5*ms, ptr(uint32(1))
		default:
			a.Connected, a.Done = &connected, connected+5*ms
		}
		r.Raw.Attempts = append(r.Raw.Attempts, a)
		if a.Connected != nil {
			r.Raw.Target.Peers = append(
				r.Raw.Target.Peers,
				record.Peer{At: connected + ms, Done: a.Done, Fate: record.PeerServed},
			)
		}
	}
	limit := uint32(min(c.Effective, 4096))
	for n := range max(400, calls) {
		depth := uint32(max(0, min(int(limit)+1, 10*n, 10*(300-n))))
		if n > 1000 {
			depth = uint32(n % 97)
		}
		r.Raw.Queue = append(r.Raw.Queue, record.QueueSample{At: time.Duration(n) * 2 * ms, Depth: depth, Limit: limit})
	}
	if c.Effective < 1024 {
		for n := range 30 {
			gained := uint64(n) * 7
			r.Raw.Counters = append(r.Raw.Counters, record.CounterSample{
				At: time.Duration(n*10) * ms, Gained: record.Counters{"ListenDrops": gained, "ListenOverflows": gained},
			})
		}
	}
}

// timeFigures are those of a run that are over time, and that of its lost calls, with pictures of a
// few bytes.
func timeFigures(s *analysis.Summary) []plots.Figure {
	all := slices.DeleteFunc(plots.Describe(s), func(f plots.Figure) bool { return f.Plot == nil && f.Name != "lost" })
	for i := range all {
		all[i].SVG = []byte("<svg/>")
	}
	return all
}

func pageText(t *testing.T, s *analysis.Summary, figures []plots.Figure) string {
	t.Helper()
	var b strings.Builder
	if err := HTML(&b, s, figures); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// recordedText is the page of recorded.
func recordedText(t *testing.T) string {
	s := recorded()
	return pageText(t, s, timeFigures(s))
}

// TestVendored: the plot script is what was published, to the byte.
func TestVendored(t *testing.T) {
	for _, v := range []struct{ name, text, want string }{
		{"uPlot.iife.min.js", uplotScript, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"},
		{"uPlot.min.css", uplotStyle, "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"},
		{"LICENSE", uplotLicence, "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"},
	} {
		if sum := sha256.Sum256([]byte(v.text)); hex.EncodeToString(sum[:]) != v.want {
			t.Errorf("%s of another version, or changed: %x", v.name, sum)
		}
	}
	if !strings.Contains(script, "Copyright (c) 2022 Leon Sorokin") || strings.Contains(uplotLicence, "*/") {
		t.Error("the script does not carry its licence")
	}
}

var scripts = regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`)

// TestPolicyNamesTheScript: one script may run, and it is the one that the policy names.
func TestPolicyNamesTheScript(t *testing.T) {
	page := recordedText(t)
	found := scripts.FindAllStringSubmatch(page, -1)
	if len(found) != 2 || found[0][1] != ` type="application/json" id="plot-data"` || found[1][1] != "" {
		t.Fatalf("%d scripts", len(found))
	}
	if code := found[1][2]; code != script {
		t.Errorf("the page runs %.80s", code)
	}
	got := policy("s", script)
	want := "default-src 'none'; img-src data:; style-src " + hashOf("s") + "; script-src " + hashOf(script) +
		"; base-uri 'none'; form-action 'none'"
	if got != want {
		t.Errorf("policy %s, want %s", got, want)
	}
	if page != recordedText(t) {
		t.Error("two renderings differ")
	}
	if got, want := hashOf(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"; got != want {
		t.Errorf("the hash of nothing is %s, want %s", got, want)
	}
	html := scripts.ReplaceAllString(page, "")
	loads := regexp.MustCompile(`(?i)<(?:script|link|iframe|base|object)\b| style=|\son[a-z]+=`)
	if bad := loads.FindString(html); bad != "" {
		t.Errorf("the page holds %q", bad)
	}
	plain := scripts.FindAllStringSubmatch(pageText(t, sample(), timeFigures(sample())), -1)
	if !strings.Contains(html, "draws the plots over time") || len(plain) != 1 || plain[0][2] != plainScript {
		t.Error("the footer and the scripts of a page do not agree")
	}
}

// TestPlotDataIsEscaped: a label neither ends the data nor changes on its way.
func TestPlotDataIsEscaped(t *testing.T) {
	const evil = "</script><!--<script>\u2028\u2029\"'\\&\x00"
	s := recorded()
	s.Cells[0].Label = evil
	data := scripts.FindStringSubmatch(pageText(t, s, timeFigures(s)))[2]
	if strings.ContainsAny(data, "<>\u2028\u2029") {
		t.Error("the data hold what could end them")
	}
	var got pagePlots
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	if label := got.Plots[0].Panels[0].Label; label != evil {
		t.Errorf("the label is %q", label)
	}
}

// TestPageSize: the page of a sweep like the built-in one is small, and a storm of many calls does
// not make it large.
func TestPageSize(t *testing.T) {
	s := recordedOf(2000)
	figures, err := plots.Draw(s)
	if err != nil {
		t.Fatal(err)
	}
	if size := len(pageText(t, s, figures)); size > 3<<19 {
		t.Errorf("%d bytes, want at most 1.5 MiB", size)
	} else {
		t.Logf("%d bytes", size)
	}
	many := recordedOf(30000)
	if few, many := len(pageText(t, s, nil)), len(pageText(t, many, timeFigures(many))); many-few > 1<<20 {
		t.Errorf("the plots of large storms take %d bytes", many-few)
	}
}

// plotOf is the data of one figure; nil without it.
func plotOf(s *analysis.Summary, name string) *plots.Plot {
	for _, f := range plots.Describe(s) {
		if f.Name == name {
			return f.Plot
		}
	}
	return nil
}

func TestPlotsFor(t *testing.T) {
	s := recorded()
	p := plotsFor(timeFigures(s))
	var got []string
	for _, plot := range p.Plots {
		got = append(got, fmt.Sprintf("%s %d until %d", plot.Figure, len(plot.Panels), plot.End))
	}
	// The queue of every setting; single storms of those that say most, the flow until the last
	// accept.
	if want := []string{"queue 6 until 600000", "flow 4 until 1630000", "dots 4 until 599000"}; !slices.Equal(got, want) {
		t.Errorf("plots %q, want %q", got, want)
	}
	queue, dots := plotOf(s, "queue").Panels[0], plotOf(s, "dots")
	if queue.Full != 129 || !queue.Near || queue.Top < 130 || // another storm's peak
		slices.Max(queue.Depth) != 129 || len(queue.Overflows) == 0 || queue.Storm != "storm 2 of 3" {
		t.Errorf(
			"the queue's panel: full %d, until %v, %s, %d overflows",
			queue.Full,
			queue.Top,
			queue.Storm,
			len(queue.Overflows),
		)
	}
	if n := len(queue.Others); n != 2 {
		t.Errorf("the queues of %d other storms, want 2", n)
	}
	first := dots.Panels[0]
	if k := dots.Keys[first.Kind[0]]; len(first.At) != 600 || first.Took[0] != 2e6 || k.Text != "lost: connect-timeout" ||
		k.Form != "cross" {
		t.Errorf("%d dots, the first %d of kind %q", len(first.At), first.Took[0], k.Text)
	}
	if plotsFor(timeFigures(sample())) != nil || plotsFor(sampleFigures()) != nil {
		t.Error("a plot of what was not recorded, or without its figure")
	}
}

// drawn are the figures of recorded, which several tests put into a page: drawing them takes most of a test's time.
var drawn = sync.OnceValues(func() ([]plots.Figure, error) { return plots.Draw(recorded()) })

// TestOneDescription: the page's plot has the legend, the axis and the caption of its picture, in
// the same colours.
func TestOneDescription(t *testing.T) {
	figures, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	page := pageText(t, recorded(), figures)
	for _, f := range figures {
		if n := strings.Count(page, string(unbroken(f.Caption))); n != 1 {
			t.Errorf("%s: its caption is there %d times", f.Name, n)
		}
		if f.Plot == nil {
			continue
		}
		for _, text := range append([]string{f.Plot.Title}, keyTexts(f.Plot)...) {
			if !strings.Contains(string(f.SVG), ">"+text+"</text>") {
				t.Errorf("%s: no %q in its picture", f.Name, text)
			}
		}
		for _, k := range f.Plot.Keys {
			if k.Text != "connections queued" &&
				(!strings.Contains(string(f.SVG), k.Light.Hex) || !strings.Contains(string(f.SVG), k.Dark.Hex)) {
				t.Errorf("%s: %q is drawn in another colour than %s and %s", f.Name, k.Text, k.Light.Hex, k.Dark.Hex)
			}
		}
	}
}

func keyTexts(p *plots.Plot) (all []string) {
	for _, k := range p.Keys {
		all = append(all, k.Text)
	}
	return all
}

// TestFormsAreKnown: the page's script can draw every form that a legend over time has.
func TestFormsAreKnown(t *testing.T) {
	for _, f := range timeFigures(recorded()) {
		for i := 0; f.Plot != nil && i < len(f.Plot.Keys); i++ {
			// It draws a flat line unless it knows better.
			if form := string(f.Plot.Keys[i].Form); form != "line" && !strings.Contains(figuresScript, `"`+form+`"`) {
				t.Errorf("%s: the script does not know %q", f.Name, form)
			}
		}
	}
}

// TestScalesOfPanels: of a single panel there is nothing to say.
func TestScalesOfPanels(t *testing.T) {
	many, one := recorded(), recorded()
	one.Cells = one.Cells[:1]
	captions := func(s *analysis.Summary) (all string) {
		for _, f := range timeFigures(s) {
			all += f.Caption
		}
		return all
	}
	for _, words := range []string{"each panel on a scale of its own", "All panels have the same scales."} {
		if a, b := captions(many), captions(one); !strings.Contains(a, words) || strings.Contains(b, "anel") {
			t.Errorf("many panels %q, one %q", a, b)
		}
	}
}

// TestPlotsInNumbers: beside each plot is a table of its numbers.
func TestPlotsInNumbers(t *testing.T) {
	s := recorded()
	for name, want := range map[string]string{
		"queue": "somaxconn 128, storm 2 of 3 129 129 32.0 ms +5.00 ms +285 ms",
		"flow":  "somaxconn 128, storm 2 of 3 600 10 400 10 203 7",
		"dots":  "somaxconn 128, storm 2 of 3 answered 598 61.0 µs 1.03 s",
	} {
		table := plotOf(s, name).Numbers
		if got := strings.Join(table.Rows[0], " "); len(table.Heads) != len(table.Rows[0]) || got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	s.Cells[0].Repeats[1].Raw.Counters = nil
	if got := plotOf(s, "flow").Numbers.Rows[0]; !slices.Equal(got[5:], []string{unknown, unknown}) {
		t.Errorf("nothing was counted, and yet %q", got)
	}
}

// TestFigurePicture: a figure is an SVG, and a PNG where there is none.
func TestFigurePicture(t *testing.T) {
	if got := picture(document.Figure{SVG: []byte("<a b='#1%'>\n\t<c>"), PNG: []byte("c")}); got !=
		"data:image/svg+xml,%3Ca%20b=%27%231%25%27%3E%20%3Cc%3E" {
		t.Errorf("an SVG is %s", got)
	}
	if got := picture(document.Figure{PNG: []byte("c")}); got != "data:image/png;base64,Yw==" {
		t.Errorf("a PNG is %s", got)
	}
}

// TestOrderOfThePage: verdict, what to set, the table, the figures, then what is for reference.
func TestOrderOfThePage(t *testing.T) {
	page, at := recordedText(t), 0
	for _, id := range []string{"advice", "settings", "figures", "why", "details", "generator", "run"} {
		next := strings.Index(page, `<h2 id="`+id+`"`)
		if next < at {
			t.Errorf("%s is at %d, after %d", id, next, at)
		}
		at = next
	}
}

// TestLead: the first sentence is the heading, whatever the directories are called.
func TestLead(t *testing.T) {
	for _, c := range []struct {
		verdict, lead, rest string
		names               []string
	}{
		{"None is lost. All is well. Yes.", "None is lost.", "All is well. Yes.", nil},
		{"99.9 % within 1.5 s", "99.9 % within 1.5 s", "", nil},
		{"a. b is worse than c. Set 4.", "a. b is worse than c.", "Set 4.", []string{"a. b", ""}},
		{"q is worse than q. Y. Set 4.", "q is worse than q. Y.", "Set 4.", []string{"q", "q. Y"}},
	} {
		if lead, rest := leadOf(c.verdict, c.names...); lead != c.lead || rest != c.rest {
			t.Errorf("%q and %q, want %q and %q", lead, rest, c.lead, c.rest)
		}
	}
}

// TestHeadings: they go down by one level at a time.
func TestHeadings(t *testing.T) {
	level := 0
	for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(recordedText(t), -1) {
		next := int(m[1][0] - '0')
		if next > level+1 {
			t.Errorf("a heading of level %d follows one of level %d", next, level)
		}
		level = next
	}
}
