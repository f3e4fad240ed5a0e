import { clocks, dueAt, endAt } from './phone-rows.ts'

/** The play-out clock of one phone: when what it was sent has been played, and which marks are due. Every function takes the time. */
export interface Playout {
  mark(name: string, nowMs: number): void
  /** The next mark whose sound has been played; undefined when there is none. */
  takeDue(nowMs: number): string | undefined
  /** Throws away what is not played. All marks come back, at once. */
  clear(nowMs: number): void
}

const bytesPerMs = 8

/** Sound came: it is played behind what is waiting, 8,000 bytes a second. */
export function appendSound(row: number, audioBytes: number, nowMs: number): void {
  const at = row / 8 + endAt
  clocks[at] = Math.max(clocks[at] ?? 0, nowMs) + audioBytes / bytesPerMs
}

/** Whether there is something to take, at the cost of one look. */
export function isMarkDue(row: number, nowMs: number): boolean {
  return (clocks[row / 8 + dueAt] ?? 0) <= nowMs
}

export function createPlayout(row: number): Playout {
  let marks: { readonly name: string; readonly dueMs: number }[] = []
  const due = row / 8 + dueAt
  const tellDue = () => void (clocks[due] = marks[0]?.dueMs ?? Number.POSITIVE_INFINITY)
  return {
    mark(name, nowMs) {
      marks.push({ name, dueMs: Math.max(clocks[row / 8 + endAt] ?? 0, nowMs) })
      tellDue()
    },
    takeDue(nowMs) {
      const [first] = marks
      if (first === undefined || first.dueMs > nowMs) return undefined
      marks.shift()
      tellDue()
      return first.name
    },
    clear(nowMs) {
      clocks[row / 8 + endAt] = nowMs
      marks = marks.map(({ name }) => ({ name, dueMs: nowMs }))
      tellDue()
    },
  }
}
