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
		t.Error("the table lost a session as it grew")
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

// TestDeadlines: they pass in order, without those of sessions that have beaten their timer or are gone.
func TestDeadlines(t *testing.T) {
	l := &loop{engine: &Engine{began: time.Now()}}
	l.deadlines[envTimer].timeout = time.Second
	var places []int32
	for i := range 5 {
		places = append(places, l.table.take(int32(i), i))
		l.startTimer(envTimer, places[i])
	}
	l.table.free(places[0])
	l.table.slot(places[2]).timer = noTimer
	l.startTimer(scriptTimer, places[4])
	var left []int32
	last := time.Second
	for d, ok := l.nextDeadline(envTimer); ok; d, ok = l.nextDeadline(envTimer) {
		if d.at < last {
			t.Errorf("deadline %v after %v", d.at, last)
		}
		last, left = d.at, append(left, d.place)
		l.table.free(d.place)
	}
	if !slices.Equal(left, []int32{places[1], places[3]}) {
		t.Errorf("left are %v of %v", left, places)
	}
	if d, ok := l.nextDeadline(scriptTimer); !ok || d.place != places[4] {
		t.Errorf("script: %+v, %v", d, ok)
	}
}
