//go:build linux

// Command dialer is the idiomatic Go client of the exchange that agistorm plays: a goroutine
// and a net.Dialer per call, with a buffered reader; it takes what ../client.c takes, sends
// the same bytes in the same writes, and prints the same line.
//
//	dialer [--single-write] ADDRESS PORT OPEN ROUNDS [CONNECTS]
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"agistorm/scripts/reference/measure"
)

// connectLimit is Asterisk's (MAX_AGI_CONNECT in res_agi.c).
const connectLimit = 2 * time.Second

func main() { measure.Main("dialer", play) }

// call is one attempt and what became of it.
type call struct {
	environment []byte
	answered    bool
	local       netip.AddrPort
	connect     time.Duration
	err         error
}

func play(o measure.Options) (measure.Result, error) {
	result := measure.Result{Sessions: o.Open * o.Rounds}
	if o.FirstCommandTimeout > 0 {
		return result, errors.New("the dialer waits for its first command without limit")
	}
	connects, err := measure.CreateConnects(o.Connects)
	if err != nil {
		return result, err
	}
	for round := range o.Rounds {
		calls := make([]call, o.Open)
		for i := range calls {
			calls[i].environment = words(o, round*o.Open+i)
		}
		span := measure.Begin()
		playRound(o, calls)
		span.End(&result)
		result.Answered += settle(calls, connects)
	}
	return result, connects.Close()
}

// playRound makes all calls of one burst and waits for their ends.
func playRound(o measure.Options, calls []call) {
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() { calls[i].err = calls[i].run(o) })
	}
	all.Wait()
}

// run is one call: connect, speak, answer until the server closes, hang up.
func (c *call) run(o measure.Options) error {
	dialer := net.Dialer{Timeout: connectLimit}
	start := time.Now()
	conn, err := dialer.Dial("tcp", o.Server.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	c.connect, c.local = time.Since(start), conn.LocalAddr().(*net.TCPAddr).AddrPort()
	if err := c.introduce(conn.(*net.TCPConn), o.SingleWrite); err != nil {
		return err
	}
	if err := c.converse(conn); err != nil {
		return err
	}
	_, _ = io.WriteString(conn, "HANGUP\n") // the server may be gone for good
	return nil
}

// introduce sends the environment. Asterisk writes line by line and leaves Nagle's algorithm
// on, which package net switches off.
func (c *call) introduce(conn *net.TCPConn, singleWrite bool) error {
	if singleWrite {
		_, err := conn.Write(c.environment)
		return err
	}
	if err := conn.SetNoDelay(false); err != nil {
		return err
	}
	for line := range bytes.Lines(c.environment) {
		if _, err := conn.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// converse answers each command until the server closes.
func (c *call) converse(conn net.Conn) error {
	in := bufio.NewReader(conn)
	for {
		if _, err := in.ReadString('\n'); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, "200 result=1\n"); err != nil {
			return err
		}
		c.answered = true
	}
}

// settle counts a round's answered calls and notes their connects. Of the failures it prints the first.
func settle(calls []call, connects *measure.Connects) (answered int) {
	var failures []error
	for i := range calls {
		c := &calls[i]
		if c.local.IsValid() {
			connects.Note(c.local, c.connect)
		}
		if c.err != nil {
			failures = append(failures, c.err)
		} else if c.answered {
			answered++
		}
	}
	if len(failures) > 0 {
		fmt.Fprintf(os.Stderr, "dialer: %d of %d calls failed, the first: %v\n", len(failures), len(calls), failures[0])
	}
	return answered
}

// words are the environment of call number n, the same as in ../client.c.
func words(o measure.Options, n int) []byte {
	return []byte(strings.Join([]string{
		"agi_network: yes", "agi_network_script: reference",
		fmt.Sprintf("agi_request: agi://%s/reference", o.Server),
		fmt.Sprintf("agi_channel: PJSIP/trunk-%08x", n),
		"agi_language: en", "agi_type: PJSIP",
		fmt.Sprintf("agi_uniqueid: %d.%d", 1_750_000_000+n/100, n),
		"agi_version: 22.5.0",
		fmt.Sprintf("agi_callerid: 1555%07d", n%10_000_000),
		"agi_calleridname: unknown", "agi_callingpres: 0", "agi_callingani2: 0", "agi_callington: 0",
		"agi_callingtns: 0", "agi_dnid: 18005550100", "agi_rdnis: unknown", "agi_context: from-trunk",
		"agi_extension: 18005550100", "agi_priority: 1", "agi_enhanced: 0.0", "agi_accountcode: ",
		fmt.Sprintf("agi_threadid: %d", 139_910_000_000_000+int64(n)*4096), "", "",
	}, "\n"))
}
