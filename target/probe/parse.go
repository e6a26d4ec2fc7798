package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// parseNetstat parses /proc/net/netstat (net/ipv4/proc.c, netstat_seq_show).
func parseNetstat(r io.Reader, into map[string]uint64) error {
	return parseTables(r, into, map[string]string{"TcpExt": "", "IpExt": ""})
}

// parseSNMP parses the Tcp table of /proc/net/snmp (net/ipv4/proc.c, snmp_seq_show).
func parseSNMP(r io.Reader, into map[string]uint64) error {
	return parseTables(r, into, map[string]string{"Tcp": "Tcp"})
}

// parseTables parses pairs of lines: "Table: name …" and "Table: value …". Of the tables in
// prefixes it stores every value that is not negative, under its name after the prefix.
func parseTables(r io.Reader, into map[string]uint64, prefixes map[string]string) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		table, names, ok := strings.Cut(lines.Text(), ":")
		if !ok {
			return fmt.Errorf("line %.40q is no table", lines.Text())
		}
		if !lines.Scan() {
			return errors.Join(fmt.Errorf("table %q has no values", table), lines.Err())
		}
		valueTable, values, _ := strings.Cut(lines.Text(), ":")
		if valueTable != table {
			return fmt.Errorf("table %q is followed by %q", table, valueTable)
		}
		prefix, wanted := prefixes[table]
		if !wanted {
			continue
		}
		if err := storeTable(into, prefix, strings.Fields(names), strings.Fields(values)); err != nil {
			return fmt.Errorf("table %q: %w", table, err)
		}
	}
	return lines.Err()
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

// Columns of /proc/net/dev (net/core/net-procfs.c, dev_seq_printf_stats).
const (
	receiveDropped = 3
	sendDropped    = 11
)

// parseDev stores the packets that devices dropped, from /proc/net/dev: lo's when it received, those of the named
// devices when they sent, too. lo itself drops none that it sends.
func parseDev(named []string) func(io.Reader, map[string]uint64) error {
	return func(r io.Reader, into map[string]uint64) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			device, rest, ok := strings.Cut(lines.Text(), ":")
			device = strings.TrimSpace(device)
			columns := strings.Fields(rest)
			var err error
			switch {
			case !ok:
			case device == "lo":
				err = storeColumn(into, "lo.rx_dropped", columns, receiveDropped)
			case slices.Contains(named, device):
				err = errors.Join(
					storeColumn(into, device+".rx_dropped", columns, receiveDropped),
					storeColumn(into, device+".tx_dropped", columns, sendDropped))
			}
			if err != nil {
				return fmt.Errorf("device %s: %w", device, err)
			}
		}
		return lines.Err()
	}
}

func storeColumn(into map[string]uint64, name string, columns []string, i int) error {
	if len(columns) <= i {
		return fmt.Errorf("%d columns", len(columns))
	}
	value, err := strconv.ParseUint(columns[i], 10, 64)
	if err != nil {
		return err
	}
	into[name] = value
	return nil
}
