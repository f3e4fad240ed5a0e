import { readdirSync } from 'node:fs'
import { pino } from 'pino'
import { BridgeError } from '../../src/errors.ts'
import { startWorld } from '../world.ts'

/** A call whose callee is recorded into the folder given, by a process that may not write much. Tells what became of it. */
const [folder = '', what] = process.argv.slice(2)
const to = '+15551230001'
let code = ''
{
  await using world = await startWorld({ log: pino({ level: 'silent' }) })
  const phone = world.network.phone(to)
  const call = world.dial(to, '', {}, async (line) => {
    try {
      await line.record({ file: `${folder}/answer.wav`, maxMs: 60_000, silenceMs: 30_000 })
    } catch (thrown) {
      code = thrown instanceof BridgeError ? thrown.code : 'other'
      if (what === 'throw') throw thrown
      await line.say('That could not be kept.')
    }
  })
  phone.on((event) => {
    if (event.type === 'first-audio') phone.speak(new Uint8Array(400_000).fill(0x20))
  })
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  const { reason, status, error, heardText } = outcome
  process.stdout.write(
    `${JSON.stringify({ code, reason, status, heardText, error: error?.code, left: readdirSync(folder), heardMs: phone.heardMs })}\n`,
  )
}
