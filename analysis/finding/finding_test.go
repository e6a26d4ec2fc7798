package finding

import (
	"encoding/json"
	"testing"
)

type sample struct {
	Calls int `json:"calls"`
}

func (sample) Code() Code { return "sample" }

func TestFinding(t *testing.T) {
	f := Finding{Settings: []string{"a"}, Metrics: []string{"lost"}, Fact: sample{Calls: 3}, Words: "3 calls."}
	got, err := json.Marshal(f)
	want := `{"code":"sample","settings":["a"],"metrics":["lost"],"args":{"calls":3},"words":"3 calls."}`
	if string(got) != want || err != nil {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
	if !f.Concerns("a") || f.Concerns("b") || !f.ConcernsMetric("lost") || f.ConcernsMetric("late") {
		t.Error("it concerns another setting or metric than its own")
	}
	pace := Finding{Metrics: []string{"first-command"}, Fact: sample{}}
	if !pace.ConcernsMetric("p99(first-command)") || pace.ConcernsMetric("p99(connect)") || pace.ConcernsMetric("") {
		t.Error("it must concern all that measure the first command, and nothing else")
	}
	all := Finding{Fact: sample{}}
	if !all.Concerns("b") || !all.ConcernsMetric("late") {
		t.Error("without settings and metrics it must concern all of them")
	}
}
