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
	_, cpu := CPU()
	_, process := ProcessCPU(1)
	for name, err := range map[string]error{
		"Group": group, "Counters": counters, "Sysctl": sysctl, "StartSampler": sampler,
		"CPU": cpu, "ProcessCPU": process,
	} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", name, err)
		}
	}
}
