//go:build !unix && !windows

package target

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

type socket struct{}

var errSystem = fmt.Errorf("a backlog of one's own on %s: %w", runtime.GOOS, errors.ErrUnsupported)

func openSocket(*net.TCPAddr, int, bool) (*socket, error) { return nil, errSystem }

func (*socket) Descriptor() int                                   { return -1 }
func (*socket) Listener() (*net.TCPListener, func() error, error) { return nil, nil, errSystem }
func (*socket) listen(int) error                                  { return errSystem }
func (*socket) close() error                                      { return errSystem }
func (*socket) port() int                                         { return 0 }
