package series

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

func sample(at time.Duration, depth uint32) record.QueueSample {
	return record.QueueSample{At: at, Depth: depth, Limit: 128}
}

func depthOf(t *testing.T, r *record.Repeat, most int) Depth {
	t.Helper()
	d, ok := DepthOf(r, most)
	if !ok {
		t.Fatal("not sampled")
	}
	return d
}

func TestDepth(t *testing.T) {
	r := &record.Repeat{
		Queue: []record.QueueSample{
			sample(-9*ms, 1), sample(-2*ms, 3), sample(4*ms, 3), sample(5*ms, 129), sample(30*ms, 129),
			sample(31*ms, 0), sample(40*ms, 0),
		},
		Counters: []record.CounterSample{gained(2*ms, 0, 0), gained(12*ms, 9, 7), gained(22*ms, 9, 7), gained(33*ms, 9, 8)},
	}
	want := Depth{
		At:    []time.Duration{0, 5 * ms, 31 * ms, 40 * ms},
		Depth: []uint32{3, 129, 0, 0},
		Limit: 128, Overflows: []time.Duration{7 * ms, 28 * ms},
	}
	if diff := cmp.Diff(want, depthOf(t, r, 100)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Queue[1].At != -2*ms {
		t.Error("the record was changed")
	}
	if d, ok := DepthOf(&record.Repeat{}, 9); ok {
		t.Errorf("without a sample: %v", d)
	}
}

// TestEnd: an axis reaches to where a queue was empty for good or overflowed; with nothing queued
// to the last sample.
func TestEnd(t *testing.T) {
	depth := func(steps ...int) Depth { // at 0, 10 ms, 20 ms …
		d := Depth{}
		for i, n := range steps {
			d.At, d.Depth = append(d.At, time.Duration(i)*10*time.Millisecond), append(d.Depth, uint32(n))
		}
		return d
	}
	for _, c := range []struct {
		name string
		all  []Depth
		want time.Duration
	}{
		{"the last that was busy", []Depth{depth(3, 0, 0, 0), depth(3, 1, 0), depth(0, 0, 0, 0, 0)}, 20 * time.Millisecond},
		{"busy to the end", []Depth{depth(0, 2)}, 10 * time.Millisecond},
		{"it overflowed between two samples", []Depth{{Overflows: []time.Duration{time.Hour}}, depth(0, 2)}, time.Hour},
		{"never seen busy", []Depth{depth(0, 0), depth(0, 0, 0)}, 20 * time.Millisecond},
		{"sampled once", []Depth{depth(0)}, time.Second},
		{"nothing", nil, time.Second},
	} {
		if got := End(c.all...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDepthOutOfOrder(t *testing.T) {
	r := &record.Repeat{Queue: []record.QueueSample{sample(time.Second, 7), sample(1, 9)}}
	want := Depth{At: []time.Duration{1, time.Second}, Depth: []uint32{9, 7}, Limit: 128}
	if diff := cmp.Diff(want, depthOf(t, r, 2)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Queue[0].At != time.Second {
		t.Error("the record was changed")
	}
}

func TestDepthKeepsPeaks(t *testing.T) {
	r := &record.Repeat{}
	for i := range 10000 {
		r.Queue = append(r.Queue, sample(time.Duration(i)*ms/10, uint32(i*7919%500)))
		r.Counters = append(r.Counters, gained(time.Duration(i)*ms, 0, uint64(i)))
	}
	r.Queue[4321].Depth, r.Queue[8765].Depth = 1000, 0
	for _, most := range []int{0, 1, 2, 3, 4, 5, 40, 1000} {
		d := depthOf(t, r, most)
		if len(d.At) > most || len(d.Depth) != len(d.At) || len(d.Overflows) != min(most, 9999) {
			t.Errorf("%d steps of %d depths, %d overflows; want at most %d", len(d.At), len(d.Depth), len(d.Overflows), most)
		}
		var peak uint32
		for i, depth := range d.Depth {
			peak = max(peak, depth)
			if i > 0 && d.At[i] <= d.At[i-1] {
				t.Fatalf("%d steps: number %d is not after the one before", most, i)
			}
		}
		if most > 0 && peak != 1000 {
			t.Errorf("%d steps: the peak became %d, want 1000", most, peak)
		}
		if most >= 4 && (d.At[0] != 0 || d.At[len(d.At)-1] != 9999*ms/10) {
			t.Errorf("%d steps: from %v to %v, want from the first to the last", most, d.At[0], d.At[len(d.At)-1])
		}
		if most > 0 && d.Overflows[most-1] != 9994*ms {
			t.Errorf("%d steps: the last overflow is at %v, want 9.994s", most, d.Overflows[most-1])
		}
	}
}

// TestColumnsOfTimeKeepTheirExtremes: each of as many columns as there is room for keeps its own
// peak and its own trough, and columns are of equal time, however many samples are in them.
func TestColumnsOfTimeKeepTheirExtremes(t *testing.T) {
	const (
		columns = 10
		begin   = 100 * time.Second // the first sample
	)
	r := &record.Repeat{}
	want := map[uint32]bool{}
	for column := range columns {
		samples := 20
		if column == 3 {
			samples = 300
		}
		for i := range samples {
			at := begin + time.Duration(column)*time.Second + time.Duration(i)*time.Second/time.Duration(samples)
			s := sample(at, uint32(5000+i%2))
			switch i {
			case 5:
				s.Depth = uint32(9000 + column)
			case 11:
				s.Depth = uint32(100 + column)
			}
			r.Queue = append(r.Queue, s)
		}
		want[uint32(9000+column)], want[uint32(100+column)] = true, true
	}
	r.Queue = append(r.Queue, sample(begin+columns*time.Second, 5000))
	d := depthOf(t, r, perColumn*columns)
	if len(d.At) > perColumn*columns {
		t.Errorf("%d steps, want at most %d", len(d.At), perColumn*columns)
	}
	perSecond := map[time.Duration]int{}
	for i, depth := range d.Depth {
		delete(want, depth)
		perSecond[(d.At[i]-begin)/time.Second]++
	}
	if len(want) > 0 {
		t.Errorf("these extremes are not among the steps: %v", want)
	}
	for second := range time.Duration(columns) {
		if n := perSecond[second]; n < 2 || n > perColumn {
			t.Errorf("the column from %d s has %d steps, want 2 to %d", second, n, perColumn)
		}
	}
}
