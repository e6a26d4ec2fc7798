package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"agistorm/scenarios/arrival/packets"
)

// The files of a capture.
const (
	packetsFile = "packets.pcap"
	tcpdumpFile = "tcpdump.log"
)

// readCapture reads the handshakes with one server out of a capture that is whole.
func readCapture(folder string, server netip.AddrPort) (handshakes, error) {
	log, err := os.ReadFile(filepath.Join(folder, tcpdumpFile))
	if err != nil {
		return nil, err
	}
	if err := checkWhole(log); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	f, err := os.Open(filepath.Join(folder, packetsFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := packets.Read(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return newHandshakes(list, server), nil
}

// dropped are the lines in which tcpdump reports at its end what it has lost; the one about an
// interface comes only where the interface itself has lost something (tcpdump.c, info).
var dropped = regexp.MustCompile(`(?m)^(\d+) packets? dropped by (kernel|interface)`)

var errNoEnd = errors.New("tcpdump did not report how many packets it dropped: it was killed, or did not start")

// checkWhole takes only a capture of which tcpdump reports that nothing is missing.
func checkWhole(log []byte) error {
	kernel := false
	for _, line := range dropped.FindAllSubmatch(log, -1) {
		if n, err := strconv.Atoi(string(line[1])); err != nil || n > 0 {
			return fmt.Errorf(
				"the capture is not whole: tcpdump reports %q; it needs a larger buffer (-B) or an idle CPU",
				line[0],
			)
		}
		kernel = kernel || string(line[2]) == "kernel"
	}
	if !kernel {
		return errNoEnd
	}
	return nil
}
