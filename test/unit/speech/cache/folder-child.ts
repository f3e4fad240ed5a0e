import { systemClock } from '../../../../src/ops/clock.ts'
import { createAudioFolder } from '../../../../src/speech/cache/folder.ts'
import { keyFor, soundOf } from './sounds.ts'

/**
 * Writes and reads a shared folder for as long as it lives, and counts on standard output: what it found, and how often
 * that was not, to the bit, what belongs under its key. `maxBytes` is small enough that files are removed meanwhile.
 */
const [folder = '', maxBytes = '0', soundBytes = '3000'] = process.argv.slice(2)
const log = { warn: (facts: object) => void process.stdout.write(`warned ${JSON.stringify(facts)}\n`), debug() {} }
const cache = createAudioFolder({ folder, maxBytes: Number(maxBytes), keepMs: 3_600_000, clock: systemClock, log })
let hits = 0
let wrong = 0
for (let round = 0; ; round++) {
  // Some keys are everybody's, some only this process's.
  const name = round % 2 ? `shared ${round % 40}` : `${process.pid} ${round % 60}`
  const found = await cache.read(keyFor(name))
  if (found) hits++
  else cache.write(keyFor(name), soundOf(name, Number(soundBytes)), systemClock.now())
  if (found && JSON.stringify(found.audio) !== JSON.stringify(soundOf(name, Number(soundBytes)))) wrong++
  if (round % 50 === 49) process.stdout.write(`hits ${hits} wrong ${wrong}\n`)
}
