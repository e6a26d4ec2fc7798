//go:build !linux

package rules

// systemRules has nothing here: what is known of other systems' queues is not measured yet.
func systemRules() []Rule { return nil }
