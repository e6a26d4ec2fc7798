// Command accuracy holds the two latencies that agistorm tells against the packets of its storms:
//
//	accuracy RUN…
//
// Each RUN is a folder that scripts/accuracy/run has made. The table goes to stdout: of several
// runs the medians, and what is off in the worst of them beside it in brackets. For each target
// that a run misses there is a line on stderr, and the exit code is 1; it is 2 where a run could
// not be read or joined, or its capture is not whole.
package main

import (
	"fmt"
	"io"
	"os"
)

// Exit codes.
const (
	exitMet = iota
	exitMissed
	exitNoResult
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(folders []string, stdout, stderr io.Writer) int {
	if len(folders) == 0 {
		fmt.Fprintln(stderr, "usage: accuracy RUN…")
		return exitNoResult
	}
	runs := make([][]figures, len(folders))
	for i, folder := range folders {
		rows, err := measure(folder)
		if err != nil {
			fmt.Fprintf(stderr, "accuracy: %s: %v\n", folder, err)
			return exitNoResult
		}
		runs[i] = rows
	}
	fmt.Fprint(stdout, table(runs))
	code := exitMet
	for i, folder := range folders {
		for n, row := range rows {
			for _, miss := range row.misses(runs[i][n]) {
				fmt.Fprintf(stderr, "accuracy: %s: %s: %s\n", folder, row.name, miss)
				code = exitMissed
			}
		}
	}
	return code
}
