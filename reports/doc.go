// Package reports writes what a run shows: a page, Markdown for a pull request, text for a
// terminal, JSON, and the files of other tools. What is said, and in which order, is decided once,
// by the builders of a document (runDocument, sideDocument): a new section is one function and its
// line there. Package document lays it out as text and Markdown, and writePage as HTML. The same
// Summary always gives the same bytes.
//
// Of a number that is not known every form shows "–", never 0.
package reports
