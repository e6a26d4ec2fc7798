// Package lists makes lists of lists, and lines of words.
package lists

// Map returns what f makes of each item.
func Map[T, U any](items []T, f func(T) U) (all []U) {
	for _, item := range items {
		all = append(all, f(item))
	}
	return all
}

// NonEmpty returns those of the texts that say something.
func NonEmpty(texts ...string) (all []string) {
	for _, t := range texts {
		if t != "" {
			all = append(all, t)
		}
	}
	return all
}

// Wrap joins words into lines, each of as many as fit. A word that does not fit has a line of its own.
func Wrap(words []string, fits func(line string, n int) bool) (lines []string) {
	for _, word := range words {
		if n := len(lines) - 1; n >= 0 && fits(lines[n]+" "+word, n) {
			lines[n] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
