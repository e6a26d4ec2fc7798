package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
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
	// come has something when listeners have come.
	come chan struct{}
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
	return words.RecordingBegins(o.file, o.addresses)
}

// recordingRun is a recording beside a watch; nil for none.
type recordingRun struct {
	*capture.Recorder
	// over is closed when the recording has ended, and a failure was said.
	over chan struct{}
}

// heard returns what passes the news of a watch on, and notes that listeners have come.
func (o *recordOptions) heard(said func(watch.News)) func(watch.News) {
	o.come = make(chan struct{}, 1)
	return func(n watch.News) {
		if n.Event != nil && (n.Event.Kind == seen.Appeared || n.Event.Kind == seen.Restarted) {
			select {
			case o.come <- struct{}{}:
			default: // it is noted already
			}
		}
		said(n)
	}
}

// start records SYNs for the ports of what is watched.
func (o *recordOptions) start(
	ctx context.Context, w *watch.Watcher, what []string, said func(watch.News),
) (*recordingRun, error) {
	if o.file == "" {
		return nil, nil
	}
	r := w.Now()
	if err := checkAwaited(r.Awaited); err != nil {
		return nil, err
	}
	recorder, err := capture.Start(context.WithoutCancel(ctx), capture.Options{
		File: o.file, Places: placesOf(what, r), MaxSize: o.maxSize, Addresses: o.addresses,
		Kernel: lab.DescribeHost().Kernel,
	})
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, usagef("%s exists already: name a new file for the recording", o.file)
	case err != nil:
		return nil, fmt.Errorf("record: %w", err)
	}
	run := &recordingRun{recorder, make(chan struct{})}
	go o.follow(run, w, what, said)
	return run, nil
}

// follow records what comes to listen, such as a container that was started again. A full disk is said once.
func (o *recordOptions) follow(run *recordingRun, w *watch.Watcher, what []string, said func(watch.News)) {
	defer close(run.over)
	for {
		select {
		case <-o.come:
			run.Follow(placesOf(what, w.Now()))
			continue
		case <-run.Done():
		}
		if isFull(run.Err()) {
			said(watch.News{Event: o.fullEvent(time.Now())})
		}
		return
	}
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
	<-run.over
	if isFull(err) {
		r.Events = append(r.Events, *o.fullEvent(r.To))
	}
	if err != nil {
		return "", fmt.Errorf("%s has ended early, and keeps what was written until then: %w", o.file, err)
	}
	recorded := words.Recorded{
		File: o.file, Calls: counts.SYNs, Hosts: counts.Hosts, Retransmitted: counts.Retransmitted,
		Lost: counts.Lost, Dropped: counts.Dropped,
	}
	return recorded.String(), nil
}

// checkAwaited refuses what does not listen yet and names no port.
func checkAwaited(awaited []string) error {
	for _, what := range awaited {
		if _, ok := portOf(what); !ok {
			return fmt.Errorf("record: nothing listens on %s yet, so its port is not known: name the port, or "+
				"start the server first", what)
		}
	}
	return nil
}

// portOf returns the port that a word of the command line names.
func portOf(what string) (uint16, bool) {
	if _, text, err := net.SplitHostPort(what); err == nil {
		what = text
	}
	port, err := strconv.ParseUint(what, 10, 16)
	return uint16(port), err == nil && port > 0
}

// placesOf returns the ports of what is watched by their network namespaces. A port that is named is taken in the
// namespace of this process, whatever listens there. Namespaces without a process that this one may see are left out.
func placesOf(what []string, r *seen.Report) (places []capture.Place) {
	ports := map[string][]uint16{}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		ports[l.Netns] = append(ports[l.Netns], l.Port)
	}
	for _, word := range what {
		if port, ok := portOf(word); ok {
			ports[listeners.Host] = append(ports[listeners.Host], port)
		}
	}
	pids := inhabitants()
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		pid, known := pids[name]
		if !known {
			continue
		}
		p := slices.Compact(slices.Sorted(slices.Values(ports[name])))
		places = append(places, capture.Place{Netns: name, PID: pid, Ports: p})
	}
	return places
}

// inhabitants returns a process of each network namespace by its name; 0 for this process's own.
func inhabitants() map[string]int {
	pids := map[string]int{listeners.Host: 0}
	all, _, _, err := netns.List()
	if err != nil {
		return pids // then the own namespace is recorded
	}
	for _, one := range all {
		pids[strconv.FormatUint(one.Inode, 10)] = one.PIDs[0]
	}
	return pids
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
