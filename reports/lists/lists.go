// Package lists makes lists of lists.
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
