package summary

import (
	"path/filepath"
	"testing"

	"agistorm/analysis/record"
)

// TestRunOfTheFirstVersion: of a run directory that agistorm 0.1.0 wrote the numbers are those that it found
// itself.
func TestRunOfTheFirstVersion(t *testing.T) {
	s, err := Read(record.Dir(filepath.Join("..", "record", "testdata", "run-0.1.0")))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		answered, lost, late, phantoms int
		syns                           uint64
		peak                           uint32
	}{{7, 1, 3, 1, 4, 3}, {8, 0, 0, 0, 0, 8}}
	for i, w := range want {
		r := &s.Cells[i].Repeats[0]
		if r.Outcomes[record.Answered] != w.answered || r.Lost != w.lost || r.Late != w.late || *r.Phantoms != w.phantoms ||
			*r.SYNsLost != w.syns || r.Queue.Peak != w.peak ||
			len(r.Damaged) > 0 {
			t.Errorf(
				"%s: %d answered, %d lost, %d late, %d phantoms, %d SYNs, peak %d, damaged %q; want %+v",
				s.Cells[i].ID,
				r.Outcomes[record.Answered],
				r.Lost,
				r.Late,
				*r.Phantoms,
				*r.SYNsLost,
				r.Queue.Peak,
				r.Damaged,
				w,
			)
		}
	}
	if s.Partial != nil {
		t.Errorf("partial: %+v", s.Partial)
	}
}
