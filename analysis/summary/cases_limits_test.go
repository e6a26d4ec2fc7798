package summary

import (
	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// limitCases are applications that pass a smaller backlog to listen(), and hosts with a somaxconn of their
// own.
var limitCases = []verdictCase{
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
		name: "no setting but an application was stormed",
		cells: []cellOf{
			{tuned(4096), []*made{nil}},
			{fixed(128, 4096), storms(made{timeout: 5})},
			{fixed(128, 512), storms(made{timeout: 5})},
		},
	},
}
