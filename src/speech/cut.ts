/** Marks after which a long sentence may be cut; the Latin ones only before a space, so that 10,000 stays whole. */
const clauseEnd = /(?:[,;:.!?…)–—-]["'’”»)]*\s+|[、，；：。！？؛،।]\s*)$/u
const clauseWindowChars = 40

/**
 * Cuts what is too long. Takes and gives the ends of pieces, as UTF-16 indices, ascending; the last is the end of the
 * text. `elements` are spans, ascending, inside which there is no cut.
 */
export function cutLong(
  text: string,
  ends: readonly number[],
  elements: readonly (readonly [start: number, end: number])[],
  longestChars: number,
): number[] {
  const cuts: number[] = []
  let element = 0
  let start = 0
  for (const end of ends) {
    while (end - start > longestChars) {
      while ((elements[element]?.[1] ?? Infinity) <= start) element++
      const spans = elements.slice(element, element + longestChars).filter(([from]) => from < start + longestChars)
      const cut = nextCut(text, start, start + longestChars, spans)
      if (cut >= end) break
      cuts.push(cut)
      start = cut
    }
    cuts.push(end)
    start = end
  }
  return cuts
}

function nextCut(
  text: string,
  start: number,
  limit: number,
  spans: readonly (readonly [start: number, end: number])[],
): number {
  const allowed = (at: number) =>
    at > start && !spans.some(([from, to]) => at > from && at < to) && !continues(text, at)
  const middle = start + Math.floor((limit - start) / 2)
  for (let at = limit; at > middle; at--)
    if (allowed(at) && clauseEnd.test(text.slice(Math.max(start, at - clauseWindowChars), at))) return at
  for (let at = limit; at > start; at--) if (/\s/.test(text.charAt(at - 1)) && allowed(at)) return at
  return characterCut(text, start, limit, spans)
}

/** Between two characters as a reader sees them: not inside an accented letter or a family of emoji. */
function characterCut(
  text: string,
  start: number,
  limit: number,
  spans: readonly (readonly [start: number, end: number])[],
): number {
  let cut = limit
  for (const { index } of new Intl.Segmenter().segment(text.slice(start, limit + 2))) {
    if (index > limit - start) break
    if (index > 0) cut = start + index
  }
  // One endless "character" (a thousand accents on one letter) is cut all the same, but not inside a surrogate pair.
  if (/^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(cut - 1, cut + 1)) && cut - 1 > start) cut--
  const inside = spans.find(([from, to]) => cut > from && cut < to)
  if (!inside) return cut
  return inside[0] > start ? inside[0] : inside[1]
}

/** Whether the character at `at` belongs to the one before it. */
function continues(text: string, at: number): boolean {
  return /^(?:\p{M}|\u200d)/u.test(text.slice(at, at + 2))
}
