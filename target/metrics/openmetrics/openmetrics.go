// Package openmetrics writes the OpenMetrics text format 1.0.0, which Prometheus reads
// (https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md).
package openmetrics

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ContentType of what Write writes.
const ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

// Kind is the type of a family.
type Kind string

// The kinds of families that are written here. A Summary has no quantiles: its samples are SumSuffix and CountSuffix.
const (
	Counter Kind = "counter"
	Gauge   Kind = "gauge"
	Info    Kind = "info"
	Summary Kind = "summary"
)

// The suffixes of a Summary's samples.
const (
	SumSuffix   = "_sum"
	CountSuffix = "_count"
)

// suffixes of the samples of the other kinds.
var suffixes = map[Kind]string{Counter: "_total", Info: "_info"}

// Family is a metric with its samples; without any it is left out.
type Family struct {
	// Name without the suffix of its samples.
	Name    string
	Kind    Kind
	Help    string
	Samples []Sample
}

// Sample is one line.
type Sample struct {
	// Suffix of a Summary's sample; the other kinds have their own.
	Suffix string
	Labels []Label
	Value  float64
}

// Label is a name and its value. An empty value is the same as no label, and left out.
type Label struct{ Name, Value string }

// Series returns the names of the lines that families write, in their order.
func Series(families []Family) (names []string) {
	for _, f := range families {
		if f.Kind == Summary {
			names = append(names, f.Name+SumSuffix, f.Name+CountSuffix)
		} else {
			names = append(names, f.Name+suffixes[f.Kind])
		}
	}
	return names
}

// Write writes the families, and the mark of their end.
func Write(w io.Writer, families []Family) error {
	out := bufio.NewWriter(w)
	for i := range families {
		if len(families[i].Samples) > 0 {
			families[i].write(out)
		}
	}
	fmt.Fprint(out, "# EOF\n")
	return out.Flush()
}

// write leaves errors to Flush, as bufio.Writer does.
func (f *Family) write(out *bufio.Writer) {
	fmt.Fprintf(out, "# TYPE %s %s\n", f.Name, f.Kind)
	if unit := f.unit(); unit != "" {
		fmt.Fprintf(out, "# UNIT %s %s\n", f.Name, unit)
	}
	fmt.Fprintf(out, "# HELP %s %s\n", f.Name, escape(f.Help))
	for _, s := range f.Samples {
		fmt.Fprintf(out, "%s%s%s%s %s\n", f.Name, s.Suffix, suffixes[f.Kind], labels(s.Labels), number(s.Value))
	}
}

// unit is part of the name, where it has one.
func (f *Family) unit() string {
	if strings.HasSuffix(f.Name, "_seconds") {
		return "seconds"
	}
	return ""
}

func labels(all []Label) string {
	var texts []string
	for _, l := range all {
		if l.Value != "" {
			texts = append(texts, l.Name+`="`+escape(l.Value)+`"`)
		}
	}
	if texts == nil {
		return ""
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// Key is a text that is the same for the same labels only.
func Key(all []Label) string { return labels(all) }

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// escape makes any text a part of a line: the format is UTF-8, whatever a process is called.
func escape(text string) string { return escaper.Replace(strings.ToValidUTF8(text, "\uFFFD")) }

// number writes whole numbers without an exponent.
func number(v float64) string {
	const exact = 1 << 53
	if v == float64(int64(v)) && v < exact && v > -exact {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Counted returns the only sample of a family without labels.
func Counted[N ~int | ~int64 | ~uint32 | ~uint64](n N) []Sample { return []Sample{{Value: float64(n)}} }

// kernel has the metrics of the kernel's counters of a network namespace.
var kernel = []struct{ counter, name string }{
	{"ListenOverflows", "listen_overflows"},
	{"ListenDrops", "listen_drops"},
	{"TcpPassiveOpens", "passive_opens"},
	{"TCPSynRetrans", "syn_retransmits"},
	{"SyncookiesSent", "syncookies_sent"},
	{"SyncookiesRecv", "syncookies_received"},
	{"SyncookiesFailed", "syncookies_failed"},
	{"TCPReqQFullDrop", "syn_queue_full_drops"},
	{"TCPReqQFullDoCookies", "syn_queue_full_cookies"},
}

// KernelCounters are the counters, by the kernel's names, that have a KernelFamily.
func KernelCounters() (names []string) {
	for _, k := range kernel {
		names = append(names, k.counter)
	}
	return names
}

// KernelFamily returns the family, without samples, of one of the KernelCounters.
func KernelFamily(counter string) Family {
	i := slices.IndexFunc(kernel, func(k struct{ counter, name string }) bool { return k.counter == counter })
	return Family{
		Name: "agistorm_netns_" + kernel[i].name, Kind: Counter,
		Help: counter + " of the network namespace, all its listeners together.",
	}
}
