package loadgen

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"agistorm/analysis/record"
)

// cpuStatFile is where Linux counts how its CPUs spend their time; no other system has it.
const cpuStatFile = "/proc/stat"

// userTick is the unit of that file (USER_HZ, which is 100 on every architecture of Go's ports).
const userTick = 10 * time.Millisecond

// stolen is what a hypervisor has taken from this machine since it started; nil where the system does not tell.
func stolen() *record.Steal {
	data, err := os.ReadFile(cpuStatFile)
	if err != nil {
		return nil
	}
	return parseSteal(data)
}

// stealField is the place of the stolen time in a line "cpu user nice system idle iowait irq softirq steal guest guest_nice".
const stealField = 8

// parseSteal is nil for what is no such file.
func parseSteal(data []byte) *record.Steal {
	var sum *record.Steal
	cpus := 0
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		switch {
		case len(fields) <= stealField || !bytes.HasPrefix(fields[0], []byte("cpu")):
		case len(fields[0]) > len("cpu"):
			cpus++
		default:
			ticks, err := strconv.ParseInt(string(fields[stealField]), 10, 64)
			if err != nil {
				return nil
			}
			sum = &record.Steal{Time: time.Duration(ticks) * userTick}
		}
	}
	if sum != nil {
		sum.CPUs = cpus
	}
	return sum
}

// stolenBetween two looks; nil where it is not counted.
func stolenBetween(before, after *record.Steal) *record.Steal {
	if before == nil || after == nil {
		return nil
	}
	return &record.Steal{Time: max(after.Time-before.Time, 0), CPUs: after.CPUs}
}
