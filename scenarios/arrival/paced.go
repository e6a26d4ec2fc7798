package arrival

import (
	"fmt"
	"math/rand/v2"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// paced is a schedule that was worked out beforehand: 8 bytes a call.
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
func follow(p vegeta.Pacer, calls int) ([]time.Duration, error) {
	at := make([]time.Duration, calls)
	elapsed := time.Duration(0)
	for i := range at {
		if p.Rate(elapsed) <= 0 {
			return nil, fmt.Errorf("the rate has fallen to 0 before call %d of %d", i+1, calls)
		}
		wait, stop := p.Pace(elapsed, uint64(i))
		if elapsed += wait; stop || wait < 0 || elapsed > longest {
			return nil, fmt.Errorf("call %d of %d would come after more than %v", i+1, calls, longest)
		}
		at[i] = elapsed
	}
	return at, nil
}

// ramp grows evenly from one rate to another in a time, and on with the same slope.
func ramp(from, to Rate, in time.Duration, calls int) (Schedule, error) {
	pacer := vegeta.LinearPacer{
		StartAt: vegeta.Rate{Freq: from.Calls, Per: from.Per},
		Slope:   (to.perSecond() - from.perSecond()) / in.Seconds(),
	}
	at, err := follow(pacer, calls)
	return paced{fmt.Sprintf("%d from %s to %s in %v", calls, from, to, in), at}, err
}

// sine swings around a mean rate, beginning upwards.
func sine(mean, amp Rate, period time.Duration, calls int) (Schedule, error) {
	if amp.perSecond() >= mean.perSecond() {
		return nil, fmt.Errorf("the amplitude %s must be less than the mean %s", amp, mean)
	}
	pacer := vegeta.SinePacer{
		Period: period,
		Mean:   vegeta.Rate{Freq: mean.Calls, Per: mean.Per},
		Amp:    vegeta.Rate{Freq: amp.Calls, Per: amp.Per},
	}
	at, err := follow(pacer, calls)
	return paced{fmt.Sprintf("%d at %s ± %s every %v", calls, mean, amp, period), at}, err
}

// poisson makes the gaps between calls exponential: independent callers. The same
// seed gives the same schedule.
func poisson(mean Rate, seed uint64, calls int) (Schedule, error) {
	random := rand.New(rand.NewPCG(seed, poissonStream))
	at := make([]time.Duration, calls)
	gap, elapsed := float64(time.Second)/mean.perSecond(), 0.0
	for i := range at {
		elapsed += random.ExpFloat64() * gap
		if elapsed > float64(longest) {
			return nil, fmt.Errorf("call %d of %d would come after more than %v", i+1, calls, longest)
		}
		at[i] = time.Duration(elapsed)
	}
	return paced{fmt.Sprintf("%d at %s, Poisson", calls, mean), at}, nil
}

// poissonStream keeps the arrivals apart from all else that is made of the same seed.
const poissonStream = 1
