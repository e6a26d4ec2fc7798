//go:build unix

package reports

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/plots"
)

var (
	shots = flag.String("shots", "", "write screenshots of the page into this folder, for review")
	shown = flag.String("page", "", "with -shots: take them of this page")
)

// recordedPage writes the page of recorded to a file.
func recordedPage(t *testing.T) string {
	t.Helper()
	figures, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	return pageOf(t, recorded(), figures)
}

// pageOf writes a run's page to a file.
func pageOf(t *testing.T, s *analysis.Summary, figures []plots.Figure) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := HTML(f, s, figures); err != nil {
		t.Fatal(err)
	}
	return path
}

// complaints are what the page itself said, and whatever it asked for beside itself.
func (b *browser) complaints(page string) []string {
	var all []string
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.consoleAPICalled",
			"Runtime.exceptionThrown",
			"Log.entryAdded",
			"Audits.issueAdded",
			"Network.loadingFailed":
			all = append(all, e.Method+": "+string(e.Params))
		case "Network.requestWillBeSent":
			var sent struct{ Request struct{ URL string } }
			_ = json.Unmarshal(e.Params, &sent)
			if url := sent.Request.URL; url != "file://"+page && !strings.HasPrefix(url, "data:image/") {
				all = append(all, "it asks for "+url)
			}
		}
	}
	return all
}

// place is a rectangle in the window.
type place struct{ Left, Top, Width, Height float64 }

// see scrolls to what a selector finds, and says where it is.
func (b *browser) see(selector string) (p place) {
	b.t.Helper()
	b.eval(
		fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return {left: r.left, top: r.top, width: r.width, height: r.height}; })()`, selector),
		&p,
	)
	return p
}

func (b *browser) text(selector string) (text string) {
	b.t.Helper()
	b.eval(fmt.Sprintf("document.querySelector(%q).textContent", selector), &text)
	return text
}

const (
	queuePanel = "#figure-queue .panel"
	queueRange = "#figure-queue .range"
)

// TestPageInBrowser opens a page as everybody does, from a file, and uses its plots with the pointer and the
// keyboard.
func TestPageInBrowser(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.window(1280, 900, "light")
	b.open(path)
	if got := b.complaints(path); len(got) > 0 {
		t.Fatalf("the page complains: %s", got)
	}
	var sizes []int
	b.eval("[...document.querySelectorAll('figure img')].map(i => i.naturalWidth * i.naturalHeight)", &sizes)
	if len(sizes) < 5 {
		t.Errorf("%d figures", len(sizes))
	}
	for i, size := range sizes {
		if size == 0 {
			t.Errorf("figure %d has no picture", i+1)
		}
	}
	var drawn []string
	b.eval("[...document.querySelectorAll('figure.drawn')].map(f => f.id)", &drawn)
	if got := strings.Join(drawn, " "); got != "figure-queue figure-flow figure-dots" {
		t.Errorf("drawn are %q", got)
	}
	t.Run("hover", func(t *testing.T) { b.t = t; hovers(t, b) })
	t.Run("zoom", func(t *testing.T) { b.t = t; zooms(t, b) })
	t.Run("keyboard", func(t *testing.T) { b.t = t; types(t, b) })
	t.Run("sizes", func(t *testing.T) { b.t = t; resizes(t, b) })
	b.t = t
	if got := b.complaints(path); len(got) > 0 {
		t.Errorf("the page complains: %s", got)
	}
}

// hovers: in the middle of the queue's time the queue of 128 is full; every panel says what was there then.
func hovers(t *testing.T, b *browser) {
	p := b.see(queuePanel + " .u-over")
	b.mouse("mouseMoved", p.Left+p.Width/2, p.Top+p.Height/2, nil)
	if got := b.text(queuePanel + " .read"); !strings.HasPrefix(got, "at +30") ||
		!strings.HasSuffix(got, " ms: 129 of 129 queued, full") {
		t.Errorf("the queue's panel says %q", got)
	}
	var ms, depth int
	got := strings.ReplaceAll(b.text(queuePanel+":nth-last-child(3) .read"), ",", "")
	if _, err := fmt.Sscanf(got, "at +%d ms: %d of 4097 queued", &ms, &depth); err != nil || depth < 2980-5*ms ||
		depth > 3020-5*ms {
		t.Errorf("the panel of 4096 says %q; after 300 ms its queue shrinks by 5 in a millisecond", got)
	}
	var cursors []string
	b.eval(
		"[...new Set([...document.querySelectorAll('#figure-queue .u-cursor-x')].map(c => c.style.transform))]",
		&cursors,
	)
	if len(cursors) != 1 {
		t.Errorf("the cursors stand at %q", cursors)
	}
	if got := b.text(queuePanel + ":last-child .read"); !strings.Contains(got, "of 129 queued") {
		t.Errorf("the last panel says %q", got)
	}
	p = b.see("#figure-flow .panel .u-over")
	b.mouse("mouseMoved", p.Left+p.Width/100, p.Top+p.Height/2, nil)
	if got := b.text("#figure-flow .panel .read"); !strings.Contains(got, "+10.0 ms to +20.0 ms: 10 arrivals, ") ||
		!strings.HasSuffix(got, " drops") {
		t.Errorf("the flow's panel says %q", got)
	}
	// The drops of the last setting were not counted, which is not the same as none.
	if got := b.text("#figure-flow .panel:last-child .read"); !strings.Contains(got, "accepts") ||
		strings.Contains(got, "drop") {
		t.Errorf("the flow's last panel says %q", got)
	}
	// The words for that stand in its row, the lowest: 6 to 76 pixels to the right of the axis.
	var written int
	b.eval(
		`(() => { const u = document.querySelector("#figure-flow .panel:last-child .canvas canvas"),
			o = document.querySelector("#figure-flow .panel:last-child .u-over");
		const p = u.getContext("2d").getImageData(o.offsetLeft + 12, o.offsetTop + o.offsetHeight - 34, 52, 28).data;
		let n = 0; for (let i = 3; i < p.length; i += 4) if (p[i] > 128) n++; return n; })()`,
		&written,
	)
	if written < 40 {
		t.Errorf("%d pixels are drawn where it should say that nothing was counted", written)
	}
	p = b.see("#figure-dots .panel .u-over")
	b.mouse("mouseMoved", p.Left+p.Width/2, p.Top+4, nil)
	if got := b.text("#figure-dots .panel .read"); !strings.HasPrefix(got, "a call at +30") ||
		!strings.HasSuffix(got, "no connection, given up after 2.00 s, lost: connect-timeout") {
		t.Errorf("the dots' panel says %q", got)
	}
}

// zooms: a drag shows a part of the time in all panels, a double-click all of it again.
func zooms(t *testing.T, b *browser) {
	whole := b.text(queueRange)
	drag := func() string {
		p := b.see(queuePanel + " .u-over")
		y := p.Top + p.Height/2
		b.mouse("mouseMoved", p.Left+p.Width/4, y, nil)
		b.mouse("mousePressed", p.Left+p.Width/4, y, object{"button": "left", "buttons": 1, "clickCount": 1})
		b.mouse("mouseMoved", p.Left+p.Width/2, y, object{"button": "left", "buttons": 1})
		b.mouse("mouseReleased", p.Left+p.Width/2, y, object{"button": "left", "clickCount": 1})
		return b.text(queueRange)
	}
	if got := drag(); !strings.HasPrefix(got, "15") || !strings.Contains(got, " ms to 30") {
		t.Errorf("after a drag it shows %q", got)
	}
	p := b.see(queuePanel + " .u-over")
	for range 2 {
		for _, kind := range []string{"mousePressed", "mouseReleased"} {
			b.mouse(kind, p.Left+20, p.Top+20, object{"button": "left", "clickCount": 2})
		}
	}
	if got := b.text(queueRange); got != whole {
		t.Errorf("after a double-click it shows %q, want %q", got, whole)
	}
	if got := drag(); got == whole {
		t.Error("it cannot be zoomed again")
	}
	b.key("Escape")
	if got := b.text(queueRange); got != whole {
		t.Errorf("after Escape it shows %q, want %q", got, whole)
	}
}

// types: the buttons have names and work, and the arrow keys read off aloud.
func types(t *testing.T, b *browser) {
	whole := b.text(queueRange)
	press := func(name string) string {
		b.eval(
			fmt.Sprintf(`[...document.querySelectorAll("#figure-queue button")].find(b => b.textContent === `+
				`%q).click()`, name),
			nil,
		)
		return b.text(queueRange)
	}
	seen := map[string]bool{whole: true}
	for _, name := range []string{"Zoom in", "Zoom in", "Earlier", "Later", "Zoom out"} {
		got := press(name)
		if seen[got] && name != "Later" && name != "Zoom out" {
			t.Errorf("%s changes nothing: %q", name, got)
		}
		seen[got] = true
	}
	if got := press("Reset"); got != whole {
		t.Errorf("Reset shows %q, want %q", got, whole)
	}
	var names []string
	b.eval(`[...document.querySelectorAll(".bar, .copy")].map(e => e.getAttribute("aria-label"))`, &names)
	slices.Sort(names)
	if n := len(names); n < 6 || len(slices.Compact(slices.Clone(names))) < n ||
		!slices.Contains(names, "Copy net.core.somaxconn = 4096") {
		t.Errorf("the controls of the page are called %q", names)
	}
	b.eval("document.querySelector('"+queuePanel+"').focus()", nil)
	b.key("ArrowRight")
	if got := b.text("#figure-queue [role=status]"); !strings.HasPrefix(got, "somaxconn 128, at +") {
		t.Errorf("the arrow key says %q", got)
	}
	b.key("+")
	if got := b.text(queueRange); got == whole {
		t.Error("+ does not zoom")
	}
	b.key("-")
	if got := b.text(queueRange); got != whole {
		t.Errorf("- leaves %q, want %q", got, whole)
	}
}

// resizes: nothing is wider than a narrow window, what scrolls sideways shows that, the words of pictures keep their
// size, and the plots follow the window and the scheme of colours.
func resizes(t *testing.T, b *browser) {
	b.window(420, 900, "light")
	b.frame()
	var unsigned []string
	b.eval(`[...document.querySelectorAll("main *")].filter(e => {
			const s = getComputedStyle(e);
			return e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 20 && s.overflowX !== "visible" &&
				!s.backgroundImage.includes("gradient"); }).map(e => e.tagName + "." + e.className)`, &unsigned)
	if len(unsigned) > 0 {
		t.Errorf("cut off without a sign are %q", unsigned)
	}
	var scales []float64
	b.eval(`[...document.querySelectorAll("figure:not(.drawn) img")].map(i => i.clientWidth / i.naturalWidth)`, &scales)
	for i, scale := range scales {
		if scale < 0.9 {
			t.Errorf("picture %d is drawn at %.2f of its size", i+1, scale)
		}
	}
	if len(scales) < 4 {
		t.Errorf("%d pictures without a plot", len(scales))
	}
	var wide []string
	b.eval(
		`[...document.querySelectorAll("body, figure, figure canvas, .plot, pre, details")].filter(
			e => e.getBoundingClientRect().right > innerWidth + 1)
		.map(e => e.tagName + "." + e.className)`,
		&wide,
	)
	if len(wide) > 0 {
		t.Errorf("wider than the window are %q", wide)
	}
	// brightest is the brightest red of what the queue is drawn with.
	const brightest = `(() => { const c = document.querySelector("#figure-queue .canvas canvas"),
		p = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
		let most = 0;
		for (let i = 0; i < p.length; i += 4) if (p[i + 3] === 255) most = Math.max(most, p[i]); return most; })()`
	var light, dark int
	b.eval(brightest, &light)
	b.window(420, 900, "dark")
	b.frame()
	if b.eval(brightest, &dark); dark < 225 || light > 225 {
		t.Errorf("the brightest is %d on a light ground and %d on a dark one", light, dark)
	}
	b.window(1280, 900, "light")
}

// TestPageWithoutScript: the pictures stand where no script may run.
func TestPageWithoutScript(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.must("Emulation.setScriptExecutionDisabled", object{"value": true}, nil)
	b.open(path)
	var heights []float64
	b.eval(
		"[...document.querySelectorAll('figure img')].map(i => i.naturalWidth && i.getBoundingClientRect().height)",
		&heights,
	)
	for i, height := range heights {
		if height < 50 {
			t.Errorf("figure %d is %v pixels high", i+1, height)
		}
	}
	var plotted int
	b.eval("document.querySelectorAll('.plot, .drawn, button').length", &plotted) // a button needs a script
	if plotted > 0 || len(heights) < 5 {
		t.Errorf("%d figures, %d remains of plots", len(heights), plotted)
	}
}

// TestPlotThatFails: where a plot cannot be drawn, its picture stands and the console says why.
func TestPlotThatFails(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.must(
		"Page.addScriptToEvaluateOnNewDocument",
		object{"source": "HTMLCanvasElement.prototype.getContext = () => null"},
		nil,
	)
	b.open(path)
	var got struct{ Pictures, Plots int }
	b.eval(
		`({pictures: [...document.querySelectorAll("figure img")].filter(i => i.getBoundingClientRect().height > 50).length,
		plots: document.querySelectorAll(".plot, .drawn").length})`,
		&got,
	)
	if got.Pictures < 5 || got.Plots > 0 {
		t.Errorf("there are %+v", got)
	}
	if said := b.complaints(path); len(said) != 3 || !strings.Contains(said[0], "could not be plotted") {
		t.Errorf("the page says %s", said)
	}
}

// TestPrintedPage: on paper the answer takes two pages, in light colours and without what only a screen can do. All of
// it is printed where that is asked for, but for the kernel's counters.
func TestPrintedPage(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.window(1280, 900, "dark")
	b.open(path)
	for paper, inches := range papers {
		pdf := b.picture("Page.printToPDF", object{"paperWidth": inches[0], "paperHeight": inches[1]})
		if n := len(pdfPage.FindAll(pdf, -1)); n != 2 {
			t.Errorf("%d pages of %s", n, paper)
		}
	}
	b.must("Emulation.setEmulatedMedia", object{"media": "print"}, nil)
	type printed struct{ Pictures, Plots, Buttons, Counters, Dark int }
	look := func() (got printed) {
		b.eval(`(() => { const tall = e => e.getBoundingClientRect().height > 5;
			const seen = s => [...document.querySelectorAll(s)].filter(tall).length;
			return {pictures: seen("figure img"), plots: seen(".plot"), buttons: seen("button, nav"),
			counters: seen(".never-printed"),
			dark: getComputedStyle(document.documentElement).backgroundColor === "rgb(255, 255, 255)" ? 0 : 1}; })()`,
			&got)
		return got
	}
	if got := look(); got != (printed{Pictures: 1}) {
		t.Errorf("printed are %+v", got)
	}
	b.eval(`document.getElementById("whole").click();
		for (const d of document.querySelectorAll("details")) d.open = true`, nil)
	got := look()
	if got.Pictures < 5 {
		t.Errorf("of all are printed %+v", got)
	}
	if got.Pictures = 0; got != (printed{}) {
		t.Errorf("of all are printed %+v", got)
	}
	if n := b.text(".never-printed th"); !strings.HasPrefix(n, "Kernel counters") {
		t.Errorf("never printed are %q", n)
	}
}

// TestHostilePage: what came from outside runs nothing and breaks nothing, in the plots' data neither.
func TestHostilePage(t *testing.T) {
	s := recorded()
	const evil = "</script><script>throw 1</script><!--<script>\u2028\"'`\\ &amp;<img src=x onerror=alert(1)>"
	for i := range s.Cells {
		s.Cells[i].Label = evil
		s.Cells[i].Repeats[1].Warnings = []finding.Finding{
			{Fact: finding.UnservedCalls{Calls: 1, Fates: map[string]int{evil: 1}}},
		}
	}
	s.Answer, s.Warnings, s.Run.Scenario.Name = []finding.Finding{
		{Fact: finding.Noticed{Note: record.Note{Words: evil}}},
	}, []finding.Finding{
		{Fact: finding.Noticed{Note: record.Note{Words: evil}}},
	}, evil
	figures, err := plots.Draw(s)
	if err != nil {
		t.Fatal(err)
	}
	b, path := openBrowser(t), pageOf(t, s, figures)
	b.open(path)
	if got := b.complaints(path); len(got) > 0 {
		t.Errorf("the page complains: %s", got)
	}
	if got := b.text(queuePanel + " strong"); got != evil {
		t.Errorf("a panel is called %q", got)
	}
	if got := b.text("#figure-queue + .numbers th[scope=row]"); got != evil+", storm 2 of 3" {
		t.Errorf("a row is called %q", got)
	}
	if got := b.text(".rest"); got != evil+"." {
		t.Errorf("the verdict is %q", got)
	}
}

// TestScreenshots takes pictures of a page as it is shown, for people.
func TestScreenshots(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots")
	}
	path := *shown
	if path == "" {
		path = recordedPage(t)
	}
	b := openBrowser(t)
	whole := object{"captureBeyondViewport": true}
	save := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(*shots, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range []struct {
		name   string
		width  int
		scheme string
	}{{"light.png", 1280, "light"}, {"dark.png", 1280, "dark"}, {"narrow.png", 420, "light"}} {
		b.window(w.width, 1000, w.scheme)
		b.open(path)
		b.frame()
		save(w.name, b.picture("Page.captureScreenshot", whole))
	}
	b.window(1280, 1000, "light")
	b.open(path)
	save("print.pdf", b.picture("Page.printToPDF", object{"printBackground": false}))
	var drawn []string
	b.eval("[...document.querySelectorAll('figure.drawn')].map(f => f.id)", &drawn)
	for _, figure := range drawn {
		p := b.see("#" + figure + " .u-over")
		b.mouse("mouseMoved", p.Left+p.Width/4, p.Top+p.Height/3, nil)
		save(figure+"-hover.png", b.picture("Page.captureScreenshot", nil))
		b.mouse("mousePressed", p.Left+p.Width/4, p.Top+p.Height/2, object{"button": "left", "buttons": 1, "clickCount": 1})
		b.mouse("mouseMoved", p.Left+p.Width/2, p.Top+p.Height/2, object{"button": "left", "buttons": 1})
		b.mouse("mouseReleased", p.Left+p.Width/2, p.Top+p.Height/2, object{"button": "left", "clickCount": 1})
		save(figure+"-zoom.png", b.picture("Page.captureScreenshot", nil))
	}
}
