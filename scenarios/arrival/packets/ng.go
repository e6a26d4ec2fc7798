package packets

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Types of blocks, the codes of an interface's options, and other numbers of draft-ietf-opsawg-pcapng.
const (
	blockSection   = magicNg
	blockInterface = 1
	blockPacket    = 2 // obsolete, still written by old programs
	blockSimple    = 3
	blockEnhanced  = 6

	optionEnd        = 0
	optionResolution = 9  // if_tsresol
	optionOffset     = 14 // if_tsoffset

	orderMagic = 0x1a2b3c4d
	ngVersion  = 1
	// blockFrame is a block's type and its length, before and behind the body.
	blockFrame = 12
	// maxHeader bounds the block of a section or of an interface, with its options.
	maxHeader = 64 << 10
	// maxInterfaces bounds those of a section.
	maxInterfaces = 1 << 16
	// finest is the largest power of ten of a unit of time that 64 bits hold.
	finest = 19
)

// ng is a file of draft-ietf-opsawg-pcapng: blocks, in sections of a byte order of their own.
type ng struct {
	blocks
	interfaces []ngInterface
	// foreign sections have another version, and are skipped.
	foreign bool
}

// ngInterface is where packets were captured.
type ngInterface struct {
	link    uint16
	snapLen uint32
	// units of time in a second, and the time at 0 in seconds.
	units  uint64
	offset int64
}

// newNg reads the header of the first section, whose first bytes were read already.
func newNg(r *bufio.Reader) (*ng, error) {
	n := &ng{blocks: blocks{r: r}}
	return n, n.section()
}

// next passes over the blocks that are no packets.
func (n *ng) next() (frame, error) {
	for {
		kind, err := n.kind()
		if err != nil {
			return frame{}, err
		}
		if kind == blockSection {
			if err := n.section(); err != nil {
				return frame{}, err
			}
			continue
		}
		body, err := n.length()
		if err != nil {
			return frame{}, err
		}
		switch {
		case n.foreign:
			err = n.skip(body + 4)
		case kind == blockInterface:
			err = n.addInterface(body)
		case kind == blockEnhanced || kind == blockPacket || kind == blockSimple:
			return n.packet(kind, body)
		default:
			err = n.skip(body + 4)
		}
		if err != nil {
			return frame{}, err
		}
	}
}

// kind reads the type of the next block; io.EOF where the file ends before it.
func (n *ng) kind() (uint32, error) {
	b, err := n.read(4)
	if err != nil {
		return 0, err
	}
	return n.order.Uint32(b), nil
}

// length reads that of a block, and returns the length of its body.
func (n *ng) length() (int, error) {
	b, err := n.within(4)
	if err != nil {
		return 0, err
	}
	return bodyOf(n.order.Uint32(b))
}

func bodyOf(length uint32) (int, error) {
	if length < blockFrame || length%4 != 0 || length > 1<<31-1 {
		return 0, fmt.Errorf("%w: a block of %d bytes; want a multiple of 4 from %d on", ErrFormat, length, blockFrame)
	}
	return int(length) - blockFrame, nil
}

// section reads the header of a section from its length on. The byte order of what follows is known by its magic
// number.
func (n *ng) section() error {
	b, err := n.within(8)
	if err != nil {
		return err
	}
	switch {
	case binary.LittleEndian.Uint32(b[4:]) == orderMagic:
		n.order = binary.LittleEndian
	case binary.BigEndian.Uint32(b[4:]) == orderMagic:
		n.order = binary.BigEndian
	default:
		return fmt.Errorf("%w: a section whose byte order is %x; want %x in either order", ErrFormat, b[4:8], orderMagic)
	}
	body, err := bodyOf(n.order.Uint32(b))
	switch {
	case err != nil:
		return err
	case body < 16 || body > maxHeader:
		return fmt.Errorf("%w: a section header of %d bytes", ErrFormat, body)
	}
	if b, err = n.within(body - 4 + 4); err != nil {
		return err
	}
	n.foreign, n.interfaces = n.order.Uint16(b) != ngVersion, n.interfaces[:0]
	return nil
}

// addInterface reads an interface with its options.
func (n *ng) addInterface(body int) error {
	if body < 8 || body > maxHeader || len(n.interfaces) == maxInterfaces {
		return fmt.Errorf("%w: the description of interface %d has %d bytes", ErrFormat, len(n.interfaces), body)
	}
	b, err := n.within(body + 4)
	if err != nil {
		return err
	}
	i := ngInterface{link: n.order.Uint16(b), snapLen: n.order.Uint32(b[4:]), units: 1e6}
	if err := i.options(n.order, b[8:body]); err != nil {
		return err
	}
	n.interfaces = append(n.interfaces, i)
	return nil
}

// options reads those about times; the others are of no interest.
func (i *ngInterface) options(order binary.ByteOrder, b []byte) error {
	for len(b) >= 4 {
		code, size := order.Uint16(b), int(order.Uint16(b[2:]))
		b = b[4:]
		padded := (size + 3) &^ 3
		if code == optionEnd {
			return nil
		}
		if padded > len(b) {
			return fmt.Errorf("%w: an option of %d bytes in the %d that are left", ErrFormat, size, len(b))
		}
		switch {
		case code == optionResolution && size >= 1:
			var ok bool
			if i.units, ok = unitsOf(b[0]); !ok {
				return fmt.Errorf("%w: a unit of time of %#x; want one up to 10^-%d s", ErrFormat, b[0], finest)
			}
		case code == optionOffset && size >= 8:
			i.offset = int64(order.Uint64(b))
		}
		b = b[padded:]
	}
	return nil
}

// unitsOf reads if_tsresol: a negative power of ten, or of two where the highest bit is set.
func unitsOf(resolution byte) (units uint64, ok bool) {
	power := resolution &^ 0x80
	switch {
	case resolution != power:
		return 1 << power, power < 64
	case power > finest:
		return 0, false
	}
	units = 1
	for range power {
		units *= 10
	}
	return units, true
}

// packet reads a block with a packet in it.
func (n *ng) packet(kind uint32, body int) (frame, error) {
	head := 20
	if kind == blockSimple {
		head = 4
	}
	if body < head {
		return frame{}, fmt.Errorf("%w: a packet in a block of %d bytes", ErrFormat, body)
	}
	b, err := n.within(head)
	if err != nil {
		return frame{}, err
	}
	id, f, captured, err := n.packetHead(kind, b, body-head)
	if err != nil {
		return frame{}, err
	}
	if captured > maxCaptured || int(captured) > body-head {
		return frame{}, fmt.Errorf("%w: a packet of %d captured bytes in a block of %d; want up to %d", ErrFormat,
			captured, body, maxCaptured)
	}
	f.link = n.interfaces[id].link
	if f.bytes, err = n.within(int(captured)); err != nil {
		return frame{}, err
	}
	return f, n.skip(body - head - int(captured) + 4)
}

// packetHead reads what stands before a packet's bytes, of which so many can follow.
func (n *ng) packetHead(kind uint32, b []byte, most int) (id uint32, f frame, captured uint32, err error) {
	switch kind {
	case blockEnhanced:
		id = n.order.Uint32(b)
	case blockPacket:
		id = uint32(n.order.Uint16(b))
	}
	if id >= uint32(len(n.interfaces)) {
		return 0, frame{}, 0, fmt.Errorf("%w: a packet of interface %d of %d", ErrFormat, id, len(n.interfaces))
	}
	i := &n.interfaces[id]
	if kind == blockSimple {
		f.whole = int(n.order.Uint32(b))
		captured = uint32(min(f.whole, most))
		if i.snapLen > 0 {
			captured = min(captured, i.snapLen)
		}
		return id, f, captured, nil
	}
	f.timed = true
	f.seconds, f.nanos = i.time(uint64(n.order.Uint32(b[4:]))<<32 | uint64(n.order.Uint32(b[8:])))
	f.whole = int(n.order.Uint32(b[16:]))
	return id, f, n.order.Uint32(b[12:]), nil
}

// time returns the seconds since 1970 and the nanoseconds of a time in the interface's units.
func (i *ngInterface) time(t uint64) (seconds, nanos int64) {
	high, low := bits.Mul64(t%i.units, 1e9)
	fraction, _ := bits.Div64(high, low, i.units)
	return int64(t/i.units) + i.offset, int64(fraction)
}
