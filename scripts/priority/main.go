// Command priority prints what other work on a machine did to the same storms:
//
//	priority FOLDER…
//
// Each FOLDER has run directories that scripts/priority/run has made, all under the same conditions. For each
// folder and setting there is a row with the medians of its storms. The exit code is 2 where a run could not
// be read.
package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"agistorm/analysis/record"
	"agistorm/scripts/internal/program"
	"agistorm/scripts/internal/quantile"
)

func main() { program.Main("priority", run) }

func run(folders []string, stdout io.Writer) (misses []string, err error) {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "runs\tsetting\tstorms\tnice\t")
	for _, c := range columns {
		fmt.Fprintf(table, "%s\t", c.head)
	}
	fmt.Fprintln(table)
	for _, folder := range folders {
		cells, err := read(folder)
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			fmt.Fprintf(table, "%s\t%s\t%s\t\n", filepath.Base(folder), c.id, strings.Join(c.row(), "\t"))
		}
	}
	return nil, table.Flush()
}

// cell has the storms of one setting in all runs of a folder.
type cell struct {
	id string
	// priority of the first storm's first worker.
	priority *record.Priority
	storms   int
	// values of the columns, one for each storm in which it is known.
	values [][]float64
}

// column is a number of a storm, and how its values are written.
type column struct {
	head string
	// of returns what the number is the greatest of; nothing where the record lacks it.
	of    func(*record.Repeat) []float64
	write func(values []float64) string
}

var columns = []column{
	{"others", others, percent},
	{"start lag", startLags, duration},
	{"run queue", runQueues, percent},
	{"reply lag", replyLags, duration},
	{"answered", count(func(a *record.Attempt) bool { return a.Outcome == record.Answered }), calls},
	{"late", count((*record.Attempt).Late), calls},
	{"slow", count((*record.Attempt).Slow), calls},
	{"wall", func(r *record.Repeat) []float64 { return []float64{float64(r.Storm.Wall)} }, duration},
}

// read reads all runs of a folder.
func read(folder string) ([]*cell, error) {
	files, err := filepath.Glob(filepath.Join(folder, "run-*", "run.json"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(fmt.Errorf("%s has no run", folder), err)
	}
	var cells []*cell
	for _, file := range files {
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
				i, cells = len(cells), append(cells, &cell{id: step.Cell, values: make([][]float64, len(columns))})
			}
			cells[i].add(r)
		}
	}
	return cells, nil
}

func (c *cell) add(r *record.Repeat) {
	if c.storms++; c.storms == 1 && len(r.Storm.Workers) > 0 {
		c.priority = r.Storm.Workers[0].Priority
	}
	for i, column := range columns {
		if all := column.of(r); len(all) > 0 {
			c.values[i] = append(c.values[i], slices.Max(all))
		}
	}
}

// others returns the share of the CPU time that other processes used.
func others(r *record.Repeat) []float64 {
	if r.Kernel == nil || r.Kernel.Others == nil || r.Kernel.Others.Wall == 0 {
		return nil
	}
	o := r.Kernel.Others
	return []float64{float64(o.CPU) / float64(o.Wall*time.Duration(o.CPUs))}
}

func startLags(r *record.Repeat) (all []float64) {
	for i := range r.Attempts {
		if lag, ok := r.Attempts[i].StartLag(); ok {
			all = append(all, float64(lag))
		}
	}
	return all
}

// runQueues returns the share of their time that the workers' threads waited for a CPU.
func runQueues(r *record.Repeat) (all []float64) {
	for _, w := range r.Storm.Workers {
		if t := w.Thread; t != nil && t.CPU+t.Waited > 0 {
			all = append(all, float64(t.Waited)/float64(t.CPU+t.Waited))
		}
	}
	return all
}

func replyLags(r *record.Repeat) (all []float64) {
	for _, w := range r.Storm.Workers {
		if w.ReplyLag != nil {
			all = append(all, float64(w.ReplyLag.Max))
		}
	}
	return all
}

func count(is func(*record.Attempt) bool) func(*record.Repeat) []float64 {
	return func(r *record.Repeat) []float64 {
		n := 0.0
		for i := range r.Attempts {
			if is(&r.Attempts[i]) {
				n++
			}
		}
		return []float64{n}
	}
}

// row returns the cell's columns; of what is not known they have a dash.
func (c *cell) row() []string {
	row := []string{strconv.Itoa(c.storms), c.priorities()}
	for i, values := range c.values {
		text := "–"
		if len(values) > 0 {
			text = columns[i].write(values)
		}
		row = append(row, text)
	}
	return row
}

// priorities returns the nice values of process and session, such as "-10/-10".
func (c *cell) priorities() string {
	p := c.priority
	switch {
	case p == nil:
		return "–"
	case p.AutogroupNice == nil:
		return strconv.Itoa(p.Nice)
	}
	return fmt.Sprintf("%d/%d", p.Nice, *p.AutogroupNice)
}

// calls writes the median with the range.
func calls(values []float64) string {
	return fmt.Sprintf("%.0f (%.0f to %.0f)", quantile.Median(values), slices.Min(values), slices.Max(values))
}

func percent(shares []float64) string { return fmt.Sprintf("%.0f %%", 100*quantile.Median(shares)) }

func duration(values []float64) string {
	return time.Duration(quantile.Median(values)).Round(100 * time.Microsecond).String()
}
