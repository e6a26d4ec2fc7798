package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"agistorm/analysis/listeners"
	seen "agistorm/analysis/watch"
	"agistorm/reports/words"
	"agistorm/scenarios/lab"
	"agistorm/target/capture"
	"agistorm/target/netns"
	"agistorm/target/watch"
)

// recordOptions are the flags of watch for a recording of SYNs.
type recordOptions struct {
	file      string
	maxSize   int64
	addresses bool
	given     func(flag string) bool
}

func (o *recordOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.file, "record", "", "record when SYNs arrive at the ports of WHAT, in this new `FILE`: a trace for "+
		"storm, sweep and plan (CAP_NET_RAW)")
	o.maxSize = capture.DefaultMaxSize
	f.Var(&parsed[int64]{text: sizeText(o.maxSize), kind: "SIZE", to: &o.maxSize, parse: parseSize}, "max-size",
		"of the recording; when it is full the newer half is kept")
	f.BoolVar(&o.addresses, "addresses", false, "record the addresses of hosts, which are else only numbered")
	o.given = f.Changed
}

// check reports flags that make no sense, before anything is measured.
func (o *recordOptions) check(what []string) error {
	switch {
	case o.file == "" && o.given("record"):
		return usagef("--record: want the name of a file")
	case o.file == "" && o.given("max-size"):
		return usagef("--max-size is about a recording: give --record FILE too")
	case o.file == "" && o.given("addresses"):
		return usagef("--addresses is about a recording: give --record FILE too")
	case o.file != "" && len(what) == 0:
		return usagef("--record needs to know which port, such as: agistorm watch 4573 --record %s", o.file)
	}
	return nil
}

// begins says what is recorded, for the beginning of a watch; empty without a recording.
func (o *recordOptions) begins(run *recordingRun) string {
	if run == nil {
		return ""
	}
	of := "hosts are numbered, addresses are not kept"
	if o.addresses {
		of = "with the addresses of hosts"
	}
	return fmt.Sprintf("Recording SYNs in %s; %s.", o.file, of)
}

// recordingRun is a recording beside a watch; nil for none.
type recordingRun struct {
	*capture.Recorder
	// said is closed when a failure was said, or there is none.
	said chan struct{}
}

// start records SYNs for the ports of what is watched. A recording that ends before it is stopped is said once.
func (o *recordOptions) start(ctx context.Context, r *seen.Report, said func(watch.News)) (*recordingRun, error) {
	if o.file == "" {
		return nil, nil
	}
	places, err := placesOf(r)
	if err != nil {
		return nil, err
	}
	recorder, err := capture.Start(context.WithoutCancel(ctx), capture.Options{
		File: o.file, Places: places, MaxSize: o.maxSize, Addresses: o.addresses, Kernel: lab.DescribeHost().Kernel,
	})
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, usagef("%s exists already: name a new file for the recording", o.file)
	case err != nil:
		return nil, fmt.Errorf("record: %w", err)
	}
	run := &recordingRun{recorder, make(chan struct{})}
	go func() {
		defer close(run.said)
		if <-recorder.Done(); isFull(recorder.Err()) {
			said(watch.News{Event: o.fullEvent(time.Now())})
		}
	}()
	return run, nil
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

func (o *recordOptions) fullEvent(at time.Time) *seen.Event {
	return &seen.Event{At: at, Kind: seen.DiskFull, Text: "the recording " + o.file}
}

// end ends a recording, and notes a full disk in the report of the watch. The line says what was recorded; it is the
// error where the recording had ended before.
func (o *recordOptions) end(run *recordingRun, r *seen.Report) (line string, err error) {
	if run == nil {
		return "", nil
	}
	counts, err := run.Stop()
	<-run.said
	if isFull(err) {
		r.Events = append(r.Events, *o.fullEvent(r.To))
	}
	line = o.recordedLine(counts, err)
	if err != nil {
		return "", errors.New(strings.TrimSuffix(line, "."))
	}
	return line, nil
}

// placesOf returns the ports of what is watched by their network namespaces. A port on which nothing listens yet is
// taken in the namespace of this process.
func placesOf(r *seen.Report) ([]capture.Place, error) {
	ports := map[string][]uint16{}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		ports[l.Netns] = append(ports[l.Netns], l.Port)
	}
	for _, what := range r.Awaited {
		port, err := strconv.ParseUint(what, 10, 16)
		if err != nil || port == 0 {
			return nil, fmt.Errorf("record: nothing listens on %s yet, so its port is not known: name the port, or "+
				"start the server first", what)
		}
		ports[listeners.Host] = append(ports[listeners.Host], uint16(port))
	}
	var places []capture.Place
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		pid, err := pidIn(name)
		if err != nil {
			return nil, err
		}
		p := slices.Sorted(slices.Values(ports[name]))
		places = append(places, capture.Place{PID: pid, Ports: slices.Compact(p)})
	}
	return places, nil
}

// pidIn returns a process that lives in a network namespace; 0 for this process's own.
func pidIn(name string) (int, error) {
	if name == listeners.Host {
		return 0, nil
	}
	all, _, _, err := netns.List()
	if err != nil {
		return 0, err
	}
	for _, one := range all {
		if strconv.FormatUint(one.Inode, 10) == name {
			return one.PIDs[0], nil
		}
	}
	return 0, fmt.Errorf("network namespace %s has no process that this one may see", name)
}

// recordedLine says what a recording has, or why it ended early.
func (o *recordOptions) recordedLine(c capture.Counts, failure error) string {
	text := fmt.Sprintf("%s: %s from %s", o.file, words.Amount(int(c.SYNs), "call", "calls"),
		words.Amount(c.Hosts, "host", "hosts"))
	for _, part := range []struct {
		n         uint64
		one, many string
	}{
		{c.Retransmitted, "retransmitted SYN", "retransmitted SYNs"},
		{c.Lost, "SYN lost because the capture's buffer was full", "SYNs lost because the capture's buffer was full"},
		{c.Dropped, "oldest SYN dropped because the file was full", "oldest SYNs dropped because the file was full"},
	} {
		if part.n > 0 {
			text += ", " + words.Amount(int(part.n), part.one, part.many)
		}
	}
	switch {
	case isFull(failure):
		return text + ". The recording has ended: the disk is full."
	case failure != nil:
		return fmt.Sprintf("%s. The recording has ended: %v.", text, failure)
	}
	return text + "."
}

// sizeUnits of --max-size.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}

func sizeText(bytes int64) string { return strconv.FormatInt(bytes>>20, 10) + "MiB" }

// parseSize reads a number of bytes with its unit.
func parseSize(text string) (int64, error) {
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err == nil && n >= 0 && n <= maxRecording/unit.bytes && n*unit.bytes >= capture.MinMaxSize {
			return n * unit.bytes, nil
		}
	}
	return 0, fmt.Errorf("max-size %q: want 1MiB to 1024GiB, such as 256MiB", text)
}

// maxRecording bounds a recording.
const maxRecording = 1 << 40
