package record

import (
	"io"
	"os"
	"strings"
	"time"
)

// Served is what was seen of the user's own server in one storm (server.json), or of one that was already running
// whose sockets share its port. What an own one wrote is in server.log.
type Served struct {
	// Address that the storm went to.
	Address string `json:"address"`
	// Loopback: it listens on loopback only, so that the calls went over lo.
	Loopback bool `json:"loopback,omitempty"`
	// Daemonised: the process that was started had ended before the storm, and its children served.
	Daemonised bool `json:"daemonised,omitempty"`
	// Took is the time from the start of the command until it listened.
	Took time.Duration `json:"took_ns"`
	// Sockets that listened on the port, each with a queue of its own.
	Sockets []ServedSocket `json:"sockets"`
	// Ended is how the server ended before it was to, or that it was stopped; nil where it did neither.
	Ended *Exit `json:"ended,omitempty"`
	// Watch of the accept queues.
	Watch *Watch `json:"watch,omitempty"`
	// CPU time of all processes of an own server, from its start to the end of the storm; nil for others.
	CPU *time.Duration `json:"cpu_ns,omitempty"`
	// Idle and Busy are the bytes of memory that its processes held (VmRSS): when it listened, and at most from then on.
	// What processes share counts for each. Nil where that is not known.
	Idle *int64 `json:"idle_memory_bytes,omitempty"`
	Busy *int64 `json:"busy_memory_bytes,omitempty"`
}

// ServedSocket is one listening socket of the user's own server.
type ServedSocket struct {
	Address string `json:"address"`
	// Effective backlog, as listen(2) left it; the queue holds one more.
	Effective int `json:"effective_backlog"`
	// Peak is the longest queue that was sampled.
	Peak int `json:"peak_depth"`
	// Drops of the socket; nil where the kernel does not report it.
	Drops *uint32 `json:"drops,omitempty"`
}

// Process is a server's process.
type Process struct {
	// Name is its comm, and Program the name of the file that it runs; empty where that cannot be read.
	Name    string `json:"name,omitempty"`
	Program string `json:"program,omitempty"`
	// Kinds of well-known server that it may be, by their codes in target/known; empty for any other.
	Kinds []string `json:"kinds,omitempty"`
}

// Exit is how a process ended.
type Exit struct {
	// Code of an exit; meaningless after a signal.
	Code int `json:"code"`
	// Signal that ended or stopped it, such as "killed"; empty after an exit.
	Signal string `json:"signal,omitempty"`
	// Stopped: the process is still there, and runs no more.
	Stopped bool `json:"stopped,omitempty"`
}

// WriteServed writes what was seen of a server that is not the built-in one.
func (d RepeatDir) WriteServed(s *Served) error { return writeJSON(d.file(servedFile), s) }

// WriteServerLog writes what the user's own server has written.
func (d RepeatDir) WriteServerLog(output []byte) error {
	return os.WriteFile(d.file(serverLog), output, 0o666)
}

// tailBytes is how much of a server's output is read again: its last lines.
const tailBytes = 2 << 10

// readTail returns the whole lines at the end of a file.
func (d folder) readTail(name string) (string, error) {
	f, size, err := d.open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	cut := max(size-tailBytes, 0)
	text, err := io.ReadAll(io.NewSectionReader(f, cut, tailBytes))
	tail := string(text)
	if cut > 0 {
		_, tail, _ = strings.Cut(tail, "\n")
	}
	return tail, err
}
