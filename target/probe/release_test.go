package probe

import "testing"

func TestLinuxAtLeast(t *testing.T) {
	for release, want := range map[string][2]bool{
		"5.3.18-lp": {false, true}, "4.19.0": {false, true}, "5.4.0-1": {true, true}, "6.18.44-fc": {true, true},
		"5.3-rc1": {false, true}, "5.10": {true, true}, "x": {false, false}, "": {false, false}, "5": {false, false},
	} {
		if atLeast, known := LinuxAtLeast(release, 5, 4); known != want[1] || known && atLeast != want[0] {
			t.Errorf("%q: %v, known %v; want %v", release, atLeast, known, want)
		}
	}
}
