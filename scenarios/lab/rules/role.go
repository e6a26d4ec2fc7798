package rules

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"agistorm/target/netns"
)

// The arguments of a process that measures one rule: RoleArg, the rule's name, and where it is.
const (
	RoleArg = "lab-rule"

	ownNamespace  = "own"
	hostNamespace = "host"
)

// outcome is the result of measuring a rule, in JSON on its standard output.
type outcome struct {
	Finding Finding
	// Error is why it could not be measured; Lacking: this kernel cannot have the rule.
	Error   string
	Lacking bool
}

// outcomeOf is how a process ends that measured f, or could not because of err.
func outcomeOf(f Finding, err error) outcome {
	if err == nil {
		return outcome{Finding: f}
	}
	var l lacking
	return outcome{Error: err.Error(), Lacking: errors.As(err, &l)}
}

// Role measures one rule, if args (without the program's name) ask for it. Every program that calls
// Run calls it first: Run starts its own program again.
func Role(args []string) (code int, ok bool) {
	if len(args) != 3 || args[0] != RoleArg {
		return 0, false
	}
	// The parent decides what these mean: a terminal and timeout(1) signal the whole process group.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go endWithParent(os.Stdin)
	out := outcomeOf(measureHere(args[1], args[2] == ownNamespace))
	if json.NewEncoder(os.Stdout).Encode(out) != nil {
		return 1, true // the parent has ended
	}
	return 0, true
}

// endWithParent ends this process with its parent: the parent never writes, and its end closes the
// pipe.
func endWithParent(stdin io.Reader) {
	_, _ = io.Copy(io.Discard, stdin) // however it ends, the parent is gone
	os.Exit(1)
}

// measureHere measures the rule in this process, and brings up lo first in a namespace of its own.
func measureHere(name string, own bool) (Finding, error) {
	r, err := find(name)
	if err != nil {
		return Finding{}, err
	}
	if own {
		if err := netns.LoopbackUp(); err != nil {
			return Finding{}, err
		}
	}
	return r.try(&site{own: own})
}
