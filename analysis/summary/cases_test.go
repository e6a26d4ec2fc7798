package summary

import (
	"agistorm/analysis"
	"agistorm/analysis/record"
)

// verdictCase is a run made by hand.
type verdictCase struct {
	name  string
	cells []cellOf
	edit  func(*record.Run)
	// inconclusive: the answer rests on something that is in doubt.
	inconclusive bool
	rec          *analysis.Recommendation
}

// verdictCases are all of them. What is found in those of one name is in testdata/answers.
var verdictCases = map[string][]verdictCase{
	"lengths": lengthCases, "limits": limitCases, "mixed": mixedCases, "single": singleCases,
}

func with(c record.Cell, sysctl, value string) record.Cell {
	c.Sysctls = map[string]string{sysctl: value}
	c.ID += value
	return c
}
