package arrival

import (
	"fmt"
	"math/rand/v2"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// paced is a schedule that was worked out beforehand: 8 bytes per call.
type paced struct {
	words string
	at    []time.Duration
}

func (p paced) Len() int               { return len(p.at) }
func (p paced) At(i int) time.Duration { return p.at[i] }
func (p paced) String() string         { return p.words }

// longest bounds a schedule: what takes longer is no storm.
const longest = 24 * time.Hour

// follow asks one of vegeta's pacers for every call in turn, as if each were made in no time.
func follow(p vegeta.Pacer, o Options) ([]time.Duration, error) {
	var at []time.Duration
	elapsed := time.Duration(0)
	for i := range o.maxCalls() {
		wait, stop := p.Pace(elapsed, uint64(i))
		// A wait beyond all durations comes back below 0.
		late := stop || wait < 0 || wait > longest-elapsed
		if !late {
			elapsed += wait
		}
		switch ended := p.Rate(elapsed) <= 0; {
		case o.Duration > 0 && (late || ended || o.isOver(elapsed)):
			return at, nil
		case ended:
			return nil, fmt.Errorf("the rate has fallen to 0 before call %d of %d", i+1, o.Calls)
		case late:
			return nil, durationError(i, o)
		}
		at = append(at, elapsed)
	}
	return at, nil
}

func durationError(i int, o Options) error {
	return fmt.Errorf("call %d of %d would come after more than %v", i+1, o.Calls, longest)
}

// ramp grows evenly from one rate to another in a time, and on with the same slope.
func ramp(from, to Rate, in time.Duration, o Options) (Schedule, error) {
	pacer := vegeta.LinearPacer{
		StartAt: vegeta.Rate{Freq: from.Calls, Per: from.Per},
		Slope:   (to.perSecond() - from.perSecond()) / in.Seconds(),
	}
	at, err := follow(pacer, o)
	return paced{fmt.Sprintf("%d from %s to %s in %v, and on with the same slope", len(at), from, to, in), at}, err
}

// sine swings around a mean rate, beginning upwards.
func sine(mean, amp Rate, period time.Duration, o Options) (Schedule, error) {
	if amp.perSecond() >= mean.perSecond() {
		return nil, fmt.Errorf("the amplitude %s must be less than the mean %s", amp, mean)
	}
	pacer := vegeta.SinePacer{
		Period: period,
		Mean:   vegeta.Rate{Freq: mean.Calls, Per: mean.Per},
		Amp:    vegeta.Rate{Freq: amp.Calls, Per: amp.Per},
	}
	at, err := follow(pacer, o)
	return paced{fmt.Sprintf("%d at %s ± %s every %v", len(at), mean, amp, period), at}, err
}

// poisson makes the gaps between calls exponential: independent callers. The same
// seed gives the same schedule.
func poisson(mean Rate, o Options) (Schedule, error) {
	random := rand.New(rand.NewPCG(o.Seed, poissonStream))
	var at []time.Duration
	gap, elapsed := float64(time.Second)/mean.perSecond(), 0.0
	for i := range o.maxCalls() {
		elapsed += random.ExpFloat64() * gap
		if o.Duration > 0 && elapsed >= float64(o.Duration) {
			break
		}
		if elapsed > float64(longest) {
			return nil, durationError(i, o)
		}
		at = append(at, time.Duration(elapsed))
	}
	return paced{fmt.Sprintf("%d at %s, Poisson", len(at), mean), at}, nil
}

// Streams keep the arrivals apart from each other, and from what else is made of the same seed. Each Asterisk
// host has a stream of its own, from asteriskStream on.
const (
	poissonStream  = 1
	spreadStream   = 1 << 32
	asteriskStream = 2 << 32
	traceStream    = 3 << 32
)
