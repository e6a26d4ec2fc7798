package agi

import "bytes"

// MaxSet bounds what a script can make a channel remember, names and values together.
const MaxSet = 8 << 10

// entry is the first of what is remembered in set: name, NUL, value, NUL. No word of a command has a NUL in
// it.
func entry(set []byte) (name, value, whole []byte) {
	name, rest, _ := bytes.Cut(set, []byte{0})
	value, _, _ = bytes.Cut(rest, []byte{0})
	return name, value, set[:len(name)+len(value)+2]
}

// remembered finds the value of a name.
func (c *Channel) remembered(name []byte) (value []byte, ok bool) {
	for rest := c.Set; len(rest) > 0; {
		n, value, whole := entry(rest)
		if bytes.Equal(n, name) {
			return value, true
		}
		rest = rest[len(whole):]
	}
	return nil, false
}

// remember keeps a value in place of the one that its name had.
func (c *Channel) remember(name, value []byte) {
	c.forget(func(n []byte) bool { return bytes.Equal(n, name) })
	if len(c.Set)+len(name)+len(value)+2 > MaxSet {
		return
	}
	c.Set = append(append(c.Set, name...), 0)
	c.Set = append(append(c.Set, value...), 0)
}

// forget removes the entries whose names are meant, and counts them.
func (c *Channel) forget(meant func(name []byte) bool) (n int) {
	kept := c.Set[:0]
	for rest := c.Set; len(rest) > 0; {
		name, _, whole := entry(rest)
		if meant(name) {
			n++
		} else {
			kept = append(kept, whole...) // at its own place or before it
		}
		rest = rest[len(whole):]
	}
	c.Set = kept
	return n
}

// inDatabase begins the names of what a script has put into the database. No word of a command has a line
// feed in it.
const inDatabase = "\n"

// databaseKey appends the name that an entry of the database is remembered by; Asterisk's own is /FAMILY/KEY
// (main/db.c, ast_db_put).
func databaseKey(dst, family, key []byte) []byte {
	dst = append(append(dst, inDatabase+"/"...), family...)
	return append(append(dst, '/'), key...)
}

// appendDatabase answers the commands of the database. It is the call's own: what another call puts is not
// there.
func (a *answer) appendDatabase(dst []byte) []byte {
	var room [64]byte
	family, key := a.words[2], []byte(nil)
	if len(a.words) > 3 {
		key = a.words[3]
	}
	switch name := databaseKey(room[:0], family, key); a.s.act {
	case getDatabase:
		value, ok := a.c.remembered(name)
		if !ok {
			return append(dst, "0\n"...)
		}
		return appendResultValue(dst, value)
	case putDatabase:
		a.c.remember(name, a.words[4])
	case deleteDatabase: // 1 also where there was none: SQL's DELETE succeeds
		a.c.forget(func(n []byte) bool { return bytes.Equal(n, name) })
	case deleteDatabaseTree:
		if a.c.forgetTree(family, key) > 0 {
			return append(dst, "0\n"...) // not 1: handle_dbdeltree has it so
		}
	}
	return append(dst, "1\n"...)
}

// forgetTree removes what is below a family, or below a key of it, and counts it; all where there is neither.
func (c *Channel) forgetTree(family, key []byte) int {
	tree := append([]byte(inDatabase), '/')
	switch {
	case len(family) == 0 && len(key) > 0:
		return 0
	case len(key) > 0:
		tree = append(databaseKey(tree[:0], family, key), '/')
	case len(family) > 0:
		tree = databaseKey(tree[:0], family, nil)
	}
	return c.forget(func(n []byte) bool {
		return bytes.HasPrefix(n, tree) || len(tree) > 2 && bytes.Equal(n, tree[:len(tree)-1])
	})
}
