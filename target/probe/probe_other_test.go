//go:build !linux

package probe

import (
	"errors"
	"testing"
)

func TestUnsupported(t *testing.T) {
	_, listener := Listener(0)
	_, counters := Counters()
	_, sysctl := Sysctl("net.core.somaxconn")
	_, sampler := StartSampler(0, DefaultInterval)
	for name, err := range map[string]error{"Listener": listener, "Counters": counters, "Sysctl": sysctl, "StartSampler": sampler} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", name, err)
		}
	}
}
