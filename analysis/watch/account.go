package watch

import (
	"time"

	"agistorm/analysis/listeners"
)

// Sample is a listening socket at one moment.
type Sample struct {
	// At is the time since the watch began, in which a suspended host counts.
	At           time.Duration
	Depth, Limit int
	// Drops since the socket listens, which wrap at 2^32; Counted: the kernel reports them.
	Drops   uint32
	Counted bool
	Cookie  uint64
	// NotFull: what was dropped since the sample before was dropped for another reason than a full accept queue.
	NotFull bool
}

// full reports whether the queue holds all that it can.
func (s *Sample) full() bool { return s.Depth > s.Limit }

// Account takes the samples of one listener, through restarts. Its memory is bounded, however long it lasts.
type Account struct {
	began       time.Time
	first, last time.Duration
	// now is the last sample. joined: the next one is of the same watch without a gap.
	now      Sample
	sampled  bool
	joined   bool
	down     bool
	restarts int

	peak        Peak
	depths      depths
	empty, full time.Duration
	line        line
	drops       uint64
	counted     bool
	overflows   episodes
	ages        ages
	// stood: the queue was full whenever it was sampled, of the first socket.
	stood  bool
	hidden hidden
	// opens and openArea are the connections of the namespace, and the integral of the depth while they came.
	opens    uint64
	openArea float64
}

// NewAccount returns one of a watch that began then.
func NewAccount(began time.Time) *Account { return &Account{began: began} }

// Change is what a sample shows beside the depth.
type Change struct {
	// Restarted: another socket listens. Down is for how long none was seen.
	Restarted bool
	Down      time.Duration
	// Wrapped: the socket's counter of drops went past 2^32.
	Wrapped bool
}

// Begin takes the first sample. Fresh: the socket began to listen within the watch, so that all it dropped counts.
func (a *Account) Begin(s Sample, fresh bool) {
	a.first, a.sampled, a.counted = s.At, true, s.Counted
	a.now, a.last, a.joined = s, s.At, true
	a.stood = s.full()
	a.see(&s)
	if !fresh {
		return
	}
	a.hidden.unseen(&s)
	if s.Drops > 0 {
		a.dropped(&Sample{At: s.At, Limit: s.Limit}, &s, uint64(s.Drops))
	}
}

// Add takes a further sample, later than the last one.
func (a *Account) Add(s Sample) (c Change) {
	before := a.now
	c.Restarted = s.Cookie != before.Cookie
	if a.joined && !c.Restarted {
		a.weigh(&before, &s)
	}
	a.see(&s)
	a.stood = a.stood && s.full() && !c.Restarted
	a.counted = a.counted || s.Counted
	drops := s.Drops - before.Drops // of 32 bits
	switch {
	case c.Restarted:
		a.restarts++
		c.Down = s.At - a.last
		a.ages.forget()
		a.hidden.cut()
		a.hidden.unseen(&s)
		before, drops = Sample{At: before.At, Limit: s.Limit}, s.Drops
	case s.Counted && before.Counted:
		c.Wrapped = s.Drops < before.Drops
	default:
		drops = 0
	}
	if drops > 0 {
		a.dropped(&before, &s, uint64(drops))
	}
	a.now, a.last, a.joined, a.down = s, s.At, true, false
	return c
}

// weigh counts the depths of two samples, each for half of the time between them.
func (a *Account) weigh(before, now *Sample) {
	middle := before.At + (now.At-before.At)/2
	a.lasted(before, before.At, middle)
	a.lasted(now, middle, now.At)
	a.hidden.between(before, now)
}

func (a *Account) lasted(s *Sample, from, to time.Duration) {
	a.depths.add(s.Depth, to-from)
	a.line.weigh(s.Depth, from, to)
	a.hidden.area += float64(s.Depth) * (to - from).Seconds()
	switch {
	case s.full():
		a.full += to - from
	case s.Depth == 0:
		a.empty += to - from
	}
}

// see keeps the longest queue.
func (a *Account) see(s *Sample) {
	slot := a.line.at(s.At)
	slot.peak = max(slot.peak, s.Depth)
	a.rise(s.Depth, s)
}

func (a *Account) rise(depth int, s *Sample) {
	if depth > a.peak.Depth || a.peak.At.IsZero() {
		a.peak = Peak{Depth: depth, At: a.began.Add(s.At)}
	}
	a.peak.Full = a.peak.Full || depth == a.peak.Depth && depth > s.Limit
}

// dropped takes down what was dropped between two samples: the queue was full then, unless it was for another reason.
func (a *Account) dropped(before, now *Sample, drops uint64) {
	depth := max(before.Depth, now.Depth)
	if !now.NotFull {
		depth = max(depth, min(before.Limit, now.Limit)+1)
		a.rise(depth, now)
	}
	slot := a.line.at(now.At)
	slot.drops += drops
	slot.peak = max(slot.peak, depth)
	a.drops += drops
	a.overflows.add(before, now, drops, depth)
}

// Settle returns the overflow that has ended by a moment; nil without one.
func (a *Account) Settle(at time.Duration) *Overflow {
	ended := a.overflows.settle(at)
	if ended == nil {
		return nil
	}
	o := ended.overflow(a.began)
	return &o
}

// Window is called now and then, with the connections that came to the listeners of the namespace since the last time
// (TcpPassiveOpens: the kernel counts it as it puts a connection into an accept queue); nil where that is not known.
func (a *Account) Window(opens *uint64) {
	if opens != nil && !a.hidden.broken && a.sampled {
		a.opens += *opens
		a.openArea += a.hidden.area
	}
	a.hidden.close(opens)
}

// Queued takes down the connections that wait at a moment.
func (a *Account) Queued(at time.Duration, all []Queued) { a.ages.see(at, all) }

// Break makes the next sample stand alone: nothing is known of the time between.
func (a *Account) Break() {
	a.joined = false
	a.ages.forget()
	a.hidden.cut()
}

// Down says that nothing listens since a moment after the last sample.
func (a *Account) Down() {
	a.Break()
	a.down = true
}

// Join adds the account of the socket that has replaced this one's, after a time in which both listened: it is spoilt.
func (a *Account) Join(o *Account) {
	a.restarts += o.restarts + 1
	a.now, a.last, a.joined, a.down, a.stood = o.now, o.last, o.joined, o.down, false
	a.counted = a.counted || o.counted
	a.drops += o.drops
	if o.peak.Depth > a.peak.Depth {
		a.peak = o.peak
	}
	for i, span := range o.depths.time {
		if span > 0 {
			a.depths.add(most(i), span)
		}
	}
	a.depths.area += o.depths.area - o.depths.rounded()
	a.empty += o.empty
	a.full += o.full
	a.line.join(&o.line)
	a.overflows.join(&o.overflows)
	a.ages.forget()
	a.ages.now, a.ages.last = o.ages.now, o.ages.last
	a.ages.count += o.ages.count
	a.ages.sum += o.ages.sum
	a.ages.longest = max(a.ages.longest, o.ages.longest)
	a.hidden.most = max(a.hidden.most, o.hidden.most)
	a.hidden.long, a.hidden.capacity = a.hidden.long || o.hidden.long, o.hidden.capacity
	a.hidden.cut()
}

// First is when it was seen first.
func (a *Account) First() time.Duration { return a.first }

// IsDown reports whether nothing listens now.
func (a *Account) IsDown() bool { return a.down }

// Now is the last sample.
func (a *Account) Now() Sample { return a.now }

// Dropped is what it dropped within the watch.
func (a *Account) Dropped() uint64 { return a.drops }

// Longest is the longest queue that is known of.
func (a *Account) Longest() int { return a.peak.Depth }

// Last is when it was seen last.
func (a *Account) Last() time.Duration { return a.last }

// Waiting is how long connections waited so far. Alone: the connections of the namespace all came to it.
func (a *Account) Waiting(alone bool) *Waiting {
	seen := a.ages.waiting()
	if !alone || a.opens == 0 || a.openArea == 0 {
		return seen
	}
	w := &Waiting{
		Source: SourceLittle, Connections: int(a.opens),
		Mean:  time.Duration(a.openArea / float64(a.opens) * float64(time.Second)),
		Total: time.Duration(a.openArea * float64(time.Second)),
	}
	if seen != nil {
		w.Longest = seen.Longest
	}
	return w
}

// Stood reports whether the queue was full all the time, and no connection came into it or left it.
func (a *Account) Stood() bool { return a.stood && a.ages.looks > 1 && !a.ages.moved }

// Timeline is the whole watch until a moment.
func (a *Account) Timeline(to time.Duration) Timeline { return a.line.timeline(to) }

// Listener returns the account until a moment without its Timeline, of a listener as it was seen last.
func (a *Account) Listener(seen listeners.Listener, to time.Duration, alone bool) Listener {
	l := Listener{
		Listener: seen, First: a.began.Add(a.first), Last: a.began.Add(to), Gone: a.down, Restarts: a.restarts,
		Peak: a.peak, Waiting: a.Waiting(alone),
	}
	if a.down {
		l.Last = a.began.Add(a.last)
	}
	l.Peak.AtLeast = a.hidden.more(a.peak.Depth)
	l.Depths = Distribution{
		Time: a.depths.sum, Area: a.depths.area, Empty: a.empty, Full: a.full,
		P50: a.depths.at(0.5, a.peak.Depth), P99: a.depths.at(0.99, a.peak.Depth),
		P999: a.depths.at(0.999, a.peak.Depth),
	}
	if a.depths.sum > 0 {
		l.Depths.Mean = a.depths.area / a.depths.sum.Seconds()
	}
	if a.counted {
		drops := a.drops
		l.DropsSeen = &drops
	}
	kept, count, sum := a.overflows.all()
	for i := range kept {
		l.Overflows = append(l.Overflows, kept[i].overflow(a.began))
	}
	l.OverflowCount, l.OverflowTime = count, sum
	return l
}
