//go:build linux

package reference

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"agistorm/scripts/reference/measure"
	"agistorm/target/netns"
	"agistorm/target/netns/link"
)

// A contestant is one of the programs that are compared, by its file's name and the options that
// are always its own.
const (
	inC        = "client"
	inCBatched = "client --sendmmsg"
	threads    = "threads"
	agistorm   = "storm"
	dialer     = "dialer"
	serve      = "agistorm"
)

// turnTimeout is for one program's turn; the longest takes some 20 s.
const turnTimeout = time.Minute

// A wire is what lies between the servers and the clients.
type wire struct {
	// address that the servers listen on, and that the clients connect to.
	address string
	// onClient runs f at the clients' end, so that the programs that f starts live there. The servers
	// live in the namespace that the benchmarks run in.
	onClient func(f func() error) error
}

// loopback is that of the namespace which the benchmarks run in.
var loopback = wire{address: "127.0.0.1", onClient: func(f func() error) error { return f() }}

// lossless is the wire of agistorm's sweeps: the clients have a namespace of their own.
func lossless(b *testing.B) wire {
	b.Helper()
	beside, err := netns.NewBeside()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { beside.Close() })
	if err := beside.Do(setUpNamespace); err != nil {
		b.Fatal(err)
	}
	l, err := link.Join(beside.Home(), beside.There(), link.Options{VethOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stats, err := l.Close()
		if lost := stats.ToServer.Dropped() + stats.ToClient.Dropped(); lost > 0 || err != nil {
			b.Errorf("the wire lost %d packets, %v; want none", lost, err)
		}
	})
	return wire{address: link.Server.String(), onClient: beside.Do}
}

// program is the path of a built program. The benchmark is skipped where it could not be built.
func program(b *testing.B, name string) string {
	b.Helper()
	path := filepath.Join(os.Getenv(programsVar), name)
	if _, err := os.Stat(path); err != nil {
		skip(b, fmt.Sprintf("there is no C compiler (cc) to build %s.c: nothing to compare with", name))
	}
	return path
}

// skip skips the benchmark aloud: go test itself says nothing of it without -v.
func skip(b *testing.B, why string) {
	b.Helper()
	fmt.Fprintf(os.Stderr, "SKIPPED %s: %s\n", b.Name(), why)
	b.Skip(why)
}

// startServer starts the server as a process of its own and returns its port. It ends with
// the benchmark: then its standard input does.
func startServer(b *testing.B) string {
	b.Helper()
	return startProgram(b, exec.Command(program(b, "server"))).port
}

// serving is a server as a process of its own.
type serving struct {
	port string
	pid  int
}

// startProgram starts a server that prints its port in the first line that it prints. It ends with the
// benchmark: then its standard input does, and it gets an interrupt.
func startProgram(b *testing.B, cmd *exec.Cmd) serving {
	b.Helper()
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stdout := bufio.NewReader(out)
	b.Cleanup(func() {
		in.Close()
		if filepath.Base(cmd.Path) == serve {
			cmd.Process.Signal(os.Interrupt)
		}
		late := time.AfterFunc(turnTimeout, func() { cmd.Process.Kill() })
		defer late.Stop()
		_, _ = io.Copy(io.Discard, stdout) // Wait closes the pipe
		if err := cmd.Wait(); err != nil {
			b.Errorf("%s: %v", cmd.Path, err)
		}
	})
	line, err := stdout.ReadString('\n')
	if err != nil {
		b.Fatalf("%s printed no port: %v", cmd.Path, err)
	}
	return serving{portIn(line), cmd.Process.Pid}
}

// portIn finds the port in "4573" and in "Serving agi://127.0.0.1:4573: pool of …".
func portIn(line string) string {
	line = strings.TrimSpace(line)
	if _, rest, ok := strings.Cut(line, "agi://"); ok {
		address, _, _ := strings.Cut(rest, ": ")
		line = address[strings.LastIndexByte(address, ':')+1:]
	}
	return line
}

// play lets a contestant play and holds it to answering every call.
func play(b *testing.B, name, port string, open, rounds int, options ...string) measure.Result {
	b.Helper()
	r := loopback.attempt(b, name, port, open, rounds, options...)
	// The dialer's goroutines may lose a few on a machine that has other work; ours, and the plain client in
	// C, may not.
	if name == dialer && r.Answered < r.Sessions && 100*r.Answered >= 99*r.Sessions {
		b.Logf("%s: %d of %d sessions answered", name, r.Answered, r.Sessions)
		return r
	}
	if r.Answered != r.Sessions {
		b.Fatalf("%s: %d of %d sessions answered, want all", name, r.Answered, r.Sessions)
	}
	return r
}

// attempt lets a contestant play, whether its calls are answered or not.
func (w wire) attempt(b *testing.B, name, port string, open, rounds int, options ...string) measure.Result {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), turnTimeout)
	defer cancel()
	own := strings.Fields(name)
	args := slices.Concat(own[1:], options, []string{w.address, port, strconv.Itoa(open), strconv.Itoa(rounds)})
	cmd := exec.CommandContext(ctx, program(b, own[0]), args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := w.onClient(cmd.Run); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, stderr.Bytes())
	}
	r, err := parseResult(out.Bytes(), open*rounds)
	if err != nil {
		b.Fatalf("%s: %v\n%s", name, err, stderr.Bytes())
	}
	return r
}

// parseResult reads a client's line. Every session must have exactly one outcome.
func parseResult(line []byte, sessions int) (r measure.Result, err error) {
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("printed %q: %w", line, err)
	}
	if r.Sessions != sessions {
		return r, fmt.Errorf("%d sessions, want %d", r.Sessions, sessions)
	}
	if r.Outcomes == nil {
		return r, nil
	}
	sum := 0
	for _, n := range r.Outcomes {
		sum += n
	}
	if sum != sessions || r.Outcomes["answered"] != r.Answered {
		return r, fmt.Errorf("outcomes %v, want %d in all, and %d answered", r.Outcomes, sessions, r.Answered)
	}
	return r, nil
}
