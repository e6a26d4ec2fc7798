package words

import "agistorm/analysis"

// FillStorms writes the words of all that a summary says of single storms, for export.
func FillStorms(s *analysis.Summary) {
	labels := Labels{}
	for i := range s.Cells {
		c := &s.Cells[i]
		for j := range c.Chains {
			chain := &c.Chains[j]
			chain.Words, chain.Example = Chain(chain.Steps), Example(chain.Steps)
		}
		for j := range c.Repeats {
			r := &c.Repeats[j]
			for k := range r.Checks {
				r.Checks[k].Words = Equation(r.Checks[k])
			}
			for k := range r.Warnings {
				r.Warnings[k].Words = labels.Sentence(r.Warnings[k])
			}
		}
	}
}
