"""修正建議單 as a page's words, as DOCX and as PDF. The same note and the same date give the same bytes."""
