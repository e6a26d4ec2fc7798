package expr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis/metric"
	"agistorm/scenarios/near"
)

// Measured returns the metric of the condition.
func (c *Condition) Measured() *metric.Metric { return metric.Named(c.Metric) }

// lookUp also takes the plural of phantom.
func (p *parser) lookUp(name string) *metric.Metric {
	if p.metrics != nil {
		i := slices.IndexFunc(p.metrics, func(m *metric.Metric) bool { return m.Name == name })
		if i < 0 {
			return nil
		}
		return p.metrics[i]
	}
	if name == "phantoms" {
		name = "phantom"
	}
	return metric.Find(name)
}

// unknownMetric lists what exists, the nearest first.
func (p *parser) unknownMetric(name string) string {
	what := "want a metric"
	if name != "" {
		what = "there is no metric " + name
	}
	names, list := namesOf(metric.All()), catalogue
	if p.metrics != nil {
		names = namesOf(p.metrics)
		list = func() []string { return []string{strings.Join(names, ", ")} }
	}
	return what + suggestion(strings.ReplaceAll(name, " ", "-"), names) + " There are " + strings.Join(list(), "; ")
}

func namesOf(metrics []*metric.Metric) (names []string) {
	for _, m := range metrics {
		names = append(names, m.Name)
	}
	return names
}

// suggestion ends a sentence with the name that was meant, if one is near.
func suggestion(name string, names []string) string {
	return cmp.Or(near.Hint(name, names), ".")
}

// catalogue lists the metrics in short: numbers first, then what has the same functions together.
func catalogue() []string {
	var plain, functions []string
	of := map[string][]string{}
	for _, m := range metric.All() {
		if m.Func == "" {
			plain = append(plain, m.Name)
			continue
		}
		if m.Func == functionsOf(m.Of)[0] {
			list := strings.Join(functionsOf(m.Of), ", ")
			if of[list] == nil {
				functions = append(functions, list)
			}
			of[list] = append(of[list], m.Of)
		}
	}
	all := []string{strings.Join(plain, ", ")}
	for _, list := range functions {
		all = append(all, fmt.Sprintf("%s of %s", list, strings.Join(of[list], ", ")))
	}
	return append(all, "a function is written p99(connect)")
}

func functionsOf(of string) (all []string) {
	for _, m := range metric.All() {
		if m.Of == of && m.Func != "" {
			all = append(all, m.Func)
		}
	}
	return all
}

// units lists those in which the limit of a metric can be given.
func units(m *metric.Metric) []Unit {
	plain := map[metric.Unit]Unit{metric.Time: Time, metric.Rate: Rate, metric.Percent: Percent}[m.Unit]
	if m.Of100 != nil {
		return []Unit{plain, Percent}
	}
	return []Unit{plain}
}

func unitWords(m *metric.Metric) string {
	var words []string
	for _, u := range units(m) {
		words = append(words, unitWord[u])
	}
	return strings.Join(words, " or ")
}

// unitWord is how a limit in a unit is written.
var unitWord = map[Unit]string{
	Number: "a number (5)", Percent: "percent (5%)", Time: "time (50ms)", Rate: "calls/s (200/s)",
}
