//go:build linux

package measure

import (
	"bufio"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"
)

// Connects writes how long each connect took, as its client saw it.
type Connects struct {
	file *os.File
	out  *bufio.Writer
}

// CreateConnects creates the file; with no name it notes nothing.
func CreateConnects(name string) (*Connects, error) {
	if name == "" {
		return &Connects{}, nil
	}
	f, err := os.Create(name)
	return &Connects{file: f, out: bufio.NewWriter(f)}, err
}

// Note writes one call's connect. Close returns its error.
func (c *Connects) Note(local netip.AddrPort, took time.Duration) {
	if c.file != nil {
		fmt.Fprintf(c.out, "{\"local\":%q,\"connect_ns\":%d}\n", local.String(), took.Nanoseconds())
	}
}

// Close closes the file; the error joins all that failed.
func (c *Connects) Close() error {
	if c.file == nil {
		return nil
	}
	return errors.Join(c.out.Flush(), c.file.Close())
}
