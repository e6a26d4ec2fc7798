package lab

import (
	"errors"
	"net"
	"testing"
)

func TestLoopbackUp(t *testing.T) {
	down := net.Interface{Name: "lo", Flags: net.FlagLoopback}
	up := net.Interface{Name: "lo1", Flags: net.FlagLoopback | net.FlagUp}
	other := net.Interface{Name: "eth0", Flags: net.FlagUp}
	for _, c := range []struct {
		list []net.Interface
		ok   bool
	}{
		{nil, true}, {[]net.Interface{other}, true}, {[]net.Interface{up}, true}, {[]net.Interface{down, up}, true},
		{[]net.Interface{other, down}, false},
	} {
		err := loopbackUp(c.list)
		if errors.As(err, new(HostError)) == c.ok {
			t.Errorf("%v: %v", c.list, err)
		}
	}
}
