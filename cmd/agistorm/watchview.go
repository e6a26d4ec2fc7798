package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"agistorm/reports/lists"
	"agistorm/reports/words"
	"agistorm/target/watch"
)

const (
	// liveEvery is how often the view on a terminal is drawn anew.
	liveEvery = 500 * time.Millisecond
	// A plain status line comes at firstStatus, and then each time after as long again, up to lastStatus.
	firstStatus = time.Minute
	lastStatus  = time.Hour
	// waitingLines fit before the log takes them; a watch does not wait for it.
	waitingLines = 1000
)

// watchView shows a watch on stderr: a live view on a terminal, elsewhere plain lines.
type watchView struct {
	quiet, terminal bool
	progress        *progress
	out             *failingOnce
	lines           chan string
	lost            atomic.Int64
}

func newWatchView(e *env, quiet bool) *watchView {
	v := &watchView{
		quiet: quiet, terminal: e.stderrTerminal, out: &failingOnce{w: e.stderr},
		lines: make(chan string, waitingLines),
	}
	v.progress = newProgress(e, quiet, 0)
	v.progress.w = v.out
	return v
}

// failingOnce keeps the first error: a log that cannot be written on does not end a watch.
type failingOnce struct {
	w   io.Writer
	err error
}

func (f *failingOnce) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if f.err == nil {
		f.err = err
	}
	return n, err
}

// said takes a line about what happened. It never waits.
func (v *watchView) said(n watch.News) {
	if v.quiet {
		return
	}
	line := ""
	switch {
	case n.Event != nil:
		line = words.UTC(n.Event.At) + "  " + words.WatchEvent(*n.Event)
	case n.Overflow != nil:
		line = words.UTC(n.Overflow.From) + "  " + words.OverflowEnded(n.Listener, *n.Overflow)
	}
	select {
	case v.lines <- line:
	default:
		v.lost.Add(1)
	}
}

// close ends the view once all that was said is written. Nothing may be said after it.
func (v *watchView) close() { close(v.lines) }

// show shows the watch until it is closed: what it begins with, what happens, and until ctx is done how it stands. It
// passes on the error of the log.
func (v *watchView) show(ctx context.Context, w *watch.Watcher, begins []string) (ended <-chan error) {
	done := make(chan error, 1)
	go func() {
		v.run(ctx, w, lists.NonEmpty(begins...))
		done <- v.out.err
	}()
	return done
}

func (v *watchView) run(ctx context.Context, w *watch.Watcher, begins []string) {
	if !v.quiet {
		v.progress.say(begins...)
	}
	wait := firstStatus
	if v.terminal {
		wait = liveEvery
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	over := ctx.Done()
	for {
		select {
		case line, more := <-v.lines:
			if !more {
				return
			}
			v.progress.say(line)
		case <-over:
			over = nil
			timer.Stop()
			v.progress.clear()
		case <-timer.C:
			v.status(w)
			if !v.terminal {
				wait = min(2*wait, lastStatus)
			}
			timer.Reset(wait)
		}
		if n := v.lost.Swap(0); n > 0 {
			v.progress.say(words.LinesLost(int(n)))
		}
	}
}

// status shows how the watch stands.
func (v *watchView) status(w *watch.Watcher) {
	switch {
	case v.quiet:
	case v.terminal:
		v.progress.show(0, "", words.WatchLive(w.Now())...)
	default:
		fmt.Fprintln(v.out, words.UTC(time.Now())+"  "+words.WatchStatus(w.Now()))
	}
}
