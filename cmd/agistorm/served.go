package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"agistorm/reports/lists"
	"agistorm/reports/words"
	"agistorm/target"
	"agistorm/target/engine"
	"agistorm/target/spec"
)

// Formats of stdout.
const (
	formatText     = "text"
	formatMarkdown = "markdown"
	formatJSON     = "json"
)

// likeNames returns the names of the well-known servers, for the help.
func likeNames() string {
	return strings.Join(lists.Map(spec.Likes(), func(l spec.Like) string { return l.Name }), ", ")
}

// likeList is the value of --like that explains the others.
const likeList = "list"

// listLikes prints each server with its behaviour, its backlog and the scripts that it stands for.
func listLikes(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range spec.Likes() {
		fmt.Fprintf(table, "%s\t--behaviour %v --backlog %v\n", l.Name, l.Behaviour, l.Backlog)
		fmt.Fprintf(table, "\t%s.\n\tFor %s.\n", l.Words, l.Scripts)
	}
	return table.Flush()
}

// behaviourForms returns those of --behaviour, for the help.
func behaviourForms() string {
	return strings.Join(spec.Behaviours(), " ")
}

// otherPolicies returns the backlog policies other than max, for the help.
func otherPolicies() string {
	return strings.Join(spec.Policies()[1:], ", ")
}

// announce prints what was asked, what the system allows and what the kernel kept.
func announce(w io.Writer, l *target.Listener, c *target.Config, metrics string) {
	fmt.Fprintf(w, "Serving agi://%s: %s, %v of work per call.\n", l.Addr(), c.Behaviour.Words(), c.Work)
	fmt.Fprintf(w, "Backlog %v: %s\n", l.Backlog, keptWords(l.Kept()))
	if metrics != "" {
		fmt.Fprintf(w, "Metrics: http://%s/metrics\n", metrics)
	}
}

// keptWords returns "asked 2147483647, somaxconn 4096, effective 4096: the accept queue holds 4097
// connections."
func keptWords(k target.Kept) string {
	words := fmt.Sprintf("asked %d, somaxconn %s, effective %s", k.Asked, known(k.Somaxconn), known(k.Effective))
	if k.Effective == nil {
		return words + "."
	}
	if *k.Effective == 0 {
		return words + ": the accept queue holds 1 connection."
	}
	return fmt.Sprintf("%s: the accept queue holds %d connections.", words, *k.Effective+1)
}

func known(n *int) string {
	if n == nil {
		return "not known on this system"
	}
	return strconv.Itoa(*n)
}

// serveSummary is what serve prints at its end.
type serveSummary struct {
	Address   string `json:"address"`
	Backlog   string `json:"backlog"`
	Asked     int    `json:"asked_backlog"`
	Somaxconn *int   `json:"somaxconn,omitempty"`
	Effective *int   `json:"effective_backlog,omitempty"`
	// Capacity of an accept queue: the effective backlog and one.
	Capacity *int `json:"capacity,omitempty"`

	Accepted uint64 `json:"accepted"`
	Served   uint64 `json:"served"`
	HungUp   uint64 `json:"hung_up"`
	Failed   uint64 `json:"failed"`
	// FailedBy kind, those that occurred.
	FailedBy        map[string]uint64 `json:"failed_by,omitempty"`
	RefusedCommands uint64            `json:"refused_commands,omitempty"`
	AcceptErrors    uint64            `json:"accept_errors,omitempty"`
	Queued          *int              `json:"still_queued,omitempty"`
	Discarded       int               `json:"discarded,omitempty"`
	// QueueDrops is what the kernel counts as dropped at the listening sockets, SYNs and last ACKs;
	// nil where that is not known.
	QueueDrops *uint32 `json:"accept_queue_drops,omitempty"`
	// SessionTime is the sum of all sessions' durations, each from its accept to its end.
	SessionTime time.Duration `json:"session_time_ns"`
	Wall        time.Duration `json:"wall_ns"`
}

func newServeSummary(l *target.Listener, s *target.Server, wall time.Duration) *serveSummary {
	c, kept := s.Counts(), l.Kept()
	sum := &serveSummary{
		Address: l.Addr().String(), Backlog: l.Backlog.String(),
		Asked: kept.Asked, Somaxconn: kept.Somaxconn, Effective: kept.Effective,
		Accepted: c.Accepted, Served: c.Served(), HungUp: c.By[engine.HungUp], Failed: c.Failed(),
		FailedBy:        map[string]uint64{},
		RefusedCommands: c.RefusedCommands, AcceptErrors: c.AcceptErrors, Queued: c.Queued, Discarded: l.Discarded(),
		QueueDrops: queueDrops(l), SessionTime: c.SessionTime, Wall: wall,
	}
	if kept.Effective != nil {
		capacity := *kept.Effective + 1
		sum.Capacity = &capacity
	}
	for f := range engine.Fates {
		if f.Failed() && c.By[f] > 0 {
			sum.FailedBy[f.String()] = c.By[f]
		}
	}
	return sum
}

// queueDrops returns nil where the kernel's count is not known.
func queueDrops(l *target.Listener) *uint32 {
	queue, err := l.Queue()
	if err != nil || l.Kept().Effective == nil {
		return nil
	}
	return queue.Drops
}

func summarise(w io.Writer, format string, s *serveSummary) error {
	if format == formatJSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(s)
	}
	_, err := io.WriteString(w, s.text())
	return err
}

// text returns a line about the sessions, and one for each thing that went wrong.
func (s *serveSummary) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Accepted %d, served %d", s.Accepted, s.Served)
	if s.HungUp > 0 {
		fmt.Fprintf(&b, ", hung up %d", s.HungUp)
	}
	fmt.Fprintf(&b, ", failed %d%s.\n", s.Failed, s.kinds())
	for _, line := range []struct {
		n     uint64
		words string
	}{
		{s.RefusedCommands, "commands were refused by the client (510, 520): check the script"},
		{s.AcceptErrors, "accepts failed: no descriptor was free (ulimit -n), or the client had left"},
		{uint64(s.Discarded), "connections were queued when a restart closed the listener: the kernel has reset them"},
		{queued(s.Queued), "connections were still queued at the end"},
	} {
		if line.n > 0 {
			fmt.Fprintf(&b, "%d %s.\n", line.n, line.words)
		}
	}
	b.WriteString(s.dropWords())
	return b.String()
}

// dropWords returns a line on what was dropped in front of the server; empty where that is not known.
func (s *serveSummary) dropWords() string {
	switch {
	case s.QueueDrops == nil:
		return ""
	case *s.QueueDrops == 0:
		return "The kernel dropped nothing at the listening socket.\n"
	}
	packets := "1 packet"
	if n := *s.QueueDrops; n > 1 {
		packets = words.Count(n) + " packets"
	}
	return fmt.Sprintf("The kernel dropped %s at the listening socket, as it does when the accept queue is full "+
		"(effective backlog %s). "+
		"If callers were lost or late, raise the backlog.\n", packets, known(s.Effective))
}

func queued(n *int) uint64 {
	if n == nil {
		return 0
	}
	return uint64(*n)
}

// kinds returns " (gone 3, reset 1)", nothing where none failed.
func (s *serveSummary) kinds() string {
	var parts []string
	for f := range engine.Fates {
		if n := s.FailedBy[f.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%v %d", f, n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
