package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Bounds of what is kept of a server's output.
const (
	keptHead = 64 << 10
	keptTail = 64 << 10
)

// Output keeps the beginning and the end of what a server writes; what is between is counted only. Its
// methods may be called from several goroutines.
type Output struct {
	write, read *os.File
	// all is closed when all was read.
	all chan struct{}

	mu         sync.Mutex
	head, tail []byte
	total      int64
}

func newOutput() (*Output, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o := &Output{write: write, read: read, all: make(chan struct{})}
	go func() {
		defer close(o.all)
		_, _ = io.Copy(keeper{o}, read) // until all writers, or this end, have closed
	}()
	return o, nil
}

// started closes this process's own end for writing.
func (o *Output) started() { _ = o.write.Close() }

// close ends the reading when all was read, or a process that is none of the server's still holds the other end.
func (o *Output) close() {
	select {
	case <-o.all:
	case <-time.After(lastRead):
	}
	_ = o.read.Close()
}

// lastRead is how long the rest of the output may take when the server has ended.
const lastRead = time.Second

// keeper is the side of an Output that is written to.
type keeper struct{ *Output }

func (k keeper) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.total += int64(len(b))
	rest := b
	if room := keptHead - len(k.head); room > 0 {
		n := min(room, len(rest))
		k.head, rest = append(k.head, rest[:n]...), rest[n:]
	}
	k.tail = append(k.tail, rest...)
	if over := len(k.tail) - keptTail; over > 0 {
		k.tail = append(k.tail[:0], k.tail[over:]...)
	}
	return len(b), nil
}

// Bytes returns what is kept, with a line between the beginning and the end where something is left out.
func (o *Output) Bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := append([]byte(nil), o.head...)
	if left := o.total - int64(len(o.head)) - int64(len(o.tail)); left > 0 {
		b = fmt.Appendf(b, "\n[%d bytes left out]\n", left)
	}
	return append(b, o.tail...)
}

// LastLines returns the last n lines that are not blank.
func (o *Output) LastLines(n int) []string {
	var lines []string
	for line := range strings.Lines(string(o.Bytes())) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}
