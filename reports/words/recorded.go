package words

import "fmt"

// Recorded is what a recording of SYNs has.
type Recorded struct {
	File string
	// Calls are SYNs without Retransmitted ones.
	Calls, Retransmitted uint64
	Hosts                int
	// Lost had no room in the capture's buffer; Dropped were the oldest ones of a full file.
	Lost, Dropped uint64
}

// String says it in a sentence.
func (r *Recorded) String() string {
	text := fmt.Sprintf("%s: %s from %s", r.File, Amount(int(r.Calls), "call", "calls"), Amount(r.Hosts, "host", "hosts"))
	for _, part := range []struct {
		n         uint64
		one, many string
	}{
		{r.Retransmitted, "retransmitted SYN", "retransmitted SYNs"},
		{r.Lost, "SYN lost because the capture's buffer was full", "SYNs lost because the capture's buffer was full"},
		{r.Dropped, "oldest SYN dropped because the file was full", "oldest SYNs dropped because the file was full"},
	} {
		if part.n > 0 {
			text += ", " + Amount(int(part.n), part.one, part.many)
		}
	}
	return text + "."
}

// RecordingBegins says what is recorded.
func RecordingBegins(file string, addresses bool) string {
	if addresses {
		return fmt.Sprintf("Recording SYNs in %s, with the addresses of hosts.", file)
	}
	return fmt.Sprintf("Recording SYNs in %s; hosts are numbered, addresses are not kept.", file)
}
