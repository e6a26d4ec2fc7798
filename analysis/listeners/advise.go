package listeners

import (
	"math/bits"

	"agistorm/analysis/finding"
	"agistorm/target/known"
)

const (
	// roomy is a queue that has room for most bursts, and the kernel's default of somaxconn; its memory is used only
	// while connections wait.
	roomy = 4096
	// highest is a somaxconn that every server can ask for: more does not fit the 16 bits of older systems.
	highest = 65535
)

// advise returns what to do about a listener; nil where nothing is wrong.
func advise(l *Listener) *finding.Finding {
	if l.Grade() < Fault {
		return nil
	}
	for i := range l.Findings {
		switch fact := l.Findings[i].Fact.(type) {
		case finding.ListenerStuck:
			return &finding.Finding{Fact: finding.AcceptAgain{}}
		case finding.WorkerStuck:
			return &finding.Finding{Fact: finding.AcceptAgain{Worker: true}}
		case finding.SomaxconnRaised:
			return l.longer(l.restart(fact))
		case finding.BacklogClamped:
			return l.longer(finding.RaiseSysctl, wanted(l.Backlog, fact.Asked))
		case finding.SomaxconnLowered:
			return l.longer(finding.RaiseSysctl, l.Backlog)
		case finding.BacklogFollows:
			return l.longer(finding.RaiseSysctl, wanted(l.Backlog, 0))
		case finding.GoFallback:
			return l.longer(finding.RaiseSysctl, highest)
		}
	}
	return l.raise()
}

// wanted is a backlog with more room: what the server asks for where that is known.
func wanted(backlog, asked int) int {
	if asked > 0 {
		return asked
	}
	return min(max(roomy, 1<<bits.Len(uint(backlog))), 1<<31-1)
}

// restart is what lets a server have more that began to listen before somaxconn was raised. Go's must not meet a
// somaxconn that is too large for it.
func (l *Listener) restart(fact finding.SomaxconnRaised) (finding.Action, int) {
	switch {
	case l.isGo() && fact.Somaxconn >= goTooLarge:
		return finding.RaiseSysctl, highest
	case l.isGo():
		return finding.RestartServer, fact.Somaxconn
	}
	return finding.RestartServer, min(fact.Asked, fact.Somaxconn)
}

// raise is what a server needs that asks for too little. One that has less than somaxconn does not follow it, whatever
// its kind does by itself: the program calls listen(2) with a number of its own.
func (l *Listener) raise() *finding.Finding {
	want := wanted(l.Backlog, 0)
	enough := l.Somaxconn != nil && *l.Somaxconn >= want
	follows := l.every(func(s *known.Server) bool { return s.Follows })
	switch own := l.Somaxconn != nil && *l.Somaxconn > l.Backlog; {
	case follows && own:
		other := *l
		other.Servers = nil
		return other.raise()
	case follows:
		return l.longer(finding.RaiseSysctl, want)
	case enough:
		return l.longer(finding.RaiseApplication, want)
	}
	return l.longer(finding.RaiseBoth, want)
}

func (l *Listener) longer(action finding.Action, want int) *finding.Finding {
	return &finding.Finding{Fact: finding.LongerQueue{
		Action: action, From: l.Backlog, Want: want, Somaxconn: l.Somaxconn, Apart: l.Netns != Host, Servers: l.Servers,
	}}
}
