package arrival

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Options of a schedule. Calls and Duration both bound it; at least one must, but for a trace.
type Options struct {
	// Calls, 1 to MaxCalls; 0 is as many as the rest gives.
	Calls int
	// Duration in which they start, up to 24 h; 0 is as long as it takes.
	Duration time.Duration
	// Seed of what is random: poisson, "burst in" and asterisk.
	Seed uint64
	// Open opens the file of a trace. Without it there are no traces.
	Open func(name string) (io.ReadCloser, error)
	// Near returns the candidate that a misspelt word means, or "". Without it no error suggests one.
	Near func(word string, candidates []string) string
}

// errNoRate: a burst has as many calls as are asked for.
var errNoRate = errors.New("a burst has no rate: say how many calls")

func (o Options) check() error {
	switch {
	case o.Calls < 0 || o.Calls > MaxCalls:
		return fmt.Errorf("%d calls: a storm has 1 to %d", o.Calls, MaxCalls)
	case o.Duration < 0 || o.Duration > longest:
		return fmt.Errorf("a duration of %v: want up to %v", o.Duration, longest)
	}
	return nil
}

// maxCalls is the largest number of calls that may be meant; one more than there may be, where only their time says
// how many, so that Parse sees what is too much.
func (o Options) maxCalls() int {
	if o.Calls == 0 {
		return MaxCalls + 1
	}
	return o.Calls
}

// isOver reports whether a call at that time would come too late.
func (o Options) isOver(at time.Duration) bool { return o.Duration > 0 && at >= o.Duration }

// countWithin is how many of a schedule's calls come in time; its times never decrease.
func (o Options) countWithin(s Schedule) int {
	return sort.Search(s.Len(), func(i int) bool { return o.isOver(s.At(i)) })
}

// cut leaves the calls that are wanted.
func (o Options) cut(at []time.Duration) []time.Duration {
	at = at[:min(len(at), o.maxCalls())]
	return at[:o.countWithin(paced{at: at})]
}

// form is one way to say when calls come: words, and values at SIZE, HOSTS, RATE, TIME, FILE and N.
type form struct {
	pattern string
	make    func(v values, o Options) (Schedule, error)
}

// values of a form, each kind in the order of the words.
type values struct {
	sizes []int
	rates []Rate
	times []time.Duration
	file  string
}

var forms = []form{
	{"burst", func(_ values, o Options) (Schedule, error) {
		if o.Calls == 0 {
			return nil, errNoRate
		}
		return Burst{Calls: o.Calls}, nil
	}},
	{"burst in TIME", func(v values, o Options) (Schedule, error) { return spread(v.times[0], o) }},
	{"burst SIZE every TIME", func(v values, o Options) (Schedule, error) {
		s := Bursts{Calls: o.maxCalls(), Size: v.sizes[0], Every: v.times[0]}
		s.Calls = o.countWithin(s)
		return s, nil
	}},
	{"asterisk HOSTS", func(v values, o Options) (Schedule, error) { return asterisk(v.sizes[0], o) }},
	{"constant RATE", func(v values, o Options) (Schedule, error) {
		s := Constant{Calls: o.maxCalls(), Rate: v.rates[0]}
		s.Calls = o.countWithin(s)
		return s, nil
	}},
	{"poisson RATE", func(v values, o Options) (Schedule, error) { return poisson(v.rates[0], o) }},
	{"ramp RATE to RATE in TIME", func(v values, o Options) (Schedule, error) {
		return ramp(v.rates[0], v.rates[1], v.times[0], o)
	}},
	{"sine RATE amp RATE every TIME", func(v values, o Options) (Schedule, error) {
		return sine(v.rates[0], v.rates[1], v.times[0], o)
	}},
	{"trace FILE", func(v values, o Options) (Schedule, error) { return openTrace(o, v.file, 1) }},
	{"trace FILE column N", func(v values, o Options) (Schedule, error) { return openTrace(o, v.file, v.sizes[0]) }},
}

// Parse reads a schedule. The forms are "burst", "burst in 200ms", "burst 500 every 1s", "asterisk 4",
// "constant 500/s", "poisson 500/s", "ramp 10/s to 500/s in 30s", "sine 100/s amp 80/s every 10s",
// "trace calls.log" and "trace Master.csv column 10"; a file's name with blanks stands in double quotes.
func Parse(spec string, o Options) (Schedule, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s, err := parse(spec, o)
	switch {
	case err != nil:
	case s.Len() == 0:
		err = fmt.Errorf("no call comes within %v", o.Duration)
	case s.Len() > MaxCalls:
		err = fmt.Errorf("more than %d calls come within %v: want a lower rate, a shorter time, or say how many calls", MaxCalls, o.Duration)
	}
	if err != nil {
		return nil, fmt.Errorf("arrival %q: %w", spec, err)
	}
	return s, nil
}

func parse(spec string, o Options) (Schedule, error) {
	words, err := split(spec)
	if err != nil {
		return nil, err
	}
	for _, f := range forms {
		pattern := strings.Fields(f.pattern)
		if !matches(words, pattern) {
			continue
		}
		v, err := read(words, pattern)
		if err != nil {
			return nil, err
		}
		if o.Calls == 0 && o.Duration == 0 && v.file == "" {
			return nil, errors.New("say how many calls, or for how long")
		}
		return f.make(v, o)
	}
	return nil, unknown(words, o.Near)
}

// unknown says what would be right: the forms that begin with the same word, or with one that was meant; else all.
func unknown(words []string, near func(string, []string) string) error {
	if len(words) == 0 {
		return errors.New("want " + Forms())
	}
	if own := beginning(words[0]); len(own) > 0 {
		return errors.New("want " + oneOf(own))
	}
	if near != nil {
		if meant := near(words[0], firstWords()); meant != "" {
			return fmt.Errorf("did you mean %s?", oneOf(beginning(meant)))
		}
	}
	return errors.New("want " + Forms())
}

// beginning lists the patterns whose first word that is.
func beginning(word string) (patterns []string) {
	for _, f := range forms {
		if first, _, _ := strings.Cut(f.pattern, " "); first == word {
			patterns = append(patterns, f.pattern)
		}
	}
	return patterns
}

// firstWords of all forms, each once.
func firstWords() (words []string) {
	for _, f := range forms {
		if first, _, _ := strings.Cut(f.pattern, " "); !slices.Contains(words, first) {
			words = append(words, first)
		}
	}
	return words
}

// split divides a spec at blanks, except within double quotes.
func split(spec string) ([]string, error) {
	parts := strings.Split(spec, `"`)
	if len(parts)%2 == 0 {
		return nil, errors.New("a double quote is not closed")
	}
	var words []string
	for i, part := range parts {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words, nil
}

// Forms lists what Parse understands, for messages.
func Forms() string {
	all := make([]string, len(forms))
	for i, f := range forms {
		all[i] = f.pattern
	}
	return oneOf(all)
}

// oneOf lists patterns in quotes: "a", "b" or "c".
func oneOf(patterns []string) string {
	list := make([]string, len(patterns))
	for i, p := range patterns {
		list[i] = strconv.Quote(p)
	}
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// isValue tells a place for a value from a word of the form.
func isValue(word string) bool { return word == strings.ToUpper(word) }

func matches(words, pattern []string) bool {
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
			err = add(&v.sizes, words[i], numberOf("the size of a burst"))
		case "HOSTS":
			err = add(&v.sizes, words[i], hostsOf)
		case "N":
			err = add(&v.sizes, words[i], numberOf("the column"))
		case "FILE":
			if v.file = words[i]; v.file == "" {
				err = errors.New("the file of a trace has no name")
			}
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

func numberOf(what string) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("%s is a number from 1, not %q", what, s)
		}
		return n, nil
	}
}

// hostsOf reads a number of Asterisk hosts.
func hostsOf(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxHosts {
		return 0, fmt.Errorf("the number of Asterisk hosts is 1 to %s, not %q", thousands(MaxHosts), s)
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
