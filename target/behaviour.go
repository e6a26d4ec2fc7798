package target

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"agistorm/target/engine"
)

// MaxHandlers is the largest pool, and MaxLoops the most processes or sockets.
const (
	MaxHandlers = 100_000
	MaxLoops    = 256
)

// Behaviour is how a server takes its connections and shares its sessions out. Make one with ParseBehaviour, Pool or Thread.
type Behaviour struct {
	kind string
	n    int
	off  time.Duration // of xinetd
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
	// one and many are for sentences; %d is N.
	one, many string
	rules     func(b Behaviour, r *engine.Rules)
}

// kinds in the order in which they are explained.
var kinds = []kind{
	{"thread", "", "accepts everything and serves it at once, a thread or process for each connection",
		0, "a thread for each connection", "", func(Behaviour, *engine.Rules) {}},
	{"pool", "", "accepts while one of N handlers is free; who waits, waits in the kernel's accept queue",
		MaxHandlers, "pool of 1 handler", "pool of %d handlers",
		func(b Behaviour, r *engine.Rules) { r.Open, r.Active = b.n, b.n }},
	{"pool", ",reject", "accepts everything, and closes it at once when all N handlers are busy, as asterisk-java does",
		MaxHandlers, "pool of 1 handler that rejects when busy", "pool of %d handlers that rejects when full",
		func(b Behaviour, r *engine.Rules) { r.Active, r.Reject = b.n, true }},
	{"pool", ",hoard", "accepts everything and lets it wait inside for one of N handlers, as AsterNET does",
		MaxHandlers, "pool of 1 handler that hoards what waits", "pool of %d handlers that hoards what waits",
		func(b Behaviour, r *engine.Rules) { r.Active = b.n }},
	{"prefork", "", "N processes (here: threads) that accept from one socket, each with one call at a time",
		MaxLoops, "1 process", "%d processes with one call each",
		func(b Behaviour, r *engine.Rules) { r.Loops, r.Open, r.Active = b.n, 1, 1 }},
	{"loop", "", "one event loop: while one call works, nothing else happens",
		0, "one event loop, which a call's work blocks", "",
		func(_ Behaviour, r *engine.Rules) { r.WorkBlocks = true }},
	{"env-in-accept", "", "reads the environment in the accept loop: one silent client blocks everyone",
		0, "a thread for each connection, whose environment the accept loop reads", "",
		func(_ Behaviour, r *engine.Rules) { r.EnvAtDoor = true }},
	{"reuseport", "", "N processes (here: threads), each with a socket and an accept queue of its own (SO_REUSEPORT)",
		MaxLoops, "1 socket of its own", "%d sockets on one port, each with a queue of its own",
		func(b Behaviour, r *engine.Rules) {
			r.Loops, r.OwnSockets = b.n, true
			r.Open = max(1, r.Open/b.n)
			r.Active = r.Open
		}},
	{"xinetd", ",D", "a process for each connection; more than N in a second, and the port is closed for the time D",
		MaxHandlers, "a process for each connection, at most 1 a second", "a process for each connection, at most %d a second",
		func(b Behaviour, r *engine.Rules) { r.Rate, r.RateWindow = b.n, time.Second }},
}

// form is what ParseBehaviour takes.
func (k *kind) form() string {
	if k.most == 0 {
		return k.name
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

// ParseBehaviour takes one of the forms of Behaviours, with a number for N and a time for D.
func ParseBehaviour(s string) (Behaviour, error) {
	name, rest, numbered := strings.Cut(s, ":")
	number, suffix, _ := strings.Cut(rest, ",")
	if len(number) < len(rest) {
		suffix = "," + suffix
	}
	for i := range kinds {
		k := &kinds[i]
		switch {
		case k.name != name || numbered != (k.most > 0):
		case k.suffix == suffix:
			return k.parse(s, number)
		case k.suffix == ",D" && suffix != "":
			return k.parseOff(s, number, suffix[1:])
		}
	}
	forms, _ := Behaviours()
	return Behaviour{}, fmt.Errorf("behaviour %q: want one of %s", s, strings.Join(forms, " "))
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

// parseOff takes the number, and for how long the port is closed.
func (k *kind) parseOff(s, number, off string) (Behaviour, error) {
	b, err := k.parse(s, number)
	if err != nil {
		return b, err
	}
	b.off, err = time.ParseDuration(off)
	if err != nil || b.off < time.Millisecond || b.off > MaxDisturbance {
		return Behaviour{}, fmt.Errorf("behaviour %q: want %s with D from 1ms to %v", s, k.form(), MaxDisturbance)
	}
	return b, nil
}

// of is the behaviour's kind, nil for one that was not made here.
func (b Behaviour) of() *kind {
	for i := range kinds {
		if kinds[i].name+kinds[i].suffix == b.kind {
			return &kinds[i]
		}
	}
	return nil
}

func (b Behaviour) check() error {
	k := b.of()
	if k == nil || k.most > 0 && (b.n < 1 || b.n > k.most) {
		return fmt.Errorf("server: behaviour %q of %d is none", b.kind, b.n)
	}
	return nil
}

// rules at the doors, with so many sessions open at once where the behaviour itself sets no limit.
func (b Behaviour) rules(sessions int) engine.Rules {
	r := engine.Rules{Loops: 1, Open: sessions, Active: sessions}
	b.of().rules(b, &r)
	return r
}

// Sockets is how many sockets the server listens with, on one port.
func (b Behaviour) Sockets() int {
	if b.kind == "reuseport" {
		return b.n
	}
	return 1
}

// String is what ParseBehaviour takes.
func (b Behaviour) String() string {
	k := b.of()
	if k == nil {
		return "none"
	}
	return strings.NewReplacer(":N", ":"+strconv.Itoa(b.n), ",D", ","+b.off.String()).Replace(k.form())
}

// Words are for sentences: "pool of 16 handlers", "a thread for each connection".
func (b Behaviour) Words() string {
	k := b.of()
	switch {
	case k == nil:
		return "none"
	case k.many == "" || b.n == 1:
		return k.one
	}
	return fmt.Sprintf(k.many, b.n)
}
