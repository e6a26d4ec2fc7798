package reports

import (
	"io"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// TestDropReasons: counts with their range and meaning in every form, why there are none, and nothing where they were
// not asked for.
func TestDropReasons(t *testing.T) {
	s := single()
	if got := render(t, writeDocument, s); strings.Contains(got, words.TitleReasons) {
		t.Errorf("not asked for:\n%s", got)
	}
	repeats := s.Cells[0].Repeats
	for i, n := range []uint64{12, 15, 9} {
		repeats[i].DropReasons = &record.DropReasons{By: map[string]uint64{"TCP_LISTEN_OVERFLOW": n}}
	}
	repeats[2].DropReasons.By["NO_SOCKET"], repeats[2].DropReasons.Lost = 1234, 7
	for name, form := range map[string]func(io.Writer, *analysis.Summary) error{
		"text": forms[0].write, "md": Markdown, "page": writeDocument,
	} {
		got := strings.Join(strings.Fields(render(t, form, s)), " ")
		for _, want := range []string{"TCP_LISTEN_OVERFLOW", "12 (9–15)", "0 (0–1,234)", "the last ACK of a handshake at a " +
			"full accept queue", "0 proves nothing", "7 events did not fit"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
	}
	if got := render(t, JSON, s); !strings.Contains(got, `"drop_reasons": {`) ||
		!strings.Contains(got, `"TCP_LISTEN_OVERFLOW": 12`) {
		t.Errorf("JSON:\n%s", got)
	}
	missing := record.DropReasons{Missing: &record.Note{Code: record.NoteReasonsNoTracefs, Error: "no"}}
	for i := range repeats {
		repeats[i].DropReasons = &missing
	}
	got := strings.Join(strings.Fields(render(t, forms[0].write, s)), " ")
	if !strings.Contains(got, "Not counted: the kernel's drop reasons are in tracefs, which is not mounted (no)") ||
		strings.Contains(got, "0 proves nothing") {
		t.Errorf("missing:\n%s", got)
	}
}

// TestDropReasonsByStorm: the page has them storm by storm, and a storm without them is not 0.
func TestDropReasonsByStorm(t *testing.T) {
	s := single()
	s.Cells[0].Repeats[1].DropReasons = &record.DropReasons{By: map[string]uint64{"NO_SOCKET": 42}}
	rows := dropReasonRows(&s.Cells[0]).Rows
	if len(rows) != 1 || len(rows[0]) != 4 || rows[0][0].Text != "NO_SOCKET" || rows[0][1].Text != unknown ||
		rows[0][2].Text != "42" || rows[0][3].Text != unknown {
		t.Errorf("%+v", rows)
	}
}
