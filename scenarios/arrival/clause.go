package arrival

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// clause is a word that may follow a form, and its value.
type clause struct {
	word string
	// value is what stands for it in messages; "" where there is none.
	value string
	read  func(s *selection, value string) error
}

func (c clause) String() string { return strings.TrimSpace(c.word + " " + c.value) }

// isClause reports whether a word begins one of the clauses.
func isClause(clauses []clause, word string) bool {
	return slices.ContainsFunc(clauses, func(c clause) bool { return c.word == word })
}

// readClauses reads all words. A value ends before the next clause, so that it may have blanks.
func readClauses(clauses []clause, words []string, near func(string, []string) string) (s selection, err error) {
	seen := map[string]bool{}
	for len(words) > 0 {
		i := slices.IndexFunc(clauses, func(c clause) bool { return c.word == words[0] })
		switch {
		case i < 0:
			return s, unknownClause(clauses, words[0], near)
		case seen[words[0]]:
			return s, fmt.Errorf("%s stands there twice: want it once", words[0])
		}
		c, end := clauses[i], 1
		if seen[c.word] = true; c.value != "" {
			if len(words) == 1 {
				return s, fmt.Errorf("want %q", c.String())
			}
			for end = 2; end < len(words) && !isClause(clauses, words[end]); end++ {
			}
		}
		if err := c.read(&s, strings.Join(words[1:end], " ")); err != nil {
			return s, err
		}
		s.words = append(s.words, strings.Join(words[:end], " "))
		words = words[end:]
	}
	return s, nil
}

func unknownClause(clauses []clause, word string, near func(string, []string) string) error {
	var known, patterns []string
	for _, c := range clauses {
		known, patterns = append(known, c.word), append(patterns, c.String())
	}
	if near != nil {
		if meant := near(word, known); meant != "" {
			return fmt.Errorf("%q: did you mean %s?", word, meant)
		}
	}
	return errors.New("after the file, want " + oneOf(patterns) + ", not " + fmt.Sprintf("%q", word))
}
