package lab

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/loadgen/caller"
)

// recordedLoad returns what the clients do beside their arrival, their name and their timeouts, by the keys
// of a scenario's storm; defaults are absent.
func recordedLoad(script string, c caller.Client, workers int) map[string]string {
	var variables []string
	for name, value := range c.Variables {
		variables = append(variables, name+"="+value)
	}
	slices.Sort(variables)
	load := map[string]string{
		"args": quoted(c.Args), "variables": quoted(variables), "missing-files": quoted(c.MissingFiles),
		"think": c.Think.String(), "hang-up-after": c.HangUpAfter.String(), "workers": strconv.Itoa(workers),
	}
	maps.DeleteFunc(load, func(_, value string) bool { return slices.Contains([]string{"", "0s", "0"}, value) })
	if script != "" {
		load["script"] = script
	}
	return load
}

// quoted returns the words of a list in quotes, with a blank between them.
func quoted(list []string) string { return strings.Trim(fmt.Sprintf("%q", list), "[]") }

// recordedClients returns where the clients are; nil where the kernel chooses.
func recordedClients(s loadgen.Sources) *record.Addresses {
	n := len(s.Addrs)
	if n == 0 {
		return nil
	}
	return &record.Addresses{First: s.Addrs[0].String(), Last: s.Addrs[n-1].String(), N: n}
}
