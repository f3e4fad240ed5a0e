/** The play-out clock of one phone: when what it was sent has been played, and which marks are due. Pure; every function takes the time. */
export interface Playout {
  /** Sound came: it is played behind what is waiting, 8,000 bytes a second. */
  append(audioBytes: number, nowMs: number): void
  mark(name: string, nowMs: number): void
  /** The next mark whose sound has been played; undefined when there is none. */
  takeDue(nowMs: number): string | undefined
  /** Throws away what is not played. All marks come back, at once. */
  clear(nowMs: number): void
}

const bytesPerMs = 8

export function createPlayout(): Playout {
  const marks: { readonly name: string; dueMs: number }[] = []
  /** When all that came will have been played. */
  let endMs = 0
  return {
    append(audioBytes, nowMs) {
      endMs = Math.max(endMs, nowMs) + audioBytes / bytesPerMs
    },
    mark(name, nowMs) {
      marks.push({ name, dueMs: Math.max(endMs, nowMs) })
    },
    takeDue(nowMs) {
      const [first] = marks
      if (first === undefined || first.dueMs > nowMs) return undefined
      marks.shift()
      return first.name
    },
    clear(nowMs) {
      endMs = nowMs
      for (const mark of marks) mark.dueMs = nowMs
    },
  }
}
