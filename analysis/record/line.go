package record

import "time"

// Line is one line of attempts.jsonl: all that vegeta's tools read of a result, and what agistorm knows
// beside it.
type Line struct {
	Attack    string        `json:"attack"`
	Seq       uint64        `json:"seq"`
	Code      uint16        `json:"code"`
	Timestamp time.Time     `json:"timestamp"`
	Latency   time.Duration `json:"latency"`
	BytesOut  uint64        `json:"bytes_out"`
	BytesIn   uint64        `json:"bytes_in"`
	Error     string        `json:"error"`
	Body      []byte        `json:"body"`
	Method    string        `json:"method"`
	URL       string        `json:"url"`
	Headers   []string      `json:"headers"`
	Attempt
}

// Line returns an attempt of the storm as vegeta's tools read it: success is 200 ≤ code < 400, the latency is
// the whole attempt from its intended start.
func (s *Storm) Line(a *Attempt) Line {
	l := Line{
		Attack:    "agistorm",
		Seq:       a.Seq,
		Timestamp: s.Start.Add(a.Intended),
		Latency:   a.Done - a.Intended,
		BytesOut:  a.BytesOut,
		BytesIn:   a.BytesIn,
		Method:    "AGI",
		URL:       "agi://" + s.Address,
		Attempt:   *a,
	}
	if a.Outcome.Served() {
		l.Code = 200
	} else {
		l.Error = string(a.Outcome)
	}
	return l
}
