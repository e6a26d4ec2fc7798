// Package strict reads the OpenMetrics text format 1.0.0 as its specification has it, for tests: what a lenient reader
// takes is an error here.
package strict

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sample is a line with its labels in their order, without escapes.
type Sample struct {
	Name   string
	Labels [][2]string
	Value  float64
}

// Label returns the value of a label; empty for none.
func (s *Sample) Label(name string) string {
	for _, l := range s.Labels {
		if l[0] == name {
			return l[1]
		}
	}
	return ""
}

// end is the last line.
const end = "# EOF\n"

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	metadata   = regexp.MustCompile(`^# (TYPE|UNIT|HELP) ([^ ]+) (.+)$`)
)

// suffixes of the samples of each kind of family; other kinds are not written by this project.
var suffixes = map[string][]string{
	"counter": {"_total"}, "gauge": {""}, "info": {"_info"}, "summary": {"_sum", "_count"},
}

// Parse returns the samples of a text, or the first that is not as the specification has it.
func Parse(text string) ([]Sample, error) {
	body, ended := strings.CutSuffix(text, end)
	if !ended {
		return nil, errors.New("the last line is not # EOF")
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("it is not UTF-8")
	}
	r := &reader{families: map[string]bool{}, lines: map[string]bool{}}
	for line := range strings.Lines(body) {
		line, whole := strings.CutSuffix(line, "\n")
		if !whole {
			return nil, fmt.Errorf("%q does not end", line)
		}
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	return r.samples, nil
}

// reader knows the family in which it is.
type reader struct {
	family, kind string
	// said are the kinds of metadata of the family.
	said     map[string]bool
	began    bool
	families map[string]bool
	lines    map[string]bool
	samples  []Sample
}

func (r *reader) line(line string) error {
	if m := metadata.FindStringSubmatch(line); m != nil {
		return r.describe(m[1], m[2], m[3])
	}
	if strings.HasPrefix(line, "#") {
		return errors.New("it is no metadata")
	}
	s, err := sample(line)
	if err != nil {
		return err
	}
	return r.add(s)
}

func (r *reader) describe(what, name, text string) error {
	if name != r.family {
		if what != "TYPE" || r.families[name] || !metricName.MatchString(name) {
			return errors.New("no family begins like that, or it is there already")
		}
		r.family, r.kind, r.said, r.began = name, text, map[string]bool{}, false
		r.families[name] = true
	}
	if r.began || r.said[what] {
		return errors.New("metadata comes once, and before the samples")
	}
	r.said[what] = true
	switch {
	case what == "TYPE" && suffixes[text] == nil:
		return errors.New("an unknown type")
	case what == "UNIT" && (!strings.HasSuffix(name, "_"+text) || r.kind == "info"):
		return errors.New("the unit is not in the name")
	case what == "HELP":
		_, err := unescape(text)
		return err
	}
	return nil
}

func (r *reader) add(s Sample) error {
	r.began = true
	suffix, ok := strings.CutPrefix(s.Name, r.family)
	if !ok || !slices.Contains(suffixes[r.kind], suffix) {
		return fmt.Errorf("no sample of the %s %s", r.kind, r.family)
	}
	key := fmt.Sprint(s.Name, s.Labels)
	if r.lines[key] {
		return errors.New("the same labels come twice")
	}
	r.lines[key] = true
	counts := r.kind != "gauge"
	whole := s.Value == math.Trunc(s.Value)
	if counts && !(s.Value >= 0) || suffix == "_count" && !whole || r.kind == "info" && s.Value != 1 {
		return errors.New("no such value is possible")
	}
	r.samples = append(r.samples, s)
	return nil
}

// sample reads NAME{LABEL="VALUE",…} NUMBER.
func sample(line string) (s Sample, err error) {
	at := strings.IndexAny(line, "{ ")
	if at < 0 || !metricName.MatchString(line[:at]) {
		return s, errors.New("no name")
	}
	s.Name = line[:at]
	rest := line[at:]
	if rest[0] == '{' {
		if s.Labels, rest, err = labels(rest[1:]); err != nil {
			return s, err
		}
	}
	number, ok := strings.CutPrefix(rest, " ")
	if !ok {
		return s, errors.New("no blank before the number")
	}
	s.Value, err = strconv.ParseFloat(number, 64)
	return s, err
}

// labels reads up to the closing brace, and returns what follows.
func labels(text string) (all [][2]string, rest string, err error) {
	seen := map[string]bool{}
	for {
		name, after, ok := strings.Cut(text, `="`)
		if !ok || !labelName.MatchString(name) || strings.HasPrefix(name, "__") || seen[name] {
			return nil, "", errors.New("a label without a name of its own")
		}
		seen[name] = true
		n := closing(after)
		if n < 0 {
			return nil, "", errors.New("a value without its end")
		}
		value, err := unescape(after[:n])
		if err != nil {
			return nil, "", err
		}
		all = append(all, [2]string{name, value})
		after = after[n+1:]
		if rest, ok := strings.CutPrefix(after, "}"); ok {
			return all, rest, nil
		}
		if text, ok = strings.CutPrefix(after, ","); !ok {
			return nil, "", errors.New("no comma between labels")
		}
	}
}

// closing is where the quote stands that ends a value; -1 without one.
func closing(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func unescape(text string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out.WriteByte(text[i])
			continue
		}
		i++
		switch {
		case i < len(text) && text[i] == 'n':
			out.WriteByte('\n')
		case i < len(text) && (text[i] == '\\' || text[i] == '"'):
			out.WriteByte(text[i])
		default:
			return "", errors.New("an unknown escape")
		}
	}
	return out.String(), nil
}
