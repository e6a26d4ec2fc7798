//go:build !linux

package rules

// systemRules is empty here: the rules of other systems' queues are not measured yet.
var systemRules []Rule
