import { createInterface } from 'node:readline/promises'
import cliProgress from 'cli-progress'
import { readSettings } from '../src/config.ts'
import { readEnvironment } from '../src/environment.ts'
import { asBridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { systemClock } from '../src/ops/clock.ts'
import { createAsyncVoices } from '../src/speech/async/voices.ts'
import { runVoices, type VoicesTerminal } from './run-voices.ts'
import { readVoicesArguments, voicesHelp } from './voices-arguments.ts'

/** Lists, shows, clones, changes and deletes voices of an Async account. */
async function main(words: readonly string[]): Promise<number> {
  const { command, json, settings } = readVoicesArguments(words)
  if (command.kind === 'help') {
    process.stdout.write(voicesHelp)
    return 0
  }
  const config = readSettings('voices', ...readEnvironment(), settings)
  const { ASYNC_URL: url, ASYNC_API_KEY: apiKey = '', ASYNC_VERSION: version } = config
  const voices = createAsyncVoices({ url, apiKey, version }, { clock: systemClock })
  return runVoices(command, voices, terminalOf(json))
}

function terminalOf(json: boolean): VoicesTerminal {
  const bar = new cliProgress.SingleBar(
    { format: '{bar} {percentage} % uploaded', stream: process.stderr, clearOnComplete: true, hideCursor: false },
    cliProgress.Presets.shades_classic,
  )
  return {
    json,
    print: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
    progress(sentBytes, totalBytes) {
      if (!process.stderr.isTTY) return
      if (sentBytes === 0) bar.start(totalBytes, 0)
      else bar.update(sentBytes)
    },
    progressOver: () => bar.stop(),
  }
}

/** A terminal that is closed instead of answered says no. */
async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>((resolve) => {
    reader.once('close', () => resolve(''))
  })
  try {
    return await Promise.race([reader.question(question), closed])
  } finally {
    reader.close()
  }
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
