import { note } from '../call.ts'
import { later } from '../../waiting.ts'
import type { Gather } from '../twiml/verbs.ts'
import { runPrompt } from './prompts.ts'
import { goTo, type Next, nextVerb, type Running } from './running.ts'

/**
 * `<Gather>`: keys, until there are enough, the finish key comes, or none came for a while. A key stops the prompts.
 * Speech is not recognised here; a Gather for speech alone times out.
 */
export async function runGather(running: Running, gather: Gather): Promise<Next> {
  const { call, exchange, signal } = running
  note(call, exchange.clock.now(), 'Gather')
  const { digits, finishKey } = await collectKeys(running, gather)
  if (signal.aborted) return nextVerb
  if (digits === '' && !gather.actionOnEmptyResult) return nextVerb
  const result = new Map([['Digits', digits]])
  if (finishKey !== undefined) result.set('FinishedOnKey', finishKey)
  const url = gather.action ?? running.documentUrl
  if (url === undefined) return goTo(running, '', gather.method)
  return goTo(running, url, gather.method, result)
}

async function collectKeys(
  running: Running,
  gather: Gather,
): Promise<{ digits: string; finishKey: string | undefined }> {
  const { exchange, leg, signal } = running
  const { clock } = exchange
  const prompting = new AbortController()
  const done = new AbortController()
  const stop = () => done.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  done.signal.addEventListener('abort', () => prompting.abort(), { once: true })
  let digits = ''
  let finishKey: string | undefined
  let silence = { cancel() {} }
  const awaitKey = () => {
    silence.cancel()
    silence = later(clock, gather.timeoutMs, done.signal, stop)
  }
  const remove = leg.digits.add((digit) => {
    if (!gather.takesKeys || done.signal.aborted) return
    prompting.abort()
    if (gather.finishOnKey.includes(digit)) {
      finishKey = digit
      return stop()
    }
    digits += digit
    if (digits.length >= gather.numDigits) stop()
    else awaitKey()
  })
  try {
    for (const prompt of gather.prompts)
      if (!prompting.signal.aborted) await runPrompt(running, prompt, prompting.signal)
    if (done.signal.aborted) return { digits, finishKey }
    if (digits === '') awaitKey()
    await new Promise<void>((resolve) => {
      done.signal.addEventListener('abort', () => resolve(), { once: true })
      if (done.signal.aborted) resolve()
    })
    return { digits, finishKey }
  } finally {
    remove()
    stop()
    signal.removeEventListener('abort', stop)
  }
}
