package watch

import "time"

// firstSlot is the length of a slot of the first MaxSlots: 12 minutes in all.
const firstSlot = time.Second

// line is a Timeline that is growing. Times are those since the watch began.
type line struct {
	length time.Duration
	slots  []part
}

// part is a slot that is growing.
type part struct {
	seen  time.Duration
	area  float64 // connections times seconds
	peak  int
	drops uint64
}

// at returns the slot of a moment, after it has made room for it.
func (l *line) at(moment time.Duration) *part {
	l.cover(moment)
	i := int(moment / l.length)
	if i >= len(l.slots) {
		l.slots = append(l.slots, make([]part, i+1-len(l.slots))...)
	}
	return &l.slots[i]
}

// cover doubles the slots until a moment is within MaxSlots of them.
func (l *line) cover(moment time.Duration) {
	if l.length == 0 {
		l.length = firstSlot
	}
	for moment/l.length >= MaxSlots {
		l.double()
	}
}

// double joins every two slots.
func (l *line) double() {
	for i := range (len(l.slots) + 1) / 2 {
		joined := l.slots[2*i]
		if 2*i+1 < len(l.slots) {
			joined.add(l.slots[2*i+1])
		}
		l.slots[i] = joined
	}
	l.slots = l.slots[:(len(l.slots)+1)/2]
	l.length *= 2
}

// join adds another line of the same watch.
func (l *line) join(o *line) {
	for l.length < o.length {
		l.double()
	}
	for o.length < l.length {
		o.double()
	}
	l.slots = append(l.slots, make([]part, max(0, len(o.slots)-len(l.slots)))...)
	for i := range o.slots {
		l.slots[i].add(o.slots[i])
	}
}

func (p *part) add(o part) {
	p.seen += o.seen
	p.area += o.area
	p.peak = max(p.peak, o.peak)
	p.drops += o.drops
}

// weigh adds a depth that lasted from one moment to another.
func (l *line) weigh(depth int, from, to time.Duration) {
	for from < to {
		slot := l.at(from)
		end := min(to, (from/l.length+1)*l.length)
		slot.add(part{seen: end - from, area: float64(depth) * (end - from).Seconds(), peak: depth})
		from = end
	}
}

// timeline is all of it until a moment.
func (l *line) timeline(to time.Duration) Timeline {
	l.cover(to)
	t := Timeline{Slot: l.length, Slots: make([]Slot, max(int(to/l.length)+1, len(l.slots)))}
	for i := range l.slots {
		p := &l.slots[i]
		t.Slots[i] = Slot{Peak: p.peak, Drops: p.drops, Seen: p.seen > 0}
		if p.seen > 0 {
			t.Slots[i].Mean = p.area / p.seen.Seconds()
		}
	}
	return t
}
