//go:build !linux

// Package epoll serves on Linux. On this system there is no epoll.
package epoll

import (
	"errors"
	"fmt"
	"runtime"

	"agistorm/target/engine"
)

// New always fails here, with an error that wraps errors.ErrUnsupported.
func New(*engine.Plan) (engine.Engine, error) {
	return nil, fmt.Errorf("engine epoll on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
