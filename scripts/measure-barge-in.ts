import { buildApp } from '../src/app.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import type { Flow } from '../src/flows/flow.ts'
import { createLogger } from '../src/ops/logger.ts'
import { systemClock } from '../src/ops/clock.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { machine, markdownTable, quantile, simulatedConfig } from './measuring.ts'
import { readWords } from './read-words.ts'

const help = `How soon a key silences what is being said: calls at the same time between the emulators, on the clock of this machine,
each of which is silenced some times. Measured twice: in the server, from the key's frame having been read to the \`clear\` having been
written; and at the phone network, from the sending of the one to the arrival of the other. The emulators run in the same
process, so that the turns of all phones and of the speech service are in the second.

  node scripts/measure-barge-in.ts [--calls NUMBER] [--keys NUMBER] [--json]

  --calls NUMBER  calls at once, 1 to 500 (default 100)
  --keys NUMBER   keys pressed in each, 1 to 100 (default 10)
  --json          one JSON object on standard output

Settings are not read. Exit codes: 0 measured, 1 most keys silenced nothing, 2 wrong words.
`
const defaultCalls = 100
const mostCalls = 500
const defaultKeys = 10
const mostKeys = 100
/** From one key of a phone to its next; the keys of all phones are spread over it. */
const betweenKeysMs = 2_000
const speakingMs = 3_000
/** Some four seconds. One sentence: what the service was given it makes to the end before it begins with what is new. */
const text = 'This is a long sentence, which goes on until somebody presses a key.'

interface Delays {
  readonly inServer: readonly number[]
  readonly overTheWire: readonly number[]
}

function silencedBy(keys: number): Flow {
  return async (call) => {
    for (let key = 0; key < keys; key++) await call.say(text, { bargeIn: 'keys' })
  }
}

async function measure(calls: number, keys: number): Promise<Delays> {
  const network = await startPhoneNetwork({ behaviour: { postDialDelayMs: 0 } })
  const service = await startAsyncService({
    behaviour: { concurrencyLimit: Number.POSITIVE_INFINITY, closeContext: 'truncating' },
  })
  const config = simulatedConfig(network, service, { SPEECH_CACHE: 'off', PRESYNTHESIZE: 'off' })
  let publicUrl = ''
  const app = await buildApp(config, {
    clock: systemClock,
    log: createLogger('silent'),
    publicUrl: () => publicUrl,
    loopDelayMs: () => 0,
  })
  publicUrl = await app.server.listen({ host: '127.0.0.1', port: 0 })
  const from = network.account.numbers[0] ?? ''
  try {
    const phones = Array.from({ length: calls }, (_, index) =>
      network.phone(`+1555123${String(index).padStart(4, '0')}`, {
        answer: { afterMs: 0 },
        steps: Array.from({ length: keys }, (_, key) => ({
          afterAnswerMs: speakingMs + (key + index / calls) * betweenKeysMs,
          press: '1',
        })),
      }),
    )
    const parameters = {}
    const flow = silencedBy(keys)
    const dialled = phones.map(({ number }) =>
      app.dial({ to: number, from, parameters, ringMs: 60_000, detectVoicemail: false, keepAudio: false }, flow),
    )
    await Promise.all(dialled.map((call) => call.outcome))
    return {
      inServer: dialled.flatMap(({ events }) => delays(events, 'key', 'interrupted')),
      overTheWire: phones.flatMap(({ events }) => delays(events, 'pressed', 'clear')),
    }
  } finally {
    await app.close()
    await service.close()
    await network.close()
  }
}

/** From each key to what it set off; a key that came before the first sound of what was being said clears nothing. */
function delays<Type extends string>(
  events: readonly { readonly type: Type; readonly atMs: number }[],
  key: Type,
  silenced: Type,
): number[] {
  const both = events.filter(({ type }) => type === key || type === silenced)
  return both.flatMap(({ type, atMs }, place) => {
    const next = both[place + 1]
    return type === key && next?.type === silenced ? [next.atMs - atMs] : []
  })
}

function count(option: string, word: string, most: number): number {
  const number = Number(word)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new BridgeError('usage.invalid', `${option}: expected a whole number from 1 to ${most}.`)
}

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      calls: { type: 'string' },
      keys: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  if (positionals.length > 0) throw new BridgeError('usage.invalid', 'Expected --calls and --keys, and no other words.')
  const calls = count('--calls', values.calls ?? String(defaultCalls), mostCalls)
  const keys = count('--keys', values.keys ?? String(defaultKeys), mostKeys)
  const { inServer, overTheWire } = await measure(calls, keys)
  if (overTheWire.length < (calls * keys) / 2)
    throw new BridgeError('internal', 'Most keys came before a first sound: the machine is too busy to measure.')
  const told = { inServer: figures(inServer), overTheWire: figures(overTheWire) }
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ calls, keys: overTheWire.length, ...told, machine: machine() })}\n`)
    return
  }
  const rows = Object.entries(told).map(([where, { medianMs, p99Ms, worstMs }]) => [
    where === 'inServer' ? 'in the server' : 'at the phone network',
    ...[medianMs, p99Ms, worstMs].map((ms) => `${ms.toFixed(2)} ms`),
  ])
  process.stdout.write(
    `${calls} calls, ${overTheWire.length} keys; ${machine()}\n\n${markdownTable(['from key to `clear`', 'median', '99th percentile', 'worst'], rows)}`,
  )
}

function figures(values: readonly number[]) {
  return { medianMs: quantile(values, 0.5), p99Ms: quantile(values, 0.99), worstMs: Math.max(...values) }
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
