package watch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/quick"
	"time"
	"unsafe"

	"agistorm/analysis/listeners"
)

const ms = time.Millisecond

var began = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// at is a sample of a queue that holds 9, of the first socket.
func at(moment time.Duration, depth int, drops uint32) Sample {
	return Sample{At: moment, Depth: depth, Limit: 8, Drops: drops, Counted: true, Cookie: 1}
}

// played is an account of samples, the first of which begins it.
func played(samples ...Sample) *Account {
	a := NewAccount(began)
	a.Begin(samples[0], false)
	for _, s := range samples[1:] {
		a.Add(s)
	}
	return a
}

func (a *Account) listener(to time.Duration) Listener {
	return a.Listener(listeners.Listener{}, to, false)
}

// TestDistribution by hand: each sample counts for half of the time to both sides. 0 until 1 s, 4 for 2 s, 2 for 3 s
// and 9, which is full, for 2 s: in 8 s the area is 8 + 6 + 18 = 32.
func TestDistribution(t *testing.T) {
	a := played(at(0, 0, 0), at(2*time.Second, 4, 0), at(4*time.Second, 2, 0), at(8*time.Second, 9, 0))
	got := a.listener(8 * time.Second)
	want := Distribution{
		Time: 8 * time.Second, Mean: 4, Area: 32, P50: 2, P99: 9, P999: 9, Empty: time.Second, Full: 2 * time.Second,
	}
	if got.Depths != want {
		t.Errorf("%+v, want %+v", got.Depths, want)
	}
	if p := got.Peak; p.Depth != 9 || !p.At.Equal(began.Add(8*time.Second)) || !p.Full || p.AtLeast {
		t.Errorf("peak %+v", p)
	}
	if got.First != began || got.Last != began.Add(8*time.Second) || *got.DropsSeen != 0 {
		t.Errorf("%+v", got)
	}
}

// TestBuckets: every depth is in one bucket, which is at most 1/64 wide, and buckets are in the order of depths.
func TestBuckets(t *testing.T) {
	if got := bucket(math.MaxInt32 + 1); got*8 > 14<<10 {
		t.Errorf("%d buckets", got)
	}
	check := func(n uint32) bool {
		depth := int(n >> rand.IntN(32))
		i := bucket(depth)
		return most(i) >= depth && (i == 0 || most(i-1) < depth) && most(i)-depth <= depth/64
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 20000}); err != nil {
		t.Error(err)
	}
}

// TestPeak: what is exact, and what is only the least.
func TestPeak(t *testing.T) {
	opens := func(n uint64) *uint64 { return &n }
	idle := 200 * ms
	for name, c := range map[string]struct {
		play func() *Account
		want Peak
	}{
		"nothing came": {func() *Account {
			a := played(at(0, 0, 0), at(idle, 0, 0))
			a.Window(opens(0))
			return a
		}, Peak{}},
		"many came between two samples": {func() *Account {
			a := played(at(0, 0, 0), at(idle, 0, 0))
			a.Window(opens(20))
			return a
		}, Peak{AtLeast: true}},
		"nobody knows who came": {func() *Account {
			a := played(at(0, 0, 0), at(idle, 1, 0))
			a.Window(nil)
			return a
		}, Peak{Depth: 1, At: began.Add(idle), AtLeast: true}},
		"those that came wait all": {func() *Account {
			a := played(at(0, 0, 0), at(idle, 8, 0))
			a.Window(opens(8))
			return a
		}, Peak{Depth: 8, At: began.Add(idle)}},
		"dropped, so it was full": {func() *Account {
			a := played(at(0, 0, 3), at(idle, 2, 4))
			a.Window(opens(2000))
			return a
		}, Peak{Depth: 9, At: began.Add(idle), Full: true}},
		"dropped for another reason": {func() *Account {
			s := at(idle, 2, 4)
			s.NotFull = true
			a := played(at(0, 0, 3), s)
			a.Window(opens(2))
			return a
		}, Peak{Depth: 2, At: began.Add(idle)}},
		"more than it holds, by two CPUs at once": {func() *Account {
			return played(at(0, 0, 0), at(ms, 10, 4))
		}, Peak{Depth: 10, At: began.Add(ms), Full: true}},
		"it listened before its first sample": {func() *Account {
			a := NewAccount(began)
			a.Begin(at(idle, 1, 0), true)
			a.Window(opens(50))
			return a
		}, Peak{Depth: 1, At: began.Add(idle), AtLeast: true}},
		"dropped before the watch": {func() *Account {
			return played(at(0, 1, 3), at(ms, 1, 3))
		}, Peak{Depth: 1, At: began}},
	} {
		got := c.play().listener(time.Second).Peak
		if c.want.At.IsZero() {
			c.want.At = began
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestPeakOfAFastRise: a queue that rose by 100 a sample may have gone on until the next one, which shows less.
func TestPeakOfAFastRise(t *testing.T) {
	wide := func(moment time.Duration, depth int) Sample {
		return Sample{At: moment, Depth: depth, Limit: 1000, Cookie: 1}
	}
	steep := played(wide(0, 0), wide(ms, 100), wide(2*ms, 200), wide(3*ms, 190))
	if p := steep.listener(time.Second).Peak; p.Depth != 200 || !p.AtLeast {
		t.Errorf("a steep rise: %+v", p)
	}
	flat := played(wide(0, 190), wide(ms, 195), wide(2*ms, 200), wide(3*ms, 190))
	if p := flat.listener(time.Second).Peak; p.Depth != 200 || p.AtLeast {
		t.Errorf("a rise by 5 a sample: %+v", p)
	}
}

// TestDrops over a wrap of the counter and two restarts: 4 to 2^32, 2 more, 3 of the second socket and 5 of the third.
func TestDrops(t *testing.T) {
	a := played(at(0, 0, math.MaxUint32-3))
	if c := a.Add(at(ms, 0, 2)); !c.Wrapped || c.Restarted {
		t.Errorf("%+v, want a wrap", c)
	}
	second := Sample{At: 2 * ms, Limit: 8, Drops: 3, Counted: true, Cookie: 2}
	if c := a.Add(second); !c.Restarted || c.Wrapped || c.Down != ms {
		t.Errorf("%+v, want a restart after 1 ms", c)
	}
	a.Down()
	if l := a.listener(time.Second); !l.Gone || l.Last != began.Add(2*ms) {
		t.Errorf("gone: %t, last %v", l.Gone, l.Last)
	}
	if c := a.Add(Sample{At: 2 * time.Second, Limit: 8, Drops: 5, Counted: true, Cookie: 3}); c.Down != 1998*ms {
		t.Errorf("%+v, want 1,998 ms", c)
	}
	l := a.listener(3 * time.Second)
	if *l.DropsSeen != 6+3+5 || l.Restarts != 2 || l.Gone {
		t.Errorf("%d drops, %d restarts, gone: %t", *l.DropsSeen, l.Restarts, l.Gone)
	}
	var line uint64
	for _, s := range l.Timeline.Slots {
		line += s.Drops
	}
	if line != 0 {
		t.Errorf("a listener has its timeline by itself, got %d drops", line)
	}
	for _, s := range a.Timeline(3 * time.Second).Slots {
		line += s.Drops
	}
	if line != *l.DropsSeen {
		t.Errorf("%d drops in the timeline", line)
	}
}

// TestJoin: two accounts of one watch are as long, as deep and as lossy as both together, whatever the lengths of their
// slots.
func TestJoin(t *testing.T) {
	check := func(seed uint64) bool {
		random := rand.New(rand.NewPCG(seed, 2))
		make := func(cookie uint64, from time.Duration) *Account {
			a := NewAccount(began)
			moment, drops := from, uint32(0)
			a.Begin(Sample{At: moment, Limit: 300, Counted: true, Cookie: cookie}, true)
			for range 1 + random.IntN(50) {
				moment += time.Duration(1 + random.Int64N(int64(time.Minute)))
				drops += uint32(random.IntN(2))
				a.Settle(moment)
				a.Add(Sample{
					At: moment, Depth: random.IntN(300), Limit: 300, Drops: drops, Counted: true, Cookie: cookie,
				})
			}
			return a
		}
		a, b := make(1, 0), make(2, time.Duration(random.Int64N(int64(time.Hour))))
		to := max(a.last, b.last)
		one, two := a.listener(to), b.listener(to)
		a.Down()
		a.Join(b)
		sum := a.listener(to)
		var drops uint64
		var seen time.Duration
		for i := range a.line.slots {
			drops += a.line.slots[i].drops
			seen += a.line.slots[i].seen
		}
		return sum.Depths.Time == one.Depths.Time+two.Depths.Time && seen == sum.Depths.Time &&
			math.Abs(sum.Depths.Area-one.Depths.Area-two.Depths.Area) < 1e-6*(1+sum.Depths.Area) &&
			*sum.DropsSeen == *one.DropsSeen+*two.DropsSeen && drops == *sum.DropsSeen &&
			sum.Peak.Depth == max(one.Peak.Depth, two.Peak.Depth) && sum.Restarts == 1 && !sum.Gone &&
			sum.Depths.Empty == one.Depths.Empty+two.Depths.Empty
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

// TestFresh: what a socket dropped that began to listen within the watch counts.
func TestFresh(t *testing.T) {
	for fresh, want := range map[bool]uint64{true: 7, false: 0} {
		a := NewAccount(began)
		a.Begin(at(time.Second, 0, 7), fresh)
		if got := a.Dropped(); got != want {
			t.Errorf("fresh %t: %d drops", fresh, got)
		}
	}
	if l := played(Sample{Limit: 8, Cookie: 1}).listener(ms); l.DropsSeen != nil {
		t.Errorf("a kernel that counts none: %d drops", *l.DropsSeen)
	}
}

// TestOverflows: two waves that are 3 s apart are one episode, one that is 6 s later is another.
func TestOverflows(t *testing.T) {
	a := NewAccount(began)
	a.Begin(at(0, 0, 0), false)
	var ended []Overflow
	for _, s := range []Sample{
		at(time.Second, 3, 0), at(1001*ms, 9, 5), at(2*time.Second, 1, 5), at(4*time.Second, 2, 7),
		at(9*time.Second, 0, 7), at(10*time.Second, 0, 7), at(11*time.Second, 1, 8),
	} {
		if o := a.Settle(s.At); o != nil {
			ended = append(ended, *o)
		}
		a.Add(s)
	}
	first := Overflow{
		From: began.Add(time.Second), To: began.Add(4 * time.Second), Drops: 7, Before: 3, Peak: 9, Limit: 8,
	}
	second := Overflow{
		From: began.Add(10 * time.Second), To: began.Add(11 * time.Second), Drops: 1, Peak: 9, Limit: 8,
	}
	l := a.listener(12 * time.Second)
	if !slices.Equal(ended, []Overflow{first}) {
		t.Errorf("ended: %+v", ended)
	}
	if !slices.Equal(l.Overflows, []Overflow{first, second}) || l.OverflowCount != 2 ||
		l.OverflowTime != 4*time.Second {
		t.Errorf("%+v, %d of %v", l.Overflows, l.OverflowCount, l.OverflowTime)
	}
}

// TestManyOverflows: the gravest are kept in order of time, and all are counted.
func TestManyOverflows(t *testing.T) {
	a := NewAccount(began)
	a.Begin(at(0, 0, 0), false)
	var drops uint32
	for i := range 3 * MaxOverflows {
		moment := time.Duration(i+1) * time.Minute
		drops += uint32(1 + i%3)
		a.Settle(moment)
		a.Add(at(moment, 0, drops))
	}
	l := a.listener(1000 * time.Minute)
	if len(l.Overflows) != MaxOverflows || l.OverflowCount != 3*MaxOverflows {
		t.Fatalf("%d kept of %d", len(l.Overflows), l.OverflowCount)
	}
	for i, o := range l.Overflows {
		if o.Drops != 3 || i > 0 && !o.From.After(l.Overflows[i-1].From) {
			t.Errorf("%d: %+v", i, o)
		}
	}
}

// TestTimeline: however samples are spread, slots have equal lengths and as many as fit, and no time, area or drop is
// lost as they are joined.
func TestTimeline(t *testing.T) {
	check := func(seed uint64) bool {
		random := rand.New(rand.NewPCG(seed, 1))
		a := NewAccount(began)
		a.Begin(at(0, 0, 0), false)
		var now time.Duration
		var drops uint32
		deepest := 0
		for range 1 + random.IntN(300) {
			now += time.Duration(1 + random.Int64N(int64(time.Minute)))
			drops += uint32(random.IntN(2))
			depth := random.IntN(9)
			deepest = max(deepest, depth)
			a.Add(at(now, depth, drops))
		}
		l, line := a.listener(now), a.Timeline(now)
		var area float64
		var dropped uint64
		peak := 0
		for i := range a.line.slots {
			area += a.line.slots[i].area
			dropped += line.Slots[i].Drops
			peak = max(peak, line.Slots[i].Peak)
		}
		return len(line.Slots) <= MaxSlots && dropped == uint64(drops) && peak == l.Peak.Depth &&
			time.Duration(len(line.Slots))*line.Slot > now && time.Duration(len(line.Slots)-1)*line.Slot <= now &&
			math.Abs(area-l.Depths.Mean*l.Depths.Time.Seconds()) < 1e-6*(1+area) && l.Depths.Time == now &&
			(drops > 0 || peak == deepest)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

// TestTimelineByHand: 1 s at 0, then 2 s at 4 and a gap: slots of 1 s, until the 720th is full.
func TestTimelineByHand(t *testing.T) {
	a := played(at(0, 0, 0), at(2*time.Second, 4, 0), at(4*time.Second, 4, 0))
	a.Break()
	a.Add(at(6500*ms, 1, 0))
	got := fmt.Sprint(a.Timeline(6500 * ms))
	want := "{1s [{0 0 0 true} {4 4 0 true} {4 4 0 true} {4 4 0 true} {4 0 0 false} {0 0 0 false} {1 0 0 false}]}"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
	got = fmt.Sprint(a.Timeline(720 * time.Second).Slots[:4])
	if want = "[{4 2 0 true} {4 4 0 true} {4 0 0 false} {1 0 0 false}]"; got != want {
		t.Errorf("of 2 s each: %s, want %s", got, want)
	}
}

// TestLittle: 2 wait on average for 10 s in which 40 came, so each waited for 0.5 s. What came within a gap does not
// count.
func TestLittle(t *testing.T) {
	opens := func(n uint64) *uint64 { return &n }
	a := played(at(0, 2, 0), at(10*time.Second, 2, 0))
	a.Window(opens(40))
	a.Break()
	a.Add(at(20*time.Second, 2, 0))
	a.Window(opens(1000))
	a.Add(at(21*time.Second, 2, 0))
	a.Window(nil)
	got := a.Waiting(true)
	if got == nil || got.Source != SourceLittle || got.Mean != 500*ms || got.Connections != 40 || got.Longest != nil {
		t.Errorf("%+v", got)
	}
	if got := a.Waiting(false); got != nil {
		t.Errorf("of several listeners nothing is known: %+v", got)
	}
}

// TestAges by hand. 1 is seen with 100 and 200 ms and has left at the third look, so it waited for 250 ms; 2 is seen
// with 60 ms and then not, 110 ms; 3 still waits, for 40 ms so far.
func TestAges(t *testing.T) {
	a := played(at(0, 2, 0))
	a.Queued(0, []Queued{{1, 100 * ms}})
	a.Queued(100*ms, []Queued{{1, 200 * ms}, {2, 60 * ms}})
	a.Queued(200*ms, []Queued{{3, 40 * ms}})
	got := a.Waiting(false)
	if got == nil || got.Source != SourceAges || got.Connections != 3 || got.Mean != 400*ms/3 ||
		*got.Longest != 250*ms {
		t.Errorf("%+v, longest %v", got, got.Longest)
	}
	a.Break()
	if got := a.Waiting(false); got.Connections != 3 || got.Mean != 400*ms/3 {
		t.Errorf("after a gap: %+v", got)
	}
}

// TestManyAges: connections beyond those that are followed are left out, and memory is bounded.
func TestManyAges(t *testing.T) {
	a := played(at(0, 2, 0))
	var queued []Queued
	for i := range 3 * maxTracked {
		queued = append(queued, Queued{uint64(i), time.Second})
	}
	for i := range 5 {
		a.Queued(time.Duration(i)*time.Second, queued)
	}
	if got := a.Waiting(false); got.Connections != maxTracked || got.Mean != time.Second {
		t.Errorf("%+v", got)
	}
}

// TestStood: a queue that is full all the time, and whose connections stay.
func TestStood(t *testing.T) {
	look := func(a *Account, moment time.Duration, cookies ...uint64) {
		var all []Queued
		for _, c := range cookies {
			all = append(all, Queued{c, moment})
		}
		a.Queued(moment, all)
	}
	for name, c := range map[string]struct {
		second Sample
		looks  [2][]uint64
		want   bool
	}{
		"nothing moved":  {at(ms, 9, 5), [2][]uint64{{1, 2}, {2, 1}}, true},
		"one left":       {at(ms, 9, 5), [2][]uint64{{1, 2}, {1, 3}}, false},
		"it had room":    {at(ms, 8, 5), [2][]uint64{{1, 2}, {1, 2}}, false},
		"another socket": {Sample{At: ms, Depth: 9, Limit: 8, Cookie: 2}, [2][]uint64{{1}, {1}}, false},
		"one was reset":  {at(ms, 9, 5), [2][]uint64{{1, 2}, {1}}, false},
	} {
		a := played(at(0, 9, 0))
		look(a, 0, c.looks[0]...)
		a.Add(c.second)
		look(a, ms, c.looks[1]...)
		if a.Stood() != c.want {
			t.Errorf("%s: %t", name, a.Stood())
		}
	}
}

// size of all that an account holds.
func (a *Account) size() int {
	return int(unsafe.Sizeof(*a)) + cap(a.line.slots)*int(unsafe.Sizeof(part{})) +
		cap(a.depths.time)*8 + cap(a.overflows.kept)*int(unsafe.Sizeof(episode{})) + len(a.ages.now)*32
}

// TestYear: a year of samples takes no more memory than a day: a few tens of KiB.
func TestYear(t *testing.T) {
	a := NewAccount(began)
	a.Begin(at(0, 0, 0), false)
	random := rand.New(rand.NewPCG(1, 1))
	var drops uint32
	largest := 0
	const step = 5 * time.Minute
	for moment := step; moment < 365*24*time.Hour; moment += step {
		depth := random.IntN(1 << (1 + random.IntN(16)))
		if random.IntN(10) == 0 {
			drops += random.Uint32() >> 4
		}
		a.Settle(moment)
		day := uint64(moment / (24 * time.Hour))
		a.Add(Sample{At: moment, Depth: depth, Limit: 1 << 16, Drops: drops, Counted: true, Cookie: 1 + day})
		a.Queued(moment, []Queued{{random.Uint64(), time.Second}})
		largest = max(largest, a.size())
	}
	if largest > 64<<10 {
		t.Errorf("%d bytes", largest)
	}
	l := a.listener(365 * 24 * time.Hour)
	if l.Restarts != 364 || l.Depths.Time < 360*24*time.Hour || len(a.Timeline(365*24*time.Hour).Slots) > MaxSlots {
		t.Errorf("%d restarts, %v", l.Restarts, l.Depths.Time)
	}
}

// BenchmarkAdd is one sample.
func BenchmarkAdd(b *testing.B) {
	a := played(at(0, 0, 0))
	b.ReportAllocs()
	moment := time.Duration(0)
	for b.Loop() {
		moment += ms
		a.Add(at(moment, int(moment/ms)%9, 0))
	}
}
