// Command samesummary holds two summary.json of one run directory against each other, that of an older program and that of
// a newer one, and lists every number that differs or that only the older one has. It compares numbers and truth values,
// not words: samesummary [-allow FILE] OLD NEW. It exits with 1 where a difference is not allowed.
//
// A line of the file is "PATH: REASON" or "PATH -> NEWPATH: REASON"; a * in PATH stands for any one key or index, and in
// NEWPATH for the same ones in their order. Lines that begin with # are comments. What the first form names may differ;
// what the second names is compared with the place that it moved to.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

func main() {
	allow := flag.String("allow", "", "`FILE` of places that moved, or may differ")
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	same, err := run(os.Stdout, *allow, flag.Arg(0), flag.Arg(1))
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "samesummary:", err)
		os.Exit(2)
	case !same:
		os.Exit(1)
	}
}

func run(w io.Writer, allow, older, newer string) (same bool, err error) {
	rules, err := readRules(allow)
	if err != nil {
		return false, err
	}
	old, err := numbersOf(older)
	if err != nil {
		return false, err
	}
	new, err := numbersOf(newer)
	if err != nil {
		return false, err
	}
	return compare(w, rules, old, new), nil
}

// rule says of a place that it moved, or that it may differ.
type rule struct {
	path, to []string
	reason   string
	used     bool
}

func readRules(file string) ([]*rule, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var rules []*rule
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		places, reason, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("%s: %q has no reason", file, line)
		}
		from, to, moved := strings.Cut(places, " -> ")
		r := &rule{path: strings.Split(from, "/"), reason: reason}
		if moved {
			r.to = strings.Split(to, "/")
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// match returns what the stars of a rule stand for; false where it is not of that path.
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

// place that a path moved to.
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

// compare lists the differences, and reports whether all of them are allowed.
func compare(w io.Writer, rules []*rule, old, new map[string]string) bool {
	same := true
	for _, path := range slices.Sorted(maps.Keys(old)) {
		place, allowed := path, ""
		for _, r := range rules {
			stars, ok := r.match(strings.Split(path, "/"))
			switch {
			case !ok:
			case r.to == nil:
				r.used, allowed = true, r.reason
			default:
				r.used, place = true, r.place(stars)
			}
		}
		is, there := new[place]
		if !there {
			is = "missing"
		}
		if is == old[path] {
			continue
		}
		what := "differs"
		if allowed != "" {
			what = "allowed, " + allowed
		}
		same = same && allowed != ""
		fmt.Fprintf(w, "%s: %s, now %s (%s)\n", path, old[path], is, what)
	}
	for _, r := range rules {
		if !r.used {
			fmt.Fprintf(w, "needless: %s: %s\n", strings.Join(r.path, "/"), r.reason)
		}
	}
	return same
}

// numbersOf a file, by their places: keys and indices with / between them.
func numbersOf(file string) (map[string]string, error) {
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
