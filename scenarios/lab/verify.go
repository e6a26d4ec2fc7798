package lab

import (
	"context"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/lab/rules"
)

// Verify measures rules of the listen queue on this kernel, in namespaces of their own where it gets them;
// otherwise only those that need none. The error is for a run that was interrupted.
func Verify(ctx context.Context, list []rules.Rule, progress func(rules.Result)) (*rules.Report, error) {
	begin := time.Now()
	results, where, err := Measure(ctx, Auto, list, progress)
	if err != nil {
		return nil, err
	}
	report := rules.NewReport(results, time.Since(begin))
	report.Isolation, report.Refused = where.Mode, where.Reason
	return report, nil
}

// Measure is Verify for any isolation, and returns where the rules were measured. A run that was interrupted
// returns the results that there are, with the error.
func Measure(ctx context.Context, asked Isolation, list []rules.Rule, progress func(rules.Result)) (
	results []rules.Result, where record.Isolation, err error,
) {
	found, err := choose(ctx, asked)
	if err != nil {
		return nil, where, err
	}
	results, err = rules.Run(ctx, list, rules.Options{Mode: found.mode, Progress: progress})
	return results, found.isolation, err
}
