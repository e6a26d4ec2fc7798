package listeners

import (
	"slices"

	"agistorm/analysis/finding"
	"agistorm/target/known"
)

// From golang's net/sock_linux.go (maxListenerBacklog) and net/parse.go: numbers from goTooLarge on are not read, and
// goFallback is passed instead.
const (
	goTooLarge = 0xFFFFFF
	goFallback = 128
)

// defaults of net.core.somaxconn: from Linux 5.4 on, and before (19f92a030ca6). They are SOMAXCONN of C libraries, too.
var defaults = []int{4096, 128}

// enoughAlike programs beside the listener's own show that somaxconn cut all of them.
const enoughAlike = 2

// explain is the fact about how the backlog came about; nil where it is long enough and has one explanation.
func (j *judge) explain(l *Listener) finding.Fact {
	short := l.Backlog <= Short
	switch {
	case l.Backlog <= 1:
		return finding.BacklogTiny{Backlog: l.Backlog}
	case l.Somaxconn == nil && short:
		return finding.BacklogAskedOrRaised{Backlog: l.Backlog, Usual: known.Usual(l.Backlog)}
	case l.Somaxconn == nil:
		return nil
	case l.Backlog > *l.Somaxconn:
		return finding.SomaxconnLowered{Backlog: l.Backlog, Somaxconn: *l.Somaxconn}
	case l.Backlog == *l.Somaxconn:
		return j.atLimit(l, short)
	}
	return j.below(l)
}

// atLimit explains a backlog that is all that somaxconn allows.
func (j *judge) atLimit(l *Listener, short bool) finding.Fact {
	asked := l.asks()
	// A program in a language with several ways to listen may as well be one that asked for more.
	exact := l.passes() && l.every(func(s *known.Server) bool { return !s.OneOfSeveral() })
	switch alike := j.alike(l); {
	case l.passesAll() && short:
		return finding.BacklogFollows{Backlog: l.Backlog, Servers: l.Servers}
	case l.passesAll(), exact && !short:
		return nil
	case exact:
		return finding.BacklogAsked{Backlog: l.Backlog, Somaxconn: *l.Somaxconn, Servers: l.Servers}
	case asked > l.Backlog && !l.passes():
		return finding.BacklogClamped{Backlog: l.Backlog, Asked: asked, Evidence: finding.EvidenceDefault,
			Servers: l.Servers}
	case alike >= enoughAlike:
		return finding.BacklogClamped{Backlog: l.Backlog, Evidence: finding.EvidenceAlike, Programs: alike + 1}
	}
	return finding.BacklogClampedOrAsked{Backlog: l.Backlog, Usual: known.Usual(l.Backlog)}
}

// below explains a backlog that is less than somaxconn allows.
func (j *judge) below(l *Listener) finding.Fact {
	somaxconn, asked := *l.Somaxconn, l.asks()
	raised := finding.SomaxconnRaised{Backlog: l.Backlog, Somaxconn: somaxconn, Servers: l.Servers}
	switch alike := j.alike(l); {
	case l.isGo() && somaxconn >= goTooLarge && l.Backlog == goFallback:
		return finding.GoFallback{Somaxconn: somaxconn}
	case l.isGo() && l.Backlog >= goFallback: // one that has less calls listen(2) itself, or somaxconn was odd
		raised.Evidence = finding.EvidenceGo
	case l.passes():
		return finding.BacklogAsked{Backlog: l.Backlog, Somaxconn: somaxconn, Servers: l.Servers}
	case asked > l.Backlog && slices.Contains(defaults, l.Backlog):
		raised.Evidence, raised.Asked = finding.EvidenceDefault, asked
	case alike >= enoughAlike:
		raised.Evidence, raised.Programs, raised.Servers = finding.EvidenceAlike, alike+1, nil
	default:
		return finding.BacklogAskedOrRaised{Backlog: l.Backlog, Somaxconn: &somaxconn, Usual: known.Usual(l.Backlog)}
	}
	return raised
}

// alike is how many other programs of the namespace have the same backlog, where no program is known to ask for it; 0
// elsewhere.
func (j *judge) alike(l *Listener) int {
	if slices.Contains(defaults, l.Backlog) || slices.ContainsFunc(known.Servers, func(s known.Server) bool {
		return s.Passes(l.Backlog)
	}) {
		return 0
	}
	programs := map[string]bool{}
	for i := range j.Listeners {
		o := &j.Listeners[i]
		if o.Netns == l.Netns && o.Backlog == l.Backlog && o.Process != "" && o.Process != l.Process {
			programs[o.Process] = true
		}
	}
	return len(programs)
}

// every reports whether it is a well-known server, and all kinds that it may be are so.
func (l *Listener) every(is func(*known.Server) bool) bool {
	return len(l.Servers) > 0 && !slices.ContainsFunc(l.Servers, func(kind string) bool {
		s := known.Of(kind)
		return s == nil || !is(s)
	})
}

func (l *Listener) isGo() bool {
	return l.every(func(s *known.Server) bool { return s.Kind == "go" })
}

func (l *Listener) passesAll() bool { return l.every((*known.Server).PassesAll) }

// passes reports whether it is known for its backlog.
func (l *Listener) passes() bool {
	return l.every(func(s *known.Server) bool { return s.Passes(l.Backlog) })
}

// asks is the least that it asks for by itself, whatever of its kinds it is; 0 where that is not known.
func (l *Listener) asks() (least int) {
	l.every(func(s *known.Server) bool {
		n, ok := s.Usual()
		switch {
		case !ok:
			least = 0
		case least == 0 || n < least:
			least = n
		}
		return ok
	})
	return least
}
