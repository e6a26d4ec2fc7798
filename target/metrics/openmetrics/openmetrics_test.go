package openmetrics

import (
	"math"
	"slices"
	"strings"
	"testing"

	"agistorm/target/metrics/openmetrics/strict"
)

func TestWrite(t *testing.T) {
	var b strings.Builder
	families := []Family{
		{Name: "a", Kind: Counter, Help: "One\n\"two\" \\ three.", Samples: Counted(7)},
		{Name: "none", Kind: Gauge, Help: "Nothing."},
		{Name: "b_seconds", Kind: Summary, Help: "Waiting.", Samples: []Sample{
			{Suffix: SumSuffix, Value: 1.25}, {Suffix: CountSuffix, Value: 1 << 40}}},
		{Name: "c", Kind: Gauge, Help: "Labels.", Samples: []Sample{
			{Labels: []Label{{"x", "a\\b\n\"c\""}, {"y", ""}, {"z", "\xff"}}, Value: math.Inf(1)}}},
		{Name: "build", Kind: Info, Help: "Version.", Samples: []Sample{{Labels: []Label{{"version", "1"}}, Value: 1}}},
	}
	if err := Write(&b, families); err != nil {
		t.Fatal(err)
	}
	const want = `# TYPE a counter
# HELP a One\n\"two\" \\ three.
a_total 7
# TYPE b_seconds summary
# UNIT b_seconds seconds
# HELP b_seconds Waiting.
b_seconds_sum 1.25
b_seconds_count 1099511627776
# TYPE c gauge
# HELP c Labels.
c{x="a\\b\n\"c\"",z="` + "\uFFFD" + `"} +Inf
# TYPE build info
# HELP build Version.
build_info{version="1"} 1
# EOF
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	all, err := strict.Parse(b.String())
	if err != nil || all[3].Label("x") != "a\\b\n\"c\"" {
		t.Errorf("%v, %v", all, err)
	}
	names := []string{"a_total", "none", "b_seconds_sum", "b_seconds_count", "c", "build_info"}
	if got := Series(families); !slices.Equal(got, names) {
		t.Errorf("%q, want %q", got, names)
	}
}

// TestKernelFamilies: no two counters of the kernel have the same name.
func TestKernelFamilies(t *testing.T) {
	seen := map[string]bool{}
	for _, counter := range KernelCounters() {
		f := KernelFamily(counter)
		if seen[f.Name] || !strings.HasPrefix(f.Help, counter+" ") {
			t.Errorf("%s: %+v", counter, f)
		}
		seen[f.Name] = true
	}
}
