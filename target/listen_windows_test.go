package target

import (
	"errors"
	"syscall"
	"testing"

	"agistorm/target/spec"
)

// What a host without that address, or without IPv6, says.
var errAddrNotAvail, errFamily error = syscall.Errno(10049), syscall.Errno(10047)

func TestFixedBacklogIsRefused(t *testing.T) {
	if _, err := Listen("127.0.0.1:0", spec.Fixed(128), 1); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v, want ErrUnsupported", err)
	}
}
