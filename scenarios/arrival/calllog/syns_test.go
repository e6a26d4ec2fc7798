package calllog

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// from returns what passes on SYNs, and then an end.
func from(list []SYN, end error) func() (SYN, error) {
	return func() (SYN, error) {
		if len(list) == 0 {
			return SYN{}, end
		}
		s := list[0]
		list = list[1:]
		return s, nil
	}
}

func TestReadSYNs(t *testing.T) {
	const s = time.Second
	list := []SYN{
		{At: 1000 * s, Host: 1, Port: 80}, {At: 1002 * s, Host: 2, Port: 80}, {At: 1001 * s, Host: 3, Port: 80},
		{At: 1003 * s, Host: 2, Port: 80, Retransmitted: true}, {At: 1001 * s, Host: 1, Port: 22},
	}
	for name, c := range map[string]struct {
		end  error
		o    Options
		want Log
	}{
		"the most called port, in order": {io.EOF, Options{Max: 5}, Log{
			Times: []time.Duration{1000 * s, 1001 * s, 1002 * s}, Hosts: []uint32{1, 3, 2}, Absolute: true, Port: 80,
			Skipped: Skipped{Retransmitted: 1, OtherPort: 1},
		}},
		"a port, of a truncated file": {fmt.Errorf("packet 9: %w", io.ErrUnexpectedEOF), Options{Max: 5, Port: 22}, Log{
			Times: []time.Duration{1001 * s}, Hosts: []uint32{1}, Absolute: true, Port: 22, Truncated: true,
			Skipped: Skipped{OtherPort: 4},
		}},
	} {
		got, err := ReadSYNs(from(list, c.end), c.o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for want, c := range map[string]struct {
		list []SYN
		end  error
		o    Options
	}{
		"more than 3 calls; take a part of them: from T to T, or port N": {list, io.EOF, Options{Max: 3}},
		"packet 3: no such thing": {
			list[:2], errors.New("packet 3: no such thing"), Options{Max: 3},
		},
		"no call: want SYNs in it":                          {nil, io.EOF, Options{Max: 3}},
		"no call: the file ends before its first whole SYN": {nil, io.ErrUnexpectedEOF, Options{Max: 3}},
		"no SYN for port 9; the most called one is port 80": {list, io.EOF, Options{Max: 5, Port: 9}},
		"no call: all SYNs for port 80 are retransmissions": {list[3:4], io.EOF, Options{Max: 5}},
		`from "1759654801" to "1759654800": want a later end`: {
			list, io.EOF, Options{Max: 5, From: "1759654801", To: "1759654800"},
		},
	} {
		if _, err := ReadSYNs(from(c.list, c.end), c.o); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzReadSYNs: of any SYNs, all are times in order or skipped, and each time keeps its host.
func FuzzReadSYNs(f *testing.F) {
	f.Add([]byte("\x01\x02\x03\x00\x05\x02\x01\x01"), uint16(0), "", "")
	f.Add([]byte("\x01\x02\x03\x00\x05\x02\x01\x01\x09\x02\x03\x00"), uint16(2), "00:00:03", "")
	f.Fuzz(func(t *testing.T, bytes []byte, port uint16, begin, end string) {
		var list []SYN
		for ; len(bytes) >= 4; bytes = bytes[4:] {
			at := time.Duration(bytes[0]) * time.Second
			list = append(list, SYN{
				At: at, Host: uint32(bytes[0]), Port: uint16(bytes[2]), Retransmitted: bytes[3]&1 == 1,
			})
		}
		l, err := ReadSYNs(from(list, io.EOF), Options{Max: 50, Port: port, From: begin, To: end})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than a line", err)
			}
			return
		}
		if n := len(l.Times); n == 0 || n != len(l.Hosts) || n+l.Skipped.Total() != len(list) {
			t.Fatalf("%d times, %d hosts, %d skipped of %d", n, len(l.Hosts), l.Skipped.Total(), len(list))
		}
		for i, at := range l.Times {
			if i > 0 && at < l.Times[i-1] || at != time.Duration(l.Hosts[i])*time.Second {
				t.Fatalf("time %d is %v, of host %d", i, at, l.Hosts[i])
			}
		}
	})
}
