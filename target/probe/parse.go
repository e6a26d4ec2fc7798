package probe

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tablePrefixes holds the tables of /proc/net/netstat and /proc/net/snmp that are read (net/ipv4/proc.c,
// netstat_seq_show and snmp_seq_show), each with what goes before the names of its counters.
var tablePrefixes = map[string]string{"TcpExt": "", "IpExt": "", "Tcp": "Tcp"}

// parseTables parses pairs of lines: "Table: name …" and "Table: value …". Of the tables in tablePrefixes
// it stores every value that is not negative.
func parseTables(text string, into map[string]uint64) error {
	for pair := range slices.Chunk(slices.Collect(strings.Lines(text)), 2) {
		table, names, ok := strings.Cut(pair[0], ":")
		valueTable, values, _ := strings.Cut(pair[len(pair)-1], ":")
		if !ok || len(pair) < 2 || valueTable != table {
			return fmt.Errorf("line %.40q is no table with values", pair[0])
		}
		if prefix, wanted := tablePrefixes[table]; wanted {
			if err := storeTable(into, prefix, strings.Fields(names), strings.Fields(values)); err != nil {
				return fmt.Errorf("table %q: %w", table, err)
			}
		}
	}
	return nil
}

func storeTable(into map[string]uint64, prefix string, names, values []string) error {
	if len(names) != len(values) {
		return fmt.Errorf("%d names and %d values", len(names), len(values))
	}
	for i, text := range values {
		if strings.HasPrefix(text, "-") {
			continue
		}
		value, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", names[i], err)
		}
		into[prefix+names[i]] = value
	}
	return nil
}

// pick stores the values of some counters of a table; those that are missing, or no number, are left out.
func pick(text, table, prefix string, names []string, into map[string]uint64) {
	_, text, _ = strings.Cut(text, table+":")
	header, text, _ := strings.Cut(text, "\n")
	values, _, _ := strings.Cut(text, "\n")
	values, ok := strings.CutPrefix(values, table+":")
	for ok && header != "" {
		var name, value string
		name, header = nextField(header)
		value, values = nextField(values)
		i := slices.IndexFunc(names, func(n string) bool {
			short, ours := strings.CutPrefix(n, prefix)
			return ours && short == name
		})
		if i < 0 {
			continue
		}
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			into[names[i]] = n
		}
	}
}

// nextField cuts the first word off.
func nextField(line string) (word, rest string) {
	word, rest, _ = strings.Cut(strings.TrimLeft(line, " "), " ")
	return word, rest
}

// Columns of /proc/net/dev (net/core/net-procfs.c, dev_seq_printf_stats).
const (
	receiveDropped = 3
	sendDropped    = 11
)

// parseDev stores the packets that devices dropped, from /proc/net/dev: lo's when it received, those of the
// named devices when they sent, too. lo itself drops none that it sends.
func parseDev(text string, into map[string]uint64, named []string) error {
	for line := range strings.Lines(text) {
		device, rest, ok := strings.Cut(line, ":")
		device = strings.TrimSpace(device)
		sends := slices.Contains(named, device)
		if !ok || !sends && device != "lo" {
			continue
		}
		columns := strings.Fields(rest)
		err := storeColumn(into, device+".rx_dropped", columns, receiveDropped)
		if sends {
			err = errors.Join(err, storeColumn(into, device+".tx_dropped", columns, sendDropped))
		}
		if err != nil {
			return fmt.Errorf("device %s: %w", device, err)
		}
	}
	return nil
}

func storeColumn(into map[string]uint64, name string, columns []string, i int) (err error) {
	if len(columns) <= i {
		return fmt.Errorf("%d columns", len(columns))
	}
	into[name], err = strconv.ParseUint(columns[i], 10, 64)
	return err
}
