// Package spec holds how a server behaves: its behaviour, the backlog that it gives listen(2), its script
// and its disturbances. It serves nothing.
package spec

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/scenarios/near"
)

// MaxHandlers is the largest pool, and MaxLoops the most processes or sockets.
const (
	MaxHandlers = 100_000
	MaxLoops    = 256
)

// MinForkCost and MaxForkCost bound what one fork takes. A process of 30 MB is copied in some milliseconds.
const (
	MinForkCost = time.Microsecond
	MaxForkCost = 10 * time.Second
)

// MinEventCost and MaxEventCost bound what one event costs an event loop. An interpreter's takes 10 to 100
// us.
const (
	MinEventCost = time.Microsecond
	MaxEventCost = 10 * time.Millisecond
)

// Behaviour is how a server takes its connections and shares its sessions out. Make one with
// ParseBehaviour, Pool or Thread.
type Behaviour struct {
	form string // of its kind
	n    int
	time time.Duration // for which xinetd closes its port, or that a fork or an event takes
}

// Pool is a fixed number of handlers, from 1 to MaxHandlers: "pool:N".
func Pool(handlers int) Behaviour { return Behaviour{form: "pool:N", n: handlers} }

// Thread serves every connection at once, as servers with a thread for each do.
func Thread() Behaviour { return Behaviour{form: "thread"} }

// kind is one of the ways in which servers work.
type kind struct {
	// form is what ParseBehaviour takes, with N for a number, and COST or D for a time.
	form string
	// most is the largest N; 0 for a kind without one.
	most int
	// shortest and longest bound the time; 0 for a kind without one.
	shortest, longest time.Duration
	// singular and plural are for sentences; %d is N, and T the time.
	singular, plural string
	rules            func(b Behaviour, r *Rules)
}

// kinds in the order in which they are explained.
var kinds = []kind{
	// Accepts everything and serves it at once, a thread or process for each connection.
	{form: "thread", singular: "a thread for each connection", rules: func(Behaviour, *Rules) {}},
	// Accepts while one of N handlers is free; further connections wait in the kernel's accept queue.
	{form: "pool:N", most: MaxHandlers, singular: "pool of 1 handler", plural: "pool of %d handlers",
		rules: func(b Behaviour, r *Rules) { r.Open, r.Active = b.n, b.n }},
	// Accepts everything, and closes it at once when all N handlers are busy, as asterisk-java does.
	{form: "pool:N,reject", most: MaxHandlers,
		singular: "pool of 1 handler that rejects when busy", plural: "pool of %d handlers that rejects when full",
		rules: func(b Behaviour, r *Rules) { r.Active, r.Reject = b.n, true }},
	// Accepts everything and lets it wait inside for one of N handlers, as AsterNET does.
	{form: "pool:N,hoard", most: MaxHandlers,
		singular: "pool of 1 handler that hoards what waits", plural: "pool of %d handlers that hoards what waits",
		rules: func(b Behaviour, r *Rules) { r.Active = b.n }},
	// N processes (here: threads) that accept from one socket, each with one call at a time.
	{form: "prefork:N", most: MaxLoops, singular: "1 process", plural: "%d processes with one call each",
		rules: func(b Behaviour, r *Rules) { r.Loops, r.Open, r.Active = b.n, 1, 1 }},
	// A process for each connection, at most N at once; each fork takes the time COST, in which nothing is
	// accepted.
	{form: "fork:N,COST", most: MaxHandlers, shortest: MinForkCost, longest: MaxForkCost,
		singular: "a process for each connection, at most 1 at once, T for each fork",
		plural:   "a process for each connection, at most %d at once, T for each fork",
		rules: func(b Behaviour, r *Rules) {
			r.Open, r.Active, r.ForkTime = b.n, b.n, b.time
		}},
	// One event loop: while one call works, nothing else happens.
	{form: "loop", singular: "one event loop, which a call's work blocks",
		rules: func(_ Behaviour, r *Rules) { r.OneThread, r.WorkBlocks = true, true }},
	// One event loop that accepts everything: a call's work is a wait, in which the loop serves the
	// others.
	{form: "async", singular: "one event loop, in which a call's work is a wait",
		rules: func(_ Behaviour, r *Rules) { r.OneThread = true }},
	// Async whose loop computes for the time COST on each event: a connection accepted, bytes or an end
	// read, a wait that is over.
	{form: "async:COST", shortest: MinEventCost, longest: MaxEventCost,
		singular: "one event loop, in which a call's work is a wait, T of CPU time for each event",
		rules:    func(b Behaviour, r *Rules) { r.OneThread, r.EventCost = true, b.time }},
	// Reads the environment in the accept loop: one silent client blocks all others.
	{form: "env-in-accept", singular: "a thread for each connection, whose environment the accept loop reads",
		rules: func(_ Behaviour, r *Rules) { r.EnvBlocksAccept = true }},
	// N processes (here: threads), each with a socket and an accept queue of its own (SO_REUSEPORT).
	{form: "reuseport:N", most: MaxLoops, singular: "1 socket of its own",
		plural: "%d sockets on one port, each with a queue of its own",
		rules: func(b Behaviour, r *Rules) {
			r.Loops, r.OwnSockets = b.n, true
			r.Open = max(1, r.Open/b.n)
			r.Active = r.Open
		}},
	// A process for each connection; more than N in a second, and the port is closed for the time D.
	{form: "xinetd:N,D", most: MaxHandlers, shortest: time.Millisecond, longest: MaxDisturbance,
		singular: "a process for each connection, at most 1 a second",
		plural:   "a process for each connection, at most %d a second",
		rules:    func(b Behaviour, r *Rules) { r.Rate, r.RateWindow = b.n, time.Second }},
}

// Behaviours are the forms that ParseBehaviour takes.
func Behaviours() (forms []string) {
	for i := range kinds {
		forms = append(forms, kinds[i].form)
	}
	return forms
}

// places stand in a form for a number and a time.
var places = strings.NewReplacer("N", "(?P<number>[^,]*)", "COST", "(?P<time>.*)", "D", "(?P<time>.*)")

// ParseBehaviour takes one of the forms of Behaviours, with a number for N and a time for D or COST.
func ParseBehaviour(s string) (Behaviour, error) {
	for i := range kinds {
		k := &kinds[i]
		pattern := regexp.MustCompile("^" + places.Replace(k.form) + "$")
		if parts := pattern.FindStringSubmatch(s); parts != nil {
			b := Behaviour{form: k.form}
			// What cannot be read is out of range.
			if at := pattern.SubexpIndex("number"); at > 0 {
				b.n, _ = strconv.Atoi(parts[at])
			}
			if at := pattern.SubexpIndex("time"); at > 0 {
				b.time, _ = time.ParseDuration(parts[at])
			}
			return b.checked(k, s)
		}
	}
	return Behaviour{}, fmt.Errorf("behaviour %q: want one of "+
		"%s%s", s, strings.Join(Behaviours(), " "), suggestForms(s))
}

// checked returns b if it is within the bounds of its kind; s is its text, for the error.
func (b Behaviour) checked(k *kind, s string) (Behaviour, error) {
	switch {
	case k.most > 0 && (b.n < 1 || b.n > k.most):
		return Behaviour{}, fmt.Errorf("behaviour %q: want %s with N from 1 to %d", s, k.form, k.most)
	case b.time < k.shortest || b.time > k.longest:
		return Behaviour{}, fmt.Errorf("behaviour %q: want %s with %s from %v to %v",
			s, k.form, k.form[strings.LastIndexAny(k.form, ",:")+1:], k.shortest, k.longest)
	}
	return b, nil
}

// kindName is what a form or a behaviour begins with.
func kindName(text string) string { return text[:strings.IndexAny(text+":", ":,")] }

// suggestForms names the forms of the kind whose name is near; empty where none is, or it is one.
func suggestForms(s string) string {
	names, like := []string{}, map[string][]string{}
	for i := range kinds {
		name := kindName(kinds[i].form)
		names, like[name] = append(names, name), append(like[name], kinds[i].form)
	}
	meant := near.Match(kindName(s), names)
	if meant == "" || meant == kindName(s) {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", strings.Join(like[meant], " or "))
}

// none is the kind of a behaviour that was not made here.
var none = kind{form: "none", singular: "none", rules: func(Behaviour, *Rules) {}}

func (b Behaviour) kind() *kind {
	if i := slices.IndexFunc(kinds, func(k kind) bool { return k.form == b.form }); i >= 0 {
		return &kinds[i]
	}
	return &none
}

// Check returns what is wrong with a behaviour that ParseBehaviour did not make.
func (b Behaviour) Check() error {
	k := b.kind()
	if k == &none {
		return errors.New("behaviour: none is given")
	}
	_, err := b.checked(k, b.String())
	return err
}

// Rules of admission, with so many sessions open at once where the behaviour itself sets no limit.
func (b Behaviour) Rules(sessions int) Rules {
	r := Rules{Loops: 1, Open: sessions, Active: sessions}
	b.kind().rules(b, &r)
	return r
}

// Pause is for how long a server closes its port when too many connections came within a second.
func (b Behaviour) Pause() time.Duration { return b.time }

// WithHandlers is the same behaviour with n in the place of its N. It is an error where there is none.
func (b Behaviour) WithHandlers(n string) (Behaviour, error) {
	k := b.kind()
	if k.most == 0 {
		return b, fmt.Errorf("behaviour %v has no number of handlers", b)
	}
	b.n, _ = strconv.Atoi(n) // 0, which is out of range, for what is no number
	return b.checked(k, b.text(n))
}

// Handlers is N, 0 for a behaviour without one.
func (b Behaviour) Handlers() int { return b.n }

// Sockets is how many sockets the server listens with, on one port.
func (b Behaviour) Sockets() int {
	if r := b.Rules(1); r.OwnSockets {
		return r.Loops
	}
	return 1
}

// String is what ParseBehaviour takes.
func (b Behaviour) String() string { return b.text(strconv.Itoa(b.n)) }

// text is the form with n and the time in it.
func (b Behaviour) text(n string) string {
	return strings.NewReplacer("N", n, "COST", b.time.String(), "D", b.time.String()).Replace(b.kind().form)
}

// Words are for sentences: "pool of 16 handlers", "a thread for each connection".
func (b Behaviour) Words() string {
	k := b.kind()
	words := k.singular
	if k.plural != "" && b.n != 1 {
		words = fmt.Sprintf(k.plural, b.n)
	}
	return strings.Replace(words, ", T ", ", "+b.time.String()+" ", 1)
}
