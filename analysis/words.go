package analysis

import (
	"math"
	"strings"
)

// amount writes n with its noun, "1 call" or "1,532 calls".
func amount(n int, one, many string) string { return Count(n) + " " + choose(n, one, many) }

func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// whole writes a median as a whole number; halves go up.
func whole(v float64) string { return Count(rounded(v)) }

func rounded(v float64) int { return int(math.Round(v)) }

// list joins words as prose: "a", "a and b", "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
