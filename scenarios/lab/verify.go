package lab

import (
	"context"
	"time"

	"agistorm/scenarios/lab/rules"
)

// Verify measures rules of the listen queue on this kernel, in namespaces of their own where it gets them;
// otherwise only those that need none. The error is for a run that was interrupted.
func Verify(ctx context.Context, list []rules.Rule, progress func(rules.Result)) (*rules.Report, error) {
	begin := time.Now()
	where, err := choose(ctx, Auto)
	if err != nil {
		return nil, err
	}
	options := rules.Options{Mode: where.mode, Progress: progress}
	results, err := rules.Run(ctx, list, options)
	if err != nil {
		return nil, err
	}
	report := rules.NewReport(results, time.Since(begin))
	report.Isolation, report.Refused = where.isolation.Mode, where.isolation.Reason
	return report, nil
}
