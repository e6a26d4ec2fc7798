// Command samesummary compares two summary.json of one run directory, that of an older program and that of a
// newer one:
//
//	samesummary OLD NEW
//
// It compares numbers and truth values, not words, and lists every number that differs or that only the older
// one has. The changes that are meant stand in changes.txt with their reasons. It exits with 1 where a
// difference is not among them.
package main

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"agistorm/scripts/internal/program"
)

func main() { program.Main("samesummary", run) }

// changes since 0.1.0 that are meant. In a PATH, a * stands for any one key or index; in a NEWPATH, for the
// same ones in their order. Lines that begin with # are comments. A line is one of
//
//	PATH: REASON               the number may differ
//	PATH -> NEWPATH: REASON    it moved, and is the same in its new place
//	PATH => NEWPATH: REASON    it is still there, but another number has its name now: both are listed
//
//go:embed changes.txt
var changes string

func run(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 2 {
		return nil, errors.New("usage: samesummary OLD NEW")
	}
	rules, err := parseRules(changes)
	if err != nil {
		return nil, err
	}
	old, errOld := readNumbers(args[0])
	new, errNew := readNumbers(args[1])
	if err := errors.Join(errOld, errNew); err != nil {
		return nil, err
	}
	return compare(stdout, rules, old, new), nil
}

// rule is one line of the changes. Without an arrow, the number may differ.
type rule struct {
	path, to      []string
	arrow, reason string
}

func parseRules(text string) (rules []rule, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		places, reason, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("changes: %q has no reason", line)
		}
		r := rule{path: strings.Split(places, "/"), reason: reason}
		if from, rest, moved := strings.Cut(places, " "); moved {
			arrow, to, _ := strings.Cut(rest, " ")
			r = rule{strings.Split(from, "/"), strings.Split(to, "/"), arrow, reason}
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// match returns what the stars of a rule stand for; false where the rule is not about that path.
func (r *rule) match(path []string) (stars []string, ok bool) {
	if len(r.path) != len(path) {
		return nil, false
	}
	for i, part := range r.path {
		switch part {
		case "*":
			stars = append(stars, path[i])
		case path[i]:
		default:
			return nil, false
		}
	}
	return stars, true
}

// place returns the path that another one moved to.
func (r *rule) place(stars []string) string {
	var parts []string
	for _, part := range r.to {
		if part == "*" && len(stars) > 0 {
			part, stars = stars[0], stars[1:]
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/")
}

// compare lists the changes that are meant, and returns those that are not.
func compare(w io.Writer, rules []rule, old, new map[string]string) (misses []string) {
	same := 0
	for _, path := range slices.Sorted(maps.Keys(old)) {
		place, allowed := path, ""
		for _, r := range rules {
			stars, ok := r.match(strings.Split(path, "/"))
			switch {
			case !ok:
			case r.arrow == "":
				allowed = r.reason
			case r.arrow == "->":
				place = r.place(stars)
			case old[path] != number(new, r.place(stars)):
				fmt.Fprintf(w, "corrected: %s: %s, now %s: %s (%s)\n",
					path, old[path], r.place(stars), number(new, r.place(stars)), r.reason)
			}
		}
		difference := fmt.Sprintf("%s: %s, now %s", path, old[path], number(new, place))
		switch {
		case number(new, place) == old[path]:
			same++
		case allowed != "":
			fmt.Fprintf(w, "meant: %s (%s)\n", difference, allowed)
		default:
			misses = append(misses, difference)
		}
	}
	fmt.Fprintf(w, "%d of %d numbers are the same\n", same, len(old))
	return misses
}

func number(all map[string]string, path string) string { return cmp.Or(all[path], "missing") }

// readNumbers returns the numbers of a file by their places: keys and indices with / between them.
func readNumbers(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all := map[string]string{}
	gather(all, "", document)
	return all, nil
}

func gather(all map[string]string, path string, value any) {
	at := func(key string) string { return strings.TrimPrefix(path+"/"+key, "/") }
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			gather(all, at(key), inner)
		}
	case []any:
		for i, inner := range v {
			gather(all, at(strconv.Itoa(i)), inner)
		}
	case json.Number:
		all[path] = v.String()
	case bool:
		all[path] = strconv.FormatBool(v)
	}
}
