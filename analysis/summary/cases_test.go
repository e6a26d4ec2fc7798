package summary

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// verdictCases are runs made by hand; testdata/answers.golden has what is found in them.
var verdictCases = []struct {
	name  string
	cells []cellOf
	edit  func(*record.Run)
	// inconclusive: the answer rests on something that is in doubt.
	inconclusive bool
	rec          *analysis.Recommendation
}{
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
		name: "overflowed, and nobody knows of whom",
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
		name: "application only",
		rec: &analysis.Recommendation{
			Somaxconn: 2048,
			Backlog:   2048,
			Change:    analysis.ChangeApplication,
			Peak:      1500,
			Margin:    ptr(1 - 1500.0/2049),
			LossFree:  2048,
		},
		cells: []cellOf{
			{tuned(4096), thrice(made{peak: 1500})},
			{fixed(128, 4096), thrice(made{timeout: 1500, peak: 129})},
			{fixed(512, 4096), thrice(made{timeout: 900, peak: 513})},
			{fixed(2048, 4096), thrice(made{peak: 1500})},
		},
	},
	{
		name: "host fallback",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeApplication,
			Peak:      1500,
			Margin:    ptr(1 - 1500.0/4097),
			LossFree:  4096,
		},
		cells: []cellOf{
			{fixed(128, 4096), thrice(made{timeout: 1500, peak: 129})},
			{fixed(512, 4096), thrice(made{timeout: 900, peak: 513})},
			{fixed(4096, 4096), thrice(made{peak: 1500})},
		},
		edit: func(r *record.Run) {
			r.Isolation = record.Isolation{
				Mode:  record.IsolationHost,
				Asked: []record.Asked{{Lacks: record.Notes{{Words: "the host's somaxconn is 4096"}}}},
			}
		},
	},
	{
		name: "host fallback, too small",
		cells: []cellOf{
			{fixed(64, 128), thrice(made{timeout: 1500, peak: 65})},
			{fixed(128, 128), thrice(made{timeout: 900, peak: 129})},
		},
		edit: func(r *record.Run) {
			r.Isolation = record.Isolation{
				Mode:  record.IsolationHost,
				Asked: []record.Asked{{Lacks: record.Notes{{Words: "the host's somaxconn is 4096"}}}},
			}
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
		name: "another sysctl",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 1500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{reset: 1900, peak: 129})},
		},
	},
	{
		name:         "inconclusive: late generator",
		inconclusive: true,
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 1500, peak: 129, lag: 812 * time.Millisecond})},
			{tuned(4096), storms(made{peak: 1500, lag: 600 * time.Millisecond})},
		},
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
		edit: func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name:  "an external server, whose queue was full for a moment and hurt nobody",
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
		name: "the host has it",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeSysctl,
			Peak:      1500,
			Margin:    ptr(1 - 1500.0/4097),
			LossFree:  4096,
		},
		cells: []cellOf{{tuned(128), thrice(made{timeout: 900, peak: 129})}, {tuned(4096), thrice(made{peak: 1500})}},
		edit:  func(r *record.Run) { r.Host.Sysctls = map[string]string{axis.SomaxconnSysctl: "4096"} },
	},
	{
		name: "the host has less",
		rec: &analysis.Recommendation{
			Somaxconn: 4096,
			Backlog:   4096,
			Change:    analysis.ChangeSysctl,
			Peak:      1500,
			Margin:    ptr(1 - 1500.0/4097),
			LossFree:  4096,
		},
		cells: []cellOf{{tuned(128), thrice(made{timeout: 900, peak: 129})}, {tuned(4096), thrice(made{peak: 1500})}},
		edit:  func(r *record.Run) { r.Host.Sysctls = map[string]string{axis.SomaxconnSysctl: "4095"} },
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
	{
		name: "only the application is too small",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeApplication,
			Peak:      700,
			Margin:    ptr(1 - 700.0/1025),
			LossFree:  1024,
		},
		cells: []cellOf{
			{fixed(900, 4096), thrice(made{peak: 700})},
			{tuned(1024), thrice(made{peak: 700})},
			{tuned(4096), []*made{{peak: 700}, {peak: 700}, nil}},
			{fixed(128, 4096), thrice(made{timeout: 900, peak: 129})},
		},
	},
	{
		name: "somaxconn helps the application a little",
		rec:  &analysis.Recommendation{Somaxconn: 4096, Backlog: 4096, Change: analysis.ChangeBoth, LossFree: 4096},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 900, blind: true})},
			{tuned(4096), thrice(made{blind: true})},
			{fixed(128, 4096), thrice(made{timeout: 500, blind: true})},
			{fixed(64, 512), thrice(made{timeout: 950, blind: true})},
		},
	},
	{
		name: "another sysctl makes the difference at one length",
		rec: &analysis.Recommendation{
			Somaxconn: 512,
			Backlog:   512,
			Change:    analysis.ChangeSysctl,
			Peak:      300,
			Margin:    ptr(1 - 300.0/513),
			LossFree:  512,
		},
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_syncookies", "0"), thrice(made{timeout: 1500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_syncookies", "1"), thrice(made{peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_syncookies", "0"), thrice(made{peak: 300})},
		},
	},
	{
		name: "settings that differ in more than one thing each",
		cells: []cellOf{
			{with(tuned(100), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{reset: 66, peak: 101})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 120})},
		},
	},
	{
		name: "every combination of two things, of which one needs more than the other",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeSysctl,
			Peak:      600,
			Margin:    ptr(1 - 600.0/1025),
			LossFree:  1024,
		},
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 700, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 900, peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 300, peak: 513})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{peak: 600})},
		},
	},
	{
		name: "one loses calls, and another is late with more",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeSysctl,
			Peak:      500,
			Margin:    ptr(1 - 500.0/1025),
			LossFree:  1024,
		},
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{late: 700, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 900, peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{late: 10, peak: 513})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{peak: 400})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{peak: 500})},
		},
	},
	{
		name: "no setting helps one of them",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 700, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 900, peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 300, peak: 513})},
		},
	},
	{
		name: "calls are lost in the only setting of its kind",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 100})},
			{with(tuned(4096), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 100})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 700, peak: 513})},
		},
	},
	{
		name: "a longer queue of another kind loses more",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 100, peak: 129})},
			{with(tuned(4096), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(8192), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 700, peak: 8193})},
		},
	},
	{
		name: "many settings of one length",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_retries2", "1"), thrice(made{timeout: 100, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "4"), thrice(made{timeout: 400, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "3"), thrice(made{timeout: 300, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "5"), thrice(made{timeout: 500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "2"), thrice(made{timeout: 200, peak: 129})},
		},
	},
	{
		name: "a backlog that is swept over somaxconn",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeSysctl,
			Peak:      600,
			Margin:    ptr(1 - 600.0/1025),
			LossFree:  1024,
		},
		cells: []cellOf{
			{fixed(4096, 128), thrice(made{timeout: 900, peak: 129})},
			{fixed(4096, 1024), thrice(made{peak: 600})},
		},
	},
	{
		name: "application and somaxconn are too small alike",
		rec: &analysis.Recommendation{
			Somaxconn: 1024,
			Backlog:   1024,
			Change:    analysis.ChangeBoth,
			Peak:      600,
			Margin:    ptr(1 - 600.0/1025),
			LossFree:  1024,
		},
		cells: []cellOf{
			{fixed(128, 128), thrice(made{timeout: 900, peak: 129})},
			{tuned(1024), thrice(made{peak: 600})},
		},
	},
	{
		name: "little room, and a twin of it",
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
			{fixed(1024, 1024), thrice(made{peak: 1010})},
			{tuned(1024), thrice(made{peak: 1010})},
		},
	},
	{
		name: "applications under several somaxconns",
		rec: &analysis.Recommendation{
			Somaxconn: 512,
			Backlog:   512,
			Change:    analysis.ChangeBoth,
			Peak:      300,
			Margin:    ptr(1 - 300.0/513),
			LossFree:  512,
		},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 900, peak: 129})},
			{tuned(512), thrice(made{peak: 300})},
			{tuned(4096), thrice(made{peak: 300})},
			{fixed(16, 512), thrice(made{timeout: 990, peak: 17})},
			{fixed(16, 4096), thrice(made{timeout: 990, peak: 17})},
			{fixed(16, 128), thrice(made{timeout: 990, peak: 17})},
			{fixed(64, 512), thrice(made{timeout: 940, peak: 65})},
			{fixed(64, 4096), thrice(made{timeout: 940, peak: 65})},
		},
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
	{
		name: "no setting but an application was stormed",
		cells: []cellOf{
			{tuned(4096), []*made{nil}},
			{fixed(128, 4096), storms(made{timeout: 5})},
			{fixed(128, 512), storms(made{timeout: 5})},
		},
	},
}

func with(c record.Cell, sysctl, value string) record.Cell {
	c.Sysctls = map[string]string{sysctl: value}
	c.ID += value
	return c
}
