package listeners

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/finding"
)

func ptr[T any](v T) *T { return &v }

// listener on a port with a backlog below a somaxconn; a process by its name, with the kinds of server that it may be.
func listener(port uint16, backlog, somaxconn int, process string, kinds ...string) Listener {
	return Listener{
		Address: "0.0.0.0", Port: port, Netns: Host, Process: process, PID: int(port) + 10000, Servers: kinds,
		Backlog: backlog, Somaxconn: &somaxconn, Drops: ptr(0), Cookie: uint64(port),
	}
}

// with changes a listener.
func with(l Listener, change func(*Listener)) Listener {
	change(&l)
	return l
}

// codes of what was found of the listener on a port, the worst first, with the action of its advice.
func codes(r *Report, port uint16) string {
	i := slices.IndexFunc(r.Listeners, func(l Listener) bool { return l.Port == port })
	l := &r.Listeners[i]
	var all []string
	for _, f := range l.Findings {
		all = append(all, string(f.Code()))
	}
	if l.Advice != nil {
		switch fact := l.Advice.Fact.(type) {
		case finding.LongerQueue:
			all = append(all, "->", string(fact.Action))
		case finding.AcceptAgain:
			all = append(all, "->", "accept")
		}
	}
	return strings.Join(all, " ")
}

// TestExplanations: one explanation where there is evidence, else both; and none for a queue that is long enough.
func TestExplanations(t *testing.T) {
	const most = 1<<31 - 1
	for name, c := range map[string]struct {
		backlog, somaxconn int
		kinds              []string
		want               string
	}{
		"backlog 0":                     {0, 4096, nil, "backlog-tiny -> raise-application"},
		"backlog 1":                     {1, 4096, []string{"python-socket"}, "backlog-tiny -> raise-application"},
		"backlog 1 of somaxconn 1":      {1, 1, nil, "backlog-tiny -> raise-both"},
		"less, by default":              {50, 4096, []string{"java-socket"}, "backlog-asked -> raise-application"},
		"less, by an idiom":             {5, 4096, []string{"python-socket"}, "backlog-asked -> raise-application"},
		"less, under a low somaxconn":   {5, 128, []string{"perl-socket"}, "backlog-asked -> raise-both"},
		"511 of nginx":                  {511, 4096, []string{"nginx"}, "backlog-asked"},
		"511 of nobody known":           {511, 4096, nil, "backlog-asked-or-raised"},
		"50 of nobody known":            {50, 4096, nil, "backlog-asked-or-raised -> raise-application"},
		"128 of nobody known":           {128, 4096, nil, "backlog-asked-or-raised -> raise-application"},
		"128 of nginx":                  {128, 4096, []string{"nginx"}, "somaxconn-raised -> restart-server"},
		"4096 of nginx":                 {4096, 65535, []string{"nginx"}, "backlog-asked-or-raised"},
		"200 of nginx, its own choice":  {200, 4096, []string{"nginx"}, "backlog-asked-or-raised"},
		"128 of Go":                     {128, 4096, []string{"go"}, "somaxconn-raised -> restart-server"},
		"5 of Go, which calls listen":   {5, 4096, []string{"go"}, "backlog-asked-or-raised -> raise-application"},
		"Go and the largest somaxconn":  {128, most, []string{"go"}, "go-fallback -> raise-somaxconn"},
		"Go, from where it is too much": {128, 16777215, []string{"go"}, "go-fallback -> raise-somaxconn"},
		"Go, just below that":           {128, 16777214, []string{"go"}, "somaxconn-raised -> restart-server"},
		"Go, raised to too much":        {4096, most, []string{"go"}, "somaxconn-raised -> raise-somaxconn"},
		"Go with all":                   {4096, 4096, []string{"go"}, ""},
		"Go with all of little":         {128, 128, []string{"go"}, "backlog-follows -> raise-somaxconn"},
		"systemd with all":              {4096, 4096, []string{"systemd"}, ""},
		"nginx, cut":                    {128, 128, []string{"nginx"}, "backlog-clamped -> raise-somaxconn"},
		"gunicorn, cut":                 {1024, 1024, []string{"gunicorn"}, "backlog-clamped -> raise-somaxconn"},
		"nginx with exactly 511":        {511, 511, []string{"nginx"}, ""},
		"uWSGI with exactly 100":        {100, 100, []string{"uwsgi"}, "backlog-asked -> raise-both"},
		"asyncio, or other Python":      {5, 5, []string{"python-socket"}, "backlog-clamped-or-asked -> raise-both"},
		"all of little, nobody known":   {128, 128, nil, "backlog-clamped-or-asked -> raise-both"},
		"all of enough, nobody known":   {4096, 4096, nil, "backlog-clamped-or-asked"},
		"lowered":                       {4096, 128, nil, "somaxconn-lowered -> raise-somaxconn"},
	} {
		r := &Report{Listeners: []Listener{listener(1, c.backlog, c.somaxconn, "server", c.kinds...)}}
		Judge(r)
		if got := codes(r, 1); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestHiddenSomaxconn: without it only a short backlog is a finding.
func TestHiddenSomaxconn(t *testing.T) {
	r := &Report{Listeners: []Listener{listener(1, 128, 0, "a"), listener(2, 511, 0, "b")}}
	for i := range r.Listeners {
		r.Listeners[i].Somaxconn = nil
	}
	Judge(r)
	if a, b := codes(r, 1), codes(r, 2); a != "backlog-asked-or-raised -> raise-both" || b != "" {
		t.Errorf("%q, %q", a, b)
	}
}

// TestAlike: several programs with a backlog that none asks for show that somaxconn cut them. A number that servers
// ask for shows nothing, nor do several sockets of one program, nor those of another namespace.
func TestAlike(t *testing.T) {
	for name, c := range map[string]struct {
		backlog, somaxconn int
		programs           [3]string
		want               string
	}{
		"cut":                 {200, 200, [3]string{"a", "b", "c"}, "backlog-clamped"},
		"raised later":        {200, 4096, [3]string{"a", "b", "c"}, "somaxconn-raised"},
		"two programs":        {200, 200, [3]string{"a", "b", "b"}, "backlog-clamped-or-asked"},
		"one program":         {200, 4096, [3]string{"a", "a", "a"}, "backlog-asked-or-raised"},
		"a number that is":    {511, 511, [3]string{"a", "b", "c"}, "backlog-clamped-or-asked"},
		"the kernel's number": {4096, 4096, [3]string{"a", "b", "c"}, "backlog-clamped-or-asked"},
		"nobody seen":         {200, 200, [3]string{"", "", ""}, "backlog-clamped-or-asked"},
	} {
		r := &Report{}
		for i, program := range c.programs {
			r.Listeners = append(r.Listeners, listener(uint16(i+1), c.backlog, c.somaxconn, program))
		}
		Judge(r)
		if got, _, _ := strings.Cut(codes(r, 1), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	r := &Report{}
	for i, program := range []string{"a", "b", "c"} {
		r.Listeners = append(r.Listeners, listener(uint16(i+1), 200, 200, program))
	}
	r.Listeners[2].Netns = "4026532000"
	Judge(r)
	if got := codes(r, 1); got != "backlog-clamped-or-asked" {
		t.Errorf("one is elsewhere: %q", got)
	}
}

// TestQueues: what a queue is now, and what it was, by one look and by two.
func TestQueues(t *testing.T) {
	long := func(change func(*Listener)) Listener { return with(listener(1, 4096, 4096, "server", "go"), change) }
	full := func(l *Listener) { l.Depth = 4097 }
	twice := func(depth, drops int, stood *bool) func(*Listener) {
		return func(l *Listener) { full(l); l.Earlier = &Earlier{depth, &drops, stood} }
	}
	for name, c := range map[string]struct {
		l      Listener
		window time.Duration
		want   string
	}{
		"empty":                {long(func(*Listener) {}), 0, ""},
		"as many as the limit": {long(func(l *Listener) { l.Depth = 4096 }), 0, ""},
		"full":                 {long(full), 0, "listener-full -> raise-somaxconn"},
		"drops":                {long(func(l *Listener) { l.Drops = ptr(7) }), 0, "listener-drops -> raise-somaxconn"},
		"full, and drops": {long(func(l *Listener) { full(l); l.Drops = ptr(7) }), 0,
			"listener-full listener-drops -> raise-somaxconn"},
		"drops not known":       {long(func(l *Listener) { l.Drops = nil }), 0, "drops-unknown"},
		"full now":              {long(twice(3, 0, nil)), time.Second, "listener-full -> raise-somaxconn"},
		"full twice, moving":    {long(twice(4097, 0, ptr(false))), time.Second, "listener-full -> raise-somaxconn"},
		"full twice, not asked": {long(twice(4097, 0, nil)), time.Second, "listener-full -> raise-somaxconn"},
		"stuck":                 {long(twice(4097, 0, ptr(true))), time.Second, "listener-stuck -> accept"},
		"stuck, and drops": {with(long(twice(4097, 2, ptr(true))), func(l *Listener) { l.Drops = ptr(9) }), time.Second,
			"listener-stuck listener-drops -> accept"},
		"old drops only": {long(func(l *Listener) { l.Drops, l.Earlier = ptr(9), &Earlier{0, ptr(9), nil} }),
			time.Second, "listener-drops -> raise-somaxconn"},
	} {
		r := &Report{Listeners: []Listener{c.l}, Window: c.window}
		Judge(r)
		if got := codes(r, 1); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestDropped: the kernel's counter wraps at 32 bits.
func TestDropped(t *testing.T) {
	l := listener(1, 5, 128, "a")
	l.Drops, l.Earlier = ptr(4), &Earlier{Drops: ptr(1<<32 - 6)}
	if n := l.Dropped(); *n != 10 {
		t.Errorf("%d, want 10", *n)
	}
	if l.Earlier = nil; *l.Dropped() != 4 {
		t.Errorf("without an earlier look: %d", *l.Dropped())
	}
}

// TestWorkers: of the sockets that share a port the full one is stuck where another is empty; where all are full, the
// server is.
func TestWorkers(t *testing.T) {
	group := func(depths ...int) *Report {
		r := &Report{}
		for i, depth := range depths {
			l := listener(80, 4096, 4096, "server", "go")
			l.Depth, l.Cookie = depth, uint64(100-i)
			r.Listeners = append(r.Listeners, l)
		}
		Judge(r)
		return r
	}
	r := group(0, 4097, 3, 0)
	want := finding.WorkerStuck{Depth: 4097, Stuck: 1, Sockets: 4}
	if l := &r.Listeners[0]; len(l.Findings) != 1 || !reflect.DeepEqual(l.Findings[0].Fact, finding.Fact(want)) ||
		l.Socket != 3 || codes(r, 80) != "worker-stuck -> accept" {
		t.Errorf("%+v", l)
	}
	for i := range r.Listeners[1:] {
		if l := &r.Listeners[1+i]; len(l.Findings) > 0 || l.Sockets != 4 {
			t.Errorf("a worker that accepts: %+v", l)
		}
	}
	if got := codes(group(4097, 4097), 80); got != "listener-full -> raise-somaxconn" {
		t.Errorf("all are full: %q", got)
	}
	other := &Report{Listeners: []Listener{listener(80, 4096, 4096, "a", "go"), listener(80, 4096, 4096, "b", "go")}}
	other.Listeners[0].Depth, other.Listeners[1].Netns = 4097, "4026532000"
	if Judge(other); codes(other, 80) != "listener-full -> raise-somaxconn" {
		t.Errorf("the same port elsewhere: %q", codes(other, 80))
	}
}

// TestOrder: the worst first, whatever the order before.
func TestOrder(t *testing.T) {
	all := []Listener{
		listener(6, 4096, 4096, "fine", "go"),
		listener(5, 511, 4096, "note", "nginx"),
		listener(4, 50, 4096, "short", "java-socket"),
		listener(3, 0, 4096, "tiny"),
		with(listener(2, 4096, 4096, "drops", "go"), func(l *Listener) { l.Drops = ptr(5) }),
		with(listener(1, 4096, 4096, "drops", "go"), func(l *Listener) { l.Drops = ptr(50) }),
		with(listener(7, 4096, 4096, "full", "go"), func(l *Listener) { l.Depth = 4097 }),
	}
	r := &Report{Listeners: all}
	Judge(r)
	var ports []uint16
	for _, l := range r.Listeners {
		ports = append(ports, l.Port)
	}
	if want := []uint16{7, 1, 2, 3, 4, 5, 6}; !slices.Equal(ports, want) {
		t.Errorf("%v, want %v", ports, want)
	}
}

// TestEveryCodeIsRanked: a finding without a rank has no grade.
func TestEveryCodeIsRanked(t *testing.T) {
	ranked := map[finding.Code]bool{"accept-again": true, "longer-queue": true} // they are advice
	for _, rank := range ranks {
		ranked[rank.code] = true
	}
	found := false
	for _, k := range finding.Kinds() {
		found = found || k.Code == "listener-stuck"
		if found && !ranked[k.Code] {
			t.Errorf("%s has no rank", k.Code)
		}
	}
}
