package planner

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"agistorm/analysis/model"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/axis"
)

// paced are the arrivals whose rates say how many calls come in a time.
var paced = []string{"constant", "poisson", "ramp", "sine"}

// takeCalls gives a storm another number of calls in the same time: its rates grow with them. Where the arrival has
// none, and is no burst, its instants are stretched over the calls later.
func takeCalls(storm *axis.Storm, from, to int) {
	words := strings.Fields(storm.Arrival)
	switch {
	case from == to || len(words) == 0:
		return
	case slices.Contains(paced, words[0]):
		for i, word := range words {
			if rate, err := arrival.ParseRate(word); err == nil && strings.Contains(word, "/") {
				words[i] = scaledRate(rate, from, to).String()
			}
		}
		storm.Arrival = strings.Join(words, " ")
	case words[0] != "burst" || len(words) > 1 && words[1] != "in":
		return
	}
	if storm.Calls > 0 {
		storm.Calls = to
	}
}

// scaledRate is a rate times to/from, to a part in a thousand million.
func scaledRate(r arrival.Rate, from, to int) arrival.Rate {
	const most = 1_000_000_000
	calls := float64(r.Calls) * float64(to) / float64(from)
	times := 1.0
	for calls*times*10 < most && float64(r.Per)*times*10 <= float64(time.Hour) {
		times *= 10
	}
	return arrival.Rate{Calls: max(int(calls*times+0.5), 1), Per: time.Duration(float64(r.Per) * times)}
}

// stretched are as many calls as are wanted at the instants of others: each comes at a random instant between two of
// theirs, so the shape stays.
type stretched struct {
	model.Starts
	calls int
	seed  uint64
}

// Len implements model.Starts.
func (s stretched) Len() int { return s.calls }

// At implements model.Starts.
func (s stretched) At(i int) time.Duration {
	n := s.Starts.Len()
	random := rand.New(rand.NewPCG(s.seed, uint64(i))).Float64()
	place := (float64(i) + random) * float64(n) / float64(s.calls)
	at := min(int(place), n-1)
	from := s.Starts.At(at)
	if at == n-1 {
		return from
	}
	return from + time.Duration((place-float64(at))*float64(s.Starts.At(at+1)-from))
}
