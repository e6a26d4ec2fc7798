package main

import (
	"regexp"
	"strconv"

	"github.com/spf13/pflag"
)

// decimal is the value of a flag that takes a whole number. Go's own would take 010 for 8, and 0x10 for 16.
type decimal struct{ pflag.Value }

var decimalForm = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)$`)

// Set reads a number as people write it.
func (d decimal) Set(text string) error {
	if !decimalForm.MatchString(text) {
		return strconv.ErrSyntax
	}
	return d.Value.Set(text)
}

// decimals makes every whole number of a verb's flags decimal.
func decimals(f *pflag.FlagSet) {
	f.VisitAll(func(f *pflag.Flag) {
		if kind := f.Value.Type(); kind == "int" || kind == "uint64" {
			f.Value = decimal{f.Value}
		}
	})
}
