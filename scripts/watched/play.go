package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// play plays a storm beside a watch, and reads the accounts of both.
func play(ctx context.Context, agistorm string, s storm) (p pair, err error) {
	dir, err := os.MkdirTemp("", "watched-")
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	end, err := begin(ctx, agistorm)
	if err != nil {
		return p, fmt.Errorf("watch: %w", err)
	}
	target, address, stormed := sweep(ctx, agistorm, dir, s)
	report, err := end()
	if err = errors.Join(stormed, err); err != nil {
		return p, err
	}
	was, err := find(report, address)
	return pair{s, target, was}, err
}

// begin starts a watch, and returns what ends it with its report.
func begin(ctx context.Context, agistorm string) (end func() ([]byte, error), err error) {
	cmd := exec.CommandContext(ctx, agistorm, "watch", "--format", "json")
	var report bytes.Buffer
	cmd.Stdout = &report
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(log)
	first, err := lines.ReadString('\n')
	if !strings.HasPrefix(first, "Watching ") {
		return nil, errors.Join(fmt.Errorf("it says %q: %w", first, err), cmd.Wait())
	}
	return func() ([]byte, error) {
		_ = cmd.Process.Signal(os.Interrupt) // Wait reports one that has ended
		_, _ = lines.WriteTo(new(bytes.Buffer))
		err := cmd.Wait()
		return report.Bytes(), err
	}, nil
}

// sweep plays the storm at a target on this host, and returns the target's account and its address.
func sweep(ctx context.Context, agistorm, dir string, s storm) (account seen, address string, err error) {
	somaxconn, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	if err != nil {
		return account, "", err
	}
	file, run := filepath.Join(dir, "watched.yaml"), record.Dir(filepath.Join(dir, "run"))
	text := fmt.Sprintf(`name: watched
storm: {calls: %d, arrival: %q, first-command-timeout: 10s, session-timeout: 30s}
target: {behaviour: %q, work: %s}
settings:
  - {somaxconn: %s, backlog: %d}
repeats: 1
`, s.calls, s.arrival, s.behaviour, s.work, strings.TrimSpace(string(somaxconn)), s.backlog)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return account, "", err
	}
	cmd := exec.CommandContext(ctx, agistorm, "sweep", file, "--isolation", "none", "--quiet", "-o", string(run))
	if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != inconclusive {
		return account, "", fmt.Errorf("sweep: %w: %s", err, out)
	}
	described, err := run.Run()
	if err != nil {
		return account, "", err
	}
	repeat, err := run.Repeat(described.Cells[0].ID, 1)
	if err != nil {
		return account, "", err
	}
	account, err = own(repeat.Queue)
	return account, repeat.Storm.Address, err
}

// inconclusive is the exit code of a sweep whose generator was the limit: the target's account is whole all the same.
const inconclusive = 3

// find returns what the report of a watch has of an address.
func find(report []byte, address string) (s seen, err error) {
	var r struct {
		Listeners []struct {
			Address string `json:"address"`
			Port    int    `json:"port"`
			Netns   string `json:"netns"`
			Peak    struct {
				Depth   int  `json:"depth"`
				AtLeast bool `json:"at_least"`
			} `json:"peak"`
			Drops *int `json:"drops_seen"`
		} `json:"listeners"`
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return s, fmt.Errorf("report of the watch: %w", err)
	}
	for _, l := range r.Listeners {
		if net.JoinHostPort(l.Address, strconv.Itoa(l.Port)) == address && l.Netns == "host" && l.Drops != nil {
			return seen{peak: l.Peak.Depth, drops: *l.Drops, atLeast: l.Peak.AtLeast}, nil
		}
	}
	return s, fmt.Errorf("the watch has no listener %s with its drops", address)
}
