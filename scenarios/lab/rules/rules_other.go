//go:build !linux

package rules

// systemRules is empty here: the rules of other systems' queues are not measured yet.
var systemRules []Rule

// measurements is empty here, too.
var measurements []Rule
