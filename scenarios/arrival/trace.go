package arrival

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"agistorm/scenarios/arrival/calllog"
)

// Trace says how a call log, a packet capture or a recording became a schedule.
type Trace struct {
	// File as it was named.
	File string
	// Calls of the schedule; Found are those of the log that were meant.
	Calls, Found int
	// Skipped are the lines of the log that are none of the calls.
	Skipped calllog.Skipped
	// Resolution of the log's times; 0 for times that were written by hand.
	Resolution time.Duration
	// Spread is the time within which each call starts at random; 0 is at the log's time.
	Spread time.Duration
	// Times is how many calls of the schedule each call of the log is, ≥ 1.
	Times int
	// AllLines: no line is a call as it should look, so every line with a time is one.
	AllLines bool
	// RepeatedHour: the log's clock was set back an hour, and what follows was moved.
	RepeatedHour bool
	// Captured is what is known of SYNs, be they a capture's or a recording's; nil for a log.
	Captured *Captured
}

// TraceOf returns what is known of a schedule that comes from a call log, or of a share of it; nil for any other.
func TraceOf(s Schedule) *Trace {
	switch s := s.(type) {
	case traced:
		return &s.facts
	case Part:
		return TraceOf(s.Schedule)
	}
	return nil
}

// IsTrace reports whether an arrival is that of a call log, which has its own number of calls.
func IsTrace(spec string) bool {
	words := strings.Fields(spec)
	return len(words) > 0 && words[0] == "trace"
}

// traced is a schedule from a call log, or of SYNs.
type traced struct {
	paced
	facts Trace
	// hosts number the host of each call from 0; nil where they are unknown.
	hosts []uint32
}

// selection says which calls of a log are played, and how.
type selection struct {
	log     calllog.Options
	busiest time.Duration
	times   int
	exact   bool
	// words are the clauses as they were given.
	words []string
}

// traceClauses may follow the file of a trace, in any order.
var traceClauses = []clause{
	{"column", "N|NAME", func(s *selection, value string) error { s.log.Column = value; return checkColumn(value) }},
	{"from", "T", func(s *selection, value string) error { s.log.From = value; return nil }},
	{"to", "T", func(s *selection, value string) error { s.log.To = value; return nil }},
	{"busiest", "TIME", func(s *selection, value string) (err error) { s.busiest, err = parseSpan(value); return err }},
	{"times", "N", func(s *selection, value string) (err error) {
		s.times, err = numberOf("times is a number from 1", MaxCalls)(value)
		return err
	}},
	{"exact", "", func(s *selection, _ string) error { s.exact = true; return nil }},
	{"us-dates", "", func(s *selection, _ string) error { s.log.USDates = true; return nil }},
	{"port", "N", func(s *selection, value string) error {
		port, err := numberOf("the port is a number from 1 to 65535", math.MaxUint16)(value)
		s.log.Port = uint16(port)
		return err
	}},
}

// checkColumn takes any name, and numbers from 1.
func checkColumn(text string) error {
	if strings.Trim(text, "-0123456789") != "" {
		return nil
	}
	_, err := numberOf("the column is a number from 1, or a name", MaxCalls)(text)
	return err
}

// parseSpan reads a time, or the name of a unit.
func parseSpan(text string) (time.Duration, error) {
	units := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}
	if d, ok := units[text]; ok {
		return d, nil
	}
	return parseTime(text)
}

// openTrace reads the trace in a file.
func openTrace(o Options, name string, s selection) (Schedule, error) {
	if o.Open == nil {
		return nil, errors.New("a trace cannot be read here")
	}
	f, err := o.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s.times = max(1, s.times)
	s.log.Max = MaxCalls
	log, captured, err := s.read(bufio.NewReaderSize(f, readAhead))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	facts := Trace{
		File: name, Skipped: log.Skipped, Resolution: log.Resolution, Times: s.times,
		AllLines: log.AllLines, RepeatedHour: log.RepeatedHour, Captured: captured,
	}
	c := s.selectCalls(log)
	facts.Found = len(c.at)
	if len(c.at) > MaxCalls/s.times {
		return nil, fmt.Errorf("%s: %s, each %d times: a storm has 1 to %d; want fewer times, or a part: from T to T",
			name, counted(len(c.at), "call"), s.times, MaxCalls)
	}
	if c, facts.Spread = s.play(c, log.Resolution, o.Seed); c.last() > longest {
		return nil, fmt.Errorf("%s: its times span %v: want up to %v; take a part: from T to T, or busiest minute",
			name, c.last(), longest)
	}
	c = o.cutCalls(c)
	facts.Calls = len(c.at)
	if captured != nil {
		captured.Hosts = c.numberHosts()
	}
	return traced{paced{s.describe(&facts), c.at}, facts, c.hosts}, nil
}

// readAhead is how much of a trace's file is read at once: captures are large.
const readAhead = 256 << 10

// selectCalls returns the calls that are meant. Their times count from the first one, but for offsets that are all
// meant.
func (s *selection) selectCalls(log *calllog.Log) calls {
	c, zero := calls{log.Times, log.Hosts}, time.Duration(0)
	if s.busiest > 0 {
		c = c.slice(busiestSpan(c.at, s.busiest))
	}
	if log.Absolute || s.busiest > 0 || s.log.From != "" {
		zero = c.at[0]
	}
	for i := range c.at {
		c.at[i] -= zero
	}
	return c
}

// busiestSpan returns the first call of the span with the most of them, the first of several, and the one after its
// last. It begins with a call.
func busiestSpan(at []time.Duration, span time.Duration) (first, last int) {
	end := 0
	for i := range at {
		for end < len(at) && at[end]-at[i] < span {
			end++
		}
		if end-i > last-first {
			first, last = i, end
		}
	}
	return first, last
}

// play returns the calls, each made as often as it is meant to be, and the time within which it starts at random. In a
// log of whole seconds, where calls share one, that is its second.
func (s *selection) play(c calls, resolution time.Duration, seed uint64) (calls, time.Duration) {
	random := rand.New(rand.NewPCG(seed, traceStream))
	within := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(max(1, int64(d)))) }
	switch {
	case s.exact:
		return c.copies(s.times, func(int, int) time.Duration { return 0 }), 0
	case resolution >= time.Second && (s.times > 1 || sharesTimes(c.at)):
		return c.copies(s.times, func(int, int) time.Duration { return within(resolution) }), resolution
	case s.times == 1:
		return c, 0
	}
	gaps := gapsAfter(c.at)
	return c.copies(s.times, func(i, k int) time.Duration {
		if k == 0 {
			return 0
		}
		return within(gaps[i])
	}), 0
}

// gapsAfter returns the time from each call to the next later one; for the last ones it is the gap before them.
func gapsAfter(at []time.Duration) []time.Duration {
	gaps := make([]time.Duration, len(at))
	for i := len(at) - 2; i >= 0; i-- {
		if gaps[i] = at[i+1] - at[i]; gaps[i] == 0 {
			gaps[i] = gaps[i+1]
		}
	}
	for i := 1; i < len(at); i++ {
		if gaps[i] == 0 {
			gaps[i] = gaps[i-1]
		}
	}
	return gaps
}

// sharesTimes reports whether any two calls have the same time.
func sharesTimes(at []time.Duration) bool {
	for i := range at[1:] {
		if at[i] == at[i+1] {
			return true
		}
	}
	return false
}

// describe names the file, the clauses, what was spread and how many lines were skipped.
func (s *selection) describe(t *Trace) string {
	text := fmt.Sprintf("%d as in %s", t.Calls, t.File)
	for _, word := range s.words {
		text += ", " + word
	}
	if t.Spread > 0 {
		text += fmt.Sprintf(", spread within %s", spaced(t.Spread))
	}
	if n := t.Skipped.Total(); n > 0 {
		what := "line"
		if t.Captured != nil {
			what = "SYN"
		}
		text += fmt.Sprintf("; %s skipped", counted(n, what))
	}
	if t.AllLines {
		text += "; no line has AGI(agi://…), so all are calls"
	}
	return text
}
