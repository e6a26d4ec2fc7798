package record

import (
	"fmt"
	"time"

	"github.com/goccy/go-json"
)

// checked is what a file may hold and no run can have: check returns what is wrong with it.
type checked interface{ check() error }

// decode reads one JSON value as encoding/json does, and checks it. A run has up to millions of attempts, so
// the package reads and writes JSON with goccy/go-json. For the line of an answered call encoding/json takes
// about 7 times its CPU time, go-json-experiment/json (v2) 3 times, bytedance/sonic, segmentio/encoding and a
// decoder of our own on easyjson's lexer about twice (medians of alternating runs, Go 1.26, amd64).
func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return plainError(err)
	}
	return check(v)
}

func check(v any) error {
	if c, ok := v.(checked); ok {
		return c.check()
	}
	return nil
}

// longest is more than a storm may take: a day of arrivals, and the limits of the last call
// (scenarios.MaxLimit, for each of a server's addresses).
const longest = 48 * time.Hour

// instant is a time of a record by its key; At is nil where there is none.
type instant struct {
	key string
	at  *time.Duration
}

// checkTimes refuses times that no storm can have seen.
func checkTimes(least time.Duration, times ...instant) error {
	for _, t := range times {
		if t.at != nil && (*t.at < least || *t.at > longest) {
			return &valueError{t.key, fmt.Sprintf("%d", *t.at), fmt.Sprintf("want %d to %d", least, longest)}
		}
	}
	return nil
}
