package words

import "agistorm/analysis/finding"

// runPhrases are the words for facts about a run as a whole.
var runPhrases = map[finding.Code]string{
	"no-storm": `No storm was recorded.`,
}
