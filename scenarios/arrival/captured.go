package arrival

import (
	"bufio"
	"fmt"
	"net/netip"
	"time"

	"agistorm/scenarios/arrival/calllog"
	"agistorm/scenarios/arrival/packets"
	"agistorm/scenarios/arrival/recording"
	"agistorm/scenarios/arrival/seen"
)

// Captured is what is known of a trace that is made of SYNs.
type Captured struct {
	// Port of the server.
	Port uint16
	// Hosts that called.
	Hosts int
	// Truncated: the file ends within a packet or a line; what was whole before it is taken.
	Truncated bool
	// Recording is what a recording says of itself; nil for a packet capture.
	Recording *recording.Header
}

// Host implements Hosted.
func (t traced) Host(i int) int { return int(t.hosts[i]) }

// read reads a file by the form that its first bytes show: a packet capture, a recording, or else a log. Captured is
// nil for a log.
func (s *selection) read(r *bufio.Reader) (*calllog.Log, *Captured, error) {
	begin, _ := r.Peek(recording.Begin) // an error comes again with the read
	var next func() (calllog.SYN, error)
	var err error
	captured := &Captured{}
	switch {
	case packets.IsCapture(begin):
		if err = s.refuseColumns("a packet capture"); err == nil {
			next, err = capturedSYNs(r)
		}
	case recording.IsRecording(begin):
		if err = s.refuseColumns("a recording"); err == nil {
			next, captured.Recording, err = recordedSYNs(r)
		}
	case s.log.Port != 0:
		err = fmt.Errorf("port %d: the file is a log, and only packet captures and recordings have ports; leave it out",
			s.log.Port)
	default:
		log, err := calllog.Read(r, s.log)
		return log, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	log, err := calllog.ReadSYNs(next, s.log)
	if err != nil {
		return nil, nil, err
	}
	captured.Port, captured.Truncated = log.Port, log.Truncated
	return log, captured, nil
}

// refuseColumns refuses what is about the columns of a text.
func (s *selection) refuseColumns(what string) error {
	switch {
	case s.log.Column != "":
		return fmt.Errorf("column %s: the file is %s, which has no columns to choose from; leave it out",
			s.log.Column, what)
	case s.log.USDates:
		return fmt.Errorf("us-dates: the file is %s, which has no dates in words; leave it out", what)
	}
	return nil
}

// capturedSYNs returns the SYNs of a packet capture, retransmissions told apart and hosts numbered.
func capturedSYNs(r *bufio.Reader) (next func() (calllog.SYN, error), err error) {
	reader, err := packets.NewReader(r)
	if err != nil {
		return nil, err
	}
	hosts, connects := seen.NewHosts[netip.Addr](0), seen.NewConnections[packets.Connect](0)
	var p packets.Packet
	return func() (s calllog.SYN, err error) {
		for {
			if err := reader.Next(&p); err != nil {
				return s, err
			}
			if at := p.At.UnixNano(); p.IsSYN() && p.Dst.Port() != 0 {
				s.At, s.Port, s.Host = time.Duration(at), p.Dst.Port(), hosts.Number(p.Src.Addr())
				s.Retransmitted = connects.Before(p.Connect(), s.At) > 0
				return s, nil
			}
		}
	}, nil
}

// recordedSYNs returns the SYNs of a recording.
func recordedSYNs(r *bufio.Reader) (next func() (calllog.SYN, error), h *recording.Header, err error) {
	reader, err := recording.NewReader(r)
	if err != nil {
		return nil, nil, err
	}
	return func() (calllog.SYN, error) {
		s, err := reader.Next()
		return calllog.SYN{At: s.At, Host: s.Host, Port: s.Port, Retransmitted: s.Retransmission > 0}, err
	}, &reader.Header, nil
}
