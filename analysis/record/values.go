package record

import (
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// valueError is a value that no run can have.
type valueError struct{ key, value, want string }

func (e *valueError) Error() string { return e.key + " is " + e.value + ", " + e.want }

// offset returns where a file has the value first; -1 where it does not.
func (e *valueError) offset(r io.ReaderAt, size int64) int64 {
	form := regexp.MustCompile(regexp.QuoteMeta(`"`+e.key+`"`) + `\s*:\s*` + regexp.QuoteMeta(e.value) + `\b`)
	text, err := io.ReadAll(io.NewSectionReader(r, 0, min(size, 1<<26)))
	place := form.FindIndex(text)
	if err != nil || place == nil {
		return -1
	}
	return int64(place[1])
}

// signed are the keys of whole numbers that may be negative.
var signed = map[string]bool{"nice": true, "autogroup_nice": true, "code": true, "asked_backlog": true}

// depths are the keys of what a queue can hold, which the kernel keeps in 32 bits with a sign.
var depths = map[string]bool{
	"depth": true, "peak_depth": true, "effective_backlog": true, "limit": true, "somaxconn": true,
	"still_queued": true,
}

// checkValues refuses what no count, depth or number of CPUs can be, wherever in a value it stands. Peers have a check
// of their own, since there may be millions.
func checkValues(v reflect.Value, key string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return checkValues(v.Elem(), key)
		}
	case reflect.Struct:
		return checkFields(v)
	case reflect.Slice:
		if v.Type().Elem() == reflect.TypeFor[Peer]() {
			return nil
		}
		for i := range v.Len() {
			if err := checkValues(v.Index(i), key); err != nil {
				return err
			}
		}
	case reflect.Int:
		return checkCount(key, v.Int())
	}
	return nil
}

// checkFields checks the fields of a struct, and what it has to check itself.
func checkFields(v reflect.Value) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return nil
	}
	if own, ok := v.Addr().Interface().(interface{ checkCPUs() error }); ok {
		if err := own.checkCPUs(); err != nil {
			return err
		}
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if err := checkValues(v.Field(i), name); err != nil {
			return err
		}
	}
	return nil
}

func checkCount(key string, n int64) error {
	switch {
	case n < 0 && !signed[key]:
		return &valueError{key, fmt.Sprint(n), "want 0 or more"}
	case n > MaxBacklog && depths[key]:
		return &valueError{key, fmt.Sprint(n), fmt.Sprintf("want %d at most", MaxBacklog)}
	}
	return nil
}

func (o *Others) checkCPUs() error { return checkCPUs(o.CPUs) }
func (s *Steal) checkCPUs() error  { return checkCPUs(s.CPUs) }

// checkCPUs allows a host of which nothing is known.
func (h *Host) checkCPUs() error {
	if h.OS == "" {
		return nil
	}
	return checkCPUs(h.CPUs)
}

func checkCPUs(n int) error {
	if n < 1 {
		return &valueError{"cpus", fmt.Sprint(n), "want 1 or more"}
	}
	return nil
}

// checkAddress refuses what is no address with a port; empty is none.
func checkAddress(key, text string) error {
	if text == "" {
		return nil
	}
	if _, err := netip.ParseAddrPort(text); err != nil {
		return fmt.Errorf("%s is no IP address with a port", key)
	}
	return nil
}
