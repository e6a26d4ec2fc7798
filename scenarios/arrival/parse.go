package arrival

import (
	"errors"
	"fmt"
	"io"
	"math"
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
	// Seed of what is random: poisson, "burst in", asterisk and the calls of a log in whole seconds.
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

// maxCalls returns the largest number of calls that may be meant; one more than there may be, where only
// their time says how many, so that Parse sees what is too much.
func (o Options) maxCalls() int {
	if o.Calls == 0 {
		return MaxCalls + 1
	}
	return o.Calls
}

// isOver reports whether a call at that time would come too late.
func (o Options) isOver(at time.Duration) bool { return o.Duration > 0 && at >= o.Duration }

// countWithin returns how many of a schedule's calls come in time; its times never decrease.
func (o Options) countWithin(s Schedule) int {
	return sort.Search(s.Len(), func(i int) bool { return o.isOver(s.At(i)) })
}

// cut returns the calls that are wanted.
func (o Options) cut(at []time.Duration) []time.Duration {
	at = at[:min(len(at), o.maxCalls())]
	return at[:o.countWithin(paced{at: at})]
}

// form is one way to say when calls come: words, and values at SIZE, HOSTS, RATE, TIME and FILE. Clauses may follow.
type form struct {
	pattern string
	clauses []clause
	make    func(v values, o Options) (Schedule, error)
}

// String returns the pattern with the clauses in brackets.
func (f form) String() string {
	text := f.pattern
	for _, c := range f.clauses {
		text += " [" + c.String() + "]"
	}
	return text
}

// values of a form, each kind in the order of the words.
type values struct {
	sizes []int
	rates []Rate
	times []time.Duration
	file  string
	trace selection
}

var forms = []form{
	{pattern: "burst", make: func(_ values, o Options) (Schedule, error) {
		if o.Calls == 0 {
			return nil, errNoRate
		}
		return Burst{Calls: o.Calls}, nil
	}},
	{pattern: "burst in TIME", make: func(v values, o Options) (Schedule, error) { return spread(v.times[0], o) }},
	{pattern: "burst SIZE every TIME", make: func(v values, o Options) (Schedule, error) {
		s := Bursts{Calls: o.maxCalls(), Size: v.sizes[0], Every: v.times[0]}
		s.Calls = o.countWithin(s)
		return s, nil
	}},
	{pattern: "asterisk HOSTS", make: func(v values, o Options) (Schedule, error) { return asterisk(v.sizes[0], o) }},
	{pattern: "constant RATE", make: func(v values, o Options) (Schedule, error) {
		s := Constant{Calls: o.maxCalls(), Rate: v.rates[0]}
		s.Calls = o.countWithin(s)
		return s, nil
	}},
	{pattern: "poisson RATE", make: func(v values, o Options) (Schedule, error) { return poisson(v.rates[0], o) }},
	{pattern: "ramp RATE to RATE in TIME", make: func(v values, o Options) (Schedule, error) {
		return ramp(v.rates[0], v.rates[1], v.times[0], o)
	}},
	{pattern: "sine RATE amp RATE every TIME", make: func(v values, o Options) (Schedule, error) {
		return sine(v.rates[0], v.rates[1], v.times[0], o)
	}},
	{
		pattern: "trace FILE", clauses: traceClauses,
		make: func(v values, o Options) (Schedule, error) { return openTrace(o, v.file, v.trace) },
	},
}

// Parse reads a schedule. The forms are "burst", "burst in 200ms", "burst 500 every 1s", "asterisk 4",
// "constant 500/s", "poisson 500/s", "ramp 10/s to 500/s in 30s", "sine 100/s amp 80/s every 10s",
// "trace calls.log" and "trace Master.csv column start busiest minute times 10"; a file's name with blanks stands in
// double quotes.
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
		err = fmt.Errorf("more than %d calls come within %v: want a lower rate, a shorter time, or say how many calls",
			MaxCalls, o.Duration)
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
		n := len(words)
		if f.clauses != nil {
			n = min(n, len(pattern))
		}
		if !matches(words[:n], pattern) {
			continue
		}
		v, err := read(words, pattern)
		if err == nil {
			v.trace, err = readClauses(f.clauses, words[n:], o.Near)
		}
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

// unknown lists what would be right: the forms that begin with the same word, or with one that was meant;
// else all.
func unknown(words []string, near func(string, []string) string) error {
	if len(words) > 0 {
		if own := beginning(words[0]); len(own) > 0 {
			return errors.New("want " + oneOf(own))
		}
		if near != nil {
			if meant := near(words[0], firstWords()); meant != "" {
				return fmt.Errorf("did you mean %s?", oneOf(beginning(meant)))
			}
		}
	}
	return errors.New("want " + Forms())
}

// beginning lists the patterns whose first word that is; all of them for an empty word.
func beginning(word string) (patterns []string) {
	for _, f := range forms {
		if word == "" || firstWord(f.pattern) == word {
			patterns = append(patterns, f.String())
		}
	}
	return patterns
}

func firstWord(pattern string) string { return strings.Fields(pattern)[0] }

// firstWords lists those of all forms.
func firstWords() (words []string) {
	for _, f := range forms {
		words = append(words, firstWord(f.pattern))
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
func Forms() string { return oneOf(beginning("")) }

// oneOf lists patterns in quotes: "a", "b" or "c".
func oneOf(patterns []string) string {
	text := strconv.Quote(patterns[len(patterns)-1])
	if rest := patterns[:len(patterns)-1]; len(rest) > 0 {
		text = `"` + strings.Join(rest, `", "`) + `" or ` + text
	}
	return text
}

// isValue reports whether a word of a pattern is the place of a value.
func isValue(word string) bool { return kinds[word] != nil }

func matches(words, pattern []string) bool {
	return slices.EqualFunc(words, pattern, func(word, want string) bool { return isValue(want) || word == want })
}

var hostsWanted = "the number of Asterisk hosts is 1 to " + thousands(MaxHosts)

// kinds of values, by the words that stand for them in patterns, each with what reads it.
var kinds = map[string]func(v *values, word string) error{
	"SIZE": func(v *values, word string) error {
		return add(&v.sizes, word, numberOf("the size of a burst is a number from 1", math.MaxInt))
	},
	"HOSTS": func(v *values, word string) error { return add(&v.sizes, word, numberOf(hostsWanted, MaxHosts)) },
	"FILE":  (*values).readFile,
	"RATE":  func(v *values, word string) error { return add(&v.rates, word, ParseRate) },
	"TIME":  func(v *values, word string) error { return add(&v.times, word, parseTime) },
}

func read(words, pattern []string) (v values, err error) {
	for i, want := range pattern {
		if isValue(want) && err == nil {
			err = kinds[want](&v, words[i])
		}
	}
	return v, err
}

func (v *values) readFile(word string) error {
	if v.file = word; word == "" {
		return errors.New("the file of a trace has no name")
	}
	return nil
}

func add[T any](list *[]T, word string, parse func(string) (T, error)) error {
	v, err := parse(word)
	*list = append(*list, v)
	return err
}

// numberOf reads a number from 1 to most; want says what it is, for the error.
func numberOf(want string, most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > most {
			return 0, fmt.Errorf("%s, not %q", want, s)
		}
		return n, nil
	}
}

func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > longest {
		return 0, fmt.Errorf("%q is not a time such as 250ms, 1s or 2m, up to %v", s, longest)
	}
	return d, nil
}
