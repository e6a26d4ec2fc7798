package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"agistorm/analysis/record"
)

// reportOptions are the flags of report.
type reportOptions struct {
	output string
	view   view
}

func reportFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &reportOptions{}
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to make of several shares (default agistorm-merged-TIME)")
	o.view.flags(f)
	return o.run
}

func (o *reportOptions) run(_ context.Context, e *env, args []string) error {
	if err := o.view.check(); err != nil {
		return err
	}
	switch len(args) {
	case 0:
		return usagef("report takes a run directory, or those of all the shares of one storm")
	case 1:
		return o.one(e, record.Dir(args[0]))
	}
	return o.merge(e, args)
}

func (o *reportOptions) one(e *env, dir record.Dir) error {
	if o.output != "" {
		return usagef("--output is for the shares of a storm; a run is drawn again where it lies")
	}
	if _, err := dir.Run(); err != nil {
		return usageError{err}
	}
	return o.view.show(e, dir)
}

// merge makes one run of the shares of a storm, and draws that.
func (o *reportOptions) merge(e *env, args []string) error {
	var shares []record.Dir
	for _, arg := range args {
		dir := record.Dir(arg)
		if _, err := dir.Run(); err != nil {
			return usageError{err}
		}
		shares = append(shares, dir)
	}
	into, err := runDir(o.output, "merged")
	if err != nil {
		return err
	}
	if _, err := record.MergeShares(into, shares...); err != nil {
		removeEmpty(into)
		if errors.Is(err, record.ErrNotShares) {
			return usageError{err}
		}
		return err
	}
	return o.view.show(e, into)
}
