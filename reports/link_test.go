package reports

import (
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// TestLinkIsNamed: the report says what was between clients and server, and what that means for the numbers.
func TestLinkIsNamed(t *testing.T) {
	for _, c := range []struct {
		link     string
		rtt      time.Duration
		fact     string
		validity string
		ramp     bool
	}{
		{"", 0, "loopback", "shared its CPUs, over loopback", true},
		{"veth", 0, "veth", "joined by a link (veth). The generator's line counts", true},
		{"20ms round trip", 20 * ms, "20ms round trip", "joined by a link (20ms round trip). The", false},
	} {
		s := sample()
		s.Run.Scenario.Link = c.link
		for i := range s.Cells {
			for j := range s.Cells[i].Repeats {
				if c.link != "" {
					s.Cells[i].Repeats[j].Raw = &record.Repeat{Kernel: &record.Kernel{Link: &record.Link{RTT: c.rtt}}}
				}
			}
		}
		if !slices.Contains(words.Ran(s), words.Term{Name: "link", Text: c.fact}) {
			t.Errorf("%q: %v", c.link, words.Ran(s))
		}
		text := strings.Join(words.Validity(s), "\n")
		if !strings.Contains(text, c.validity) || strings.Contains(text, "steep ramp") != c.ramp {
			t.Errorf("%q: %s", c.link, text)
		}
	}
	s := sample()
	s.Run.Cells[0].Values, s.Run.Cells[1].Values = map[string]string{"rtt": "0s"}, map[string]string{"rtt": "20ms"}
	want := "over the link of each setting: loopback, or a veth pair between two namespaces."
	if text := strings.Join(words.Validity(s), "\n"); !strings.Contains(text, want) {
		t.Error(text)
	}
	if s := alien(); slices.ContainsFunc(words.Ran(s), func(t words.Term) bool { return t.Name == "link" }) {
		t.Errorf("an external server: %v", words.Ran(s))
	}
}
