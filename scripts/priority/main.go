// Command priority prints what other work on a machine did to the same storms:
//
//	priority FOLDER…
//
// Each FOLDER has run directories that scripts/priority/run has made, all under the same conditions. For each
// folder and setting there is a row with the medians of its storms. The exit code is 2 where a run could not be
// read.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"agistorm/analysis/record"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "priority:", err)
		os.Exit(2)
	}
}

func run(folders []string, stdout io.Writer) error {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "runs\tsetting\tstorms\tnice\tothers\tstart lag\trun queue\treply lag\t"+
		"answered\tlate\tslow\twall\t")
	for _, folder := range folders {
		cells, err := read(folder)
		if err != nil {
			return err
		}
		for _, c := range cells {
			fmt.Fprintf(table, "%s\t%s\t%s\t\n", filepath.Base(folder), c.id, c.row())
		}
	}
	return table.Flush()
}

// cell has the storms of one setting in all runs of a folder.
type cell struct {
	id     string
	storms []storm
}

// storm is what is compared of one. What is not known is nil.
type storm struct {
	priority             *record.Priority
	others, runQueue     *float64
	startLag, wall       time.Duration
	replyLag             *time.Duration
	answered, late, slow int
}

// read reads all runs of a folder.
func read(folder string) ([]*cell, error) {
	dirs, err := filepath.Glob(filepath.Join(folder, "run-*", "run.json"))
	if err != nil || len(dirs) == 0 {
		return nil, errors.Join(fmt.Errorf("%s has no run", folder), err)
	}
	var cells []*cell
	for _, file := range dirs {
		dir := record.Dir(filepath.Dir(file))
		run, err := dir.Run()
		if err != nil {
			return nil, err
		}
		for _, step := range run.Steps() {
			r, err := dir.Repeat(step.Cell, step.N)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(cells, func(c *cell) bool { return c.id == step.Cell })
			if i < 0 {
				i, cells = len(cells), append(cells, &cell{id: step.Cell})
			}
			cells[i].storms = append(cells[i].storms, newStorm(r))
		}
	}
	return cells, nil
}

func newStorm(r *record.Repeat) storm {
	s := storm{wall: r.Storm.Wall}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if lag, ok := a.StartLag(); ok {
			s.startLag = max(s.startLag, lag)
		}
		s.answered += count(a.Outcome == record.Answered)
		s.late += count(a.Late())
		s.slow += count(a.Slow())
	}
	for _, w := range r.Storm.Workers {
		s.priority = w.Priority
		if t := w.Thread; t != nil && t.CPU+t.Waited > 0 {
			s.runQueue = greater(s.runQueue, float64(t.Waited)/float64(t.CPU+t.Waited))
		}
		if w.ReplyLag != nil {
			s.replyLag = greater(s.replyLag, w.ReplyLag.Max)
		}
	}
	if k := r.Kernel; k != nil && k.Others != nil && k.Others.Wall > 0 {
		s.others = greater(s.others, float64(k.Others.CPU)/float64(k.Others.Wall*time.Duration(k.Others.CPUs)))
	}
	return s
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func greater[T cmp.Ordered](a *T, b T) *T {
	if a != nil && *a > b {
		return a
	}
	return &b
}

// row has the medians, and of calls also the range.
func (c *cell) row() string {
	return fmt.Sprintf("%d\t%s\t%s\t%v\t%s\t%s\t%s\t%s\t%s\t%v", len(c.storms), c.priorities(),
		percent(median(c, func(s storm) *float64 { return s.others })),
		value(median(c, func(s storm) *time.Duration { return &s.startLag })),
		percent(median(c, func(s storm) *float64 { return s.runQueue })),
		value(median(c, func(s storm) *time.Duration { return s.replyLag })),
		c.calls(func(s storm) int { return s.answered }),
		c.calls(func(s storm) int { return s.late }),
		c.calls(func(s storm) int { return s.slow }),
		value(median(c, func(s storm) *time.Duration { return &s.wall })))
}

// priorities is "-10/-10", the nice values of process and session, of the first storm.
func (c *cell) priorities() string {
	p := c.storms[0].priority
	switch {
	case p == nil:
		return "–"
	case p.AutogroupNice == nil:
		return fmt.Sprint(p.Nice)
	}
	return fmt.Sprintf("%d/%d", p.Nice, *p.AutogroupNice)
}

func (c *cell) calls(of func(storm) int) string {
	var all []int
	for _, s := range c.storms {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return fmt.Sprintf("%d (%d to %d)", all[len(all)/2], all[0], all[len(all)-1])
}

// median is nil where no storm knows the value.
func median[T cmp.Ordered](c *cell, of func(storm) *T) *T {
	var all []T
	for _, s := range c.storms {
		if v := of(s); v != nil {
			all = append(all, *v)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	return &all[len(all)/2]
}

func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100**share)
}

func value(d *time.Duration) string {
	if d == nil {
		return "–"
	}
	return d.Round(100 * time.Microsecond).String()
}
