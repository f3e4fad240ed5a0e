import { BridgeError } from '../../errors.ts'

/** eSpeak NG, loaded. Everything it does is synchronous: it belongs in a worker thread, and is GPL-3 software. */
export interface Espeak {
  /** The engine's name of the voice for a language tag, or `undefined` where it has none. */
  voiceFor(language: string): string | undefined
  /** Says SSML text. `take` gets 16-bit samples at `sampleRateHz`, piece by piece, and returns true to stop. */
  say(ssml: string, voice: string, take: (samples: Int16Array) => boolean): void
  readonly sampleRateHz: number
}

const packageName = '@echogarden/espeak-ng-emscripten'

/**
 * @param engine module to load in place of the package, for tests
 * @throws BridgeError `speech.not-installed` when the package is missing, `speech.unavailable` when it will not load
 */
export async function loadEspeak(engine: string | undefined): Promise<Espeak> {
  const module: unknown = await (engine === undefined
    ? import('@echogarden/espeak-ng-emscripten')
    : import(engine)
  ).catch((error: unknown) => {
    throw isMissing(error)
      ? new BridgeError(
          'speech.not-installed',
          `The offline voice is an optional package that is not installed. Get it with: npm install ${packageName}`,
        )
      : unusable()
  })
  if (!hasMethod(module, 'default')) throw unusable()
  // The engine is handed a console of its own: what it prints may quote the text.
  const instance: unknown = await module.default({ print: () => {}, printErr: () => {} })
  if (!isInstance(instance)) throw unusable()
  const speaker = new instance.eSpeakNGWorker()
  const voices = voicesByLanguage(speaker.list_voices())
  let current: string | undefined
  return {
    sampleRateHz: speaker.get_samplerate(),
    voiceFor(language) {
      // English on a phone is mostly American; en-GB is still British.
      let tag = language.toLowerCase().replaceAll('_', '-')
      if (tag === 'en') tag = 'en-us'
      for (; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
        const voice = voices.get(tag)
        if (voice !== undefined) return voice
      }
      return undefined
    },
    say(ssml, voice, take) {
      if (current !== voice && speaker.set_voice(voice) !== 0) throw new Error(`eSpeak NG refused its voice ${voice}`)
      current = voice
      speaker.synthesize(ssml, take)
    },
  }
}

interface EspeakInstance {
  eSpeakNGWorker: new () => {
    list_voices(): { identifier: string; languages: { name: string; priority: number }[] }[]
    get_samplerate(): number
    set_voice(identifier: string): number
    synthesize(ssml: string, take: (samples: Int16Array) => boolean): void
  }
}

function hasMethod<Name extends string>(
  value: unknown,
  name: Name,
): value is Record<Name, (...values: unknown[]) => unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
}

function isInstance(value: unknown): value is EspeakInstance {
  return hasMethod(value, 'eSpeakNGWorker')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

function unusable(): BridgeError {
  return new BridgeError(
    'speech.unavailable',
    `The offline voice cannot be loaded. Install it anew with: npm install ${packageName}`,
    { retryable: false },
  )
}

/** The voice that claims a language most strongly; the lower the priority number, the stronger. */
function voicesByLanguage(
  voices: readonly { identifier: string; languages: readonly { name: string; priority: number }[] }[],
): Map<string, string> {
  const claims = voices.flatMap(({ identifier, languages }) => languages.map((claim) => ({ identifier, ...claim })))
  const byLanguage = new Map<string, string>()
  for (const { name, identifier } of claims.toSorted((a, b) => a.priority - b.priority)) {
    const tag = name.toLowerCase()
    if (!byLanguage.has(tag)) byLanguage.set(tag, identifier)
  }
  return byLanguage
}
