package folklore

import (
	"maps"
	"slices"
	"testing"
)

// verdicts are numbers of a claim, in the order of its needs, and what they come to.
type verdicts map[string]struct {
	numbers []float64
	want    Verdict
}

// storm returns calls, lost and late (or reset) calls of a storm.
func storm(lost, other float64) []float64 { return []float64{1000, lost, other} }

// two returns calls and lost calls of several storms.
func two(lost ...float64) (list []float64) {
	for _, n := range lost {
		list = append(list, 1000, n)
	}
	return list
}

// TestJudges feeds every judge numbers for each of its verdicts.
func TestJudges(t *testing.T) {
	cases := map[string]verdicts{
		"128-at-100-a-second": {
			"always":                   {slices.Concat(storm(0, 90), storm(9, 99), storm(0, 9), []float64{129}), Holds},
			"with a pause only":        {slices.Concat(storm(0, 10), storm(0, 76), storm(0, 0), []float64{2}), Depends},
			"without a pause only":     {slices.Concat(storm(11, 0), storm(0, 0), storm(0, 0), []float64{99}), Depends},
			"256 cures less than half": {slices.Concat(storm(0, 0), storm(0, 76), storm(0, 39), []float64{2}), Fails},
			"enough":                   {slices.Concat(storm(0, 0), storm(0, 10), storm(0, 0), []float64{2}), Fails},
		},
		"five-times-costs-nothing": {
			"small entries":        {[]float64{64, 65535, 1 << 20, 160}, Holds},
			"a socket each":        {[]float64{64, 65535, 0, 2688}, Depends},
			"a table at listen(2)": {[]float64{64, 65535, 32 << 20, 2688}, Fails},
		},
		"int-max-is-somaxconn": {
			"all":       {[]float64{64, 4096, 262144, 1<<31 - 1}, Holds},
			"16 bits":   {[]float64{64, 4096, 0, 65535}, Depends},
			"a default": {[]float64{128, 128, 128, 128}, Fails},
		},
		"constant-misses-raise": {
			"both":             {[]float64{16384, 128, 4096}, Holds},
			"the smaller only": {[]float64{4096, 128, 4096}, Depends},
			"neither":          {[]float64{128, 128, 128}, Fails},
		},
		"read-misses-raise": {
			"misses it":  {[]float64{64, 200, 64, 64, 200}, Holds},
			"follows it": {[]float64{64, 200, 200, 200, 200}, Fails},
		},
		"go-falls-back": {
			"always":         {[]float64{128, 128, 128}, Holds},
			"from 2^24 - 1":  {[]float64{4096, 16777214, 128}, Depends},
			"never any more": {[]float64{4096, 16777214, 16777215}, Fails},
		},
		"1024-suffices": {
			"both bursts":      {slices.Concat(storm(0, 0), storm(0, 10)), Holds},
			"the smaller only": {slices.Concat(storm(0, 0), storm(0, 480)), Depends},
			"neither":          {slices.Concat(storm(0, 11), storm(11, 0)), Fails},
		},
		"large-is-pointless": {
			"answers no more": {two(800, 790, 300, 300), Holds},
			"of a burst only": {two(800, 0, 300, 700), Depends},
			"answers more":    {two(800, 0, 300, 200), Fails},
		},
		"long-does-harm": {
			"answers fewer":      {two(100, 200, 300, 700), Holds},
			"under load only":    {two(800, 0, 300, 700), Depends},
			"not fewer":          {two(800, 0, 300, 310), Fails},
			"more under load":    {two(100, 200, 300, 200), Depends},
			"fewer by less than": {two(100, 110, 300, 310), Fails},
		},
		"cookies-reset": {
			"any client":       {slices.Concat(storm(800, 700), storm(800, 10), storm(500, 400)), Holds},
			"line by line":     {slices.Concat(storm(800, 700), storm(800, 0), storm(500, 0)), Depends},
			"without, as many": {slices.Concat(storm(800, 700), storm(800, 700), storm(500, 0)), Fails},
		},
		"abort-fails-fast": {
			"all":              {[]float64{4, 4, 4, 4, 2000, 10}, Holds},
			"the last ACK":     {[]float64{4, 0, 4, 0, 1250, 1250}, Depends},
			"none":             {[]float64{4, 0, 0, 0, 2000, 2000}, Fails},
			"not each of them": {[]float64{4, 3, 3, 3, 2000, 2000}, Fails},
		},
		"full-refuses": {
			"all":        {[]float64{40, 40, 0}, Holds},
			"with abort": {[]float64{40, 20, 20}, Depends},
			"none":       {[]float64{40, 0, 40}, Fails},
		},
		"zero-is-to-be-avoided": {
			"one place":      {[]float64{3, 1}, Holds},
			"none":           {[]float64{3, 0}, Holds},
			"as any backlog": {[]float64{3, 3}, Fails},
		},
		"sum-of-both-queues": {
			"one bound": {[]float64{16, 9, 8}, Holds},
			"two":       {[]float64{16, 15, 17}, Fails},
		},
		"times-one-and-a-half": {
			"Berkeley": {[]float64{5, 12, 8}, Holds},
			"Linux":    {[]float64{5, 12, 6}, Fails},
			"no bound": {[]float64{5, 12, 12}, Fails},
		},
		"one-round-trip": {
			"both":              {[]float64{40, 41, 60}, Holds},
			"with room":         {[]float64{40, 41, 1503}, Depends},
			"neither":           {[]float64{40, 0, 1503}, Fails},
			"far too long":      {[]float64{40, 81, 1503}, Fails},
			"a full queue only": {[]float64{40, 0, 40}, Depends},
		},
		"listen-allocates": {
			"80 B an entry": {[]float64{64, 65535, 320 << 20, 2688}, Holds},
			"nothing":       {[]float64{64, 65535, 0, 2688}, Fails},
			"a little":      {[]float64{64, 65535, 15 << 20, 2688}, Fails},
		},
		"default-is-128": {
			"before 5.4": {[]float64{128}, Holds},
			"since":      {[]float64{4096}, Fails},
		},
	}
	for _, c := range claims {
		seen := map[Verdict]bool{}
		for name, tt := range cases[c.Code] {
			if len(tt.numbers) != len(c.needs) {
				t.Fatalf("%s, %s: %d numbers for %v", c.Code, name, len(tt.numbers), c.needs)
			}
			n := Numbers{}
			for i, key := range c.needs {
				n[key] = tt.numbers[i]
			}
			before := maps.Clone(n)
			if got := c.judge(n); got != tt.want {
				t.Errorf("%s, %s: %s, want %s", c.Code, name, got, tt.want)
			}
			if !maps.Equal(n, before) {
				t.Errorf("%s changes its numbers", c.Code)
			}
			seen[tt.want] = true
		}
		if !seen[Holds] || !seen[Fails] {
			t.Errorf("%s: the cases lack a verdict: %v", c.Code, seen)
		}
	}
}
