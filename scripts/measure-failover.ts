import { buildApp } from '../src/app.ts'
import { bytesToMs } from '../src/audio/duration.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { createLogger } from '../src/ops/logger.ts'
import type { AsyncBehaviour } from '../src/simulator/async/behaviour.ts'
import type { Happening } from '../src/simulator/async/incidents.ts'
import { type AsyncService, startAsyncService } from '../src/simulator/async/service.ts'
import { createSteppedClock, type SteppedClock } from '../src/simulator/clock.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { createAsyncSpeech } from '../src/speech/async/provider.ts'
import { createFailoverSpeech } from '../src/speech/failover/provider.ts'
import { connectMs, firstSoundMs, markdownTable, quantile, simulatedConfig } from './measuring.ts'
import { readWords } from './read-words.ts'

const help = `How long the callee hears nothing when a speech provider fails in the middle of a call and the next one goes on:
whole calls between the emulators, on a stepped clock, so that the figures are the same on every machine. The failure comes
behind each audio chunk in turn; each service takes ${connectMs} ms for a connection and ${firstSoundMs} ms for the first sound of a text.

  node scripts/measure-failover.ts [--calls NUMBER] [--json]

  --calls NUMBER  calls of each kind, 1 to 45 (default 45: one for each chunk of the text)
  --json          one JSON object on standard output

Settings are not read. Exit codes: 0 measured, 1 a call was not heard whole, 2 wrong words.
`
const text =
  'This is the first sentence of four. Here comes the second one, somewhat longer than the first. ' +
  'And this is the third. With the fourth the message is over.'
/** The text sounds for some nine seconds, in chunks of 200 ms. */
const chunks = 45
const firstAudioTimeoutMs = 1_500

const failures: readonly { readonly name: string; readonly what: Happening; readonly rate: number }[] = [
  { name: 'socket cut', what: { kind: 'drop' }, rate: 5 },
  { name: 'socket cut, service no faster than real time', what: { kind: 'drop' }, rate: 1 },
  { name: 'closed in order', what: { kind: 'close', code: 1000 }, rate: 5 },
  { name: 'error: too many requests', what: { kind: 'error', code: 'TOO_MANY_CONCURRENT_REQUESTS' }, rate: 5 },
  { name: 'error: quota used up', what: { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' }, rate: 5 },
  { name: 'stall', what: { kind: 'stall' }, rate: 5 },
  { name: 'stall, service no faster than real time', what: { kind: 'stall' }, rate: 1 },
  { name: 'network gone', what: { kind: 'freeze' }, rate: 5 },
]

interface Measured {
  readonly failure: string
  readonly calls: number
  readonly medianMs: number
  readonly p99Ms: number
}

/** The longest silence between the first sound and the last. */
async function gapMs(what: Happening | undefined, nth: number, rate: number): Promise<number> {
  const clock = createSteppedClock()
  const network = await startPhoneNetwork({ clock })
  const usual: Partial<AsyncBehaviour> = { handshakeDelayMs: connectMs, firstAudioDelayMs: firstSoundMs }
  const first = await startAsyncService({ clock, behaviour: { ...usual, deliveryRate: rate } })
  const second = await startAsyncService({ clock, behaviour: usual })
  const config = simulatedConfig(network, first, { SPEECH_CACHE: 'off', PRESYNTHESIZE: 'off' })
  let publicUrl = ''
  const app = await buildApp(config, {
    clock,
    log: createLogger('silent'),
    publicUrl: () => publicUrl,
    lookEveryMs: 30_000,
    speech: createFailoverSpeech(
      voice(first, clock),
      [voice(second, clock)],
      { firstAudioTimeoutMs },
      { clock, log: { error() {}, info() {} } },
    ),
  })
  publicUrl = await app.server.listen({ host: '127.0.0.1', port: 0 })
  try {
    const phone = network.phone('+15551230001')
    const call = (message: string) =>
      clock.runUntil(
        app.dial({
          to: phone.number,
          from: network.account.numbers[0] ?? '',
          parameters: { message },
          ringMs: 60_000,
          detectVoicemail: false,
          keepAudio: false,
        }).outcome,
      )
    // A call before, as there is in a server that has run for a while: it shows how the service tells the end.
    await call('A call before.')
    if (what) first.behaviour.incidents = [{ at: 'audio', nth, connection: 2, what }]
    const outcome = await call(text)
    await clock.runUntil(phone.ended)
    if (outcome.heardText !== text)
      throw new BridgeError('internal', `A simulated call was not heard whole: ${outcome.status} (${outcome.reason}).`)
    return longestSilenceMs(phone.recording)
  } finally {
    await clock.runUntil(app.close())
    for (const service of [first, second]) await service.close()
    await network.close()
  }
}

function voice({ url, apiKey, voiceId }: AsyncService, clock: SteppedClock) {
  return createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
}

function longestSilenceMs(recording: Uint8Array): number {
  let longest = 0
  let last: number | undefined
  for (const [at, byte] of recording.entries()) {
    if (byte === 0xff) continue
    if (last !== undefined) longest = Math.max(longest, at - last - 1)
    last = at
  }
  return bytesToMs(longest)
}

async function measure({ name, what, rate }: (typeof failures)[number], calls: number): Promise<Measured> {
  const gaps: number[] = []
  for (let call = 1; call <= calls; call++) gaps.push(await gapMs(what, Math.ceil((call * chunks) / calls), rate))
  return { failure: name, calls: gaps.length, medianMs: quantile(gaps, 0.5), p99Ms: quantile(gaps, 0.99) }
}

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: { calls: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const calls = Number(values.calls ?? chunks)
  if (positionals.length > 0 || !Number.isInteger(calls) || calls < 1 || calls > chunks)
    throw new BridgeError(
      'usage.invalid',
      `Expected --calls with a whole number from 1 to ${chunks}, and no other words.`,
    )
  const measured: Measured[] = []
  for (const failure of failures) measured.push(await measure(failure, calls))
  const rows = measured.map(({ failure, calls, medianMs, p99Ms }) => [
    failure,
    String(calls),
    `${Math.round(medianMs)} ms`,
    `${Math.round(p99Ms)} ms`,
  ])
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ connectMs, firstSoundMs, gaps: measured })}\n`
      : markdownTable(['the first provider fails by', 'calls', 'median gap', '99th percentile'], rows),
  )
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
