import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shippedFlows } from '../src/flows/flows.ts'
import { createRandom } from '../src/simulator/random.ts'
import { testCall, type TestCallOptions, type TestPhone } from '../src/simulator/test-call.ts'

/** Nobody stays longer at the phone. */
const mostActions = 25
const aMonday = Date.UTC(2026, 0, 5, 12)
const operator = '+15551230100'
const keys = Array.from('0123456789*#w')
const words = ['yes', 'the second one', 'Friday', 'operator', 'ähm', '1', 'polly wants a cracker and a biscuit']
/** All that a call that goes well, or is not answered, or is left alone, may end with. */
const reasons = /^(completed|callee-hung-up|idle|time-limit|transferred|transfer-failed|busy|no-answer|unreachable)$/
const withoutFault = /^(completed|callee-hung-up|transferred)$/

/** The names of the flows that are played. */
export const fuzzedFlows: readonly string[] = [...shippedFlows('', () => 0).keys()]

type Pick = <T>(first: T, ...others: T[]) => T

/**
 * One call of somebody who does anything at any time: keys, words, silence, hanging up. The same number does the same.
 *
 * @param flow one of `fuzzedFlows`
 * @returns the transcript
 * @throws Error with the flow, the number and the transcript, when the call did not end as it should, exactly once
 */
export async function fuzzCall(flow: string, seed: number): Promise<string> {
  const random = createRandom(seed * 2_654_435_761)
  const pick: Pick = (...all) => all[Math.floor(random() * all.length)] ?? all[0]
  const folder = await mkdtemp(join(tmpdir(), 'callbridge-fuzz-'))
  const played = shippedFlows(folder, () => aMonday).get(flow)
  if (!played) throw new Error(`Expected one of ${fuzzedFlows.join(', ')}; "${flow}" came.`)
  let phone: TestPhone<{ readonly reason: string; readonly error: unknown }> | undefined
  try {
    phone = await testCall(played.flow, circumstances(random, pick))
    await actAtRandom(phone, random, pick)
    const { reason, error } = await phone.outcome
    expect(reasons.test(reason), `a usual end; it was ${reason}`)
    expect(error === null || !withoutFault.test(reason), `no error; it was ${String(error)}`)
    expect(phone.faults.length === 0, `no faults; there were ${phone.faults.join(', ')}`)
    const hangUps = phone.transcript.match(/ (hangs up|is hung up)$/gm)?.length ?? 0
    const answered = phone.transcript.includes('  answers')
    expect(hangUps === 1 || !answered, `one end at the phone; there were ${hangUps}`)
    await phone[Symbol.asyncDispose]()
    const { ends, timers } = phone.traces
    expect(ends === 1, `one end of the call; there were ${ends}`)
    expect(timers === 0, `no timers left; there were ${timers}`)
    return phone.transcript
  } catch (thrown) {
    const told = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Error(`${flow}, seed ${seed}: ${told}\n${phone?.transcript ?? ''}`, { cause: thrown })
  } finally {
    await phone?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`)
}

function circumstances(random: () => number, pick: Pick): TestCallOptions {
  const mailbox = { afterMs: 500, greetingMs: pick(0, 1000, 3000, 12_000), beep: random() < 0.8 }
  const person = { afterMs: pick(0, 100, 2000) }
  const answer = pick<TestCallOptions['answer']>(person, person, person, { voicemail: mailbox }, 'busy', 'no-answer')
  const message = 'A message. It has two sentences.'
  const parameters = pick<Record<string, string>>(
    {},
    { message, timeZone: 'UTC' },
    { message, name: 'Ada', hours: 'always', operator, questions: 'How are you?|And otherwise?', id: '7' },
    { message, voicemail: 'Please call back.', confirm: '1', repeat: '2', optOut: '9' },
  )
  const settings = {
    HEARING_PROVIDER: pick('deepgram', 'deepgram', 'async', 'none'),
    HEARING_MODEL: pick('nova-3', 'flux-general-en'),
    BARGE_IN: pick('keys', 'speech', 'energy'),
    MACHINE_DETECTION: pick('on', 'off'),
    MAX_CALL_MS: pick('3600000', '3600000', '3600000', '20000'),
  }
  const phones = { [operator]: pick<NonNullable<TestCallOptions['answer']>>('busy', 'no-answer', { afterMs: 3000 }) }
  return { direction: pick('outbound', 'inbound'), answer: answer ?? person, parameters, settings, phones }
}

async function actAtRandom(phone: TestPhone<unknown>, random: () => number, pick: Pick): Promise<void> {
  const atOnce = random()
  for (let actions = 0; actions < mostActions && !phone.over; actions++) {
    const action = random()
    const storm = random() < 0.1 ? 30 : 6
    if (action < 0.4)
      phone.press(
        Array.from({ length: 1 + Math.floor(random() * storm) }, () => pick(keys[0] ?? '1', ...keys)).join(''),
      )
    else if (action < 0.6) phone.says(pick(words[0] ?? 'yes', ...words))
    else if (action < 0.62) phone.deafens()
    else if (action > 0.96) phone.hangsUp()
    // Some act at once, some think for long, some fall asleep.
    if (random() > atOnce) await phone.waits(random() ** 4 * pick(1000, 15_000, 90_000))
  }
  if (!phone.over) phone.hangsUp()
}
