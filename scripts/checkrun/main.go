// Command checkrun compares a run directory of the main job with what the job promises:
//
//	go run ./scripts/checkrun DIR
//
// A queue of 128 lost calls in every storm, one with room for all lost none in any; every
// planned storm is there with all its calls, and so is every file; the link between clients and
// server lost nothing, on a kernel whose veth holds the sender back. It ends with 1 and a line for
// each thing that is not so.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/reports/words"
	"agistorm/scripts/internal/program"
	"agistorm/target/probe"
)

// small is the effective backlog that the main job must show to be too small.
const small = 128

// leastRepeats of each setting.
const leastRepeats = 3

func main() { program.Main("checkrun", run) }

func run(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 1 {
		return nil, errors.New("usage: checkrun DIR")
	}
	if misses = check(record.Dir(args[0])); len(misses) == 0 {
		fmt.Fprintln(stdout, "checkrun: the run is as it should be")
	}
	return misses, nil
}

// check lists what is wrong with the run.
func check(dir record.Dir) []string {
	wrong := checkFiles(dir)
	s, err := summary.Read(dir)
	if err != nil {
		return append(wrong, err.Error())
	}
	return append(wrong, checkSummary(s)...)
}

func checkFiles(dir record.Dir) (wrong []string) {
	for _, name := range []string{
		"report.html", "summary.json", "summary.md", "lost.png", "latency.png", "percentiles.png", "queue.png",
		"storm.png", "flow.png", "dots.png",
		"handshake.hlog", "connect.hlog", "first-command.hlog", "session.hlog",
	} {
		if info, err := os.Stat(dir.File(name)); err != nil || info.Size() == 0 {
			wrong = append(wrong, name+" is missing or empty")
		}
	}
	return wrong
}

func checkSummary(s *analysis.Summary) (wrong []string) {
	if !s.Conclusive || s.Partial != nil {
		wrong = append(wrong, "not a whole, conclusive run: "+words.Verdict(s))
	}
	tooSmall, enough := 0, 0
	for i := range s.Cells {
		c := &s.Cells[i]
		wrong = append(wrong, checkStorms(s.Run, c)...)
		switch {
		case c.Effective >= s.Run.CallsOf(&c.Cell):
			enough++
			if c.Lost.Max > 0 {
				wrong = append(wrong, fmt.Sprintf("%s lost %v calls, and has room for all", c.Label, c.Lost.Max))
			}
		case c.Effective <= small:
			tooSmall++
			if c.Lost.Min == 0 {
				wrong = append(wrong, c.Label+" lost no call in some storm: that was none")
			}
		}
	}
	if tooSmall == 0 || enough == 0 {
		wrong = append(
			wrong,
			fmt.Sprintf("%d settings of %d or less and %d with room for all: there is nothing to compare",
				tooSmall, small, enough),
		)
	}
	return wrong
}

// checkStorms checks that every planned storm of a setting is there, each with all its calls and parts.
func checkStorms(run *record.Run, c *analysis.Cell) (wrong []string) {
	planned, calls := run.Planned(c.ID), run.CallsOf(&c.Cell)
	if len(c.Repeats) != planned {
		wrong = append(wrong, fmt.Sprintf("%s has %d storms of %d", c.Label, len(c.Repeats), planned))
	}
	if planned < leastRepeats {
		wrong = append(wrong, fmt.Sprintf("%s has %d storms planned, want %d or more", c.Label, planned, leastRepeats))
	}
	// A full ring of a veth holds the sender back since Linux 6.16.
	holdsBack, _ := probe.LinuxAtLeast(run.Host.Kernel, 6, 16)
	for i := range c.Repeats {
		r := &c.Repeats[i]
		kernel, attempts := r.Raw.Kernel, len(r.Raw.Attempts)
		for _, check := range []struct {
			failed bool
			wrong  string
		}{
			{attempts != calls, fmt.Sprintf(" has %d attempts of %d", attempts, calls)},
			{kernel == nil || r.Raw.Target == nil || len(r.Raw.Queue) == 0,
				" lacks kernel.json, target.json or queue.jsonl"},
			{holdsBack && dropped(kernel) > 0, fmt.Sprintf(": the link dropped %d packets", dropped(kernel))},
			{r.Health == nil || len(r.Health.Workers) == 0, " lacks the health of its generator"},
		} {
			if check.failed {
				wrong = append(wrong, fmt.Sprintf("%s, storm %d%s", c.Label, r.N, check.wrong))
			}
		}
	}
	return wrong
}

// dropped counts the packets that the link dropped, 0 over loopback.
func dropped(k *record.Kernel) uint64 {
	if k == nil || k.Link == nil {
		return 0
	}
	return k.Link.Dropped
}
