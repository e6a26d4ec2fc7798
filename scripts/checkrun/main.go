// Command checkrun holds a run directory of the main job against what it promises:
//
//	go run ./scripts/checkrun DIR
//
// 128 lost calls, the largest setting lost none, every planned storm and every file is there.
// It ends with 1 and a line for each thing that is not so.
package main

import (
	"fmt"
	"os"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: checkrun DIR")
		os.Exit(2)
	}
	wrong, err := check(record.Dir(os.Args[1]))
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, line := range wrong {
		fmt.Fprintln(os.Stderr, "checkrun:", line)
	}
	if len(wrong) > 0 {
		os.Exit(1)
	}
	fmt.Println("checkrun: the run is as it should be")
}

func check(dir record.Dir) (wrong []string, err error) {
	for _, name := range []string{
		"report.html", "summary.json", "summary.md", "lost.png", "latency.png", "queue.png", "connect.hlog",
	} {
		if info, err := os.Stat(dir.File(name)); err != nil || info.Size() == 0 {
			wrong = append(wrong, name+" is missing or empty")
		}
	}
	s, err := analysis.Analyse(dir)
	if err != nil {
		return wrong, err
	}
	if !s.Conclusive || s.Run.Partial != "" {
		wrong = append(wrong, fmt.Sprintf("not a whole, conclusive run: doubts %q, partial %q", s.Doubts, s.Run.Partial))
	}
	return append(wrong, checkCells(s)...), nil
}

func checkCells(s *analysis.Summary) (wrong []string) {
	for _, c := range s.Cells {
		if len(c.Repeats) != s.Run.Repeats {
			wrong = append(wrong, fmt.Sprintf("%s has %d storms of %d", c.Label, len(c.Repeats), s.Run.Repeats))
		}
		enough := c.Effective >= s.Run.Scenario.Calls
		switch {
		case enough && c.Lost.Max > 0:
			wrong = append(wrong, fmt.Sprintf("%s lost %v calls, and has room for all", c.Label, c.Lost.Max))
		case c.Effective <= 128 && c.Lost.Min == 0:
			wrong = append(wrong, c.Label+" lost no call: the storm is none")
		}
	}
	return wrong
}
