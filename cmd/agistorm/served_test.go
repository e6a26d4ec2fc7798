package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestDropsInTheSummary: what is not known is left out, and nothing is said to be nothing.
func TestDropsInTheSummary(t *testing.T) {
	effective, one, many := 5, uint32(1), uint32(1234)
	for _, tt := range []struct {
		drops      *uint32
		text, json string
	}{
		{nil, "Accepted 0, served 0, failed 0.\n", ""},
		{new(uint32), "Accepted 0, served 0, failed 0.\nThe kernel dropped nothing at the listening socket.\n",
			`"accept_queue_drops":0,`},
		{&one, "The kernel dropped 1 packet at the listening socket, as it does", `"accept_queue_drops":1,`},
		{&many, "The kernel dropped 1,234 packets at the listening socket, as it does when the accept queue is full " +
			"(effective backlog 5). " +
			"If callers were lost or late, raise the backlog.\n", `"accept_queue_drops":1234,`},
	} {
		s := serveSummary{Effective: &effective, QueueDrops: tt.drops}
		if got := s.text(); !strings.Contains(got, tt.text) || tt.drops == nil && got != tt.text {
			t.Errorf("%q, want %q", got, tt.text)
		}
		got, err := json.Marshal(&s)
		if err != nil || !strings.Contains(string(got), tt.json) || (tt.json == "") == strings.Contains(string(got),
			"drops") {
			t.Errorf("%s, %v, want %q", got, err, tt.json)
		}
	}
}
