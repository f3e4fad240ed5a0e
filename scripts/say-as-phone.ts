import { mulawWav } from '../src/audio/wav.ts'
import { bytesToMs } from '../src/audio/duration.ts'
import { BridgeError } from '../src/errors.ts'
import type { SpeechEnd, SpeechProvider, SpeechSession } from '../src/speech/provider.ts'
import { splitForSpeech } from '../src/speech/split.ts'
import type { SayArguments } from './say-arguments.ts'

/** The options that only Async's own files have. */
const fileOptions = {
  container: '--container',
  encoding: '--encoding',
  rateHz: '--rate',
  bitRate: '--bit-rate',
  stability: '--stability',
} as const

/** Why a provider that speaks as in a call cannot do what is asked; undefined when it can. */
export function whyNotAsPhone(given: SayArguments, provider: SpeechProvider): BridgeError | undefined {
  const refuse = (problem: string) => new BridgeError('usage.invalid', problem)
  const { name, capabilities } = provider
  if (given.timestamps)
    return refuse(`The provider ${name} does not tell when a word is said. Use --provider async for --timestamps.`)
  for (const [field, option] of Object.entries(fileOptions))
    if (Object.entries(given).some(([key, value]) => key === field && value !== undefined && value !== 'wav'))
      return refuse(`${option} is of the provider async only; ${name} gives mu-law at 8,000 Hz in a WAV file.`)
  if (!/\.wav$/i.test(given.file))
    return refuse(`Expected a file that ends in .wav: the provider ${name} gives mu-law at 8,000 Hz in a WAV file.`)
  const { speed } = given
  if (speed === undefined) return undefined
  if (!capabilities.speeds) return refuse(`The provider ${name} has one speed only with this model. Leave --speed out.`)
  const { min, max } = capabilities.speeds
  return speed < min || speed > max ? refuse(`--speed: expected ${min} to ${max} for this model.`) : undefined
}

/**
 * A text as a call would hear it: sentence by sentence, in mu-law, as a WAV file.
 *
 * @throws BridgeError what the provider fails with
 */
export async function sayAsPhone(
  provider: SpeechProvider,
  text: string,
  { language, speed }: { readonly language: string | undefined; readonly speed: number | undefined },
): Promise<{ file: Uint8Array; ms: number }> {
  const controller = new AbortController()
  const session = provider.open({ signal: controller.signal, ...(speed === undefined ? {} : { voice: { speed } }) })
  try {
    const pieces: Buffer[] = []
    const ends = splitForSpeech(text, language).map(({ spoken }) => saySentence(session, spoken, pieces))
    for (const end of ends) {
      const { kind, error } = { error: undefined, ...(await end) }
      if (kind !== 'done') throw error ?? new BridgeError('speech.lost', 'The speech was broken off.')
    }
    const audio = Buffer.concat(pieces)
    return { file: mulawWav(audio), ms: bytesToMs(audio.length) }
  } finally {
    await session.close()
  }
}

function saySentence(session: SpeechSession, spoken: string, pieces: Buffer[]): Promise<SpeechEnd> {
  return new Promise((ended) => {
    const input = session.speak({ audio: (payload) => void pieces.push(Buffer.from(payload, 'base64')), ended })
    input.push(spoken)
    input.end()
  })
}
