import { buildApp } from '../src/app.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { systemClock } from '../src/ops/clock.ts'
import { createLogger } from '../src/ops/logger.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { createAsyncSpeech } from '../src/speech/async/provider.ts'
import type { SpeechProvider, SpeechSession } from '../src/speech/provider.ts'
import { connectMs, firstSoundMs, machine, markdownTable, quantile, simulatedConfig } from './measuring.ts'
import { readWords } from './read-words.ts'

const help = `How long after the media stream has opened the first words leave for the phone: whole calls between the emulators,
on the machine's own time; the emulated service takes ${connectMs} ms for a connection and ${firstSoundMs} ms for the first sound of a text.

  node scripts/measure-speech.ts [--calls NUMBER] [--json]

  --calls NUMBER  calls of each kind, 1 to 10000 (default 100)
  --json          one JSON object on standard output

Settings are not read. Exit codes: 0 measured, 1 a call was not heard, 2 wrong words.
`
/** Long enough to connect and to render while it rings. */
const ringMs = 700
const callsAtOnce = 10

interface Kind {
  readonly name: string
  readonly settings: Readonly<Record<string, string>>
  /** Another text for each call, so that none is found rendered. */
  readonly distinct: boolean
  readonly provider?: (provider: SpeechProvider) => SpeechProvider
}

const off = { SPEECH_CACHE: 'off', PRESYNTHESIZE: 'off' }
const kinds: readonly Kind[] = [
  { name: 'cold: connected at the first word', settings: off, distinct: true, provider: openedLate },
  { name: 'warm: connected while it rings', settings: off, distinct: true },
  { name: 'pre-rendered while it rings', settings: { ...off, PRESYNTHESIZE: 'on' }, distinct: true },
  { name: 'cached', settings: { ...off, SPEECH_CACHE: 'on', SPEECH_CACHE_MB: '0' }, distinct: false },
]

interface Measured {
  readonly kind: string
  readonly calls: number
  readonly medianMs: number
  readonly p99Ms: number
}

async function measure(kind: Kind, calls: number): Promise<Measured> {
  const network = await startPhoneNetwork()
  const service = await startAsyncService({
    behaviour: { handshakeDelayMs: connectMs, firstAudioDelayMs: firstSoundMs },
  })
  const from = network.account.numbers[0] ?? ''
  const config = simulatedConfig(network, service, kind.settings)
  const { url, apiKey, voiceId } = service
  const plain = createAsyncSpeech({ url, apiKey, voiceId, modelId: config.ASYNC_MODEL_ID }, { clock: systemClock })
  let publicUrl = ''
  const app = await buildApp(config, {
    clock: systemClock,
    log: createLogger('silent'),
    publicUrl: () => publicUrl,
    ...(kind.provider === undefined ? {} : { speech: kind.provider(plain) }),
  })
  publicUrl = await app.server.listen({ host: '127.0.0.1', port: 0 })

  async function call(index: number): Promise<number> {
    const to = `+1555${String(1_000_000 + index)}`
    network.phone(to, { answer: { afterMs: ringMs } })
    const message = kind.distinct ? `Hi ${index}.` : 'Hi.'
    const parameters = { message }
    const live = app.dial({ to, from, parameters, ringMs: 60_000, detectVoicemail: false, keepAudio: false })
    const outcome = await live.outcome
    if (outcome.status !== 'heard')
      throw new BridgeError('internal', `A simulated call was not heard: ${outcome.status} (${outcome.reason}).`)
    const at = (type: string) => live.events.find((event) => event.type === type)?.atMs ?? Number.NaN
    return at('first-audio') - at('streaming')
  }

  try {
    // The first call of a process compiles what it runs.
    await call(0)
    const measuredMs: number[] = []
    for (let done = 0; done < calls; done += callsAtOnce) {
      const batch = Array.from({ length: Math.min(callsAtOnce, calls - done) }, (_, index) => call(1 + done + index))
      measuredMs.push(...(await Promise.all(batch)))
    }
    return { kind: kind.name, calls, medianMs: quantile(measuredMs, 0.5), p99Ms: quantile(measuredMs, 0.99) }
  } finally {
    await app.close()
    await service.close()
    await network.close()
  }
}

/** A provider that connects when there is something to say, as a naive bridge does. */
function openedLate(provider: SpeechProvider): SpeechProvider {
  return {
    ...provider,
    open(options) {
      let session: SpeechSession | undefined
      return {
        ready: Promise.resolve(),
        speak: (sink) => (session ??= provider.open(options)).speak(sink),
        close: async () => session?.close(),
      }
    },
  }
}

function table(measured: readonly Measured[]): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`
  return markdownTable(
    ['first audio', 'calls', 'median', '99th percentile'],
    measured.map(({ kind, calls, medianMs, p99Ms }) => [kind, String(calls), ms(medianMs), ms(p99Ms)]),
  )
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
  const calls = Number(values.calls ?? 100)
  if (positionals.length > 0 || !Number.isInteger(calls) || calls < 1 || calls > 10_000)
    throw new BridgeError('usage.invalid', 'Expected --calls with a whole number from 1 to 10000, and no other words.')
  const measured: Measured[] = []
  for (const kind of kinds) measured.push(await measure(kind, calls))
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ machine: machine(), connectMs, firstSoundMs, firstAudio: measured })}\n`
      : `${machine()}; a connection takes ${connectMs} ms, the first sound of a text ${firstSoundMs} ms\n\n${table(measured)}`,
  )
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
