package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

func TestVerdictComesFirst(t *testing.T) {
	s := sample()
	firstLine := func(text string) string { return strings.SplitN(text, "\n", 2)[0] }
	if got := firstLine(render(t, forms[0].write, s)); len(got) < 40 || !strings.HasPrefix(words.Brief(s), got) {
		t.Errorf("text begins %q", got)
	}
	if got := firstLine(render(t, Markdown, s)); got != words.Verdict(s) {
		t.Errorf("markdown begins %q", got)
	}
	dec := json.NewDecoder(strings.NewReader(render(t, JSON, s)))
	_, _ = dec.Token() // the brace
	key, _ := dec.Token()
	value, _ := dec.Token()
	if key != "verdict" || value != words.Verdict(s) {
		t.Errorf("JSON begins with %v: %v", key, value)
	}
	_, body, _ := strings.Cut(render(t, writeHTML, s), "<body>")
	h1, body, _ := strings.Cut(body, "</h1>")
	if got := visible(h1); got != words.Headline(s) {
		t.Errorf("the page begins %q", got)
	}
	before, _, found := strings.Cut(visible(body), words.Verdict(s))
	if len(before) > 2000 || !found {
		t.Errorf("the verdict follows %d letters", len(before))
	}
}

// visible is the text of a piece of HTML.
func visible(page string) string {
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
	return strings.Join(strings.Fields(text), " ")
}

func TestJSONHasOneVerdict(t *testing.T) {
	text := render(t, JSON, sample())
	if n := strings.Count(text, `"verdict"`); n != 1 {
		t.Errorf("%d verdicts", n)
	}
	var got struct {
		Verdict string
		Cells   []struct{ Lost analysis.Spread }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != words.Verdict(sample()) || len(got.Cells) != 6 || got.Cells[0].Lost.Median != 1402 {
		t.Errorf("%q, %d cells", got.Verdict, len(got.Cells))
	}
}

const evil = "</style></pre><script>alert(1)</script>\"'`|*_[x](javascript:y)&amp;\x1b[31m\n| b |"

// evilFindings bring in a string of the server's.
var evilFindings = []finding.Finding{{Fact: finding.UnservedCalls{Calls: 1, Fates: map[string]int{evil: 1}}}}

// hostile has the same evil in every string that a file or a host can bring in.
func hostile() *analysis.Summary {
	s := sample()
	s.Answer, s.Doubts, s.Warnings = []finding.Finding{
		{Fact: finding.Noticed{Note: record.Note{Words: evil}}},
	}, []finding.Finding{
		{Fact: finding.Noticed{Note: record.Note{Words: evil}}},
	}, []finding.Finding{
		{Fact: finding.Noticed{Note: record.Note{Words: evil}}},
	}
	s.Run.Scenario = record.Scenario{Name: evil, Question: evil, Source: evil, Arrival: evil, Client: evil, Target: evil}
	s.Run.Host = record.Host{OS: evil, Arch: evil, Kernel: evil, CPU: evil, Sysctls: map[string]string{evil: evil}}
	s.Run.Isolation = record.Isolation{
		Mode:   evil,
		Reason: &record.Note{Words: evil},
		Asked:  []record.Asked{{Cell: record.Cell{ID: evil, Backlog: evil}, Lacks: record.Notes{{Words: evil}}}},
	}
	s.Run.Version, s.Run.Command, s.Partial = evil, []string{evil}, &finding.Partial{Failure: evil}
	c := &s.Cells[0]
	c.ID, c.Label, c.Backlog, c.Sysctls = evil, evil, evil, map[string]string{evil: evil}
	r := &c.Repeats[0]
	r.Warnings, r.Counters = evilFindings, record.Counters{evil: 1}
	r.Raw.Storm = record.Storm{Engine: evil, Lacks: []string{evil}}
	return s
}

func TestHostileHTML(t *testing.T) {
	figures := []plots.Figure{{Name: evil, Title: evil, Alt: evil, Caption: evil, SVG: []byte(evil)}}
	got := render(t, writeHTML, hostile())
	var b strings.Builder
	if err := HTML(&b, hostile(), figures); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{withoutScript(t, got), withoutScript(t, b.String())} {
		for _, bad := range []string{"<script", "</style></pre>", `"'` + "`", "ZgotmplZ"} {
			if strings.Contains(strings.ToLower(page), strings.ToLower(bad)) {
				t.Errorf("the page holds %q", bad)
			}
		}
		if n := strings.Count(page, "</style>"); n != 1 {
			t.Errorf("%d ends of the style sheet", n)
		}
		if !strings.Contains(page, "&lt;script&gt;alert(1)") {
			t.Error("the evil is not shown as text")
		}
	}
}

// withoutScript is a page without the one script that it may run.
func withoutScript(t *testing.T, page string) string {
	t.Helper()
	rest := strings.Replace(page, "<script>"+plainScript+"</script>", "", 1)
	if rest == page {
		t.Error("the page has no script of its own")
	}
	return rest
}

func TestHostileMarkdown(t *testing.T) {
	got := render(t, Markdown, hostile())
	if strings.Contains(got, "<script") || strings.Contains(got, "</pre") || strings.ContainsRune(got, 0x1b) {
		t.Error("the evil got through")
	}
	pipe, rows := regexp.MustCompile(`(^|[^\\])\|`), map[int]int{}
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		rows[len(pipe.FindAllString(line, -1))]++
	}
	// By their column marks: the settings, why calls were lost, more of the settings, and setting against setting.
	if want := map[int]int{13: 8, 4: 4, 10: 8, 8: 4}; !maps.Equal(rows, want) {
		t.Errorf("rows by their column marks %v, want %v", rows, want)
	}
}

func TestHostileText(t *testing.T) {
	got := render(t, forms[0].write, hostile())
	if strings.ContainsRune(got, 0x1b) {
		t.Error("an escape sequence got through")
	}
}

func TestPageNeedsNothing(t *testing.T) {
	page := withoutScript(t, render(t, writeHTML, sample()))
	links := regexp.MustCompile(`(?i)\b(?:src|href|action|data|poster|srcset)\s*=\s*"([^"]*)"`)
	for _, m := range links.FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:image/") {
			t.Errorf("the page loads %.60s", m[1])
		}
	}
	loads := regexp.MustCompile(`(?i)<(?:script|link|iframe|base|object)\b|@import|url\(| style=|\son[a-z]+=`)
	if bad := loads.FindString(page); bad != "" {
		t.Errorf("the page holds %q", bad)
	}
}

// The policy names the very style sheet that the page has: with another hash it would have no style at all.
func TestPolicyNamesTheStyle(t *testing.T) {
	page := render(t, writeHTML, sample())
	_, rest, _ := strings.Cut(page, "<style>")
	sheet, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(sheet))
	_, rest, _ = strings.Cut(page, `http-equiv="Content-Security-Policy" content="`)
	got, _, _ := strings.Cut(rest, `"`)
	want := "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; script-src " + hashOf(plainScript) + "; base-uri 'none'; form-action 'none'"
	if got = html.UnescapeString(got); got != want {
		t.Errorf("policy %s\nwant   %s", got, want)
	}
}

// Every link of the page leads to something in it, and no ID is there twice.
func TestPageLinks(t *testing.T) {
	page := render(t, writeHTML, sample())
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		ids[m[1]]++
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("id %q is there %d times", id, n)
		}
	}
	links := regexp.MustCompile(`(?:href="#|labelledby=")([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 6 {
		t.Errorf("%d links, want at least one for each of 6 settings", len(links))
	}
	for _, m := range links {
		if ids[m[1]] == 0 {
			t.Errorf("%q leads nowhere", m[1])
		}
	}
}

func TestStatus(t *testing.T) {
	lost := []analysis.Cell{{Lost: analysis.Spread{N: 1, Median: 5, Min: 5, Max: 5}}}
	for _, tt := range []struct {
		s    analysis.Summary
		want string
	}{
		{analysis.Summary{Conclusive: true, Cells: lost, Recommendation: &analysis.Recommendation{}}, "good"},
		{analysis.Summary{Conclusive: true, Cells: lost}, "bad"},
		{analysis.Summary{Conclusive: true}, "good"},
		{analysis.Summary{Cells: lost}, "doubt"},
	} {
		if got := statusOf(&tt.s).Class; got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestPartialIsSaid(t *testing.T) {
	s := sample()
	s.Partial = &finding.Partial{Missing: 1, Planned: 18}
	s.Cells[5].Repeats = s.Cells[5].Repeats[:2]
	want := "The run is partial: 1 of 18 storms is missing or broken."
	for _, f := range forms {
		if f.name == "json" {
			continue
		}
		got := render(t, f.write, s)
		if at := strings.Index(visible(got), want); at < 0 ||
			strings.Contains(visible(got)[:at], "backlog 128 (somaxconn 4096)") {
			t.Errorf("%s does not say near its top that it is partial", f.name)
		}
	}
}

// degenerate summaries must be shown, too.
func degenerate() map[string]*analysis.Summary {
	unmeasured := sample()
	unmeasured.Cells[1] = analysis.Cell{Cell: tuned(512), Label: "somaxconn 512", Repeats: []analysis.Repeat{}}
	doubtful := sample()
	doubtful.Conclusive, doubtful.Recommendation = false, nil
	doubtful.Doubts = []finding.Finding{{Fact: finding.StartLag{}}}
	return map[string]*analysis.Summary{
		"nothing at all":    {},
		"no cells":          {Answer: []finding.Finding{{Fact: finding.NoStorm{}}}, Run: &record.Run{}},
		"no repeats":        {Run: &record.Run{}, Cells: []analysis.Cell{{Label: "somaxconn 128", Cell: tuned(128)}}},
		"a cell unmeasured": unmeasured,
		"doubtful":          doubtful,
		"storm":             alien(),
		"merged":            joined(),
		"connect-only":      connectOnly(),
	}
}

func TestDegenerate(t *testing.T) {
	for name, s := range degenerate() {
		for _, f := range forms {
			if got := render(t, f.write, s); strings.Contains(got, "%!") || strings.Contains(got, "NaN") {
				t.Errorf("%s, %s: %s", name, f.name, got)
			}
		}
	}
}

// What is not known is shown as such, never as 0; a column in which nothing is known is left out.
func TestUnknownIsNotZero(t *testing.T) {
	for name, s := range map[string]*analysis.Summary{
		"unmeasured": {Cells: []analysis.Cell{{Label: "x"}}, Run: &record.Run{}},
	} {
		for _, c := range columns(s) {
			if got := c.of(&s.Cells[0]).String(); got != unknown {
				t.Errorf("%s: %s is %q", name, c.heading().Title(), got)
			}
		}
	}
	s := alien()
	got := map[string]string{}
	for _, c := range columns(s) {
		got[c.heading().Title()] = c.of(&s.Cells[0]).String()
	}
	for title, want := range map[string]string{
		"effective backlog": "", "lost of 2,000": "5", "late": "", "phantoms": "", "connect-timeout": "5",
		"deepest queue": "",
	} {
		if got[title] != want {
			t.Errorf("%s is %q, want %q", title, got[title], want)
		}
	}
	notKnown := []string{
		"late", "phantoms", "SYN retransmits", "thread ran", "waited for a CPU", "longest GC pause (sum)",
		"machine's CPU time stolen", "dropped on lo",
		"CPU time of other processes",
		"reply lag's share of the handlers' time",
	}
	for _, g := range stormsTable(&s.Cells[0], record.Answered, false).Groups {
		for _, r := range g.Rows {
			if name, v := r[0].Text, r[1].Text; slices.Contains(notKnown, name) != (v == unknown) {
				t.Errorf("%s, %s is %q", g.Name, name, v)
			}
		}
	}
}

func TestOfferedThatDiffers(t *testing.T) {
	s := sample()
	s.Cells[0].Repeats[1].Offered = 1990
	s.Cells[0].Measure()
	titles, offered := "", ""
	for _, c := range columns(s) {
		titles += c.heading().Title() + ", "
		if c.heading().Title() == "offered" {
			offered = c.of(&s.Cells[0]).String()
		}
	}
	if !strings.HasPrefix(titles, "effective backlog, offered, answered, lost, late, ") {
		t.Errorf("columns %s", titles)
	}
	if offered != "2,000 (1,990–2,000)" {
		t.Errorf("offered %s", offered)
	}
}

func TestColumnsOnlyForWhatOccurs(t *testing.T) {
	s := sample()
	for i := range s.Cells {
		delete(s.Cells[i].Metrics, "reset")
	}
	s.Cells[2].Metrics["silent"] = analysis.Spread{N: 3, Max: 1}
	var got []record.Outcome
	for _, c := range columns(s) {
		if c.outcome != "" {
			got = append(got, c.outcome)
		}
		if v := c.of(&s.Cells[2]); c.outcome == record.Silent && v.Short() != "0 (0–1)" {
			t.Errorf("a median of 0 hides the one that was: %q", v.Short())
		}
	}
	if want := []record.Outcome{record.Answered, record.ConnectTimeout, record.Silent}; !slices.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
}

func TestTextFitsItsWidth(t *testing.T) {
	for _, width := range []int{60, 80, 100, 120, 200} {
		got := render(
			t,
			func(w io.Writer, s *analysis.Summary) error {
				return Text(w, s, TextOptions{Width: width, Explain: true})
			},
			sample(),
		)
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("width %d: %d characters: %s", width, n, line)
			}
		}
		for _, must := range []string{"deepest", "phantoms", "reset", "p99"} {
			if !strings.Contains(got, must) {
				t.Errorf("width %d: no column %s", width, must)
			}
		}
	}
}

func TestShell(t *testing.T) {
	got := shell([]string{"agistorm", "sweep", "a b", "it's", "", "--calls=5", "$(x)"})
	if want := `agistorm sweep 'a b' 'it'\''s' '' --calls=5 '$(x)'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAdviceComparesWithTheHost(t *testing.T) {
	for value, want := range map[string]string{
		"512":  "This host had 512 during the run, which is too little. Put the line into",
		"4096": "This host had 4096 during the run, which is enough: leave it as it is. A container",
		"":     "Put the line into",
		"x":    "Put the line into",
	} {
		s := sample()
		s.Recommendation = &analysis.Recommendation{Somaxconn: 4096, Backlog: 4096}
		s.Run.Host.Sysctls = map[string]string{"net.core.somaxconn": value}
		if value == "" {
			s.Run.Host.Sysctls = nil
		}
		if got := advise(s).Steps[0].Plain(); !strings.HasPrefix(got, want) {
			t.Errorf("host's %q: %q, want %q", value, got, want)
		}
	}
}

// TestAdviceForTheApplication: where no sysctl was too small, none is shown as the thing to set.
func TestAdviceForTheApplication(t *testing.T) {
	s := sample()
	s.Recommendation = &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeApplication}
	s.Run.Host.Sysctls = map[string]string{"net.core.somaxconn": "4096"}
	a := advise(s)
	if a.Line != "listen(fd, 1024)" || a.DropIn != "" {
		t.Errorf("advice %+v", a)
	}
	got := render(t, Markdown, s)
	if strings.Contains(got, "net.core.somaxconn =") || !strings.Contains(got, "```c\nlisten(fd, 1024)\n```") {
		t.Errorf("markdown:\n%s", got)
	}
}

// Neither the line to type nor a file lowers what a host or a container has.
func TestAdviceLowersNothing(t *testing.T) {
	s := sample()
	s.Recommendation = &analysis.Recommendation{Somaxconn: 400, Backlog: 400, Change: analysis.ChangeSysctl}
	s.Run.Host.Sysctls = map[string]string{"net.core.somaxconn": "4096"}
	a := advise(s)
	if want := "net.core.somaxconn ≥ 400 (this host has 4096: leave it)"; a.Line != want || a.DropIn != "" {
		t.Errorf("%q into %q, want %q into nothing", a.Line, a.DropIn, want)
	}
	for _, f := range a.Files {
		if strings.Contains(f.Content, "somaxconn = ") || strings.Contains(f.Content, "somaxconn: 400") ||
			strings.Contains(f.Content, `value: "400"`) {
			t.Errorf("%s: %s", f.Name, f.Content)
		}
	}
}

// TestAdviceUntried claims nothing of a setting that was not stormed.
func TestAdviceUntried(t *testing.T) {
	s := sample()
	s.Recommendation = &analysis.Recommendation{Somaxconn: 8192, Backlog: 8192, Peak: 5984, Untried: true,
		Tried: record.MaxBacklog}
	a := advise(s)
	if a.Line != "net.core.somaxconn = 8192" ||
		a.Note != "has room for the deepest queue seen, but was not tried itself" ||
		a.Seen[0] != "Deepest accept queue seen with backlog max: 5,984 connections." {
		t.Errorf("advice %+v", a)
	}
}

func TestDoubtsAreSaidOnce(t *testing.T) {
	lag := finding.Finding{Fact: finding.StartLag{}}
	silent := finding.Finding{Fact: finding.NobodyAnswered{Why: finding.SilenceRefused, Calls: 10}}
	for want, all := range map[int][]finding.Finding{0: {lag}, 2: {lag, {Fact: finding.LinkLimit{}}}} {
		if got := doubts(&analysis.Summary{Doubts: all}); len(got) != want {
			t.Errorf("%q listed, want %d", got, want)
		}
	}
	s := &analysis.Summary{Answer: []finding.Finding{silent}, Doubts: []finding.Finding{silent}}
	if got := words.Verdict(s); got != "Nothing is listening: all 10 calls were refused." || doubts(s) != nil {
		t.Errorf("%q, doubts %q", got, doubts(s))
	}
}

// The files say what the recommendation says, each for its reader, and change nothing that need not change.
func TestDropIns(t *testing.T) {
	names := func(change analysis.Change, host string) (all []string) {
		s := sample()
		s.Recommendation = &analysis.Recommendation{Somaxconn: 4096, Backlog: 4096, Change: change}
		s.Run.Host.Sysctls = map[string]string{"net.core.somaxconn": host}
		for _, f := range dropIns(s) {
			all = append(all, f.Name)
			if !strings.Contains(f.Content, "4096") || !strings.HasPrefix(f.Content, "# Measured by agistorm") {
				t.Errorf("%s: %q", f.Name, f.Content)
			}
		}
		return all
	}
	if got := names(analysis.ChangeSysctl, "128"); !slices.Equal(got, dropInNames) {
		t.Errorf("for the sysctl: %q", got)
	}
	if got := names(analysis.ChangeSysctl, "4096"); !slices.Equal(got, dropInNames[1:]) {
		t.Errorf("for a host that has it: %q", got)
	}
	if got := names(analysis.ChangeApplication, "4096"); !slices.Equal(got, dropInNames[1:]) {
		t.Errorf("for the application on a host that allows it: %q", got)
	}
	if got := names(analysis.ChangeApplication, "128"); !slices.Equal(got, dropInNames) {
		t.Errorf("for the application on a host that does not: %q", got)
	}
}

// A report without a recommendation leaves none of an earlier one's files.
func TestWriteRemovesStaleDropIns(t *testing.T) {
	dir := record.Dir(t.TempDir())
	s := sample()
	if err := writeDropIns(dir, s); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dir.File("apply/90-listen-queue.conf")); err != nil ||
		!strings.HasSuffix(string(got), "\nnet.core.somaxconn = 4096\n") {
		t.Errorf("%q, %v", got, err)
	}
	s.Recommendation = nil
	if err := writeDropIns(dir, s); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir.File("apply")); err == nil {
		t.Error("the folder is still there")
	}
}

func TestPeak(t *testing.T) {
	for _, tt := range []struct {
		limit uint32
		want  string
	}{{128, "130 of 129"}, {largest, "130 of max"}} {
		c := &analysis.Cell{QueuePeak: &analysis.Spread{N: 2, Median: 129, Min: 128, Max: 130},
			Repeats: []analysis.Repeat{{}, {Storm: metric.Storm{Queue: &metric.Queue{Limit: tt.limit}}}}}
		if got := peak(c); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if got := duration(metric.Quantiles{}, time.Second); got != unknown {
		t.Errorf("a quantile of nothing is %q", got)
	}
}

// TestExplain: every chain with its example, and where the time went.
func TestExplain(t *testing.T) {
	var out strings.Builder
	if err := Text(&out, sample(), TextOptions{Explain: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"- somaxconn 128, 3,643 lost: SYN dropped at the full accept queue, retransmitted and dropped again, timed " +
			"out after 2 s. For example storm 1, call 1553: SYN dropped at +16.7 ms",
		"- somaxconn 128, 1,161 late: ",
		"- somaxconn 128, where the time of served calls went: SYN retransmission: p50 1.02 s, p99 1.03 s, max 1.04 " +
			"s of 1,161 calls; accept queue: p50 41.0 ms",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestSlowIsNotGood: a server that lets its calls wait gets no green, and a column says how many.
func TestSlowIsNotGood(t *testing.T) {
	for name, c := range map[string]struct {
		slow, late float64
		class      string
		column     bool
	}{"slow": {5, 0, "doubt", true}, "late": {0, 5, "doubt", false}, "neither": {0, 0, "good", false}} {
		s := alien()
		s.Cells[0].Lost = analysis.Spread{N: 1}
		s.Cells[0].Slow = analysis.Spread{N: 1, Median: c.slow, Min: c.slow, Max: c.slow}
		s.Cells[0].Late = analysis.Spread{N: 1, Median: c.late, Min: c.late, Max: c.late}
		s.Cells[0].Metrics["slow"] = s.Cells[0].Slow
		if got := statusOf(s).Class; got != c.class {
			t.Errorf("%s: %s, want %s", name, got, c.class)
		}
		if has := strings.Contains(render(t, Markdown, s), "| slow |"); has != c.column {
			t.Errorf("%s: a column: %v", name, has)
		}
	}
}
