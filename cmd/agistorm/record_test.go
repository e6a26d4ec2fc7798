package main

import (
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
		{[]string{"--record", "a.rec"}, nil,
			"--record needs to know which port, such as: agistorm watch 4573 --record a.rec"},
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
	places := placesOf([]string{"22", "127.0.0.1:23", "my-container"}, &seen.Report{Listeners: []seen.Listener{
		at(listeners.Host, 4573), at(listeners.Host, 80), at(listeners.Host, 4573), at("1", 80), // one has gone
	}})
	want := []capture.Place{{Netns: listeners.Host, Ports: []uint16{22, 23, 80, 4573}}}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	says := "record: nothing listens on my-container yet, so its port is not known: name the port, or " +
		"start the server first"
	if err := checkAwaited([]string{"22", "my-container"}); err == nil || err.Error() != says {
		t.Errorf("%v, want %s", err, says)
	}
}
