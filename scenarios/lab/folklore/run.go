package folklore

import (
	"context"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"agistorm/scenarios/lab"
	"agistorm/scenarios/lab/rules"
)

// Options of a run.
type Options struct {
	// Folder exists, and gets a run directory for each group of storms.
	Folder string
	// Repeats of each storm.
	Repeats   int
	Isolation lab.Isolation
	// Version and Command of the program, for the records.
	Version string
	Command []string
	// Progress is told how many measurements and storms are done, of how many; may be nil. It is never called twice
	// at once.
	Progress func(done, of int)
}

// Run measures all claims. A run that was interrupted, or a storm that could not be played, leaves claims
// unmeasured; the error is for the interrupt, and for a system on which nothing can be measured.
func Run(ctx context.Context, o Options) (*Report, error) {
	sockets := rules.Measurements()
	if len(sockets) == 0 {
		return nil, ErrNotLinux
	}
	begin, p := time.Now(), o.newProgress(len(sockets))
	results, where, err := lab.Measure(ctx, o.Isolation, sockets, p.socket)
	if results == nil {
		return nil, err
	}
	all := map[string]source{}
	for _, r := range results {
		all[r.Name] = sourceOf(r)
	}
	maps.Copy(all, o.storms(ctx, where.Own(), p))
	report := newReport(all)
	report.System, report.CPUs, report.Repeats = rules.System(), runtime.NumCPU(), o.Repeats
	report.Isolation, report.Refused = where.Mode, where.Reason
	report.Version, report.Seconds = o.Version, time.Since(begin).Round(time.Millisecond).Seconds()
	return report, ctx.Err()
}

// newReport judges all claims.
func newReport(all map[string]source) *Report {
	report := &Report{}
	for i := range claims {
		report.Claims = append(report.Claims, claims[i].judged(all))
	}
	report.Counts = count(report.Claims)
	return report
}

// sourceOf returns the numbers of a measurement. One without a verdict was not reached.
func sourceOf(r rules.Result) source {
	switch r.Verdict {
	case rules.Holds:
		return source{numbers: r.Numbers}
	case "":
		return source{reason: interrupted}
	}
	return source{reason: r.Reason}
}

// storms plays them: the light groups at once, then the bursts.
func (o *Options) storms(ctx context.Context, isolated bool, p *progress) map[string]source {
	all := map[string]source{}
	if !isolated {
		for _, g := range append(slices.Clone(light), bursts) {
			for _, storm := range g.storms {
				all[storm.name] = source{reason: rules.NoNamespace}
			}
		}
		return all
	}
	var lock sync.Mutex
	play := func(g group) {
		options := lab.Options{
			Isolation: o.Isolation, Version: o.Version, Command: o.Command, Progress: p.storms(g.name),
		}
		got := g.play(ctx, options, filepath.Join(o.Folder, g.name), o.Repeats)
		lock.Lock()
		defer lock.Unlock()
		maps.Copy(all, got)
	}
	var atOnce sync.WaitGroup
	for _, g := range light {
		atOnce.Go(func() { play(g) })
	}
	atOnce.Wait()
	play(bursts)
	return all
}

// progress counts what is done.
type progress struct {
	lock sync.Mutex
	show func(done, of int)
	of   int
	// sockets that were measured, and storms of each group that are over.
	sockets map[string]bool
	groups  map[string]int
}

func (o *Options) newProgress(sockets int) *progress {
	p := &progress{show: o.Progress, of: sockets, sockets: map[string]bool{}, groups: map[string]int{}}
	for _, g := range append(slices.Clone(light), bursts) {
		p.of += len(g.storms) * o.Repeats
	}
	return p
}

// socket notes a measurement, which may be taken again.
func (p *progress) socket(r rules.Result) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.sockets[r.Name] = true
	p.tell()
}

// storms returns what notes the progress of a group.
func (p *progress) storms(group string) func(lab.Progress) {
	return func(l lab.Progress) {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.groups[group] = l.Done
		p.tell()
	}
}

// tell shows the count; the lock is held.
func (p *progress) tell() {
	if p.show == nil {
		return
	}
	done := len(p.sockets)
	for _, n := range p.groups {
		done += n
	}
	p.show(done, p.of)
}
