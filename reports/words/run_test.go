package words

import "agistorm/analysis/finding"

// runSamples are findings about a run as a whole.
var runSamples = []finding.Finding{
	{Fact: finding.NoStorm{}},
}
