package stats

import (
	"encoding/json"
	"testing"
)

// TestNoEndIsNull: what has no end is null in JSON, also the mean of one that ended and one that did not.
func TestNoEndIsNull(t *testing.T) {
	many := []float64{1, 2, 3, 4, 5, 6, NoEnd, NoEnd, NoEnd}
	for want, of := range map[string]any{
		`2.5`:                                  Number(2.5),
		`null`:                                 Number(NoEnd / 2),
		`{"n":2,"median":2.5,"min":2,"max":3}`: SpreadOf([]float64{2, 3}),
		`{"n":2,"median":null,"min":2,"max":null}`:                  SpreadOf([]float64{2, NoEnd}),
		`{"n":9,"median":5,"min":1,"max":null,"low":2,"high":null}`: SpreadOf(many),
	} {
		if got, err := json.Marshal(of); string(got) != want || err != nil {
			t.Errorf("%v is %s (%v), want %s", of, got, err, want)
		}
	}
}
