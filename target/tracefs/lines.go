package tracefs

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mostLine bounds what is kept of a line that has not ended; the kernel's own are shorter than a page.
const mostLine = 64 << 10

// tally counts the reasons in the lines of trace_pipe, in whatever pieces they come.
type tally struct {
	by   map[string]uint64
	rest []byte
}

// add takes the next piece.
func (t *tally) add(piece []byte) {
	for {
		line, after, ended := bytes.Cut(piece, []byte("\n"))
		if !ended {
			break
		}
		if len(t.rest) > 0 {
			line = append(t.rest, line...)
			t.rest = t.rest[:0]
		}
		t.line(line)
		piece = after
	}
	if len(t.rest)+len(piece) <= mostLine {
		t.rest = append(t.rest, piece...)
	}
}

// line counts the reason of an event: "… kfree_skb: skbaddr=… protocol=2048 location=… reason: NO_SOCKET".
func (t *tally) line(line []byte) {
	if name := reasonOf(line); name != "" {
		if t.by == nil {
			t.by = map[string]uint64{}
		}
		t.by[name]++
	}
}

// reasonName is a reason's name, or its number where the event's table lacks it: those of a subsystem such as mac80211
// (the kernel's include/net/dropreason.h).
var reasonName = regexp.MustCompile(`^(?:[A-Z][A-Z0-9_]*|0x[0-9a-f]{1,8})$`)

// reasonOf returns the reason in a line; empty where there is none.
func reasonOf(line []byte) string {
	i := bytes.LastIndex(line, []byte(" reason: "))
	if i < 0 || !bytes.Contains(line[:i], []byte("kfree_skb: ")) {
		return ""
	}
	name := bytes.TrimSpace(line[i+len(" reason: "):])
	if !reasonName.Match(name) {
		return ""
	}
	return strings.TrimPrefix(string(name), prefix)
}

// lostStats are the lines of per_cpu/cpuN/stats that count lost events (the kernel's Documentation/trace/ftrace.rst):
// those that newer ones replaced before they were read, and those that found no place.
var lostStats = []string{"overrun", "commit overrun", "dropped events"}

// parseStats returns the events that one CPU has lost.
func parseStats(text string) (lost uint64, err error) {
	found := 0
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		for _, wanted := range lostStats {
			if strings.TrimSpace(name) != wanted {
				continue
			}
			n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("stats: %s: %w", wanted, err)
			}
			lost, found = lost+n, found+1
		}
	}
	if found == 0 {
		return 0, fmt.Errorf("stats: none of %s in it", strings.Join(lostStats, ", "))
	}
	return lost, nil
}
