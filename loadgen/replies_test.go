package loadgen

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// TestEveryCallKnowsItself: what a script asks of a call is what the call's own environment has said.
func TestEveryCallKnowsItself(t *testing.T) {
	asked := map[string]string{
		"CHANNEL": "agi_channel", "UNIQUEID": "agi_uniqueid", "EXTEN": "agi_extension", "CONTEXT": "agi_context",
		"CALLERID(num)": "agi_callerid", "CHANNEL(language)": "agi_language",
	}
	engines(t, func(t *testing.T, engine string) {
		const calls = 8
		channels := make(chan string, calls)
		address := start(t, func(t *testing.T, c *net.TCPConn) {
			in := bufio.NewReader(c)
			lines, err := readEnvironment(in)
			if err != nil {
				t.Error(err)
			}
			said := map[string]string{}
			for _, line := range lines {
				name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
				said[name] = value
			}
			for name, line := range asked {
				want := "200 result=1 (" + said[line] + ")\n"
				if got := readReply(c, in, "GET VARIABLE "+name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			channels <- said["agi_channel"]
		})
		play(t, Config{
			Addresses: []netip.AddrPort{address},
			Schedule:  arrival.Burst{Calls: calls}, Limits: patient, Engine: engine,
		})
		seen := map[string]bool{}
		for range calls {
			seen[<-channels] = true
		}
		if len(seen) != calls {
			t.Errorf("%d calls have %d channels: %v", calls, len(seen), seen)
		}
	})
}

// readReply gives one command and reads a reply of one line.
func readReply(c net.Conn, in *bufio.Reader, command string) string {
	fmt.Fprintln(c, command)
	line, _ := in.ReadString('\n') // a call that ended shows as another reply
	return line
}

// TestMissingFiles: of the files that a script plays, those are missing that the client has not.
func TestMissingFiles(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		address := start(t, func(t *testing.T, c *net.TCPConn) {
			in := bufio.NewReader(c)
			if _, err := readEnvironment(in); err != nil {
				t.Error(err)
			}
			for command, want := range map[string]string{
				`STREAM FILE lost ""`:  "200 result=-1 endpos=0\n",
				`STREAM FILE other ""`: "200 result=0 endpos=0\n",
				"GET DATA gone":        "200 result=-1\n",
			} {
				if got := readReply(c, in, command); got != want {
					t.Errorf("%s: %q, want %q", command, got, want)
				}
			}
		})
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 2}, Limits: patient, Engine: engine,
			Client: caller.Client{MissingFiles: []string{"lost", "gone"}},
		})
		for _, a := range attempts {
			if a.Outcome != record.Answered || a.Commands != 3 {
				t.Errorf("%s with %d commands", a.Outcome, a.Commands)
			}
		}
	})
}

// TestDatabaseOfACall: an entry that one call has put is not another's.
func TestDatabaseOfACall(t *testing.T) {
	calls := newTalk(Config{Host: "pbx", Schedule: arrival.Burst{Calls: 2}})
	for _, c := range []struct {
		call       int
		said, want string
	}{
		{0, "DATABASE PUT a b 1\nDATABASE GET a b\n", "200 result=1\n200 result=1 (1)\n"},
		{1, "DATABASE GET a b\n", "200 result=0\n"},
		{0, "DATABASE GET a b\n", "200 result=1 (1)\n"},
	} {
		if got, _, err := calls.Receive(nil, c.call, []byte(c.said)); string(got) != c.want || err != nil {
			t.Errorf("call %d, %q: %q, %v, want %q", c.call, c.said, got, err, c.want)
		}
	}
}

// TestSessionIsSmall: what every call costs from the storm's beginning to its end.
func TestSessionIsSmall(t *testing.T) {
	if size := reflect.TypeFor[session]().Size() + setRoom; size > 104 {
		t.Errorf("%d bytes for each call, want 104 at most", size)
	}
}
