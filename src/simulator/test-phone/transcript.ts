/** What happened at a phone, for a person to read. */
export interface Transcript {
  add(atMs: number, words: string): void
  /** One line for each happening: minutes, seconds and tenths since the call began, and what happened. */
  readonly text: string
}

export function createTranscript(startMs: number): Transcript {
  const lines: string[] = []
  return {
    add(atMs, words) {
      lines.push(`${sinceStart(atMs - startMs).padStart(8)}  ${words}`)
    },
    get text() {
      return lines.length === 0 ? '  (nothing happened yet)' : lines.join('\n')
    },
  }
}

function sinceStart(ms: number): string {
  const tenths = Math.round(Math.max(0, ms) / 100)
  const minutes = Math.floor(tenths / 600)
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`
}
