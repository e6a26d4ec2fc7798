package epoll

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"agistorm/target/engine"
)

func TestTableReusesItsPlaces(t *testing.T) {
	var table table
	a, b := table.take(5, 0), table.take(6, 1)
	if a == b || table.slot(a).fd != 5 || table.slot(b).fd != 6 {
		t.Errorf("places %d and %d", a, b)
	}
	before := table.slot(a).generation
	table.free(a)
	if got := slices.Collect(table.used()); !slices.Equal(got, []int32{b}) {
		t.Errorf("used %v, want %d", got, b)
	}
	if c := table.take(7, 2); c != a || table.slot(c).generation == before || table.slot(c).active {
		t.Errorf("place %d of generation %d, want %d with a new one", c, table.slot(c).generation, a)
	}
	for i := range 3 * blockSize {
		table.take(int32(100+i), i)
	}
	if table.slot(b).fd != 6 || len(slices.Collect(table.used())) != 3*blockSize+2 {
		t.Error("the table lost somebody as it grew")
	}
}

// TestTableForgetsTheHostile: what a client that misbehaved has blown up is not kept for the next.
func TestTableForgetsTheHostile(t *testing.T) {
	var table table
	script := &engine.Script{LineBytes: 10_000, EnvLines: 5}
	i := table.take(5, 0)
	s := &table.slot(i).session
	s.Begin(script)
	s.Take(make([]byte, 9000)) // a part of a line
	s.End(engine.LongLine)
	table.free(i)
	if again := &table.slot(table.take(6, 1)).session; !reflect.ValueOf(*again).IsZero() {
		t.Error("the session has something left of the last one")
	}
}

func TestFIFO(t *testing.T) {
	var q fifo
	var in, out []int32
	random := rand.New(rand.NewPCG(1, 2))
	for i := range int32(1000) {
		q.push(i)
		in = append(in, i)
		for q.len() > 0 && random.IntN(2) == 0 {
			out = append(out, q.pop())
		}
	}
	for q.len() > 0 {
		out = append(out, q.pop())
	}
	if !slices.Equal(in, out) {
		t.Errorf("out came %v", out)
	}
	if cap(q.places) > 512 {
		t.Errorf("room for %d: what is gone makes no room", cap(q.places))
	}
}

// TestSchedule: the work ends in order, and that of sessions that are gone does not end at all.
func TestSchedule(t *testing.T) {
	var table table
	var h schedule
	ends := map[int32]time.Duration{}
	var got, want []time.Duration
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 500 {
		place := table.take(int32(i), i)
		s := table.slot(place)
		s.working = true
		at := time.Duration(random.IntN(1000))
		h.push(due{at, place, s.generation})
		if i%5 == 0 {
			table.free(place)
			continue
		}
		if ends[place] = at; at <= 800 {
			want = append(want, at)
		}
	}
	slices.Sort(want)
	for place, ok := h.pop(800, &table); ok; place, ok = h.pop(800, &table) {
		got = append(got, ends[place])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the work ended at %v, want %v", got, want)
	}
	if at, ok := h.first(); ok && at <= 800 {
		t.Errorf("%v is left, and was due", at)
	}
}

// TestDeadlines: they pass in order, whoever is taken out of the middle, the head or the tail.
func TestDeadlines(t *testing.T) {
	var table table
	d := newDeadlines(envTimer, &table, time.Second)
	var places []int32
	for i := range 5 {
		places = append(places, table.take(int32(i), i))
		d.add(places[i], time.Duration(i))
	}
	for _, gone := range []int{2, 0, 4} {
		d.remove(places[gone])
	}
	var left []int32
	for at, ok := d.first(); ok; at, ok = d.first() {
		if want := time.Second + time.Duration(slices.Index(places, d.head)); at != want {
			t.Errorf("deadline %v, want %v", at, want)
		}
		left = append(left, d.head)
		d.remove(d.head)
	}
	if !slices.Equal(left, []int32{places[1], places[3]}) {
		t.Errorf("left are %v of %v", left, places)
	}
	d.add(places[0], 0)
	if d.head != places[0] || d.tail != places[0] {
		t.Errorf("one of one: head %d, tail %d", d.head, d.tail)
	}
}
