import { note } from '../call.ts'
import { newSid } from '../identifiers.ts'
import { later } from '../../waiting.ts'
import type { RecordVerb } from '../twiml/verbs.ts'
import { goTo, hangUp, type Next, type Running } from './running.ts'

/**
 * `<Record>`: until a finish key, the silence of `timeout`, or the longest length. The sound itself is not kept; its
 * length is told to the action, or without one to the current document.
 */
export async function runRecord(running: Running, verb: RecordVerb): Promise<Next> {
  const { call, exchange, leg, signal } = running
  const { clock } = exchange
  note(call, clock.now(), 'Record')
  const beganMs = clock.now()
  const done = new AbortController()
  let key: string | undefined
  const stop = () => done.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  later(clock, verb.maxLengthMs, done.signal, stop)
  const remove = leg.digits.add((digit) => {
    if (!verb.finishOnKey.includes(digit)) return
    key = digit
    stop()
  })
  const listen = () => {
    const silentMs = clock.now() - Math.max(beganMs, leg.mouth.endMs())
    if (silentMs >= verb.timeoutMs) stop()
    else later(clock, verb.timeoutMs - silentMs, done.signal, listen)
  }
  listen()
  await new Promise<void>((resolve) => {
    done.signal.addEventListener('abort', () => resolve(), { once: true })
    if (done.signal.aborted) resolve()
  })
  remove()
  signal.removeEventListener('abort', stop)
  const url = verb.action ?? running.documentUrl
  if (signal.aborted || url === undefined) return hangUp
  const recordingSid = newSid('RE')
  const result = new Map([
    ['RecordingUrl', `${call.accountSid}/Recordings/${recordingSid}`],
    ['RecordingSid', recordingSid],
    ['RecordingDuration', String(Math.round((clock.now() - beganMs) / 1000))],
  ])
  if (key !== undefined) result.set('Digits', key)
  return goTo(running, url, verb.method, result)
}
