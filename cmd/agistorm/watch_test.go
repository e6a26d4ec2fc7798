package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"agistorm/analysis/record"
	seen "agistorm/analysis/watch"
	"agistorm/analysis/watch/watchtest"
	"agistorm/target/metrics/scrape"
	"agistorm/target/watch"
)

// TestReportOnAFullDisk: the report comes to stdout with the event, and the error is one line.
func TestReportOnAFullDisk(t *testing.T) {
	var out, errs bytes.Buffer
	full := &os.PathError{Op: "write", Path: "day/report.html", Err: syscall.ENOSPC}
	o := &watchOptions{format: formatText, output: "day", write: func(record.Dir, *seen.Report) error {
		return errors.Join(full, full)
	}}
	e := &env{stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	err := o.report(e, watchtest.Sample())
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("%v", err)
	}
	if text := out.String(); !strings.Contains(text, "The disk is full: "+shown("day")+" was not written on.") {
		t.Errorf("%s", text)
	}
	if errs.Len() > 0 {
		t.Errorf("stderr has %q before the error", errs.String())
	}
}

// TestWatchView: on a terminal lines that stay stand above the view, elsewhere there are only lines; a quiet one has
// none.
func TestWatchView(t *testing.T) {
	event := watch.News{Event: &seen.Event{
		At: watchtest.Begin, Kind: seen.Suspended, Duration: time.Hour,
	}}
	for name, c := range map[string]struct {
		terminal, quiet bool
		want            string
	}{
		"terminal": {true, false, "begins\n2026-11-29 08:00:00 UTC  The host was suspended for 60 min. " +
			"Nothing was seen in\nthat time.\n"},
		"elsewhere": {false, false, "begins\n2026-11-29 08:00:00 UTC  The host was suspended for 60 min. " +
			"Nothing was seen in that time.\n"},
		"quiet": {true, true, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var errs bytes.Buffer
			v := newWatchView(&env{stderr: &errs, stderrTerminal: c.terminal}, c.quiet)
			ended := v.show(t.Context(), nil, []string{"begins", ""})
			synctest.Wait()
			v.said(event)
			v.close()
			if err := <-ended; err != nil || errs.String() != c.want {
				t.Errorf("%s: %q, %v", name, errs.String(), err)
			}
		})
	}
}

// TestWatchViewDoesNotWait: a log that takes nothing does not hold up a watch; what it lacks is said.
func TestWatchViewDoesNotWait(t *testing.T) {
	in, out := io.Pipe()
	v := newWatchView(&env{stderr: out}, false)
	ended := v.show(t.Context(), nil, []string{"begins"})
	for range waitingLines + 500 {
		v.said(watch.News{Event: &seen.Event{Kind: seen.Late, Duration: time.Minute}})
	}
	v.close()
	text := make(chan string)
	go func() {
		all, _ := io.ReadAll(in)
		text <- string(all)
	}()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	out.Close()
	if all := <-text; !strings.Contains(all, "lines are missing here") ||
		strings.Count(all, "not scheduled") < waitingLines {
		t.Errorf("%d bytes", len(all))
	}
}

// TestMetricsOverHTTP: a page is at the address that was asked for, which can be taken.
func TestMetricsOverHTTP(t *testing.T) {
	socket, stop, err := showMetrics("127.0.0.1:0", scrape.Page{Write: func(w io.Writer) error {
		_, err := io.WriteString(w, "here")
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	at := socket.bound()
	answer, err := http.Get("http://" + at + scrape.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); string(body) != "here" {
		t.Errorf("%q, %v", body, err)
	}
	if n := socket.accepted.Load(); n != 1 || socket.place().String() != at {
		t.Errorf("%d accepted at %v, which is bound to %s", n, socket.place(), at)
	}
	if _, _, err := showMetrics(at, scrape.Page{}); err == nil || !strings.HasPrefix(err.Error(), "metrics: ") {
		t.Errorf("the address is taken: %v", err)
	}
}
