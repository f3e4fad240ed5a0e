import { writeFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { mulawWav } from '../src/audio/wav.ts'
import type { LiveCall } from '../src/call/live-call.ts'
import { noCall } from '../src/call/describe.ts'
import type { Outcome } from '../src/call/outcome.ts'
import { readConfig } from '../src/config.ts'
import { readEnvironment } from '../src/environment.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
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
    process.stderr.write(`${error.message} [${error.code}]\n`)
    if (json) process.stdout.write(`${JSON.stringify(noCall(error, new Date()))}\n`)
    return usageCodes.test(error.code) ? 2 : 1
  }
}

/** What the user can mend on the command line or in `.env`. */
const usageCodes = /^(usage|config|number|destination|text|limit|server\.port-in-use)/

async function run(given: DialArguments): Promise<number> {
  const text = given.text === '-' ? await readAll(process.stdin) : given.text
  if (text === undefined) throw new BridgeError('usage.invalid', 'Expected a text to say. See --help.')
  // A dialler on a terminal shows the call itself; its log only speaks when something is wrong. Somebody who tries the
  // same number over and over is no thief.
  const defaults = { LOG_LEVEL: 'warn', CALLS_PER_NUMBER_PER_HOUR: '1000' }
  const config = readConfig('dial', defaults, ...readEnvironment([]), given.settings)
  const to = given.number ?? config.OUTBOUND_NUMBER
  if (to === undefined) throw new BridgeError('usage.invalid', 'Expected a number to call, or OUTBOUND_NUMBER.')
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
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const endView = showCall(call, to, given.json ? process.stderr : process.stdout)
  const outcome = await call.outcome
  endView()
  if (given.save !== undefined) await writeFile(given.save, mulawWav(call.heardAudio()))
  await service.close()
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  print(outcome, given)
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

function exitCodeOf(signal: NodeJS.Signals): number {
  return signal === 'SIGTERM' ? 143 : 130
}

process.exitCode = await main(process.argv.slice(2))
