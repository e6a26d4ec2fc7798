//go:build linux

package measure

import (
	"bufio"
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

// Note writes one call's connect. What cannot be written Close tells.
func (c *Connects) Note(local netip.AddrPort, took time.Duration) {
	if c.file != nil {
		fmt.Fprintf(c.out, "{\"local\":%q,\"connect_ns\":%d}\n", local.String(), took.Nanoseconds())
	}
}

// Close closes the file; the error is the first of all that failed.
func (c *Connects) Close() error {
	if c.file == nil {
		return nil
	}
	flushed := c.out.Flush()
	if err := c.file.Close(); flushed == nil {
		return err
	}
	return flushed
}
