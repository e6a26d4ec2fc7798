// Package near finds the name that a user may have meant. It imports nothing of ours.
package near

// Match is the candidate that is a slip or two of the finger away; empty without one.
func Match(name string, candidates []string) string {
	const slips = 2
	best, least := "", slips+1
	for _, c := range candidates {
		if d := distance(name, c); d < least {
			best, least = c, d
		}
	}
	if least >= len(name) {
		return ""
	}
	return best
}

// Hint continues an error about an unknown name with the one that may have been meant; empty without one.
func Hint(name string, candidates []string) string {
	if match := Match(name, candidates); match != "" {
		return "; did you mean " + match + "?"
	}
	return ""
}

// distance is Levenshtein's: how many letters must be put in, left out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
