//go:build !linux

package probe

import (
	"errors"
	"testing"
)

func TestUnsupported(t *testing.T) {
	group := new(Group).Set(0)
	_, counters := Counters()
	_, sysctl := Sysctl("net.core.somaxconn")
	_, sampler := StartSampler(&Group{}, DefaultInterval)
	for name, err := range map[string]error{"Group": group, "Counters": counters, "Sysctl": sysctl, "StartSampler": sampler} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", name, err)
		}
	}
}
