package probe

import (
	"testing"
	"time"
)

func TestParseCPU(t *testing.T) {
	const ms = time.Millisecond
	const each = "cpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2 3 4 5 6 7 8 9 10\nintr 5 6 7 8 9 10 11 12 13\n"
	for name, tt := range map[string]struct {
		stat string
		want CPUTimes
	}{
		"interrupts among the processes": {"cpu  2661855 38897 981787 8121152 24784 0 154232 204646 0 0\n" + each,
			CPUTimes{Processes: (2661855 + 38897 + 981787 + 154232) * userTick, Steal: 2046460 * ms, CPUs: 2}},
		"interrupts apart": {"cpu  100 20 30 4000 5 6 70 8 50 20\n" + each,
			CPUTimes{Processes: 1500 * ms, Steal: 80 * ms, CPUs: 2}},
		"without guests": {"cpu 1 2 3 4 5 6 7 8\n", CPUTimes{Processes: 60 * ms, Steal: 80 * ms}},
	} {
		if got, err := parseCPU([]byte(tt.stat)); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, tt.want)
		}
	}
	for _, other := range []string{"", "cpu 1 2 3\n", "cpu 1 2 3 4 5 6 7 x\n", "nothing\n", each} {
		if got, err := parseCPU([]byte(other)); err == nil {
			t.Errorf("%q: %+v", other, got)
		}
	}
}
