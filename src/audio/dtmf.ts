import { msToBytes } from './duration.ts'
import { silence } from './mulaw.ts'
import { tone } from './tone.ts'

/** The keys of a telephone by the two tones each sounds: a row and a column (ITU-T Q.23). */
const rowsHz = [697, 770, 852, 941]
const columnsHz = [1209, 1336, 1477, 1633]
const keyboard = ['123A', '456B', '789C', '*0#D']

/** Within what senders use (ETSI ES 201 235-2); the higher tone is the louder, since lines weaken it more. */
const rowDbm0 = -10
const columnDbm0 = -8

const onMs = 100
const offMs = 100
const waitMs = 500
const maxKeys = 100

/**
 * Keys as the tones of a telephone, in mu-law: each sounds for 100 ms, with 100 ms of silence behind it.
 * Throws RangeError for what no telephone has; it does not repeat the keys.
 *
 * @param keys `0` to `9`, `A` to `D`, `*`, `#`, and `w` for a pause of half a second
 */
export function dtmf(keys: string): Uint8Array {
  if (!/^[0-9A-D*#w]+$/.test(keys) || keys.length > maxKeys)
    throw new RangeError(
      `expected 1 to ${maxKeys} keys of 0 to 9, A to D, *, # and w, got something else (${keys.length} characters)`,
    )
  const pause = (ms: number) => new Uint8Array(msToBytes(ms)).fill(silence)
  return Buffer.concat(
    Array.from(keys).flatMap((key) => (key === 'w' ? [pause(waitMs)] : [tone(tonesOf(key), onMs), pause(offMs)])),
  )
}

function tonesOf(key: string): { hz: number; dbm0: number }[] {
  const row = keyboard.findIndex((keys) => keys.includes(key))
  const column = keyboard[row]?.indexOf(key) ?? 0
  return [
    { hz: rowsHz[row] ?? 0, dbm0: rowDbm0 },
    { hz: columnsHz[column] ?? 0, dbm0: columnDbm0 },
  ]
}
