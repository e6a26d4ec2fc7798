// Package watch watches the listening TCP sockets of a host for days: it feeds analysis/watch with samples of their
// queues. It changes nothing, and sends no packet.
package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/probe"
)

// Paces of a watch. Whatever takes CPU time is done the less often the more it takes.
const (
	// All listeners are sampled at sweepEvery, at busyEvery while connections come, or so that it takes 1/sweepShare of
	// a CPU.
	sweepEvery = 250 * time.Millisecond
	busyEvery  = 50 * time.Millisecond
	sweepMost  = 5 * time.Second
	sweepShare = 500
	// Namespaces are looked for, and owners of sockets that are new.
	listEvery = time.Second
	listMost  = 30 * time.Second
	listShare = 1000
	// After the end of a process they are looked for sooner.
	relistShare = 200
	ownMost     = 10 * time.Second
	ownShare    = 500
	// A listener whose queue is not empty is sampled at fastEvery, until it was empty for linger: clients whose SYNs
	// were dropped come back after 1 s. Beyond its budget of CPU the watch takes up to fastMost.
	fastEvery = time.Millisecond
	fastMost  = 20 * time.Millisecond
	// mostCredit is for some seconds of that without a pause.
	mostCredit = 200 * time.Millisecond
	linger     = 1500 * time.Millisecond
	// fewRows of a namespace are sampled one by one.
	fewRows = 16
	// Queues are looked into for the ages of connections.
	agesEvery = 100 * time.Millisecond
	agesShare = 200
	// Counters are read again for why something was dropped.
	reasonShare = 50

	// vanishedAfter is how long a restart may take without being two events.
	vanishedAfter = 10 * time.Second
	// togetherMost is how long a new socket may have listened beside the one that it replaces.
	togetherMost = time.Minute
	// A gap of the clocks, or of the watch itself, counts from these on.
	leastSleep = 500 * time.Millisecond
	leastLate  = 2 * time.Second
	// failuresInTurn is how often in turn the kernel may answer for this namespace with an error.
	failuresInTurn = 20
)

// Config is what is watched.
type Config struct {
	// What are ports, addresses, processes and containers, as inspect takes them; all listeners where it is empty.
	What []string
	// Said is called for what happens, from within Run; it may be nil.
	Said func(News)
}

// News is an Event, or an Overflow of a Listener that has ended.
type News struct {
	Event    *watch.Event
	Listener *listeners.Listener
	Overflow *watch.Overflow
}

// Watcher watches from New on.
type Watcher struct {
	what    []string
	said    func(News)
	kernel  kernel
	began   time.Time
	bootID  string
	origin  time.Duration // of the clock that counts sleep
	cpuFrom time.Duration

	mu sync.Mutex
	// busy: connections came since the last sample of all listeners.
	busy bool
	// beginning: what listens now did so before the watch.
	beginning bool
	spaces    []*space
	refused   map[uint64]bool
	awaited   map[string]bool
	unseen    listeners.Unseen
	fresh     []*socket
	later     []later
	fast      []*row
	round     int
	samples   int
	// At these the next of each is due.
	listAt, relistAt, sweepAt, ownAt, reasonAt time.Duration
	budget                                     probe.Credit
	lastAll, lastRunning, planned              time.Duration
	failures                                   int

	slept              time.Duration
	events             []watch.Event
	eventsOut, rowsOut int
	spacesOut          int
	// forgetting: more may have gone than there is room for.
	forgetting bool
	news       []News
}

// New looks at all listeners for the first time. The error wraps errors.ErrUnsupported on other systems than Linux.
func New(c Config) (*Watcher, error) { return start(c, linux{}) }

func start(c Config, k kernel) (*Watcher, error) {
	first, err := k.open(0) // what every other system refuses
	if err != nil {
		return nil, err
	}
	if err := first.Close(); err != nil {
		return nil, err
	}
	w := &Watcher{
		what: slices.Clone(c.What), said: c.Said, kernel: k, beginning: true,
		refused: map[uint64]bool{}, awaited: map[string]bool{},
	}
	if w.bootID, err = k.boot(); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	for _, what := range w.what {
		w.awaited[what] = true
	}
	w.began = time.Now()
	w.origin, w.lastRunning = k.now()
	w.cpuFrom = k.cpu()
	w.budget = probe.NewCredit(mostCredit, w.lastRunning, w.cpuFrom)
	w.lastAll = w.origin
	if err := w.discover(0); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	w.own(0)
	w.beginning = false
	w.listAt, w.sweepAt = listEvery, sweepEvery
	w.planned = sweepEvery
	return w, nil
}

// Run watches until ctx is done. The error is for a kernel that does not answer any more.
func (w *Watcher) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		w.mu.Lock()
		pause, err := w.step()
		news := w.news
		w.news = nil
		w.mu.Unlock()
		w.tell(news)
		if err != nil {
			return err
		}
		timer.Reset(pause)
	}
}

func (w *Watcher) tell(news []News) {
	for _, n := range news {
		if w.said != nil {
			w.said(n)
		}
	}
}

// step does what is due, and returns how long nothing is.
func (w *Watcher) step() (pause time.Duration, err error) {
	all, running := w.kernel.now()
	at := all - w.origin
	w.gaps(at, all, running)
	if at >= w.listAt {
		began := w.cost()
		if err := w.discover(at); err != nil {
			return 0, fmt.Errorf("watch: %w", err)
		}
		took := w.cost() - began
		w.listAt = at + within(listEvery, took*listShare, listMost)
		w.relistAt = at + within(sweepEvery, took*relistShare, sweepMost)
	}
	if at >= w.sweepAt {
		began := w.cost()
		w.sweepAt = at + sweepMost
		if err := w.sweepAll(at); err != nil {
			return 0, err
		}
		least := sweepEvery
		if w.busy {
			least = busyEvery
		}
		w.sweepAt = min(w.sweepAt, at+within(least, (w.cost()-began)*sweepShare, sweepMost))
	} else {
		w.quick(at)
	}
	if len(w.fresh) > 0 && (at >= w.ownAt || w.urgent()) {
		began := w.cost()
		w.own(at)
		w.ownAt = at + min((w.cost()-began)*ownShare, ownMost)
	}
	if w.forgetting {
		w.forget()
	}
	w.planned = w.pause(at, running)
	return w.planned, nil
}

// urgent reports whether one of a few listeners that were asked for is new: others come and go as they like.
func (w *Watcher) urgent() bool {
	return len(w.what) > 0 && slices.ContainsFunc(w.fresh, func(s *socket) bool { return s.row != nil })
}

func within(least, want, most time.Duration) time.Duration { return min(max(least, want), most) }

// cost is a clock for what something takes.
func (w *Watcher) cost() time.Duration { return w.kernel.cpu() }

// pause is until the next thing is due.
func (w *Watcher) pause(at, running time.Duration) time.Duration {
	next := min(w.sweepAt, w.listAt)
	if len(w.fresh) > 0 {
		next = min(next, w.ownAt)
	}
	pause := max(next-at, fastEvery)
	if len(w.fast) == 0 {
		return pause
	}
	w.budget.Count(running, w.kernel.cpu())
	return min(pause, w.budget.Pause(fastEvery, fastMost))
}

// gaps finds times in which nothing was seen: the host slept, or this process did not run.
func (w *Watcher) gaps(at, all, running time.Duration) {
	slept := (all - w.lastAll) - (running - w.lastRunning)
	late := running - w.lastRunning - w.planned
	w.lastAll, w.lastRunning = all, running
	if slept >= leastSleep {
		w.slept += slept
		w.blind(watch.Event{At: w.wall(at - slept), Kind: watch.Suspended, Duration: slept})
	}
	if late >= leastLate {
		w.blind(watch.Event{At: w.wall(at - late), Kind: watch.Late, Duration: late})
	}
}

// blind says that nothing was seen for a time.
func (w *Watcher) blind(e watch.Event) {
	w.say(e)
	for _, s := range w.spaces {
		for _, r := range s.rows {
			r.Break()
		}
	}
}

// sweepAll samples all namespaces.
func (w *Watcher) sweepAll(at time.Duration) error {
	w.busy = false
	for _, s := range w.spaces {
		if s.gone || s.failed && s.pid != 0 {
			continue
		}
		err := w.sweep(s, at)
		switch {
		case s.pid != 0:
			if err != nil {
				w.relist() // it is opened again, if it is still there
			}
		case err != nil:
			if w.failures++; w.failures >= failuresInTurn {
				return fmt.Errorf("watch: %w", err)
			}
			w.relist()
		default:
			w.failures = 0
		}
	}
	return nil
}

// wall is the time of day of a moment.
func (w *Watcher) wall(at time.Duration) time.Time { return w.began.Add(at) }

// say keeps an event, as far as there is room, and has it said.
func (w *Watcher) say(e watch.Event) {
	if len(w.events) < watch.MaxEvents {
		w.events = append(w.events, e)
	} else {
		w.eventsOut++
	}
	w.news = append(w.news, News{Event: &e})
}
