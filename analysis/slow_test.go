package analysis

import (
	"strings"
	"testing"
	"time"
)

// TestOneSlowCall: one call waited, and not "1 calls".
func TestOneSlowCall(t *testing.T) {
	for n, want := range map[int]string{1: ", 1 answered call a storm waited 1 s or more", 2: ", 2 answered calls a storm waited 1 s or more"} {
		run, all := madeRun(cellOf{tuned(128), thrice(made{timeout: 5})}, cellOf{tuned(512), thrice(made{})})
		for _, raw := range all["somaxconn-512"] {
			for i := range n {
				raw.Attempts[i].FirstCommand = ptr(1500 * time.Millisecond)
			}
		}
		if got := Summarise(run, all).Verdict; !strings.Contains(got, want) {
			t.Errorf("%q, want %q in it", got, want)
		}
	}
}
