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
	"strconv"
	"strings"
	"testing"
	"time"

	"agistorm/scripts/reference/measure"
)

// A contestant is one of the programs that are compared, by its file's name.
const (
	inC      = "client"
	agistorm = "storm"
	dialer   = "dialer"
	serve    = "agistorm"
)

// patience with one program's turn; the longest takes some 3 s.
const patience = time.Minute

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

// startProgram starts a server that tells its port in the first line that it prints. It ends with the benchmark: then its standard
// input does, and it gets an interrupt.
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
	told := bufio.NewReader(out)
	b.Cleanup(func() {
		in.Close()
		if filepath.Base(cmd.Path) == serve {
			cmd.Process.Signal(os.Interrupt)
		}
		late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer late.Stop()
		_, _ = io.Copy(io.Discard, told) // Wait closes the pipe
		if err := cmd.Wait(); err != nil {
			b.Errorf("%s: %v", cmd.Path, err)
		}
	})
	line, err := told.ReadString('\n')
	if err != nil {
		b.Fatalf("%s told no port: %v", cmd.Path, err)
	}
	return serving{portIn(line), cmd.Process.Pid}
}

// portIn finds the port in "4573" and in "Serving agi://127.0.0.1:4573: pool of …".
func portIn(line string) string {
	line = strings.TrimSpace(line)
	if _, rest, ok := strings.Cut(line, "agi://127.0.0.1:"); ok {
		line, _, _ = strings.Cut(rest, ":")
	}
	return line
}

// play lets a contestant play and holds it to answering every call.
func play(b *testing.B, name, port string, open, rounds int, options ...string) measure.Result {
	b.Helper()
	r := attempt(b, name, port, open, rounds, options...)
	// The dialer's goroutines may lose a few on a machine that has other work; ours, and the plain client in C, may not.
	if name == dialer && r.Answered < r.Sessions && 100*r.Answered >= 99*r.Sessions {
		b.Logf("%s: %d of %d sessions answered", name, r.Answered, r.Sessions)
		return r
	}
	if r.Answered != r.Sessions {
		b.Fatalf("%s: %d of %d sessions answered, want all", name, r.Answered, r.Sessions)
	}
	return r
}

// attempt lets a contestant play, be it answered or not.
func attempt(b *testing.B, name, port string, open, rounds int, options ...string) measure.Result {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(b, name), append(options, "127.0.0.1", port, strconv.Itoa(open), strconv.Itoa(rounds))...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%s: %v\n%s", name, err, stderr.Bytes())
	}
	var r measure.Result
	if err := json.Unmarshal(out, &r); err != nil {
		b.Fatalf("%s printed %q: %v", name, out, err)
	}
	if r.Sessions != open*rounds {
		b.Fatalf("%s: %d sessions, want %d\n%s", name, r.Sessions, open*rounds, stderr.Bytes())
	}
	return r
}
