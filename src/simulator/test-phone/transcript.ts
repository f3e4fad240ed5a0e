/** What happened at a phone, for a person to read. */
export interface Transcript {
  /** Returns what adds words to the line. */
  add(atMs: number, words: string): (more: string) => void
  /** One line for each happening: minutes, seconds and tenths since the call began, and what happened. */
  readonly text: string
}

/** @param before called before a line is added or read: what is known by then and was not told is to be added first */
export function createTranscript(startMs: number, before: () => void): Transcript {
  const lines: string[] = []
  let telling = false

  function tellFirst(): void {
    if (telling) return
    telling = true
    before()
    telling = false
  }

  return {
    add(atMs, words) {
      tellFirst()
      const place = lines.push(`${sinceStart(atMs - startMs).padStart(8)}  ${words}`) - 1
      return (more) => void (lines[place] += more)
    },
    get text() {
      tellFirst()
      return lines.length === 0 ? '  (nothing happened yet)' : lines.join('\n')
    },
  }
}

function sinceStart(ms: number): string {
  const tenths = Math.round(Math.max(0, ms) / 100)
  const minutes = Math.floor(tenths / 600)
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`
}
