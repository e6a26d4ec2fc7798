// Command accuracy compares the two latencies that agistorm reports with the packets of its storms:
//
//	accuracy RUN…
//
// Each RUN is a folder that scripts/accuracy/run has made. The table goes to stdout: of several
// runs the medians, and what is off in the worst of them beside it in brackets. For each target
// that a run misses there is a line on stderr, and the exit code is 1; it is 2 where a run could
// not be read or joined, or its capture is not whole.
package main

import (
	"errors"
	"fmt"
	"io"

	"agistorm/scripts/internal/program"
)

func main() { program.Main("accuracy", run) }

func run(folders []string, stdout io.Writer) (misses []string, err error) {
	if len(folders) == 0 {
		return nil, errors.New("usage: accuracy RUN…")
	}
	runs := make([][]figures, len(folders))
	for i, folder := range folders {
		if runs[i], err = measure(folder); err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
		for n, row := range rows {
			for _, miss := range row.misses(runs[i][n]) {
				misses = append(misses, folder+": "+row.name+": "+miss)
			}
		}
	}
	fmt.Fprint(stdout, table(runs))
	return misses, nil
}
