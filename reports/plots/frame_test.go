package plots

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/reports/words"
)

// letters measures a text in letters: 1 point each.
func letters(text string) float64 { return float64(utf8.RuneCountInString(text)) }

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width float64
		lines int
		want  []string
	}{
		{"", 10, 3, nil},
		{"somaxconn 128", 20, 3, []string{"somaxconn 128"}},
		{"backlog 128 (somaxconn 4096)", 20, 3, []string{"backlog 128", "(somaxconn 4096)"}},
		{"backlog 128 (somaxconn 4096) + x 1", 20, 3, []string{"backlog 128", "(somaxconn 4096) + x", "1"}},
		{"a (bc de)", 4, 3, []string{"a", "(bc", "de)"}},
		{"abcdefgh", 3, 3, []string{"abc", "def", "gh"}},
		{"one two three four", 5, 2, []string{"one", "two…"}},
		{"abc", 0, 9, []string{"a", "b", "c"}},
	} {
		if diff := cmp.Diff(c.want, wrap(c.text, c.width, c.lines, letters)); diff != "" {
			t.Errorf("wrap(%q, %v) (-want +got):\n%s", c.text, c.width, diff)
		}
	}
}

func TestPrintable(t *testing.T) {
	if got, want := printable("a\x00b\nc\xff µ≥&"), "a b c  µ≥&"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSideBySide(t *testing.T) {
	got := flow([]float64{40, 50, 30, 200, 10}, 10, 110, 5)
	want := []point{{10, 5}, {50, 5}, {10, 22}, {10, 39}, {10, 56}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(point{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRowsDoNotOverlap lays out rows whose labels and notes need more than the least height.
func TestRowsDoNotOverlap(t *testing.T) {
	f := &frame{title: "t", rowHeight: 20, gap: 10, foot: footHeight}
	long := "backlog 2147483647 (somaxconn 2147483647) + tcp_max_syn_backlog 128 + tcp_abort_on_overflow 1"
	notes := []words.RowNote{
		{Tone: "main", Text: "1,532 of 2,000 lost"}, {Tone: "faint", Text: "1,529 to 1,540 in 3 storms"},
		{Tone: "faint", Text: "up to 12 not sent by the generator"},
	}
	f.rows = []row{{label: "somaxconn 128"}, {label: long}, {label: "c", notes: notes}, {label: "d"}}
	f.layout()
	if h := f.rows[0].plot.bottom - f.rows[0].plot.top; h != 20 {
		t.Errorf("a row that needs less is %v high, want 20", h)
	}
	for i, r := range f.rows {
		need := max(float64(len(r.labels))*labelText.leading(), notesHeight(r.lines))
		if h := r.plot.bottom - r.plot.top; h < need {
			t.Errorf("row %d is %v high and needs %v", i, h, need)
		}
		if i > 0 && r.plot.top != f.rows[i-1].plot.bottom+10 {
			t.Errorf("row %d begins at %v, the one above ends at %v; want 10 between", i, r.plot.top, f.rows[i-1].plot.bottom)
		}
		for _, line := range r.labels {
			if w := labelText.width(line); w > labelWidth {
				t.Errorf("label %q is %v wide, over %v", line, w, labelWidth)
			}
		}
	}
	if f.height() != f.rows[3].plot.bottom+footHeight {
		t.Errorf("height %v, want %v below the last row", f.height(), footHeight)
	}
}

// TestLabelsTellRowsApart: of long ones what all have in common goes, and nothing that differs is
// cut.
func TestLabelsTellRowsApart(t *testing.T) {
	const many = " + ip_local_port_range 1024 60000 + tcp_abort_on_overflow 1 + tcp_max_syn_backlog 512"
	for _, c := range []struct {
		labels, want []string
		subtitle     string
	}{
		{[]string{"somaxconn 8 + tcp_syncookies 1", "somaxconn 9 + tcp_syncookies 1"},
			[]string{"somaxconn 8 + tcp_syncookies 1", "somaxconn 9 + tcp_syncookies 1"}, "s"},
		{[]string{"somaxconn 8" + many + " + client a", "somaxconn 8" + many + " + client b"},
			[]string{"client a", "client b"}, "s · all with somaxconn 8" + many},
		{[]string{"somaxconn 8" + many}, []string{"somaxconn 8" + many}, "s"},
		{[]string{"somaxconn 8" + many, "somaxconn 8" + many}, []string{"somaxconn 8" + many, "somaxconn 8" + many}, "s"},
		{[]string{"backlog const128 (somaxconn 8)" + many + " + tcp_synack_retries 3 + client a", "storm"},
			[]string{"backlog const128 (somaxconn 8)" + many + " + tcp_synack_retries 3 + client a", "storm"}, "s"},
	} {
		f := &frame{subtitle: "s"}
		for _, label := range c.labels {
			f.rows = append(f.rows, row{label: label})
		}
		f.layout()
		for i, r := range f.rows {
			if got := strings.Join(r.labels, " "); got != c.want[i] {
				t.Errorf("%q, want %q", got, c.want[i])
			}
		}
		if f.subtitle != c.subtitle {
			t.Errorf("subtitle %q, want %q", f.subtitle, c.subtitle)
		}
	}
}

func TestDiagonals(t *testing.T) {
	// A box of 10 by 4, lines at x = -5, 0, 5, 10 … on a grid of 5: those from 0 and 5 are
	// inside, the second meets the right edge's corner at (9, 0).
	got := diagonals(box{0, 0, 10, 4}, 5)
	want := [][2]point{{{0, 4}, {4, 0}}, {{5, 4}, {9, 0}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(point{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b := box{3, 10, 14, 37}
	for _, l := range diagonals(b, 5) {
		for _, p := range l {
			if p.x < b.left || p.x > b.right || p.y < b.top || p.y > b.bottom {
				t.Errorf("%v leaves the box %v", l, b)
			}
		}
	}
}

func TestStrokesHangTogether(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 0, 2: 1, 256: 1, 257: 2, 511: 2, 512: 3, 1000: 4} {
		points := make([]point, n)
		for i := range points {
			points[i].x = float64(i)
		}
		parts := strokes(points)
		if len(parts) != want {
			t.Errorf("%d points: %d strokes, want %d", n, len(parts), want)
		}
		end := 0.0
		for _, p := range parts {
			if len(p) < 2 || len(p) > longestStroke || p[0].x != end {
				t.Errorf("%d points: a stroke of %d from %v, want one from %v", n, len(p), p[0].x, end)
			}
			end = p[len(p)-1].x
		}
		if n > 1 && end != float64(n-1) {
			t.Errorf("%d points: the strokes end at %v", n, end)
		}
	}
}

// TestNoStorm: every figure says of a setting without storms only that, in its row and in words.
func TestNoStorm(t *testing.T) {
	s := modelled()
	s.Cells[2].Repeats = nil
	for _, build := range []func(*analysis.Summary) *frame{lostFigure, latencyFigure, percentilesFigure, queueFigure} {
		f := written(build(s))
		if got := said(f.rows[2].notes); got != "no storm was finished" ||
			!strings.Contains(f.alt, s.Cells[2].Label+": "+got+".") {
			t.Errorf("%s: %q, and in words %q", f.words.Name, got, f.alt)
		}
	}
}

// TestTextsKeepTheirWidth: each text of an SVG has the width that it was measured with, whatever
// font a browser has.
func TestTextsKeepTheirWidth(t *testing.T) {
	svg, err := renderSVG(300, 40, func(s *sheet) {
		s.text(5, 20, titleText, "one & two")
		s.text(5, 30, plainText.aligned(right), "")
		s.text(290, 30, plainText.aligned(right), "three")
	})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	texts := regexp.MustCompile(`<text textLength="([0-9.]+)" lengthAdjust="spacingAndGlyphs" x=`)
	for _, m := range texts.FindAllStringSubmatch(string(svg), -1) {
		got = append(got, m[1])
	}
	for _, width := range []float64{titleText.width("one & two"), plainText.width("three")} {
		want = append(want, strconv.FormatFloat(width, 'f', 1, 64))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("widths (-want +got):\n%s", diff)
	}
}

// TestNarrowFigures: on a telephone the same is drawn in the same letters, and no text leaves the page; then the figure
// is as wide as before.
func TestNarrowFigures(t *testing.T) {
	for _, f := range drawnModel(t) {
		if f.Plot != nil || f.Narrow == nil {
			if f.Plot == nil || !f.Wide || f.Narrow != nil {
				t.Errorf("%s is wide %v, and narrow in %d bytes", f.Name, f.Wide, len(f.Narrow))
			}
			continue
		}
		checkNarrow(t, f)
		if width, _ := f.drawing.size(); width != pageWidth {
			t.Errorf("%s stays %v wide", f.Name, width)
		}
	}
}

var textInSVG = regexp.MustCompile(`<text textLength="([0-9.]+)"[^>]* x="(-?[0-9.]+)" y="(-?[0-9.]+)"[^>]*>([^<]*)<`)

func checkNarrow(t *testing.T, f Figure) {
	t.Helper()
	if !strings.Contains(string(f.Narrow), `<svg width="384" height="`) {
		t.Errorf("%s: the narrow picture begins %.200s", f.Name, f.Narrow)
	}
	texts := textInSVG.FindAllStringSubmatch(string(f.Narrow), -1)
	for _, m := range texts {
		width, _ := strconv.ParseFloat(m[1], 64)
		left, _ := strconv.ParseFloat(m[2], 64)
		if left < 0 || left+width > narrowWidth {
			t.Errorf("%s: %q is from %v to %v", f.Name, m[4], left, left+width)
		}
	}
	if wide := textInSVG.FindAllStringSubmatch(string(f.SVG), -1); len(texts) < len(wide)*2/3 || len(texts) < 8 {
		t.Errorf("%s: %d texts, and %d where it is wide", f.Name, len(texts), len(wide))
	}
}
