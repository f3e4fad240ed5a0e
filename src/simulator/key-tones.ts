import { decodeMulaw } from '../audio/mulaw.ts'

const rows = [697, 770, 852, 941]
const columns = [1209, 1336, 1477, 1633]
const keys = ['1', '2', '3', 'A', '4', '5', '6', 'B', '7', '8', '9', 'C', '*', '0', '#', 'D']

/** The peak amplitude of the sine of `hz` in the samples (8,000 Hz), by Goertzel's algorithm. */
export function power(samples: Int16Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / 8000)
  let before = 0
  let last = 0
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before]
  const energy = last * last + before * before - coefficient * last * before
  return (2 * Math.sqrt(Math.max(0, energy))) / samples.length
}

/** The keys that a detector of telephone tones tells in mu-law, window by window of 20 ms. */
export function keysHeard(mulaw: Uint8Array): string {
  const windows: string[] = []
  for (let at = 0; at + 160 <= mulaw.length; at += 160) windows.push(keyOf(decodeMulaw(mulaw.subarray(at, at + 160))))
  // A key counts when it lasts for two windows, and anew after a pause.
  return windows.filter((key, at) => key !== '' && windows[at + 1] === key && windows[at - 1] !== key).join('')
}

function keyOf(samples: Int16Array): string {
  const strongest = (tones: number[]) => {
    const levels = tones.map((hz) => power(samples, hz))
    const place = levels.indexOf(Math.max(...levels))
    const others = Math.max(...levels.filter((_, other) => other !== place))
    return { place, clear: (levels[place] ?? 0) > 1000 && (levels[place] ?? 0) > 2.5 * others }
  }
  const row = strongest(rows)
  const column = strongest(columns)
  return row.clear && column.clear ? (keys[row.place * 4 + column.place] ?? '') : ''
}
