// The command check holds `agistorm inspect --format json` against what was planted in containers, a line each in
// a file: NAME ID SOMAXCONN ADDRESS PROCESS CODE…, where no CODE is a healthy listener. What is missing or invented
// is a line each, and exit code 1.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"agistorm/scripts/internal/program"
)

func main() { program.Main("check", check) }

func check(args []string, _ io.Writer) ([]string, error) {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	nameless := flags.Bool("nameless", false, "the names of containers cannot be seen, only their IDs")
	only := flags.String("only", "", "the report is about this `container` alone")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 2 {
		return nil, errors.New("usage: check [-nameless] [-only CONTAINER] PLANTED INSPECT.json")
	}
	planted, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return nil, err
	}
	report, err := os.ReadFile(flags.Arg(1))
	if err != nil {
		return nil, err
	}
	return compare(string(planted), report, *nameless, *only)
}

// listener is what is compared of one in the report.
type listener struct {
	Address   string
	Port      uint16
	Process   string
	Somaxconn *int
	Container *struct{ ID, Name string }
	Findings  []struct{ Code string }
}

// line returns the listener as the file of what was planted has it. One outside of containers has no name and no ID.
func (l *listener) line() string {
	name, id, somaxconn := "-", "-", "-"
	if l.Container != nil {
		name, id = l.Container.Name, l.Container.ID
	}
	if l.Somaxconn != nil {
		somaxconn = strconv.Itoa(*l.Somaxconn)
	}
	fields := []string{name, id, somaxconn, net.JoinHostPort(l.Address, strconv.Itoa(int(l.Port))), l.Process}
	for _, f := range l.Findings {
		fields = append(fields, f.Code)
	}
	return strings.Join(fields, " ")
}

// compare returns a line for each difference between what was planted and the listeners of a report. Outside of
// containers only what has a finding is compared, which is never planted.
func compare(planted string, report []byte, nameless bool, only string) (wrong []string, err error) {
	var r struct{ Listeners []listener }
	if err := json.Unmarshal(report, &r); err != nil {
		return nil, fmt.Errorf("the report: %w", err)
	}
	want := map[string]bool{}
	for line := range strings.Lines(planted) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			return nil, fmt.Errorf("planted %q: want NAME ID SOMAXCONN ADDRESS PROCESS CODE…", line)
		}
		if only != "" && fields[0] != only {
			continue
		}
		if nameless {
			fields[0] = ""
		}
		want[strings.Join(fields, " ")] = true
	}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		switch line := l.line(); {
		case want[line]:
			delete(want, line)
		case l.Container != nil || len(l.Findings) > 0:
			wrong = append(wrong, "found, but not planted: "+line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(want)) {
		wrong = append(wrong, "planted, but not found: "+line)
	}
	return wrong, nil
}
