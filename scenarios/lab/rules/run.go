package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"agistorm/target/netns"
)

// Options state where rules are measured.
type Options struct {
	// Mode of the namespaces. In netns.Host the rules that need a namespace are left out.
	Mode netns.Mode
	// Progress gets each result as it comes; may be nil. It is never called twice at once.
	Progress func(Result)
}

// NoNamespace is a result's reason.
const NoNamespace = "it needs a network namespace of its own"

const (
	// tries of a rule that does not hold: a machine that stands still for a second makes the
	// kernel retransmit, and that is counted too. The second and third are made one by one.
	tries = 3
	// ruleTimeout ends a rule: the slowest one takes 8 s.
	ruleTimeout = 15 * time.Second
)

// Run measures the rules, each in a process and, by the mode, a namespace of its own. The results
// are in the order of the rules. The error is for a run that was interrupted.
func Run(ctx context.Context, list []Rule, o Options) ([]Result, error) {
	b := &batch{options: o, results: make([]Result, len(list)), list: list, measure: o.start}
	b.runAll(ctx)
	return b.results, ctx.Err()
}

// batch is one run of the rules.
type batch struct {
	options Options
	list    []Rule
	// measure tries one rule once.
	measure func(context.Context, Rule) outcome
	lock    sync.Mutex // of Progress
	results []Result
}

// runAll tries every rule, and gives those that did not hold, or were not measured, their other tries.
func (b *batch) runAll(ctx context.Context) {
	b.try(ctx, 1, runtime.NumCPU(), func(Result) bool { return true })
	for n := 2; n <= tries && ctx.Err() == nil; n++ {
		b.try(ctx, n, 1, func(r Result) bool {
			return r.Verdict == Fails || r.Verdict == Unchecked && r.Tries > 0
		})
	}
}

// try tries the rules whose results so far are wanted for the n-th time: first those that need the machine for
// themselves, then the others, so many at once. Slow ones sleep nearly all the time and do not count.
func (b *batch) try(ctx context.Context, n, atOnce int, wanted func(Result) bool) {
	var all sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for _, alone := range []bool{true, false} {
		for i, r := range b.list {
			if r.alone != alone || !wanted(b.results[i]) {
				continue
			}
			all.Go(func() {
				if !r.slow {
					room <- struct{}{}
					defer func() { <-room }()
				}
				b.runRule(ctx, i, n)
			})
			if alone {
				all.Wait()
			}
		}
		all.Wait()
	}
}

// runRule tries a rule and stores its result.
func (b *batch) runRule(ctx context.Context, i, try int) {
	r := b.list[i]
	begin := time.Now()
	var out outcome
	n := try
	if r.own && b.options.Mode == netns.Host {
		out, n = outcome{Error: NoNamespace}, 0
	} else {
		out = b.measure(ctx, r)
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	b.results[i] = judge(r, out, n, time.Since(begin))
	if b.options.Progress != nil {
		b.options.Progress(b.results[i])
	}
}

// start measures a rule in a process of its own.
func (o Options) start(ctx context.Context, r Rule) outcome {
	ctx, cancel := context.WithTimeout(ctx, ruleTimeout)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return outcome{Error: err.Error()}
	}
	where := ownNamespace
	if o.Mode == netns.Host {
		where = hostNamespace
	}
	cmd := exec.CommandContext(ctx, self, RoleArg, r.Name, where)
	cmd.SysProcAttr = netns.Attributes(o.Mode)
	cmd.Cancel = func() error { return netns.KillGroup(cmd.Process.Pid) }
	cmd.WaitDelay = time.Second
	stdin, err := cmd.StdinPipe() // open as long as this process lives
	if err != nil {
		return outcome{Error: err.Error()}
	}
	defer stdin.Close()
	return read(ctx, cmd)
}

// read runs the process and reads its outcome.
func read(ctx context.Context, cmd *exec.Cmd) outcome {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var out outcome
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return outcome{Error: fmt.Sprintf("no result within %v", ruleTimeout)}
	case err != nil:
		return outcome{Error: fmt.Sprintf("its process ended: %v%s", err, firstLine(stderr.String()))}
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		return outcome{Error: fmt.Sprintf("the output of its process cannot be read: %v", err)}
	}
	return out
}

// firstLine is the first line that a failed process wrote, after a colon.
func firstLine(stderr string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	if line == "" {
		return ""
	}
	return ": " + line
}
