//go:build !linux

package lab

// readLimits knows of none.
func readLimits() limits { return limits{} }
