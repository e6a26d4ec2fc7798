package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"agistorm/analysis/record"
)

// trace618 is what trace_pipe of Linux 6.18 has, with and without its context, and lost events.
const trace618 = "            bash-16817   [000] ..s1.   564.539971: kfree_skb: skbaddr=00000000cded1059 " +
	"rx_sk=0000000000000000 protocol=2048 location=tcp_v4_rcv+0x91/0x13f0 reason: NO_SOCKET\n" +
	"CPU:1 [LOST 12 EVENTS]\n" +
	" a reason: x [y-77   [001] d.s1.   564.6: kfree_skb: skbaddr=00000000cded1059 rx_sk=00000000aded1059 " +
	"protocol=34525 location=tcp_v6_rcv+0x91/0x13f0 reason: TCP_LISTEN_OVERFLOW\n" +
	"kfree_skb: skbaddr=00000000cded1059 protocol=2048 location=x reason: SKB_DROP_REASON_NO_SOCKET\n" +
	"kfree_skb: skbaddr=00000000cded1059 protocol=2048 location=x reason: 0x20001\n" +
	"kfree_skb: skbaddr=00000000cded1059 protocol=2048 location=x reason: not a name\n" +
	"consume_skb: skbaddr=00000000cded1059 location=x reason: NO_SOCKET\n"

func TestTally(t *testing.T) {
	want := map[string]uint64{"NO_SOCKET": 2, "TCP_LISTEN_OVERFLOW": 1, "0x20001": 1}
	var whole tally
	whole.add([]byte(trace618))
	if !maps.Equal(whole.by, want) {
		t.Errorf("%v, want %v", whole.by, want)
	}
	var pieces tally
	for _, b := range []byte(trace618) {
		pieces.add([]byte{b})
	}
	if !maps.Equal(pieces.by, want) {
		t.Errorf("byte by byte: %v", pieces.by)
	}
	var long tally
	long.add([]byte(strings.Repeat("x", 10*mostLine)))
	if len(long.rest) > mostLine {
		t.Errorf("%d bytes of a line are kept", len(long.rest))
	}
}

// FuzzTally: whatever the pieces, the same counts; and no line has two reasons.
func FuzzTally(f *testing.F) {
	f.Add(trace618, 10)
	f.Add(trace618[200:], 3)
	f.Add("kfree_skb:  reason: A", 0)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		var whole, pieces tally
		whole.add([]byte(text))
		if cut < 0 || cut > len(text) {
			cut = len(text) / 2
		}
		pieces.add([]byte(text[:cut]))
		pieces.add([]byte(text[cut:]))
		if len(text) < mostLine && !maps.Equal(whole.by, pieces.by) {
			t.Errorf("%v, cut at %d %v", whole.by, cut, pieces.by)
		}
		var sum uint64
		for name, n := range whole.by {
			if !reasonName.MatchString(prefix+name) && !reasonName.MatchString(name) {
				t.Errorf("%q", name)
			}
			sum += n
		}
		if sum > uint64(strings.Count(text, "\n")) {
			t.Errorf("%d reasons in %d lines", sum, strings.Count(text, "\n"))
		}
	})
}

const stats618 = "entries: 0\noverrun: 7\ncommit overrun: 2\nbytes: 0\noldest event ts:   564.539971\n" +
	"now ts:   565.350070\ndropped events: 1\nread events: 1\n"

func TestParseStats(t *testing.T) {
	if lost, err := parseStats(stats618); lost != 10 || err != nil {
		t.Errorf("%d, %v", lost, err)
	}
	for _, wrong := range []string{"", "entries: 4\n", "overrun: many\n", "overrun\n"} {
		if lost, err := parseStats(wrong); err == nil {
			t.Errorf("%q gives %d", wrong, lost)
		}
	}
}

// FuzzParseStats: whatever the text, a number or an error.
func FuzzParseStats(f *testing.F) {
	f.Add(stats618)
	f.Add("overrun: 18446744073709551615\n")
	f.Fuzz(func(t *testing.T, text string) {
		if lost, err := parseStats(text); err != nil && lost != 0 {
			t.Errorf("%d with %v", lost, err)
		}
	})
}

// TestMissing: each way in which the reasons can be missing has a code of its own.
func TestMissing(t *testing.T) {
	for want, err := range map[string]error{
		record.NoteReasonsOldKernel:  fmt.Errorf("tracefs: %w", errNoReason),
		record.NoteReasonsNoTracefs:  fmt.Errorf("%w: %w", ErrNoTracefs, fs.ErrPermission),
		record.NoteReasonsRefused:    fmt.Errorf("tracefs: %w", fs.ErrPermission),
		record.NoteReasonsNotLinux:   fmt.Errorf("drop reasons on plan9: %w", errors.ErrUnsupported),
		record.NoteReasonsUnreadable: errors.New("odd"),
	} {
		m := Missing(err)
		if m.Missing == nil || m.Missing.Code != want || m.Missing.Error != err.Error() || m.By != nil {
			t.Errorf("%v: %+v", err, m.Missing)
		}
	}
}

func TestOwnerOf(t *testing.T) {
	if pid, ours := ownerOf(instanceName(77, 3)); pid != 77 || !ours {
		t.Errorf("%d, %v", pid, ours)
	}
	for _, other := range []string{"", "agistorm", "agistorm-", "agistorm-1", "agistorm-x-1", "agistorm-1-x",
		"agistorm-1-2-3", "agistorm--1-2", "agistorm-01-2", "agistorm-0-1", "other-1-2"} {
		if pid, ours := ownerOf(other); ours {
			t.Errorf("%q is of process %d", other, pid)
		}
	}
}

// BenchmarkTally counts one event, of which the kernel writes one for each packet that it drops.
func BenchmarkTally(b *testing.B) {
	line := []byte(trace618[:strings.IndexByte(trace618, '\n')+1])
	var t tally
	b.ReportAllocs()
	for b.Loop() {
		t.add(line)
	}
}
