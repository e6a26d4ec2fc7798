package scenarios

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a scenario file. The YAML library's parser needs memory by the square of a file's depth, and its decoder
// takes each alias for all that its anchor has. So they are checked before it sees the file.
const (
	// maxFile is in bytes.
	maxFile = 64 << 10
	// maxTokens are words and signs; a list of 100 settings with ten keys each has 4,200.
	maxTokens = 20_000
	// maxDepth is that of lists and keys in each other; the deepest of a scenario is 7.
	maxDepth = 16
	// maxAliases are anchors and aliases together.
	maxAliases = 100
	// maxNodes are those of a file in which each alias is replaced.
	maxNodes = 20_000
	// maxList is the length of a list.
	maxList = 1000
)

// tokenError is about a token, whose place it gives.
type tokenError struct {
	at  *token.Token
	err error
}

func (e *tokenError) Error() string { return e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

func wrongToken(at *token.Token, format string, args ...any) error {
	return &tokenError{at, fmt.Errorf(format, args...)}
}

// tokenize returns the tokens of a file that is within the bounds.
func tokenize(data []byte) (token.Tokens, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("larger than %d KiB: that is no scenario", maxFile>>10)
	}
	tokens := lexer.Tokenize(string(data))
	if len(tokens) > maxTokens {
		return nil, wrongToken(tokens[maxTokens], "more than %d words and signs: that is no scenario", maxTokens)
	}
	var deep nesting
	var parts documents
	aliases := 0
	for _, t := range tokens {
		switch t.Type {
		case token.TagType:
			return nil, wrongToken(t, "a tag: want the value without it")
		case token.DirectiveType:
			return nil, wrongToken(t, "a directive: want the scenario without it")
		case token.AnchorType, token.AliasType:
			if aliases++; aliases > maxAliases {
				return nil, wrongToken(t, "more than %d anchors and aliases", maxAliases)
			}
		}
		if deep.add(t); deep.depth() > maxDepth {
			return nil, wrongToken(t, "deeper than %d lists and keys in each other", maxDepth)
		}
		if parts.add(t); parts.second {
			return nil, wrongToken(t, "a second document: want one scenario a file")
		}
	}
	return tokens, nil
}

// nesting is in what a token stands: keys and list entries by their columns, and those in brackets.
type nesting struct {
	block []int
	// flow has a place for each open bracket, and one for each key since the last comma in it.
	flow []bool
}

func (n *nesting) depth() int { return len(n.block) + len(n.flow) }

func (n *nesting) add(t *token.Token) {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.flow = append(n.flow, true)
	case token.SequenceEndType, token.MappingEndType:
		n.dropKeys()
		n.flow = n.flow[:max(len(n.flow)-1, 0)]
	case token.CollectEntryType:
		n.dropKeys()
	case token.SequenceEntryType, token.MappingKeyType:
		n.entry(t)
	case token.MappingValueType:
		if t.Prev != nil {
			t = t.Prev
		}
		n.entry(t)
	}
}

// dropKeys ends the keys since the last bracket.
func (n *nesting) dropKeys() {
	for len(n.flow) > 0 && !n.flow[len(n.flow)-1] {
		n.flow = n.flow[:len(n.flow)-1]
	}
}

// entry begins an entry of a list, or a key, which ends those that begin no further left.
func (n *nesting) entry(t *token.Token) {
	if len(n.flow) > 0 {
		n.flow = append(n.flow, false)
		return
	}
	for len(n.block) > 0 && n.block[len(n.block)-1] >= t.Position.Column {
		n.block = n.block[:len(n.block)-1]
	}
	n.block = append(n.block, t.Position.Column)
}

// documents finds the beginning of a second one.
type documents struct {
	// begun: something stood in the first document; ended: nothing may follow it.
	begun, ended, second bool
}

func (d *documents) add(t *token.Token) {
	switch t.Type {
	case token.CommentType:
	case token.DocumentHeaderType:
		d.second = d.begun
	case token.DocumentEndType:
		d.ended = d.begun
	default:
		d.begun, d.second = true, d.ended
	}
}

// checkAliases refuses a file that would be far longer if each alias were replaced by what it stands for.
func checkAliases(file *ast.File) error {
	count := weight{anchors: map[string]int{}}
	for _, doc := range file.Docs {
		ast.Walk(&count, doc)
	}
	if count.nodes > maxNodes {
		return errors.New("its aliases stand for more than 20,000 keys and values: that is no scenario")
	}
	return nil
}

// weight counts nodes, for an alias those of its anchor. More than maxNodes are one more.
type weight struct {
	nodes   int
	anchors map[string]int
}

// Visit is for ast.Walk.
func (w *weight) Visit(n ast.Node) ast.Visitor {
	w.add(1)
	switch n := n.(type) {
	case *ast.AnchorNode:
		below := weight{anchors: w.anchors}
		ast.Walk(&below, n.Value)
		w.add(below.nodes)
		w.anchors[n.Name.String()] = below.nodes
		return nil
	case *ast.AliasNode:
		w.add(w.anchors[n.Value.String()])
		return nil
	}
	return w
}

func (w *weight) add(n int) { w.nodes = min(w.nodes+n, maxNodes+1) }
