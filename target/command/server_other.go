//go:build !linux

package command

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Server is a server that runs. Linux only.
type Server struct{}

// Start always fails here, with an error that wraps errors.ErrUnsupported.
func Start(Config) (*Server, error) {
	return nil, fmt.Errorf("a command as the server: only on Linux: %w", errors.ErrUnsupported)
}

// Listen always fails here.
func (*Server) Listen(context.Context) (*Listening, error) { return nil, errors.ErrUnsupported }

// Exit is always nil here.
func (*Server) Exit() *Exit { return nil }

// Output is always nil here.
func (*Server) Output() *Output { return nil }

// End does nothing here.
func (*Server) End() (*Exit, error) { return nil, nil }

// Hurry does nothing here.
func (*Server) Hurry() {}

// PID is 0 here.
func (*Server) PID() int { return 0 }

// CPU is 0 here.
func (*Server) CPU() time.Duration { return 0 }

// Memory is 0 here.
func (*Server) Memory() (now, peak int64) { return 0, 0 }

// ForgetPeak does nothing here.
func (*Server) ForgetPeak() {}
