package gate

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"agistorm/analysis/stats"
)

// leastSplit is how many of n storms a side must lie apart so that the Kolmogorov-Smirnov test shows it at 5 %, of one
// setting alone.
func leastSplit(n int) int {
	for apart := 1; ; apart++ {
		old, new := make([]float64, n), make([]float64, n)
		for i := range n {
			old[i], new[i] = float64(2*i), float64(2*(i+apart)-1)
		}
		if stats.SplitOf(old, new).P <= 0.05 {
			return apart
		}
	}
}

// seen is how often so many of n storms lie apart, where each falls into one of two clusters by chance and those of the
// baseline are one: that between the two, or one of the two itself.
func seen(n, apart int) (between, itself float64) {
	for k := range n + 1 {
		least, _ := math.Lgamma(float64(n + 1))
		most, _ := math.Lgamma(float64(k + 1))
		rest, _ := math.Lgamma(float64(n - k + 1))
		chance := math.Exp(least-most-rest) / math.Exp2(float64(n))
		if max(k, n-k) >= apart {
			between += chance
		}
		if k >= apart {
			itself += chance
		}
	}
	return between, itself
}

// TestReadmeOnSplits: the table of how many storms show which distance is computed.
func TestReadmeOnSplits(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{5, 10, 15, 20, 30} {
		apart := leastSplit(n)
		between, itself := seen(n, apart)
		row := fmt.Sprintf("| %d | %d (%.2f) | %.0f %% | %.0f %% "+
			"|\n", n, apart, float64(apart)/float64(n), 100*between, 100*itself)
		if !strings.Contains(string(text), row) {
			t.Errorf("the README lacks the row %s", row)
		}
	}
}
