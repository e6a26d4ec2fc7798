package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"agistorm/analysis/record"
)

// storm is what a target and its calls are like.
type storm struct {
	backlog, calls           int
	arrival, behaviour, work string
}

func (s *storm) name() string {
	return fmt.Sprintf("backlog %d, %d calls, %s, %s, %s", s.backlog, s.calls, s.arrival, s.behaviour, s.work)
}

// drain is how long a target needs for all calls of a storm: one that is gone at once is seen by no watch.
const drain = 1500 * time.Millisecond

// stormOf returns one of many: of 100 in turn each is another.
func stormOf(n int) storm {
	paces := []struct {
		arrival, behaviour string
		handlers           int
	}{
		{"burst", "pool:8", 8}, {"burst", "pool:1", 1}, {"constant 1000/s", "pool:4", 4}, {"burst", "pool:64", 64},
		{"constant 300/s", "pool:2", 2},
	}
	backlogs, calls := []int{16, 64, 128, 511, 1024}, []int{300, 30, 1000, 120}
	pace := paces[n%len(paces)]
	s := storm{arrival: pace.arrival, behaviour: pace.behaviour}
	s.backlog = backlogs[(n+n/len(paces))%len(backlogs)]
	s.calls = calls[n/(len(paces)*len(backlogs))%len(calls)]
	s.work = (drain * time.Duration(pace.handlers) / time.Duration(s.calls)).String()
	return s
}

// seen is what one side knows of a queue.
type seen struct {
	peak, drops int
	// atLeast: the peak may have been longer.
	atLeast bool
}

// own is the target's account: a queue that dropped was full.
func own(samples []record.QueueSample) (s seen, err error) {
	if len(samples) == 0 || samples[len(samples)-1].Drops == nil {
		return s, fmt.Errorf("the target has no samples of its queue with drops")
	}
	for i := range samples {
		q := &samples[i]
		s.peak = max(s.peak, int(q.Depth))
		if q.Drops != nil && int(*q.Drops) > s.drops {
			s.drops = int(*q.Drops)
			s.peak = max(s.peak, int(q.Limit)+1)
		}
	}
	return s, nil
}

// pair is a storm with both accounts.
type pair struct {
	storm       storm
	target, was seen
}

// A peak may differ by so many connections, or so large a part.
const (
	few  = 5
	part = 0.02
)

// miss says what differs; empty for nothing.
func (p *pair) miss() string {
	var all []string
	allowed := max(few, part*float64(p.target.peak))
	off := float64(p.was.peak - p.target.peak)
	if off > allowed || off < -allowed && !p.was.atLeast {
		all = append(all, fmt.Sprintf("peak %s, the target's own is %d", p.was.peakText(), p.target.peak))
	}
	if p.was.drops != p.target.drops {
		all = append(all, fmt.Sprintf("%d drops, the target's own are %d", p.was.drops, p.target.drops))
	}
	return strings.Join(all, "; ")
}

func (s *seen) peakText() string {
	if s.atLeast {
		return fmt.Sprintf("at least %d", s.peak)
	}
	return fmt.Sprint(s.peak)
}

// table has both accounts of each storm.
func table(all []pair) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "storm\tpeak\ttarget's\tdrops\ttarget's")
	exact := 0
	for i := range all {
		p := &all[i]
		if !p.was.atLeast {
			exact++
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\n", p.storm.name(), p.was.peakText(), p.target.peak, p.was.drops,
			p.target.drops)
	}
	_ = w.Flush() // into memory
	return fmt.Sprintf("%s%d of %d peaks are said as exact.\n", b.String(), exact, len(all))
}
