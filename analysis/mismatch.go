package analysis

import (
	"slices"
)

// notServed are the storm's calls that are answered, and not served by the server's own account.
func (r *Repeat) notServed() []Mismatch {
	return slices.DeleteFunc(slices.Clone(r.Mismatches), func(m Mismatch) bool { return !m.notServed() })
}
