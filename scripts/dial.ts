import { writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { text as readAll } from 'node:stream/consumers'
import { mulawWav } from '../src/audio/wav.ts'
import type { LiveCall } from '../src/call/live-call.ts'
import { noCall } from '../src/call/describe.ts'
import type { Outcome } from '../src/call/outcome.ts'
import { readConfig } from '../src/config.ts'
import { readEnvironment } from '../src/environment.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { createLogger } from '../src/ops/logger.ts'
import { type Service, serve } from '../src/serve.ts'
import { type DialArguments, dialHelp, readDialArguments } from './dial-arguments.ts'
import { describeOutcome, showCall } from './live-view.ts'

/** Speaks a text into one phone call: the server, the tunnel, the call, and everything closed again. */
async function main(words: readonly string[]): Promise<number> {
  let json = words.includes('--json')
  try {
    const given = readDialArguments(words)
    json = given.json
    if (given.help) {
      process.stdout.write(dialHelp)
      return 0
    }
    return await run(given)
  } catch (thrown) {
    const error = asBridgeError(thrown)
    if (json) process.stdout.write(`${JSON.stringify(noCall(error, new Date()))}\n`)
    return tellFailure(error)
  }
}

async function run(given: DialArguments): Promise<number> {
  const text = given.text === '-' ? await readAll(process.stdin) : given.text
  if (text === undefined) throw new BridgeError('usage.invalid', 'Expected a text to say. See --help.')
  // A dialler on a terminal shows the call itself; its log only speaks when something is wrong. Somebody who tries the
  // same number over and over is no thief.
  const defaults = { LOG_LEVEL: 'warn', CALLS_PER_NUMBER_PER_HOUR: '1000' }
  const config = readConfig('dial', defaults, ...readEnvironment([]), given.settings)
  const to = given.number ?? config.OUTBOUND_NUMBER
  if (to === undefined) throw new BridgeError('usage.invalid', 'Expected a number to call, or OUTBOUND_NUMBER.')
  // Tried before anybody is called for it.
  if (given.save !== undefined) await save(given.save, new Uint8Array())
  const service = await serve(config, {
    log: createLogger(config.LOG_LEVEL),
    ...(config.PUBLIC_URL === undefined ? { port: 0 } : {}),
  })
  try {
    const { call, record } = service.app.place({ to, message: text, keepAudio: given.save !== undefined })
    if (!call) throw new BridgeError('internal', 'A new call has no session.')
    return await follow(call, record.to, given, service)
  } finally {
    await service.close()
  }
}

async function follow(call: LiveCall, to: string, given: DialArguments, service: Service): Promise<number> {
  let signalled: NodeJS.Signals | undefined
  const interrupt = (signal: NodeJS.Signals) => {
    if (signalled) process.exit(exitCodeOf(signal))
    signalled = signal
    process.stderr.write('\nHanging up. Once more to leave at once.\n')
    call.end('cancelled')
  }
  for (const signal of signals) process.on(signal, interrupt)
  const endView = showCall(call, to, given.json ? process.stderr : process.stdout)
  const outcome = await call.outcome
  endView()
  await service.close()
  for (const signal of signals) process.off(signal, interrupt)
  print(outcome, given)
  if (given.save !== undefined && !(await saved(given.save, call.heardAudio()))) return 1
  if (signalled) return exitCodeOf(signalled)
  return outcome.status === 'heard' ? 0 : 1
}

function print(outcome: Outcome, given: DialArguments): void {
  const words = `${describeOutcome(outcome)}\n`
  if (given.json) {
    process.stderr.write(words)
    process.stdout.write(`${JSON.stringify(outcome)}\n`)
  } else process.stdout.write(words)
}

/** @throws BridgeError `usage.invalid` */
async function save(file: string, audio: Uint8Array): Promise<void> {
  try {
    await writeFile(file, mulawWav(audio))
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
    throw new BridgeError('usage.invalid', `The file after --save cannot be written (${code}).`)
  }
}

/** Whether the audio could be saved; why not is printed. The outcome is told already, and stays what it is. */
async function saved(file: string, audio: Uint8Array): Promise<boolean> {
  try {
    await save(file, audio)
    return true
  } catch (thrown) {
    process.stderr.write(`${asBridgeError(thrown).message}\n`)
    return false
  }
}

/** Ctrl-C, a stop from outside, a terminal that is closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}

// A reader that goes away (`| head -1`) is no reason to break off the call.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await main(process.argv.slice(2))
