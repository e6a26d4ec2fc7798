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
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/plots"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

// recorded is the sample with a small record behind each storm: a ramp of 600 calls, a queue that fills and empties, and drops.
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
			r.Raw.Target.Peers = append(r.Raw.Target.Peers, record.Peer{At: connected + ms, Done: a.Done, Fate: record.PeerServed})
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

// timeFigures are pictures of a few bytes, of the names that have plots.
func timeFigures() []plots.Figure {
	var all []plots.Figure
	for _, name := range []string{"lost", "queue", "flow", "dots"} {
		all = append(all, plots.Figure{Name: name, Title: name, Alt: name, Caption: name, SVG: []byte("<svg/>"), Dark: []byte("<svg />")})
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
	page := pageText(t, recorded(), timeFigures())
	found := scripts.FindAllStringSubmatch(page, -1)
	if len(found) != 2 || found[0][1] != ` type="application/json" id="plot-data"` || found[1][1] != "" {
		t.Fatalf("%d scripts", len(found))
	}
	if code := found[1][2]; code != script {
		t.Errorf("the page runs %.80s", code)
	}
	got := policy("s", script)
	want := "default-src 'none'; img-src data:; style-src " + hashOf("s") + "; script-src " + hashOf(script) + "; base-uri 'none'; form-action 'none'"
	if got != want {
		t.Errorf("policy %s, want %s", got, want)
	}
	if page != pageText(t, recorded(), timeFigures()) {
		t.Error("two renderings differ")
	}
	if got, want := hashOf(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"; got != want {
		t.Errorf("the hash of nothing is %s, want %s", got, want)
	}
	html := scripts.ReplaceAllString(page, "")
	if bad := regexp.MustCompile(`(?i)<(?:script|link|iframe|base|object)\b| style=|\son[a-z]+=`).FindString(html); bad != "" {
		t.Errorf("the page holds %q", bad)
	}
	if !strings.Contains(html, "it runs no script but its own") || strings.Contains(pageText(t, sample(), timeFigures()), "<script") {
		t.Error("the footer and the scripts of a page do not agree")
	}
}

// TestPlotDataIsEscaped: a label neither ends the data nor changes on its way.
func TestPlotDataIsEscaped(t *testing.T) {
	const evil = "</script><!--<script>\u2028\u2029\"'\\&\x00"
	s := recorded()
	s.Cells[0].Label = evil
	data := scripts.FindStringSubmatch(pageText(t, s, timeFigures()))[2]
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

// TestPageSize: the page of a sweep like the built-in one is small, and a storm of many calls does not make it large.
func TestPageSize(t *testing.T) {
	s := recordedOf(2000)
	figures, err := plots.Draw(s)
	if err != nil {
		t.Fatal(err)
	}
	if size := len(pageText(t, s, figures)); size > 5<<20 {
		t.Errorf("%d bytes", size)
	}
	if few, many := len(pageText(t, s, nil)), len(pageText(t, recordedOf(30000), timeFigures())); many-few > 1<<20 {
		t.Errorf("the plots of large storms take %d bytes", many-few)
	}
}

func TestPlotsFor(t *testing.T) {
	p := plotsFor(recorded(), timeFigures())
	var got []string
	for _, plot := range p.Plots {
		got = append(got, fmt.Sprintf("%s %d until %d", plot.Figure, len(plot.Panels), plot.End))
	}
	// The queue of every setting; single storms of the telling ones, the flow until the last accept.
	if want := []string{"queue 6 until 600000", "flow 4 until 1630000", "dots 4 until 599000"}; !slices.Equal(got, want) {
		t.Errorf("plots %q, want %q", got, want)
	}
	queue, dots := p.of("queue").Panels[0], p.of("dots").Panels[0]
	if queue.Full != 129 || queue.Peak != 130 || // another storm's
		slices.Max(queue.Depth) != 129 || len(queue.Overflows) == 0 || queue.Storm != "storm 2 of 3" {
		t.Errorf("the queue's panel: full %d, peak %d, %s, %d overflows", queue.Full, queue.Peak, queue.Storm, len(queue.Overflows))
	}
	if n := len(queue.Others); n != 2 {
		t.Errorf("the queues of %d other storms, want 2", n)
	}
	if len(dots.At) != 600 || dots.Took[0] != 2e6 || p.Kinds[dots.Kind[0]].Outcome != "connect-timeout" {
		t.Errorf("%d dots, the first %d of kind %d", len(dots.At), dots.Took[0], dots.Kind[0])
	}
	if plotsFor(sample(), timeFigures()) != nil || plotsFor(recorded(), sampleFigures()) != nil || p.of("lost") != nil {
		t.Error("a plot of what was not recorded, or without its figure")
	}
}

// TestScalesOfPanels: of a single panel there is nothing to say.
func TestScalesOfPanels(t *testing.T) {
	s := recorded()
	many := plotsFor(s, timeFigures())
	s.Cells = s.Cells[:1]
	one := plotsFor(s, timeFigures())
	for figure, words := range map[string]string{"queue": queueScales, "flow": flowScales} {
		if a, b := many.of(figure).Caption, one.of(figure).Caption; !strings.HasSuffix(a, words) || strings.Contains(b, "anel") {
			t.Errorf("%s: many panels %q, one %q", figure, a, b)
		}
	}
}

func TestDotKinds(t *testing.T) {
	kinds := dotKinds()
	for want, d := range map[string]series.Dot{
		"answered disc":               {Outcome: record.Answered},
		"late ring":                   {Outcome: record.Answered, Late: true},
		"reset cross":                 {Outcome: record.Reset},
		"connect-timeout cross":       {Outcome: record.ConnectTimeout},
		"of an unknown outcome cross": {Outcome: "perhaps"},
	} {
		if kind := kinds[kindOf(&d)]; kind.Outcome+" "+kind.Mark != want {
			t.Errorf("%+v is %s %s, want %s", d, kind.Outcome, kind.Mark, want)
		}
	}
	for i, o := range record.Outcomes {
		onLight, onDark := plots.Shades(o)
		if k := kinds[2*i]; k.Light != onLight.Hex || k.Faint.Light != onLight.Faint || k.Dark != onDark.Hex || k.Faint.Dark != onDark.Faint {
			t.Errorf("%s is %+v, want %v and %v", o, k, onLight, onDark)
		}
		if k := kinds[2*i+1]; k.Light == kinds[2*i].Light || k.Light != kinds[1].Light {
			t.Errorf("late is %s beside %s, and %s elsewhere", k.Light, kinds[2*i].Light, kinds[1].Light)
		}
	}
	if a, b := tookWords(record.Reset), tookWords(record.Refused); a != "connected after" || b != "no connection, given up after" {
		t.Errorf("reset %q, refused %q", a, b)
	}
}

// TestQueueCells: the queue of every setting is shown, but of very many only those that tell most.
func TestQueueCells(t *testing.T) {
	s := recorded()
	if got := stormsOf(queueCells(s)); len(got) != 6 || got[5].in() != "backlog 128 (somaxconn 4096), storm 2 of 3" {
		t.Errorf("%d of 6 settings, the last %s", len(got), got[len(got)-1].in())
	}
	s.Cells = append(s.Cells, s.Cells...)
	if got := queueCells(s); len(got) >= manyPanels {
		t.Errorf("%d of 12 settings", len(got))
	}
	c := alien().Cells[0]
	if got := (shownStorm{&c, &c.Repeats[0]}).in(); got != "storm" {
		t.Errorf("the only storm is called %q", got)
	}
	if got := stormsOf(queueCells(sample())); len(got) > 0 {
		t.Errorf("%d storms that were not recorded", len(got))
	}
}

// TestPlotsInNumbers: who cannot see a plot has its numbers.
func TestPlotsInNumbers(t *testing.T) {
	p := plotsFor(recorded(), timeFigures())
	for name, want := range map[string]string{
		"queue": "somaxconn 128, storm 2 of 3: 129 129 32.0 ms +5.00 ms +285 ms",
		"flow":  "somaxconn 128, storm 2 of 3: 600 10 400 10 203 7 within 10.0 ms",
		"dots":  "somaxconn 128, storm 2 of 3: answered 598 61.0 µs 1.03 s",
	} {
		table := p.of(name).Table
		got := table.Rows[0].Setting + ": " + strings.Join(table.Rows[0].Values, " ")
		if len(table.Heads) != len(table.Rows[0].Values)+1 || got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := sumAndMost(nil); got[0] != unknown {
		t.Errorf("nobody counted, and yet %q", got)
	}
}

// TestFigurePicture: a figure has its dark sister where there is one, and a PNG where there is no SVG.
func TestFigurePicture(t *testing.T) {
	f := newFigure(plots.Figure{SVG: []byte("a"), Dark: []byte("b"), PNG: []byte("c")}, nil)
	if f.Picture != "data:image/svg+xml;base64,YQ==" || f.Dark != "data:image/svg+xml;base64,Yg==" {
		t.Errorf("%s, dark %s", f.Picture, f.Dark)
	}
	if f = newFigure(plots.Figure{PNG: []byte("c")}, nil); f.Picture != "data:image/png;base64,Yw==" || f.Dark != "" {
		t.Errorf("%s, dark %s", f.Picture, f.Dark)
	}
	page := pageText(t, recorded(), timeFigures())
	if n := strings.Count(page, `<source media="screen and (prefers-color-scheme: dark)" srcset="data:image/svg`); n != 4 {
		t.Errorf("%d dark pictures, want 4", n)
	}
}

// TestOrderOfThePage: verdict, what to set, the table, the figures, then what is to be looked up.
func TestOrderOfThePage(t *testing.T) {
	page, at := pageText(t, recorded(), timeFigures()), 0
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
	for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(pageText(t, recorded(), timeFigures()), -1) {
		next := int(m[1][0] - '0')
		if next > level+1 {
			t.Errorf("a heading of level %d follows one of level %d", next, level)
		}
		level = next
	}
}
