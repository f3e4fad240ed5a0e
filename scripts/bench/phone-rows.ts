/**
 * What is looked at for every frame of a phone, side by side in 64 bytes: one line of the processor's cache for each phone.
 * Beside the kernel's own data of 500 calls nothing stays in the cache from one frame of a phone to its next, and what has to be
 * fetched anew takes 0.14 µs, whatever its size.
 */
const rowBytes = 64
export const sidBytes = 34
/** Twice the most calls, so that nobody who still speaks is overwritten. */
const rows = 8_192
const buffer = new ArrayBuffer(rows * rowBytes)

/** The stream's name, at the beginning of the row. */
export const sids: Buffer = Buffer.from(buffer)
/** Counters of what the phone sends, by `place / 4`. */
export const counters: Int32Array = new Int32Array(buffer)
export const sequenceAt = 9
export const chunkAt = 10
/** The play-out clock, by `place / 8`: when all that came will have been played, and when the next mark is due. */
export const clocks: Float64Array = new Float64Array(buffer)
export const endAt = 6
export const dueAt = 7

let taken = 0

/** @returns the place of the row's first byte */
export function takeRow(streamSid: string): number {
  const row = (taken++ % rows) * rowBytes
  sids.fill(0, row, row + rowBytes)
  sids.write(streamSid, row, sidBytes, 'latin1')
  clocks[row / 8 + dueAt] = Number.POSITIVE_INFINITY
  return row
}
