//go:build unix

package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/reports/plots"
)

// TestIdleQueue: where nothing was ever queued the plot shows the whole watch, and explains no line that is
// not there.
func TestIdleQueue(t *testing.T) {
	s := recorded()
	for i := range s.Cells {
		for _, r := range s.Cells[i].Repeats {
			r.Raw.Counters, r.Queue.Peak = nil, 0
			for k := range r.Raw.Queue {
				r.Raw.Queue[k].Depth, r.Raw.Queue[k].Limit = 0, 4096
			}
		}
	}
	b, path := openBrowser(t), pageOf(t, s, timeFigures(s))
	b.open(path)
	if got := b.text(queueRange); got != "0 s to 1.22 s" { // 600 samples, one each 2 ms, and 2 %
		t.Errorf("it shows %q", got)
	}
	if got := b.text("#figure-queue .key"); got != "connections queued in the other storms " {
		t.Errorf("the key is %q", got)
	}
}

// TestBursts: the calls of each burst stand side by side, as in the picture.
func TestBursts(t *testing.T) {
	s := recorded()
	for i := range s.Cells {
		for _, r := range s.Cells[i].Repeats {
			for k := range r.Raw.Attempts {
				a := &r.Raw.Attempts[k]
				start := time.Duration(k/200) * time.Second
				if a.Connected != nil {
					*a.Connected += start - a.Intended
				}
				a.Done += start - a.Intended
				a.Intended, a.Started = start, &start
			}
		}
	}
	figures, err := plots.Draw(s)
	if err != nil {
		t.Fatal(err)
	}
	b, path := openBrowser(t), pageOf(t, s, figures)
	b.window(1280, 900, "light")
	b.open(path)
	if got := b.text("#figure-dots .range"); got != "calls of +0 s to +2.00 s" {
		t.Errorf("it shows %q", got)
	}
	p := b.see("#figure-dots .panel .u-over")
	for share, want := range map[float64]string{0.01: "a call at +0 s: ", 0.34: "a call at +1.00 s: ",
		0.66: "a call at +1.00 s: ", 0.99: "a call at +2.00 s: "} {
		b.mouse("mouseMoved", p.Left+p.Width*share, p.Top+p.Height/2, nil)
		b.key("Escape") // a movement is shown with the next frame
		b.frame()
		if got := b.text("#figure-dots .panel .read"); !strings.HasPrefix(got, want) {
			t.Errorf("at %v of the width it says %q, want %q", share, got, want)
		}
	}
	if got := b.text("#figure-dots figcaption"); !strings.Contains(got, "side by side, in their order") {
		t.Errorf("the caption is %q", got)
	}
	if got := b.complaints(path); len(got) > 0 {
		t.Errorf("the page complains: %s", got)
	}
}

// TestFaintDots: what hardly stands out from the ground is drawn over an edge, in the panels and in the key.
func TestFaintDots(t *testing.T) {
	s := recorded()
	for i := range s.Cells {
		for _, r := range s.Cells[i].Repeats {
			for k := range r.Raw.Attempts {
				r.Raw.Attempts[k].Outcome = record.Silent
				r.Raw.Attempts[k].SYNRetransmits = nil
			}
		}
	}
	b, path := openBrowser(t), pageOf(t, s, timeFigures(s))
	b.window(1280, 900, "light")
	b.open(path)
	// Pixels that are dark and as good as grey, right of the axis: of --soft, #565f6d, not of silent's yellow.
	const edges = `((canvas, left) => { const p = canvas.getContext("2d")
			.getImageData(left, 0, canvas.width - left, canvas.height - left / 2).data;
		let n = 0;
		for (let i = 0; i < p.length; i += 4)
			if (p[i] < 160 && Math.abs(p[i] - p[i + 2]) < 50 && p[i + 3] > 150) n++; return n; })`
	var key, dots int
	b.eval(edges+`(document.querySelector("#figure-dots .key canvas"), 0)`, &key)
	b.eval(edges+`(document.querySelector("#figure-dots .canvas canvas"), 70)`, &dots)
	if key < 5 || dots < 1200 {
		t.Errorf("%d pixels of edges in the key, %d in the panel of 600 calls", key, dots)
	}
}

// TestNarrowComparison: on a telephone the finding, which is the answer, is in sight, above its numbers.
func TestNarrowComparison(t *testing.T) {
	path := filepath.Join(t.TempDir(), "comparison.html")
	if err := os.WriteFile(path, []byte(renderSide(t, SideHTML, sideSample())), 0o644); err != nil {
		t.Fatal(err)
	}
	b := openBrowser(t)
	b.window(420, 900, "light")
	b.open(path)
	var hidden []string
	b.eval(
		`[...document.querySelectorAll(".sides tr:not(.group) td")].filter(
			d => d.getBoundingClientRect().right > innerWidth ||
		d.getBoundingClientRect().top < d.parentElement.lastElementChild.getBoundingClientRect().top,
			).map(d => d.textContent)`,
		&hidden,
	)
	var rows int
	if b.eval("document.querySelectorAll('.sides tr:not(.group)').length", &rows); len(hidden) > 0 || rows < 4 {
		t.Errorf("of %d rows it hides, or puts above the finding, %q", rows, hidden)
	}
	if got := b.complaints(path); len(got) > 0 {
		t.Errorf("the page complains: %s", got)
	}
}
