package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"agistorm/analysis/listeners"
	seen "agistorm/analysis/watch"
	"agistorm/target/capture"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1MiB": 1 << 20, "2048KiB": 2 << 20, "256MiB": 256 << 20, "1024GiB": 1 << 40,
		"": 0, "1": 0, "1KiB": 0, "1025GiB": 0, "-1MiB": 0, "xMiB": 0, "9223372036854775807GiB": 0,
	} {
		got, err := parseSize(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	if text := sizeText(capture.DefaultMaxSize); text != "256MiB" {
		t.Errorf("the default is %s", text)
	}
}

// TestRecordFlags: what makes no sense is refused before anything is measured.
func TestRecordFlags(t *testing.T) {
	for _, c := range []struct {
		flags, what []string
		want        string
	}{
		{nil, nil, ""},
		{[]string{"--record", "a.rec"}, []string{"4573"}, ""},
		{[]string{"--record", "a.rec"}, nil, "--record needs to know which port, such as: agistorm watch 4573 --record a.rec"},
		{[]string{"--record", ""}, nil, "--record: want the name of a file"},
		{[]string{"--max-size", "1MiB"}, nil, "--max-size is about a recording: give --record FILE too"},
		{[]string{"--addresses"}, nil, "--addresses is about a recording: give --record FILE too"},
	} {
		var o recordOptions
		command := &cobra.Command{}
		o.flags(command)
		if err := command.ParseFlags(c.flags); err != nil {
			t.Fatal(err)
		}
		err := o.check(c.what)
		if (err == nil) != (c.want == "") || err != nil && (err.Error() != c.want || exitCode(err) != exitUsage) {
			t.Errorf("%v: %v, want %q", c.flags, err, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	at := func(netns string, port uint16) seen.Listener {
		return seen.Listener{Listener: listeners.Listener{Netns: netns, Port: port}}
	}
	places, err := placesOf(&seen.Report{
		Listeners: []seen.Listener{at(listeners.Host, 4573), at(listeners.Host, 80), at(listeners.Host, 4573)},
		Awaited:   []string{"22"},
	})
	if diff := cmp.Diff([]capture.Place{{Ports: []uint16{22, 80, 4573}}}, places); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := placesOf(&seen.Report{Listeners: []seen.Listener{at("1", 80)}}); err == nil {
		t.Error("a namespace that is not there has no error")
	}
	want := "record: nothing listens on my-container yet, so its port is not known: name the port, or start the server first"
	if _, err := placesOf(&seen.Report{Awaited: []string{"my-container"}}); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestRecordedLine(t *testing.T) {
	o := recordOptions{file: "a.rec"}
	for want, c := range map[string]struct {
		counts  capture.Counts
		failure error
	}{
		"a.rec: 1,000 calls from 1 host.": {capture.Counts{SYNs: 1000, Hosts: 1}, nil},
		"a.rec: 1 call from 1 host, 2 retransmitted SYNs, 3 SYNs lost because the capture's buffer was full, " +
			"1 oldest SYN dropped because the file was full.": {capture.Counts{SYNs: 1, Hosts: 1, Retransmitted: 2,
			Lost: 3, Dropped: 1}, nil},
		"a.rec: 0 calls from 0 hosts. The recording has ended: the disk is full.": {capture.Counts{},
			fmt.Errorf("recording: %w", syscall.ENOSPC)},
		"a.rec: 0 calls from 0 hosts. The recording has ended: no more.": {capture.Counts{}, errors.New("no more")},
	} {
		if got := o.recordedLine(c.counts, c.failure); got != want || strings.Contains(got, "\n") {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
