/** What was sent of one stream, chunk by chunk. */
export interface Tape {
  readonly stream: number
  /** Of each chunk; `-1 - ms` where something new begins to be said. Read by the functions below. */
  readonly marks: number[]
}

export function createTape(stream: number): Tape {
  return { stream, marks: [] }
}

/** A chunk was written, at that time of the one clock. */
export function record({ marks }: Tape, atMs: number, begins: boolean): void {
  marks.push(begins ? -1 - atMs : atMs)
}

/** When a chunk was written; undefined when it was not. */
export function sentAtMs({ marks }: Tape, place: number): number | undefined {
  const mark = marks[place]
  return mark === undefined || mark >= 0 ? mark : -1 - mark
}

export function beginsAt({ marks }: Tape, place: number): boolean {
  return (marks[place] ?? 0) < 0
}
