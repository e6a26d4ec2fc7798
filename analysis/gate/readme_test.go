package gate

import (
	"os"
	"strings"
	"testing"

	"agistorm/analysis/metric"
)

// TestReadmeHasEveryMetric: the table lists each metric, with its population and direction in the same row.
func TestReadmeHasEveryMetric(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	populations := map[metric.Population]string{metric.OfGenerator: "the generator", metric.OfTime: "time in use"}
	for _, m := range metric.All() {
		population := string(m.Population)
		if words, ok := populations[m.Population]; ok {
			population = words
		}
		found := false
		for line := range strings.Lines(string(text)) {
			named := strings.Contains(line, "`"+m.Name+"`") ||
				m.Func != "" && strings.Contains(line, "`"+m.Func+"`") && strings.Contains(line, "`"+m.Of+"`")
			found = found ||
				named && strings.Contains(line, "| "+population) && strings.Contains(line, "| "+string(m.Better)+" |")
		}
		if !found {
			t.Errorf("no row for %s, of %s, better %s", m.Name, population, m.Better)
		}
	}
}
