package words

import (
	"testing"
	"time"

	"agistorm/analysis/capacity"
)

func TestHundredths(t *testing.T) {
	for part, want := range map[float64]string{0: "0", 0.0019: "0.19", 0.00999: "1.00", 0.05: "5", 0.766: "76.6",
		1: "100"} {
		if got := Hundredths(part); got != want {
			t.Errorf("%v is %s %%, want %s", part, got, want)
		}
	}
}

func TestPortion(t *testing.T) {
	for part, want := range map[float64]string{0: "0 %", 0.00001: "less than 0.01 %", 0.001: "0.1 %", 0.0019: "0.19 %",
		0.1: "10 %", 0.766: "76.6 %", 1: "100 %"} {
		if got := Portion(part); got != want {
			t.Errorf("%v is %s, want %s", part, got, want)
		}
	}
}

func TestMapField(t *testing.T) {
	for part, want := range map[float64]string{0: "0", 0.0006: "<1", 0.006: "1", 0.436: "44", 0.999: "99", 1: "100"} {
		if got := MapField(part); got != want {
			t.Errorf("%v is %s, want %s", part, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[float64]string{0: "0 B", 341: "341 B", 2861: "2.8 KiB", 131 << 10: "131 KiB",
		1023 << 10: "1.0 MiB", 2861 * 8193: "22 MiB", 2861 * 65536: "179 MiB", 4 << 30: "4.0 GiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%.0f is %s, want %s", n, got, want)
		}
	}
}

func TestPlanSetting(t *testing.T) {
	for want, s := range map[string]capacity.Setting{
		"32 handlers, backlog 512": {Handlers: 32, Backlog: 512}, "1 handler, backlog 0": {Handlers: 1},
		"backlog max": {Backlog: 1<<31 - 1},
	} {
		if got := PlanSetting(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := callsOf(5000, 10*time.Second) + ", " + callsOf(1, 0); got != "5,000 calls in 10 s, 1 call at once" {
		t.Error(got)
	}
}
