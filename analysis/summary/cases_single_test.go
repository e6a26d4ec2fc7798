package summary

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// provisional is what a run recommends that is not sure.
var provisional = &analysis.Recommendation{Somaxconn: 4096, Backlog: 4096, Change: analysis.ChangeSysctl, Peak: 1500,
	Margin: ptr(1 - 1500.0/4097), Provisional: true, LossFree: 4096}

// singleCases are one setting, an external server among them, and runs that are in doubt.
var singleCases = []verdictCase{
	{
		name: "overflowed, by which listener is not known",
		cells: []cellOf{
			{tuned(64), storms(made{calls: 200, peak: 65})},
			{tuned(128), storms(made{calls: 200, peak: 90})},
		},
	},
	{
		name:  "one setting, revived",
		cells: []cellOf{{tuned(64), storms(made{calls: 200, peak: 65, overflows: 300, revived: 90})}},
	},
	{
		name:         "inconclusive: late generator",
		inconclusive: true,
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 1500, peak: 129, lag: 812 * time.Millisecond})},
			{tuned(4096), storms(made{peak: 1500, lag: 600 * time.Millisecond})},
		},
		rec: provisional,
	},
	{
		name:         "inconclusive: own failures, and a missing cell",
		inconclusive: true,
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 1500, exhausted: 10, notOffered: 2, peak: 129})},
			{tuned(4096), storms(made{peak: 1500})},
			{tuned(big), []*made{nil}},
		},
		edit: func(r *record.Run) { r.Partial = "interrupted by SIGINT" },
		rec:  provisional,
	},
	{
		name:         "nothing at all",
		inconclusive: true,
		cells:        []cellOf{{tuned(128), []*made{nil, nil}}},
		edit:         func(r *record.Run) { r.Partial = "interrupted by SIGINT" },
	},
	{
		name:  "one storm at an external server",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, reset: 2, late: 40})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "an external server, whose queue was seen to be full",
		cells: []cellOf{
			{
				record.Cell{ID: "storm"},
				storms(made{calls: 500, timeout: 10, reset: 2, late: 40, peak: 101, limit: 100}),
			},
		},
		rec: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeBoth, LossFree: 1024,
			Untried: true, From: 100, Waiting: 500, Calls: 500},
		edit: func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name:  "an external server, whose queue was full for a moment without harm",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, peak: 101, limit: 100})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "an external server, whose queue was full between two samples",
		cells: []cellOf{
			{
				record.Cell{ID: "storm"},
				storms(made{calls: 500, timeout: 10, reset: 2, late: 40, peak: 90, limit: 100, queueDrops: 52}),
			},
		},
		rec: &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeBoth, LossFree: 1024,
			Untried: true, From: 100, Waiting: 500, Calls: 500},
		edit: func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "an external server, whose queue was never full",
		cells: []cellOf{
			{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, reset: 2, late: 40, peak: 90, limit: 100})},
		},
		edit: func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "one setting, three storms",
		cells: []cellOf{
			{
				tuned(128),
				storms(
					made{timeout: 1500, reset: 32, peak: 129},
					made{timeout: 1520, peak: 129},
					made{timeout: 1541, peak: 129},
				),
			},
		},
	},
	{
		name:  "one call",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 1})}},
	},
	{
		name:  "one setting, another cause",
		cells: []cellOf{{tuned(128), storms(made{silent: 1, peak: 90})}},
	},
	{
		name:         "nothing offered",
		inconclusive: true,
		cells:        []cellOf{{tuned(128), storms(made{calls: 3, notOffered: 3})}},
	},
	{
		name:  "the same in every storm of one setting, the queue full by the kernel's count",
		cells: []cellOf{{tuned(128), thrice(made{calls: 2, timeout: 2, overflows: 7})}},
	},
}
