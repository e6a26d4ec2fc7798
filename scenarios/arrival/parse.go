package arrival

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// form is one way to say when calls come: words, and values at SIZE, RATE and TIME.
type form struct {
	pattern string
	make    func(v values, calls int, seed uint64) (Schedule, error)
}

// values of a form, each kind in the order of the words.
type values struct {
	sizes []int
	rates []Rate
	times []time.Duration
}

var forms = []form{
	{"burst", func(_ values, calls int, _ uint64) (Schedule, error) {
		return Burst{Calls: calls}, nil
	}},
	{"burst SIZE every TIME", func(v values, calls int, _ uint64) (Schedule, error) {
		return Bursts{Calls: calls, Size: v.sizes[0], Every: v.times[0]}, nil
	}},
	{"constant RATE", func(v values, calls int, _ uint64) (Schedule, error) {
		return Constant{Calls: calls, Rate: v.rates[0]}, nil
	}},
	{"poisson RATE", func(v values, calls int, seed uint64) (Schedule, error) {
		return poisson(v.rates[0], seed, calls)
	}},
	{"ramp RATE to RATE in TIME", func(v values, calls int, _ uint64) (Schedule, error) {
		return ramp(v.rates[0], v.rates[1], v.times[0], calls)
	}},
	{"sine RATE amp RATE every TIME", func(v values, calls int, _ uint64) (Schedule, error) {
		return sine(v.rates[0], v.rates[1], v.times[0], calls)
	}},
}

// Parse reads a schedule of calls attempts, 1 to MaxCalls. The forms are "burst", "burst 500 every 1s",
// "constant 500/s", "poisson 500/s", "ramp 10/s to 500/s in 30s" and "sine 100/s amp 80/s every 10s".
// The seed matters to poisson only.
func Parse(spec string, calls int, seed uint64) (Schedule, error) {
	if calls < 1 || calls > MaxCalls {
		return nil, fmt.Errorf("%d calls: a storm has 1 to %d", calls, MaxCalls)
	}
	words := strings.Fields(spec)
	for _, f := range forms {
		pattern := strings.Fields(f.pattern)
		if !fits(words, pattern) {
			continue
		}
		v, err := read(words, pattern)
		if err != nil {
			return nil, fmt.Errorf("arrival %q: %w", spec, err)
		}
		s, err := f.make(v, calls, seed)
		if err != nil {
			return nil, fmt.Errorf("arrival %q: %w", spec, err)
		}
		return s, nil
	}
	return nil, fmt.Errorf("arrival %q: want %s", spec, Forms())
}

// Forms lists what Parse understands, for messages.
func Forms() string {
	list := make([]string, len(forms))
	for i, f := range forms {
		list[i] = strconv.Quote(f.pattern)
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// isValue tells a place for a value from a word of the form.
func isValue(word string) bool { return word == "SIZE" || word == "RATE" || word == "TIME" }

func fits(words, pattern []string) bool {
	if len(words) != len(pattern) {
		return false
	}
	for i, word := range pattern {
		if !isValue(word) && word != words[i] {
			return false
		}
	}
	return true
}

func read(words, pattern []string) (v values, err error) {
	for i, kind := range pattern {
		switch kind {
		case "SIZE":
			err = add(&v.sizes, words[i], parseSize)
		case "RATE":
			err = add(&v.rates, words[i], ParseRate)
		case "TIME":
			err = add(&v.times, words[i], parseTime)
		}
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

func add[T any](list *[]T, word string, parse func(string) (T, error)) error {
	v, err := parse(word)
	*list = append(*list, v)
	return err
}

func parseSize(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("the size of a burst is a number from 1, not %q", s)
	}
	return n, nil
}

func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > longest {
		return 0, fmt.Errorf("%q is not a time such as 250ms, 1s or 2m, up to %v", s, longest)
	}
	return d, nil
}
