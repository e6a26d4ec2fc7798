package agi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Variable is one line of an environment, with its "agi_".
type Variable struct{ Name, Value string }

// EnvReader reads an environment as EnvScanner does, and keeps its text.
type EnvReader struct {
	EnvScanner
	text []byte
}

// NewEnvReader returns a reader with the limits of a scanner.
func NewEnvReader(maxLine, maxLines int) *EnvReader {
	return &EnvReader{EnvScanner: NewEnvScanner(maxLine, maxLines)}
}

// Feed is as EnvScanner.Feed.
func (r *EnvReader) Feed(chunk []byte) (n int, done bool, err error) {
	n, done, err = r.EnvScanner.Feed(chunk)
	r.text = append(r.text, chunk[:n]...)
	return n, done, err
}

// Variables returns all that were read, in order.
func (r *EnvReader) Variables() (all []Variable) {
	for line := range strings.Lines(string(r.text)) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ":"); ok {
			all = append(all, Variable{name, strings.TrimPrefix(value, " ")})
		}
	}
	return all
}

// Environment returns the variables as an Environment, and in order those without a place in it.
// "agi_network: yes" is left out of both.
func (r *EnvReader) Environment() (Environment, []Variable) {
	var e Environment
	var others []Variable
	for _, v := range r.Variables() {
		if v != (Variable{"agi_network", "yes"}) && !e.set(v.Name, v.Value) {
			others = append(others, v)
		}
	}
	return e, others
}

// set puts a value in its place, if that is still empty. The arguments must come in order.
func (e *Environment) set(name, value string) bool {
	name, ok := strings.CutPrefix(name, "agi_")
	if !ok {
		return false
	}
	if p := e.place(name); p != nil && *p == "" {
		*p = value
		return true
	}
	if name == "arg_"+strconv.Itoa(len(e.Args)+1) {
		e.Args = append(e.Args, value)
		return true
	}
	return false
}

// place is where the variable of that name belongs, nil if nowhere.
func (e *Environment) place(name string) *string {
	if name == "network_script" {
		return &e.Script
	}
	for i, v := range e.variables() {
		if names[i] == name {
			return v
		}
	}
	return nil
}

// ParseEnvironment parses a whole environment, the empty line at its end included.
func ParseEnvironment(text []byte) (Environment, []Variable, error) {
	r := NewEnvReader(MaxEnvLine, MaxEnvLines)
	n, done, err := r.Feed(text)
	if err == nil && (!done || n < len(text)) {
		err = fmt.Errorf("environment: %d of %d bytes: %w", n, len(bytes.TrimSpace(text)), ErrSyntax)
	}
	if err != nil {
		return Environment{}, nil, err
	}
	e, others := r.Environment()
	return e, others, nil
}

// AppendCommand appends a command of these words with its line feed, quoted where
// Split would else see something different. Words must not hold a line feed or a NUL.
func AppendCommand(dst []byte, words ...string) []byte {
	for i, w := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendWord(dst, w)
	}
	return append(dst, '\n')
}

func appendWord(dst []byte, w string) []byte {
	if w != "" && !strings.ContainsAny(w, "\"\\ \t") {
		return append(dst, w...)
	}
	dst = append(dst, '"')
	for i := range len(w) {
		if w[i] == '"' || w[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, w[i])
	}
	return append(dst, '"')
}
