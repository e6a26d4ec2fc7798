package axis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// calls are those that one storm offers.
var calls = field("calls", "storm.calls", func(p *Plan) *int { return &p.Storm.Calls },
	func(value string) (int, error) {
		n, err := strconv.ParseUint(strings.ReplaceAll(value, "_", ""), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("%q: want a whole number", value)
		}
		return int(n), nil
	}, strconv.Itoa)

// arrival is when the calls come. A scenario checks the words, which may name a file.
var arrival = field("arrival", "storm.arrival", func(p *Plan) *string { return &p.Storm.Arrival }, text, asWritten)

// rate replaces the rate of an arrival that has one, such as constant 500/s.
var rate = Axis{
	Name: "rate", Path: arrival.Path, Fact: arrival.Fact,
	Set: func(p *Plan, value string) error {
		words, place := arrivalRate(p)
		if place < 0 {
			return fmt.Errorf("arrival %q has not one rate: want constant or poisson", p.Storm.Arrival)
		}
		if !strings.Contains(value, "/") {
			value += "/s"
		}
		words[place] = value
		p.Storm.Arrival = strings.Join(words, " ")
		return nil
	},
	Get: func(p *Plan) string {
		words, place := arrivalRate(p)
		if place < 0 {
			return ""
		}
		return strings.TrimSuffix(words[place], "/s")
	},
}

// arrivalRate returns the words of the arrival and the place of its rate; -1 where it has none, or several.
func arrivalRate(p *Plan) (words []string, place int) {
	words = strings.Fields(p.Storm.Arrival)
	if len(words) != 2 || !slices.Contains([]string{"constant", "poisson"}, words[0]) {
		return words, -1
	}
	return words, 1
}
