//go:build !linux

package wire

import (
	"errors"
	"testing"
)

func TestUnsupported(t *testing.T) {
	if l, err := Join(nil, 0); l != nil || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v, %v; want errors.ErrUnsupported", l, err)
	}
}
