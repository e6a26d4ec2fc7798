package packets

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// source reads the frames of a file of one form.
type source interface {
	// next reads a frame, which is valid until the next call. io.EOF is the end of a whole file, and
	// io.ErrUnexpectedEOF that of one which ends within a frame.
	next() (frame, error)
}

// frame is a packet as it was captured.
type frame struct {
	bytes []byte
	// whole is how many it had on the wire.
	whole int
	link  uint16
	// seconds since 1970 and nanos; timed is false where the file has no time.
	seconds int64
	nanos   int64
	timed   bool
}

// maxCaptured bounds one packet's captured bytes; it is tcpdump's own limit (MAXIMUM_SNAPLEN).
const maxCaptured = 256 << 10

// blocks reads the parts of a file in its byte order, each into the same room.
type blocks struct {
	r     *bufio.Reader
	order binary.ByteOrder
	room  []byte
}

// read reads so many bytes, which are valid until the next call. io.EOF is a file that ended before them.
func (b *blocks) read(n int) ([]byte, error) {
	if cap(b.room) < n {
		b.room = make([]byte, n)
	}
	_, err := io.ReadFull(b.r, b.room[:n])
	return b.room[:n], err
}

// within is read for what must follow: a file that ended before it was cut short.
func (b *blocks) within(n int) ([]byte, error) {
	bytes, err := b.read(n)
	return bytes, cutShort(err)
}

// skip passes over so many bytes that must follow.
func (b *blocks) skip(n int) error {
	_, err := b.r.Discard(n)
	return cutShort(err)
}

func cutShort(err error) error {
	if isEnd(err) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Sizes of pcap's headers.
const (
	pcapHeader   = 24
	packetHeader = 16
)

// pcap is a file of draft-ietf-opsawg-pcap.
type pcap struct {
	blocks
	unit time.Duration // of a time's second field
	link uint16
}

// newPcap reads the header of a file whose first bytes were read already.
func newPcap(r *bufio.Reader, begin []byte) (*pcap, error) {
	p := &pcap{blocks: blocks{r: r, order: binary.BigEndian}, unit: time.Microsecond}
	if magic := binary.LittleEndian.Uint32(begin); magic == magicMicros || magic == magicNanos {
		p.order = binary.LittleEndian
	}
	if p.order.Uint32(begin) == magicNanos {
		p.unit = time.Nanosecond
	}
	head, err := p.within(pcapHeader - magicLen)
	if err != nil {
		return nil, err
	}
	p.link = uint16(p.order.Uint32(head[16:])) // the upper bits may have the length of a frame check sequence
	return p, checkLink(p.link)
}

func (p *pcap) next() (frame, error) {
	head, err := p.read(packetHeader)
	if err != nil {
		return frame{}, err
	}
	f := frame{link: p.link, seconds: int64(p.order.Uint32(head)), timed: true, whole: int(p.order.Uint32(head[12:]))}
	fraction, captured := p.order.Uint32(head[4:]), p.order.Uint32(head[8:])
	f.nanos = int64(fraction) * int64(p.unit)
	if captured > maxCaptured || f.nanos >= int64(time.Second) {
		return frame{}, fmt.Errorf("%w: a packet of %d captured bytes at %d s + %d × %v; want up to %d bytes, and less "+
			"than a second", ErrFormat, captured, f.seconds, fraction, p.unit, maxCaptured)
	}
	f.bytes, err = p.within(int(captured))
	return f, err
}
