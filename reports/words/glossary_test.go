package words

import (
	"testing"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

func TestEveryOutcomeIsExplained(t *testing.T) {
	if len(meanings) != len(record.Outcomes) {
		t.Errorf("%d meanings for %d outcomes", len(meanings), len(record.Outcomes))
	}
	for _, o := range record.Outcomes {
		if meanings[o] == "" {
			t.Errorf("%s is not explained", o)
		}
	}
}

func TestFullFor(t *testing.T) {
	for want, q := range map[string]metric.Queue{
		"2.00 ms": {Limit: 128, Peak: 129, Seen: 129, Full: 2 * time.Millisecond}, "0 s": {Limit: 128, Peak: 90,
			Seen: 90}, "more than 0 s": {Limit: 128, Peak: 129, Seen: 90},
	} {
		if got := FullFor(&q); got != want {
			t.Errorf("%+v: %q, want %q", q, got, want)
		}
	}
}
