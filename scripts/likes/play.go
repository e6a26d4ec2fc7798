package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"agistorm/analysis/record"
)

// exitInconclusive is agistorm's: on a machine with few CPUs it may doubt its times. What became of the calls
// stands.
const exitInconclusive = 3

// playAll storms one server so many times.
func playAll(ctx context.Context, agistorm string, s *server, arrival string, runs int) (all []tally, err error) {
	for range runs {
		t, err := play(ctx, agistorm, s, arrival)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// play storms one server, in processes of their own, and counts what became of the calls.
func play(ctx context.Context, agistorm string, s *server, arrival string) (t tally, err error) {
	dir, err := os.MkdirTemp("", "likes-")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	address, stop, err := serve(ctx, agistorm, s.flags)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	run := filepath.Join(dir, "run")
	storm := exec.CommandContext(ctx, agistorm, "storm", "agi://"+address+"/likes", "-n", strconv.Itoa(s.calls),
		"--arrival", arrival, "--quiet", "-o", run)
	var exit *exec.ExitError
	if out, err := storm.CombinedOutput(); err != nil &&
		(!errors.As(err, &exit) || exit.ExitCode() != exitInconclusive) {
		return t, fmt.Errorf("storm: %w: %s", err, out)
	}
	repeat, err := record.Dir(run).Repeat("storm", 1)
	if err != nil {
		return t, err
	}
	return count(repeat.Attempts), nil
}

var announced = regexp.MustCompile(`^Serving agi://(\S+): `)

// serve starts a server, and gives its address once it listens.
func serve(ctx context.Context, agistorm string, flags []string) (address string, stop func() error, err error) {
	cmd := exec.CommandContext(ctx, agistorm, append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	stop = func() error {
		_ = cmd.Process.Signal(os.Interrupt) // Wait reports one that has ended
		_, _ = io.Copy(io.Discard, lines)
		return cmd.Wait()
	}
	match := announced.FindStringSubmatch(first)
	if match == nil {
		return "", nil, errors.Join(fmt.Errorf("serve printed %q: %w", first, err), stop())
	}
	return match[1], stop, nil
}
