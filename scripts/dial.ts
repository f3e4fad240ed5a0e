import { text as readAll } from 'node:stream/consumers'
import type { LiveCall } from '../src/call/live-call.ts'
import { noCall } from '../src/call/describe.ts'
import type { Outcome } from '../src/call/outcome.ts'
import { phoneNumber } from '../src/call/phone-number.ts'
import { chooseFlow, refuseWithoutEffect } from '../src/chosen-flow.ts'
import { readConfig } from '../src/config.ts'
import { readEnvironment } from '../src/environment.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { createLogger } from '../src/ops/logger.ts'
import { type Service, serve } from '../src/serve.ts'
import { type DialArguments, dialHelp, readDialArguments } from './dial-arguments.ts'
import { dialList } from './dial-list.ts'
import { hangingUp, onInterruption } from './interruption.ts'
import { describeOutcome, showCall, withoutEffect } from './live-view.ts'
import { saveWav, tryWav } from './save-wav.ts'

/** Speaks a text into one phone call: the server, the tunnel, the call, and everything closed again. */
async function main(words: readonly string[]): Promise<number> {
  let json = words.includes('--json')
  const known = { to: '', from: '' }
  try {
    const given = readDialArguments(words)
    json = given.json
    if (given.help) {
      process.stdout.write(dialHelp)
      return 0
    }
    return await run(given, known)
  } catch (thrown) {
    const error = asBridgeError(thrown)
    if (json) process.stdout.write(`${JSON.stringify({ ...noCall(error, new Date()), ...known })}\n`)
    return tellFailure(error)
  }
}

/** @param known whom it would have been about, for the outcome of a call that never begins */
async function run(given: DialArguments, known: { to: string; from: string }): Promise<number> {
  known.to = given.number ?? given.list[0] ?? ''
  const text = given.text === '-' ? await readAll(process.stdin) : given.text
  if (text === undefined && given.flow === undefined)
    throw new BridgeError('usage.invalid', 'Expected a text to say. See --help.')
  const own = given.flow === undefined ? undefined : await chooseFlow(given.flow)
  own?.close()
  const { voicemail: mailbox } = given
  refuseWithoutEffect(own?.name ?? 'notify', { message: text, voicemail: mailbox, ...given.parameters })
  // A dialler on a terminal shows the call itself; its log only speaks when something is wrong. Somebody who tries the
  // same number over and over is no thief.
  // A process of its own for one call is never too busy for it.
  const defaults = { LOG_LEVEL: 'error', CALLS_PER_NUMBER_PER_HOUR: '1000', MAX_LOOP_DELAY_MS: '60000' }
  const config = readConfig('dial', defaults, ...readEnvironment(), given.settings)
  const to = (known.to ||= numberOf(config.OUTBOUND_NUMBER))
  const origin = given.settings['--from'] === undefined ? 'TWILIO_FROM_NUMBER' : '--from'
  known.from = phoneNumber(config.TWILIO_FROM_NUMBER ?? '', `the number to call from (${origin})`)
  // Tried before anybody is called for it.
  if (given.save !== undefined) await tryWav(given.save)
  const service = await serve(config, {
    log: createLogger(config.LOG_LEVEL),
    ...(own ? { ownFlows: own.ownFlows } : {}),
    ...(config.PUBLIC_URL === undefined ? { port: 0 } : {}),
  })
  try {
    const { voicemail, save, parameters, list, rounds } = given
    if (list.length > 0) {
      const flow = own?.name ?? 'alert'
      return await dialList({ to: list, rounds, flow, message: text, voicemail, parameters }, given.json, service)
    }
    const request = { to, message: text, voicemail, flow: own?.name, parameters, keepAudio: save !== undefined }
    const { call, record } = service.app.place(request)
    if (!call) throw new BridgeError('internal', 'A new call has no session.')
    const exitCode = await follow(call, record.to, given, service)
    if ((await call.outcome).reason === 'completed')
      process.stderr.write(withoutEffect(own?.unread(Object.keys(call.parameters)) ?? []))
    return exitCode
  } finally {
    await service.close()
  }
}

async function follow(call: LiveCall, to: string, given: DialArguments, service: Service): Promise<number> {
  // Before anything is shown: who sees it may answer with Ctrl-C.
  const interruption = onInterruption(() => {
    view.clear()
    process.stderr.write(hangingUp())
    call.end('cancelled')
  })
  const view = showCall(call, to, given.json ? process.stderr : process.stdout)
  const outcome = await call.outcome
  view.end()
  await service.close().finally(() => interruption.off())
  print(outcome, given)
  if (given.save !== undefined && !(await saveWav(given.save, call.heardAudio()))) return 1
  // Who silences a prompt with a key has not heard all of it, and the flow got its answer.
  const well = outcome.status === 'heard' || (given.flow !== undefined && outcome.reason === 'completed')
  return interruption.exitCode ?? (well ? 0 : 1)
}

function print(outcome: Outcome, given: DialArguments): void {
  const words = `${describeOutcome(outcome)}\n`
  if (given.json) {
    process.stderr.write(words)
    process.stdout.write(`${JSON.stringify(outcome)}\n`)
  } else process.stdout.write(words)
}

/** @throws BridgeError `usage.invalid` or `number.invalid` */
function numberOf(outbound: string | undefined): string {
  if (outbound !== undefined) return phoneNumber(outbound, 'the number to call (OUTBOUND_NUMBER)')
  throw new BridgeError(
    'usage.invalid',
    'Expected whom to call: a number before the text, as in npm run dial -- +15551234567 "Hello.", or OUTBOUND_NUMBER.',
  )
}

// A reader that goes away (`| head -1`) is no reason to break off the call.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await main(process.argv.slice(2))
