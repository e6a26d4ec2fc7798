package summary

import (
	"agistorm/analysis"
	"agistorm/analysis/record"
)

// lengthCases are settings that differ in the length of their accept queue only.
var lengthCases = []verdictCase{
	{
		name: "the main job",
		rec: &analysis.Recommendation{
			Somaxconn:    4096,
			Backlog:      4096,
			Change:       analysis.ChangeBoth,
			Peak:         1984,
			Margin:       ptr(1 - 1984.0/4097),
			LossFree:     1024,
			LossFreeLate: 870,
		},
		cells: []cellOf{
			{
				tuned(128),
				storms(made{timeout: 1532, peak: 129}, made{timeout: 1520, peak: 129}, made{timeout: 1541, peak: 129}),
			},
			{
				tuned(512),
				storms(made{timeout: 1101, peak: 513}, made{timeout: 1090, peak: 513}, made{timeout: 1120, peak: 513}),
			},
			{
				tuned(1024),
				storms(made{late: 870, peak: 1025}, made{late: 850, peak: 1025}, made{late: 901, peak: 1025}),
			},
			{tuned(4096), thrice(made{peak: 1984})},
			{tuned(big), thrice(made{peak: 1975})},
			{
				fixed(128, 4096),
				storms(made{timeout: 1530, peak: 129}, made{timeout: 1525, peak: 129}, made{timeout: 1533, peak: 129}),
			},
		},
	},
	{
		name: "two settings, in the order max, least",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeSysctl,
			Peak:      830,
			Margin:    ptr(1 - 830.0/4097),
			LossFree:  4096,
		},
		cells: []cellOf{
			{tuned(4096), thrice(made{peak: 830})},
			{tuned(128), thrice(made{timeout: 1, peak: 129})},
		},
	},
	{
		name: "little room",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeSysctl,
			Peak:      1010,
			Margin:    ptr(1 - 1010.0/1025),
			LossFree:  1024,
		},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 700, peak: 129})},
			{tuned(1024), thrice(made{peak: 1010})},
			{tuned(4096), thrice(made{peak: 1010})},
		},
	},
	{
		name: "one storm each, not watched",
		rec:  &analysis.Recommendation{Somaxconn: 1024, Backlog: 1024, Change: analysis.ChangeSysctl, LossFree: 1024},
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 700, blind: true})},
			{tuned(1024), storms(made{blind: true})},
		},
	},
	{
		name: "only max is enough",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeSysctl,
			Peak:      1984,
			Margin:    ptr(1 - 1984.0/4097),
			LossFree:  4096,
			Untried:   true,
			Tried:     big,
		},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700, peak: 129})},
			{tuned(1024), storms(made{timeout: 5, peak: 1025}, made{peak: 1025}, made{peak: 1025})},
			{tuned(big), thrice(made{peak: 1984})},
		},
	},
	{
		name: "only max is enough, not watched",
		rec: &analysis.Recommendation{
			Somaxconn: 2048,
			Backlog:   2048,
			Change:    analysis.ChangeSysctl,
			Late:      1,
			LossFree:  2048,
			Untried:   true,
			Tried:     big,
		},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700})},
			{tuned(big), thrice(made{late: 1})},
		},
	},
	{
		name: "even max loses, queue never full",
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700, peak: 129})},
			{
				tuned(4096),
				storms(made{silent: 40, peak: 1984}, made{silent: 38, peak: 1984}, made{silent: 44, peak: 1984}),
			},
		},
	},
	{
		name: "even the largest loses, queue full, lo dropped",
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700, peak: 129})},
			{tuned(512), thrice(made{timeout: 900, peak: 513, dropped: 12})},
		},
	},
	{
		name: "even the largest loses though a smaller did not, unknown",
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700})},
			{tuned(512), thrice(made{})},
			{tuned(1024), thrice(made{timeout: 3})},
		},
	},
	{
		name: "nothing lost anywhere",
		cells: []cellOf{
			{tuned(128), thrice(made{calls: 200, peak: 90})},
			{tuned(4096), thrice(made{calls: 200, peak: 90})},
			{fixed(128, 4096), thrice(made{calls: 200, peak: 90})},
		},
	},
	{
		name: "nothing lost anywhere, but the queue overflowed",
		cells: []cellOf{
			{tuned(64), storms(made{calls: 200, peak: 65, overflows: 300, revived: 90})},
			{tuned(128), storms(made{calls: 200, peak: 90, overflows: 3, revived: 2})},
			{tuned(4096), storms(made{calls: 200, peak: 190})},
		},
	},
	{
		name: "nothing lost anywhere, late not known",
		cells: []cellOf{
			{tuned(128), storms(made{calls: 1, blind: true})},
			{tuned(4096), nil},
		},
	},
	{
		name: "none lost, some late",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeBoth,
			Peak:      1500,
			Margin:    ptr(1 - 1500.0/4097),
			LossFree:  4096,
		},
		cells: []cellOf{
			{tuned(128), storms(made{late: 1400, peak: 129}, made{late: 1390, peak: 129}, made{late: 1402, peak: 129})},
			{tuned(1024), thrice(made{late: 700, peak: 1025})},
			{tuned(4096), thrice(made{peak: 1500})},
			{fixed(128, 4096), thrice(made{late: 1395, peak: 129})},
		},
	},
	{
		name: "loss without a full queue",
		cells: []cellOf{
			{tuned(128), thrice(made{reset: 2, peak: 60})},
			{tuned(4096), thrice(made{peak: 60})},
		},
	},
	{
		name: "many losing settings, uneven storms",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeSysctl,
			Peak:      1500,
			Margin:    ptr(1 - 1500.0/4097),
			LossFree:  4096,
		},
		cells: []cellOf{
			{tuned(16), thrice(made{timeout: 1900, peak: 17})},
			{tuned(32), thrice(made{timeout: 1800, peak: 33})},
			{tuned(64), thrice(made{timeout: 1700, peak: 65})},
			{tuned(128), thrice(made{timeout: 1600, peak: 129})},
			{tuned(256), []*made{{timeout: 1400, peak: 257}, {timeout: 1401, peak: 257}, nil}},
			{tuned(4096), []*made{{peak: 1500}, nil, nil}},
		},
		edit: func(r *record.Run) { r.Partial = "interrupted by SIGINT" },
	},
	{
		name: "late with the longest queue, which was full",
		rec: &analysis.Recommendation{
			Somaxconn: 512,
			Backlog:   512,
			Change:    analysis.ChangeApplication,
			Peak:      513,
			Margin:    ptr(0.0),
			Late:      471,
			LossFree:  512,
			TryLonger: true,
		},
		cells: []cellOf{
			{tuned(512), thrice(made{late: 471, peak: 513})},
			{fixed(128, 4096), thrice(made{timeout: 710, peak: 129})},
		},
	},
	{
		name: "late with every setting",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeSysctl,
			Peak:      1025,
			Margin:    ptr(0.0),
			LossFree:  1024,
		},
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 9, peak: 129}, made{peak: 129}, made{peak: 129})},
			{tuned(1024), storms(made{late: 3, peak: 1025}, made{peak: 1025}, made{peak: 1025})},
			{tuned(4096), storms(made{late: 1, peak: 1025}, made{peak: 1025}, made{peak: 1025})},
		},
	},
}
