package words

import (
	"fmt"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// Generator is the health of the generator in sentences, with the worst numbers of all storms; what is not known is
// left out.
func Generator(h *analysis.RunHealth) string {
	sentences := lists.Map(filled(h,
		`{{with never .}}{{amount . "attempt" "attempts"}} never reached the network{{end}}`,
		`{{with .StartLag}}{{if .Count}}calls started up to {{duration .Max}} late{{p99 .}}{{end}}{{end}}`,
		`{{with .ReplyLag}}replies came up to {{duration .Max}} after {{if .FromRead}}the read of `+
			`{{end}}their command`+
			`{{p99 .Quantiles}}{{with .Share}} and cost {{most (value .)}} of the handlers' `+
			`time{{end}}{{end}}`,
		`{{if and .CPUShare .Waited}}{{if gt .Workers 1}}no thread{{else}}its thread{{end}} ran for `+
			`{{if gt .Workers 1}}more than{{else}}up to{{end}} {{percent (value .CPUShare)}} of a storm`+
			`{{if gt .Workers 1}}, or{{else}} and{{end}} waited for a CPU for `+
			`{{if gt .Workers 1}}more than{{else}}up to{{end}} {{duration (value .Waited)}}`+
			`{{with .RunQueueShare}} ({{percent (value .)}} of the time in which it needed one){{end}}{{end}}`,
		`{{with .Pauses}}{{if .Count}}GC pauses took up to {{duration .Longest}}, {{duration .Total}} in `+
			`all{{else}}there was no `+
			`GC pause{{end}}{{end}}`,
		`{{with notable .StolenShare}}a hypervisor took up to {{percent .}} of its machine's CPU time{{end}}`,
		`{{with notable .OthersShare}}other processes used up to {{percent .}} of the CPU time{{end}}`,
		`{{with .LoopbackDrops}}the loopback device dropped {{packets (value .)}}{{end}}`,
		`{{with .LinkDrops}}the link dropped {{packets (value .)}}{{end}}`,
	), wholeSentence)
	if len(sentences) == 0 {
		return "Nothing else is known of it."
	}
	return strings.Join(sentences, " ")
}

// Health names a grade; in some settings only where the run has others.
func Health(g analysis.Grade, some bool) string {
	if g == analysis.HealthLimit && some {
		return "the limit in some settings"
	}
	return grades[g]
}

var grades = map[analysis.Grade]string{
	analysis.HealthWell: "healthy", analysis.HealthStrained: "strained, see the warnings",
	analysis.HealthLimit: "it or its host was the limit",
}

// p99 is the 99th percentile, with a blank before it; empty for too few calls.
func p99(q metric.Quantiles) string {
	if !metric.Enough(q.Count, 99) {
		return ""
	}
	return " (p99 " + Duration(q.P99) + ")"
}

// packets that a medium dropped.
func packets(n uint64) string {
	if n == 0 {
		return "nothing"
	}
	return "up to " + Amount(n, "packet", "packets") + " per storm"
}

// notable is a share of 1 % or more, else 0.
func notable(share *float64) float64 {
	if share == nil || *share < 0.01 {
		return 0
	}
	return *share
}

// never counts the attempts that never reached the network.
func never(h *analysis.RunHealth) int { return h.NotOffered + h.Exhausted }

// Priority is how a process competed for the CPU: "nice -10, session nice -10 (before other work)"; empty
// where that is
// not known.
func Priority(p *record.Priority) string {
	if p == nil {
		return ""
	}
	text := fmt.Sprintf("nice %d", p.Nice)
	if p.AutogroupNice != nil {
		text += fmt.Sprintf(", session nice %d", *p.AutogroupNice)
	}
	if p.Ahead() {
		return text + " (before other work)"
	}
	return text + " (no priority over other work)"
}

// Priorities are those of a generator's process and of the target's: one text where both are the same, else one each.
func Priorities(generator, target *record.Priority) []string {
	switch of, to := Priority(generator), Priority(target); {
	case of == "" || to == "":
		return []string{of}
	case of == to:
		return []string{"generator and target: " + of}
	default:
		return []string{"generator: " + of, "target: " + to}
	}
}
