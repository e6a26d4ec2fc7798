// Package spec holds how a server behaves: its behaviour, the backlog that it gives listen(2), its script
// and its disturbances. It serves nothing.
package spec

import (
	"fmt"
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
	kind string
	n    int
	time time.Duration // for which xinetd closes its port, or that a fork or an event takes
}

// Pool is a fixed number of handlers, from 1 to MaxHandlers: "pool:N".
func Pool(handlers int) Behaviour { return Behaviour{kind: "pool", n: handlers} }

// Thread serves every connection at once, as servers with a thread for each do.
func Thread() Behaviour { return Behaviour{kind: "thread"} }

// kind is one of the ways in which servers work.
type kind struct {
	name, suffix, words string
	// most is the largest N; 0 for a kind without one.
	most int
	// shortest and longest bound the time that the suffix names; 0 for a kind without one.
	shortest, longest time.Duration
	// singular and plural are for sentences; %d is N, and T the time.
	singular, plural string
	rules            func(b Behaviour, r *Rules)
}

// kinds in the order in which they are explained.
var kinds = []kind{
	{name: "thread", words: "accepts everything and serves it at once, a thread or process for each connection",
		singular: "a thread for each connection", rules: func(Behaviour, *Rules) {}},
	{name: "pool", words: "accepts while one of N handlers is free; who waits, waits in the kernel's accept queue",
		most: MaxHandlers, singular: "pool of 1 handler", plural: "pool of %d handlers",
		rules: func(b Behaviour, r *Rules) { r.Open, r.Active = b.n, b.n }},
	{name: "pool", suffix: ",reject",
		words:    "accepts everything, and closes it at once when all N handlers are busy, as asterisk-java does",
		most:     MaxHandlers,
		singular: "pool of 1 handler that rejects when busy", plural: "pool of %d handlers that rejects when full",
		rules: func(b Behaviour, r *Rules) { r.Active, r.Reject = b.n, true }},
	{name: "pool", suffix: ",hoard",
		words:    "accepts everything and lets it wait inside for one of N handlers, as AsterNET does",
		most:     MaxHandlers,
		singular: "pool of 1 handler that hoards what waits", plural: "pool of %d handlers that hoards what waits",
		rules: func(b Behaviour, r *Rules) { r.Active = b.n }},
	{name: "prefork", words: "N processes (here: threads) that accept from one socket, each with one call at a time",
		most: MaxLoops, singular: "1 process", plural: "%d processes with one call each",
		rules: func(b Behaviour, r *Rules) { r.Loops, r.Open, r.Active = b.n, 1, 1 }},
	{name: "fork", suffix: ",COST",
		words: "a process for each connection, at most N at once; " +
			"each fork takes the time COST, in which nothing is accepted",
		most: MaxHandlers, shortest: MinForkCost, longest: MaxForkCost,
		singular: "a process for each connection, at most 1 at once, T for each fork",
		plural:   "a process for each connection, at most %d at once, T for each fork",
		rules: func(b Behaviour, r *Rules) {
			r.Open, r.Active, r.ForkTime = b.n, b.n, b.time
		}},
	{name: "loop", words: "one event loop: while one call works, nothing else happens",
		singular: "one event loop, which a call's work blocks",
		rules:    func(_ Behaviour, r *Rules) { r.OneThread, r.WorkBlocks = true, true }},
	{name: "async",
		words: "one event loop that accepts everything: " +
			"a call's work is a wait, in which the loop serves the others",
		singular: "one event loop, in which a call's work is a wait",
		rules:    func(_ Behaviour, r *Rules) { r.OneThread = true }},
	{name: "async", suffix: ":COST",
		words: "async whose loop computes for the time COST on each event: " +
			"a connection accepted, bytes or an end read, a wait that is over",
		shortest: MinEventCost, longest: MaxEventCost,
		singular: "one event loop, in which a call's work is a wait, T of CPU time for each event",
		rules:    func(b Behaviour, r *Rules) { r.OneThread, r.EventCost = true, b.time }},
	{name: "env-in-accept", words: "reads the environment in the accept loop: one silent client blocks everyone",
		singular: "a thread for each connection, whose environment the accept loop reads",
		rules:    func(_ Behaviour, r *Rules) { r.EnvBlocksAccept = true }},
	{name: "reuseport",
		words: "N processes (here: threads), each with a socket and an accept queue of its own (SO_REUSEPORT)",
		most:  MaxLoops, singular: "1 socket of its own",
		plural: "%d sockets on one port, each with a queue of its own",
		rules: func(b Behaviour, r *Rules) {
			r.Loops, r.OwnSockets = b.n, true
			r.Open = max(1, r.Open/b.n)
			r.Active = r.Open
		}},
	{name: "xinetd", suffix: ",D",
		words: "a process for each connection; more than N in a second, and the port is closed for the time D",
		most:  MaxHandlers, shortest: time.Millisecond, longest: MaxDisturbance,
		singular: "a process for each connection, at most 1 a second",
		plural:   "a process for each connection, at most %d a second",
		rules:    func(b Behaviour, r *Rules) { r.Rate, r.RateWindow = b.n, time.Second }},
}

// form is what ParseBehaviour takes.
func (k *kind) form() string {
	if k.most == 0 {
		return k.name + k.suffix
	}
	return k.name + ":N" + k.suffix
}

// Behaviours are the forms that ParseBehaviour takes, each with what it does.
func Behaviours() (forms []string, words map[string]string) {
	words = map[string]string{}
	for i := range kinds {
		forms = append(forms, kinds[i].form())
		words[kinds[i].form()] = kinds[i].words
	}
	return forms, words
}

// ParseBehaviour takes one of the forms of Behaviours, with a number for N and a time for D or COST.
func ParseBehaviour(s string) (Behaviour, error) {
	name, rest, numbered := strings.Cut(s, ":")
	number, suffix, _ := strings.Cut(rest, ",")
	if len(number) < len(rest) {
		suffix = "," + suffix
	}
	for i := range kinds {
		k := &kinds[i]
		switch {
		case k.name != name || numbered != (k.most > 0 || k.longest > 0):
		case k.most == 0 && numbered:
			return k.parseTime(s, "", rest)
		case k.suffix == suffix && k.longest == 0:
			return k.parse(s, number)
		case k.longest > 0 && suffix != "":
			return k.parseTime(s, number, suffix[1:])
		}
	}
	forms, _ := Behaviours()
	return Behaviour{}, fmt.Errorf("behaviour %q: want one of %s%s", s, strings.Join(forms, " "), meantKind(name))
}

// meantKind names the forms of the kinds whose name is near; empty where none is, or it is one.
func meantKind(name string) string {
	var names, forms []string
	for i := range kinds {
		names = append(names, kinds[i].name)
	}
	meant := near.Match(name, names)
	if meant == "" || meant == name {
		return ""
	}
	for i := range kinds {
		if kinds[i].name == meant {
			forms = append(forms, kinds[i].form())
		}
	}
	return fmt.Sprintf("; did you mean %s?", strings.Join(forms, " or "))
}

// parse takes the number, where the kind has one.
func (k *kind) parse(s, number string) (Behaviour, error) {
	b := Behaviour{kind: k.name + k.suffix}
	if k.most == 0 {
		return b, nil
	}
	var err error
	if b.n, err = strconv.Atoi(number); err != nil || b.n < 1 || b.n > k.most {
		return Behaviour{}, fmt.Errorf("behaviour %q: want %s with N from 1 to %d", s, k.form(), k.most)
	}
	return b, nil
}

// parseTime takes the number, where the kind has one, and the time behind it.
func (k *kind) parseTime(s, number, text string) (Behaviour, error) {
	b, err := k.parse(s, number)
	if err != nil {
		return b, err
	}
	b.time, err = time.ParseDuration(text)
	if err != nil || b.time < k.shortest || b.time > k.longest {
		return Behaviour{}, fmt.Errorf("behaviour %q: want %s with %s from %v to %v",
			s, k.form(), k.suffix[1:], k.shortest, k.longest)
	}
	return b, nil
}

// behaviourKind is the behaviour's kind, nil for one that was not made here.
func (b Behaviour) behaviourKind() *kind {
	for i := range kinds {
		if kinds[i].name+kinds[i].suffix == b.kind {
			return &kinds[i]
		}
	}
	return nil
}

// Check returns what is wrong with a behaviour that ParseBehaviour did not make.
func (b Behaviour) Check() error {
	k := b.behaviourKind()
	if k == nil || k.most > 0 && (b.n < 1 || b.n > k.most) || b.time < k.shortest || b.time > k.longest {
		return fmt.Errorf("behaviour %q of %d is none", b.kind, b.n)
	}
	return nil
}

// Rules of admission, with so many sessions open at once where the behaviour itself sets no limit.
func (b Behaviour) Rules(sessions int) Rules {
	r := Rules{Loops: 1, Open: sessions, Active: sessions}
	b.behaviourKind().rules(b, &r)
	return r
}

// Pause is for how long a server closes its port when too many connections came within a second.
func (b Behaviour) Pause() time.Duration { return b.time }

// WithHandlers is the same behaviour with n in the place of its N. It is an error where there is none.
func (b Behaviour) WithHandlers(n string) (Behaviour, error) {
	k := b.behaviourKind()
	if k == nil || k.most == 0 {
		return b, fmt.Errorf("behaviour %v has no number of handlers", b)
	}
	other, err := k.parse(k.name+":"+n+k.suffix, n)
	other.time = b.time
	return other, err
}

// Handlers is N, 0 for a behaviour without one.
func (b Behaviour) Handlers() int { return b.n }

// Sockets is how many sockets the server listens with, on one port.
func (b Behaviour) Sockets() int {
	if b.kind == "reuseport" {
		return b.n
	}
	return 1
}

// String is what ParseBehaviour takes.
func (b Behaviour) String() string {
	k := b.behaviourKind()
	if k == nil {
		return "none"
	}
	form := strings.Replace(k.form(), ":N", ":"+strconv.Itoa(b.n), 1)
	if k.longest > 0 {
		form = strings.TrimSuffix(form, k.suffix) + k.suffix[:1] + b.time.String()
	}
	return form
}

// Words are for sentences: "pool of 16 handlers", "a thread for each connection".
func (b Behaviour) Words() string {
	k := b.behaviourKind()
	if k == nil {
		return "none"
	}
	words := k.singular
	if k.plural != "" && b.n != 1 {
		words = fmt.Sprintf(k.plural, b.n)
	}
	if k.longest > 0 {
		words = strings.Replace(words, ", T ", ", "+b.time.String()+" ", 1)
	}
	return words
}
