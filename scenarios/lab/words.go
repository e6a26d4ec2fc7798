package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/axis"
	"agistorm/target/netns/link"
	"agistorm/target/spec"
)

// linkWords say what a link is: "veth", "20ms round trip".
func linkWords(rtt time.Duration) string {
	if rtt > 0 {
		return fmt.Sprintf("%v round trip", rtt)
	}
	return string(link.Veth)
}

// targetWords say what the server does: "pool of 16 handlers, 5ms of work a call".
func targetWords(b spec.Behaviour, t *axis.Target) string {
	words := fmt.Sprintf("%s, %s of work a call", b.Words(), t.Work)
	if t.Like != "" {
		words = "like " + t.Like + ": " + words
	}
	for _, stall := range t.Stalls {
		words += ", stall " + stall
	}
	for _, restart := range t.Restarts {
		words += ", restart " + restart
	}
	return words
}

// loadWords are what the clients do beside their arrival, their name and their limits, by the keys of a scenario's storm; only what is not
// as ever.
func loadWords(script string, c caller.Client, s loadgen.Sources, workers int) map[string]string {
	words := map[string]string{}
	for key, value := range map[string]string{
		"script": script, "args": quotedList(c.Args), "variables": variableWords(c.Variables),
		"missing-files": quotedList(c.MissingFiles), "think": durationWords(c.Think),
		"hang-up-after": durationWords(c.HangUpAfter), "sources": sourceWords(s), "workers": numberWords(workers),
	} {
		if value != "" {
			words[key] = value
		}
	}
	return words
}

func quotedList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return strings.Join(quoted, " ")
}

func variableWords(variables map[string]string) string {
	var list []string
	for name, value := range variables {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return quotedList(list)
}

func durationWords(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func numberWords(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// sourceWords are "127.0.0.1 to 127.0.0.14 (14)"; empty where the kernel chooses.
func sourceWords(s loadgen.Sources) string {
	switch n := len(s.Addrs); n {
	case 0:
		return ""
	case 1:
		return s.Addrs[0].String()
	default:
		return fmt.Sprintf("%v to %v (%d)", s.Addrs[0], s.Addrs[n-1], n)
	}
}
