//go:build !linux

package link

import (
	"errors"
	"testing"
)

func TestUnsupported(t *testing.T) {
	if l, err := Join(3, 4, Options{}); l != nil || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v, %v; want errors.ErrUnsupported", l, err)
	}
}
