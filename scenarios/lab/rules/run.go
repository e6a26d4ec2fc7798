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

// Options say where rules are measured.
type Options struct {
	// Mode of the namespaces. In netns.Host the rules that need a namespace are left out.
	Mode netns.Mode
	// Progress gets each result as it comes; may be nil. It is never called twice at once.
	Progress func(Result)
}

// noNamespace is a result's reason.
const noNamespace = "it needs a network namespace of its own"

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
	b.again(ctx)
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

// runAll tries every rule once: first those that want the machine for themselves, then all others.
func (b *batch) runAll(ctx context.Context) {
	for i, r := range b.list {
		if r.alone {
			b.runRule(ctx, i, 1)
		}
	}
	var all sync.WaitGroup
	room := make(chan struct{}, runtime.NumCPU())
	for i, r := range b.list {
		switch {
		case r.alone:
		case r.slow: // it sleeps nearly all the time
			all.Go(func() { b.runRule(ctx, i, 1) })
		default:
			all.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				b.runRule(ctx, i, 1)
			})
		}
	}
	all.Wait()
}

// again gives the rules that did not hold, or were not measured, their other tries.
func (b *batch) again(ctx context.Context) {
	for try := 2; try <= tries; try++ {
		var slow sync.WaitGroup
		for _, i := range b.open() {
			switch {
			case ctx.Err() != nil:
			case b.list[i].slow:
				slow.Go(func() { b.runRule(ctx, i, try) })
			default:
				b.runRule(ctx, i, try)
			}
		}
		slow.Wait()
	}
}

// open are the rules that another try may help, those that are slow at the end.
func (b *batch) open() (list []int) {
	for _, slow := range []bool{false, true} {
		for i, r := range b.results {
			if b.list[i].slow == slow && (r.Verdict == Fails || r.Verdict == Unchecked && r.Tries > 0) {
				list = append(list, i)
			}
		}
	}
	return list
}

// runRule tries a rule and stores its result.
func (b *batch) runRule(ctx context.Context, i, try int) {
	r := b.list[i]
	begin := time.Now()
	var said outcome
	n := try
	if r.own && b.options.Mode == netns.Host {
		said, n = outcome{Error: noNamespace}, 0
	} else {
		said = b.measure(ctx, r)
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	b.results[i] = judge(r, said, n, time.Since(begin))
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

// read runs the process and reads what it says.
func read(ctx context.Context, cmd *exec.Cmd) outcome {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var said outcome
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return outcome{Error: fmt.Sprintf("no result within %v", ruleTimeout)}
	case err != nil:
		return outcome{Error: fmt.Sprintf("its process ended: %v%s", err, firstLine(stderr.String()))}
	}
	if err := json.Unmarshal(stdout.Bytes(), &said); err != nil {
		return outcome{Error: fmt.Sprintf("its process said nothing that can be read: %v", err)}
	}
	return said
}

// firstLine is what a process that died said first, after a colon.
func firstLine(stderr string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	if line == "" {
		return ""
	}
	return ": " + line
}
