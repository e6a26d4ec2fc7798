package finding

import (
	"encoding/json"
	"testing"
)

func TestFinding(t *testing.T) {
	f := Finding{Settings: []string{"a"}, Metrics: []string{"lost"}, Fact: OneStorm{Settings: 3}, Words: "3 settings."}
	got, err := json.Marshal(f)
	want := `{"code":"one-storm","settings":["a"],"metrics":["lost"],"args":{"settings":3},"words":"3 settings."}`
	if string(got) != want || err != nil {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
	if !f.Concerns("a") || f.Concerns("b") || !f.ConcernsMetric("lost", "lost") || f.ConcernsMetric("late", "late") {
		t.Error("it concerns another setting or metric than its own")
	}
	pace := Finding{Metrics: []string{"first-command"}, Fact: OneStorm{}}
	if !pace.ConcernsMetric("p99(first-command)", "first-command") || pace.ConcernsMetric("p99(connect)", "connect") ||
		pace.ConcernsMetric("", "") {
		t.Error("it must concern all that measure the first command, and nothing else")
	}
	all := Finding{Fact: OneStorm{}}
	if !all.Concerns("b") || !all.ConcernsMetric("late", "late") {
		t.Error("without settings and metrics it must concern all of them")
	}
	if data, err := json.Marshal(Finding{Fact: struct{}{}}); err == nil {
		t.Errorf("a fact that is none of the kinds is written: %s", data)
	}
}
