//go:build linux

package reference

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	cmd := exec.Command(program(b, "server"))
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
	b.Cleanup(func() {
		in.Close()
		late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			b.Errorf("server: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("the server told no port: %v", err)
	}
	return strings.TrimSpace(line)
}

// play lets a contestant play and holds it to answering every call.
func play(b *testing.B, name, port string, open, rounds int, options ...string) measure.Result {
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
	if r.Answered != r.Sessions || r.Sessions != open*rounds {
		b.Fatalf("%s: %d of %d sessions answered, want all %d\n%s", name, r.Answered, r.Sessions, open*rounds, stderr.Bytes())
	}
	return r
}
