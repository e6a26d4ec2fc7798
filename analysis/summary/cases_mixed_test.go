package summary

import "agistorm/analysis"

// mixedCases are settings that differ in more than the length of their accept queue.
var mixedCases = []verdictCase{
	{
		name: "another sysctl",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 1500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{reset: 1900, peak: 129})},
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
}
