package analysis

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

const somaxconnSysctl = "net.core.somaxconn"

// largest is both the greatest somaxconn and the backlog that asks for all of it.
const largest = math.MaxInt32

// Setting writes a backlog or somaxconn as it would be typed, the greatest as "max".
func Setting(n int) string {
	if n >= largest {
		return record.BacklogMax
	}
	return strconv.Itoa(n)
}

// fullBacklog tells whether the application asks for all that somaxconn allows.
func fullBacklog(c record.Cell) bool {
	return c.Backlog == record.BacklogMax || c.Backlog == strconv.Itoa(largest)
}

// LabelSeparator stands between the parts of a cell's label.
const LabelSeparator = " + "

// Labels names each cell as tables and figures show it: its limit, and those other
// sysctls in which the cells differ.
func Labels(cells []record.Cell) []string {
	swept := Differing(cells)
	labels := make([]string, len(cells))
	for i := range cells {
		labels[i] = strings.Join(append([]string{limitLabel(cells[i])}, otherParts(&cells[i], swept)...), LabelSeparator)
	}
	return labels
}

// otherParts are what a cell is beside its limit, of the sysctls that are swept and the client.
func otherParts(c *record.Cell, swept []string) []string {
	var parts []string
	for _, name := range swept {
		parts = append(parts, ShortName(name)+" "+valueOr(c.Sysctls[name], "not known"))
	}
	if c.Client != "" {
		parts = append(parts, "client "+c.Client)
	}
	return parts
}

// Incomplete is why not all storms that were planned of the setting can be judged by; nil where they can.
func (c *Cell) Incomplete(run *record.Run) finding.Fact {
	for i := range c.Repeats {
		if r := &c.Repeats[i]; len(r.Damaged) > 0 {
			return finding.Damaged{Problem: r.Damaged[0]}
		}
	}
	if n := len(c.Repeats); n == 0 || n < run.Repeats {
		return finding.StormsRecorded{Have: n, Of: run.Repeats}
	}
	return nil
}

func limitLabel(c record.Cell) string {
	somaxconn := "somaxconn " + Setting(c.Somaxconn)
	switch {
	case c.Backlog == "":
		return c.ID // somebody else's server
	case fullBacklog(c):
		return somaxconn
	default:
		return "backlog " + c.Backlog + " (" + somaxconn + ")"
	}
}

// Differing lists the sysctls beside somaxconn that are not the same in all cells.
func Differing(cells []record.Cell) []string {
	names := map[string]bool{}
	for _, c := range cells {
		for name, value := range c.Sysctls {
			if name != somaxconnSysctl && !sameSysctl(value, cells[0].Sysctls[name]) {
				names[name] = true
			}
		}
		for name := range cells[0].Sysctls {
			if _, ok := c.Sysctls[name]; !ok && name != somaxconnSysctl {
				names[name] = true
			}
		}
	}
	return sortedKeys(names)
}

// sameSysctl compares as the kernel does: ip_local_port_range reads back with a tab.
func sameSysctl(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// ShortName leaves out of a sysctl's name what all have in common that are swept as a rule.
func ShortName(sysctl string) string {
	return strings.TrimPrefix(strings.TrimPrefix(sysctl, "net.core."), "net.ipv4.")
}

func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// rounded is a median as a whole number.
func rounded(v float64) int { return int(math.Round(v)) }
