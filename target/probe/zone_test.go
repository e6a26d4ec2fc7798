package probe

import "testing"

func TestZoneIndex(t *testing.T) {
	for zone, want := range map[string]uint32{"": 0, "7": 7} {
		if got, err := ZoneIndex(zone); err != nil || got != want {
			t.Errorf("%q: got %d, %v", zone, got, err)
		}
	}
	if _, err := ZoneIndex("no such interface"); err == nil {
		t.Error("no error")
	}
}
