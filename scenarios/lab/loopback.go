package lab

import (
	"errors"
	"net"
)

// HostError is about this host, which cannot show anything of a server as it is.
type HostError struct{ error }

func (e HostError) Unwrap() error { return e.error }

// LoopbackUp returns a HostError where the loopback interface is down: every call over it would fail, and none by the
// server's fault. Where interfaces cannot be listed it is taken to be up.
func LoopbackUp() error {
	interfaces, err := net.Interfaces()
	if err != nil {
		interfaces = nil
	}
	return loopbackUp(interfaces)
}

func loopbackUp(interfaces []net.Interface) error {
	down := ""
	for _, i := range interfaces {
		switch {
		case i.Flags&net.FlagLoopback == 0:
		case i.Flags&net.FlagUp != 0:
			return nil
		default:
			down = i.Name
		}
	}
	if down == "" {
		return nil
	}
	return HostError{errors.New("the loopback interface " + down + " of this network namespace is down: " +
		"set it up with `ip link set " + down + " up`")}
}
