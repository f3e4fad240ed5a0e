import { text as readAll } from 'node:stream/consumers'
import { readSettings, type Settings } from '../src/config.ts'
import { readEnvironment } from '../src/environment.ts'
import { asBridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { systemClock } from '../src/ops/clock.ts'
import { languagesOf } from '../src/speech/async/models.ts'
import type { SpeechCapabilities } from '../src/speech/provider.ts'
import { whyNotSpeakable } from '../src/speech/speakable.ts'
import { tryOutput, writeOutput } from './output-file.ts'
import { readSayArguments, type SayArguments, sayHelp } from './say-arguments.ts'
import { sayAsPhone, whyNotAsPhone } from './say-as-phone.ts'
import { asyncAccount, phoneProvider } from './say-provider.ts'
import { formatOf, type SaidFile, sayWithAsync } from './say-with-async.ts'

/** Speaks a text into a file, with any provider. */
async function main(words: readonly string[]): Promise<number> {
  const given = readSayArguments(words)
  if (given.help) {
    process.stdout.write(sayHelp)
    return 0
  }
  const text = given.text === '-' ? await readAll(process.stdin) : given.text
  const config = readSettings('say', ...readEnvironment(), given.settings)
  // One name, or a list of them in their order.
  const [first = 'async'] = [config.SPEECH_PROVIDERS].flat()
  const name = given.provider ?? first
  const said = name === 'async' ? await withAsync(text, given, config) : [await asPhone(name, text, given, config)]
  for (const { file, content, ms } of said) {
    await writeOutput(file, content)
    const length = ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s, `
    process.stdout.write(`Wrote ${file} (${length}${Math.ceil(content.length / 1024)} kB).\n`)
  }
  return 0
}

async function withAsync(text: string, given: SayArguments, config: Settings): Promise<readonly SaidFile[]> {
  const settings = asyncAccount(config)
  // Wrong options are told before the file is tried and the text is paid for.
  formatOf(given, settings.modelId)
  checkText(text, config, { languages: languagesOf(settings.modelId), markup: true })
  await tryOutput(given.file)
  return sayWithAsync(settings, text, given, systemClock)
}

async function asPhone(name: string, text: string, given: SayArguments, config: Settings): Promise<SaidFile> {
  const { provider, close } = phoneProvider(name, config, systemClock)
  try {
    const problem = whyNotAsPhone(given, provider)
    if (problem) throw problem
    checkText(text, config, provider.capabilities)
    await tryOutput(given.file)
    const { file: content, ms } = await sayAsPhone(provider, text, {
      language: config.ASYNC_LANGUAGE,
      speed: given.speed,
    })
    return { file: given.file, content, ms }
  } finally {
    await close()
  }
}

function checkText(text: string, config: Settings, capabilities: SpeechCapabilities): void {
  const { MAX_MESSAGE_CHARS: maxChars, ASYNC_LANGUAGE: language } = config
  const problem = whyNotSpeakable(text, { capabilities, language, maxChars })
  if (problem) throw problem
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
