import { describe, expect, test } from 'vitest'
import twilio from 'twilio'
import type { Transferred, TransferOptions } from '../../src/call/transfer.ts'
import type { Flow } from '../../src/flows/flow.ts'
import { menuAt } from '../../src/flows/menu.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { secrets, startWorld, type World } from '../world.ts'

const to = '+15551230001'
const operator = '+15551230099'
const text = 'One moment, please, I connect you.'

/** A call that says something and is transferred; `result` is what the flow was told. */
function transferred(world: World, options?: TransferOptions, number = operator) {
  const told = Promise.withResolvers<Transferred>()
  told.promise.catch(() => {})
  const flow: Flow = async (call) => {
    void call.say(text)
    try {
      told.resolve(await call.transfer(number, options))
    } catch (thrown) {
      told.reject(thrown)
      throw thrown
    }
  }
  return { call: world.dial(to, text, {}, flow), result: told.promise }
}

async function play(script: PhoneScript, options?: TransferOptions) {
  const world = await startWorld()
  const caller = world.network.phone(to)
  world.network.phone(operator, script)
  const { call, result } = transferred(world, options)
  const outcome = await world.until(call.outcome)
  await world.until(caller.ended)
  return { world, caller, outcome, result: await result }
}

describe('a call is transferred', () => {
  test('by the menu that ships: 0 leads to the operator, where one is named', async () => {
    await using world = await startWorld()
    const caller = world.network.phone(to, { answer: { afterMs: 500 }, steps: [{ afterHeardMs: 3_000, press: '0' }] })
    world.network.phone(operator, { answer: { afterMs: 1000 }, hangUp: { afterAnswerMs: 30_000 } })
    const menu = menuAt(() => Date.UTC(2026, 0, 5, 12))
    const parameters = { operator, timeZone: 'UTC' }
    const outcome = await world.until(world.dial(to, '', { parameters }, menu).outcome)
    await world.until(caller.ended)
    expect(outcome).toMatchObject({ reason: 'transferred', transfer: { ended: 'answered', durationMs: 30_000 } })
  })

  test('to somebody who answers: all that was said before was heard, and the outcome says for how long they talked', async () => {
    const { world, outcome, result } = await play({ answer: { afterMs: 2000 }, hangUp: { afterAnswerMs: 90_000 } })
    await using _ = world
    expect(result).toEqual({ ended: 'answered', durationMs: 90_000 })
    expect(outcome).toMatchObject({
      status: 'heard',
      reason: 'transferred',
      heardText: text,
      transfer: result,
      error: null,
    })
    const [, leg] = world.network.calls
    expect(leg).toMatchObject({ to: operator, from: '+15005550006', status: 'completed' })
    expect(world.network.faults).toEqual([])
    expect(world.app.calls()).toEqual([])
  })

  test.each([
    [{ answer: 'busy' }, 'busy'],
    [{ answer: 'no-answer' }, 'no-answer'],
    [{ answer: 'failed' }, 'failed'],
  ] as const)('to %o: what is said then is heard to its end, and the call ends', async (script, ended) => {
    const otherwise = 'Nobody is there & <we> are sorry.'
    const { world, caller, outcome, result } = await play(script, { otherwise, timeoutMs: 20_000 })
    await using _ = world
    expect(result).toEqual({ ended, durationMs: 0 })
    expect(outcome).toMatchObject({ status: 'heard', reason: 'transfer-failed', transfer: result })
    expect(caller.said).toEqual([otherwise])
    expect(world.network.faults).toEqual([])
    const call = world.network.calls[0]
    expect(call?.timeline.map(({ event }) => event).slice(-3)).toEqual(['Dial', 'Say', 'completed'])
  })

  test('nobody answers within the time given, and nothing is to be said: the call ends', async () => {
    const { world, caller, outcome } = await play({ answer: { afterMs: 60_000 } }, { timeoutMs: 8_000 })
    await using _ = world
    expect(outcome).toMatchObject({ reason: 'transfer-failed', transfer: { ended: 'no-answer', durationMs: 0 } })
    expect(caller.said).toEqual([])
    const leg = world.network.calls[1]
    expect((leg?.endedAtMs ?? 0) - (leg?.dialledAtMs ?? 0)).toBe(8_000)
  })

  test('the number shown is the one asked for', async () => {
    const { world } = await play({ hangUp: { afterAnswerMs: 10 } }, { callerId: '+1 555 123 0077' })
    await using _ = world
    expect(world.network.calls[1]?.from).toBe('+15551230077')
  })

  test('a long talk is no silence, and lasts at most MAX_CALL_MS', async () => {
    await using world = await startWorld({ settings: { IDLE_TIMEOUT_MS: '10000', MAX_CALL_MS: '300000' } })
    world.network.phone(to)
    const other = world.network.phone(operator)
    const { call, result } = transferred(world)
    await expect(world.until(result)).rejects.toMatchObject({ code: 'call.ended' })
    expect(await world.until(call.outcome)).toMatchObject({ reason: 'time-limit', transfer: null })
    await world.until(other.ended)
  })
})

describe('a transfer that is not made', () => {
  test.each([
    ['+19005551234', 'destination.premium-rate'],
    ['+4915112345678', 'destination.country'],
    ['911', 'destination.short-number'],
    ['the boss', 'number.invalid'],
  ])('a number that is not called is not called by a transfer either: %s', async (number, code) => {
    await using world = await startWorld()
    world.network.phone(to)
    let refused: unknown
    const outcome = await world.until(
      world.dial(to, text, {}, async (call) => {
        refused = await call.transfer(number).catch((thrown: unknown) => thrown)
        await call.say('Goodbye.')
      }).outcome,
    )
    expect(refused).toMatchObject({ code })
    expect(outcome).toMatchObject({ reason: 'completed', heardText: 'Goodbye.', transfer: null })
    expect(world.network.calls).toHaveLength(1)
  })

  test('the caller hangs up before the words are over: nobody is dialled', async () => {
    await using world = await startWorld()
    world.network.phone(to, { hangUp: { afterHeardMs: 300 } })
    const { call, result } = transferred(world)
    expect(await world.until(call.outcome)).toMatchObject({ reason: 'callee-hung-up', transfer: null })
    await expect(result).rejects.toMatchObject({ code: 'call.ended' })
    expect(world.network.calls).toHaveLength(1)
  })

  test('a second transfer is refused, and the first goes on', async () => {
    await using world = await startWorld()
    world.network.phone(to)
    world.network.phone(operator, { hangUp: { afterAnswerMs: 1000 } })
    let second: unknown
    const outcome = await world.until(
      world.dial(to, text, {}, async (call) => {
        const first = call.transfer(operator)
        second = await call.transfer(operator).catch((thrown: unknown) => thrown)
        await expect(call.say('More.')).rejects.toMatchObject({ code: 'call.ended' })
        await first
      }).outcome,
    )
    expect(second).toMatchObject({ code: 'call.ended' })
    expect(outcome).toMatchObject({ reason: 'transferred', error: null })
  })
})

describe('what Twilio tells of a transfer', () => {
  test('the caller hangs up while the transfer rings: no transfer came about', async () => {
    await using world = await startWorld()
    world.network.phone(to, { hangUp: { afterAnswerMs: 20_000 } })
    const other = world.network.phone(operator, { answer: 'no-answer' })
    const { call, result } = transferred(world, { timeoutMs: 60_000, otherwise: 'Never said.' })
    expect(await world.until(call.outcome)).toMatchObject({
      reason: 'callee-hung-up',
      transfer: { ended: 'cancelled', durationMs: 0 },
    })
    expect(await result).toEqual({ ended: 'cancelled', durationMs: 0 })
    await world.until(other.ended)
  })

  test('what is told of a transfer is unsigned, comes twice, out of order, or is of a call nobody knows', async () => {
    await using world = await startWorld()
    world.network.phone(to)
    const other = world.network.phone(operator)
    const { call } = transferred(world)
    await world.until(new Promise((resolve) => other.on(({ type }) => type === 'answered' && resolve(undefined))))
    const base = { CallSid: call.callSid ?? '', AccountSid: secrets.accountSid, CallStatus: 'in-progress' }
    const post = async (path: string, fields: Record<string, string>, token: string = secrets.authToken) => {
      const url = `${world.publicUrl}/twilio/${path}`
      const form = { ...base, ...fields }
      const headers = { 'x-twilio-signature': twilio.getExpectedTwilioSignature(token, url, form) }
      const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) })
      return { status: answer.status, twiml: await answer.text() }
    }
    const dialled = `dial-ended?callId=${call.callId}`
    const hangUp = { status: 200, twiml: expect.stringContaining('<Response><Hangup/></Response>') }

    expect(await post(dialled, { DialCallStatus: 'busy' }, 'another token')).toMatchObject({ status: 403 })
    expect(await post('dial-ended?callId=nobody', { DialCallStatus: 'busy' })).toEqual(hangUp)
    expect(await post(dialled, { DialCallStatus: 'busy', CallSid: `CA${'0'.repeat(32)}` })).toEqual(hangUp)
    expect(await post(dialled, { CallSid: 'nonsense' })).toMatchObject({ status: 400 })
    // That something was said which never was to be.
    expect(await post(`${dialled}&said=1`, {})).toEqual(hangUp)
    const asked = await post(`stream-ended?callId=${call.callId}`, {})
    expect(asked.twiml).toContain(`<Number>${operator}</Number>`)
    expect(call.transferring?.result).toBeUndefined()

    expect(await post(dialled, { DialCallStatus: 'completed', DialCallDuration: '7' })).toEqual(hangUp)
    expect(await post(dialled, { DialCallStatus: 'busy' })).toEqual(hangUp)
    expect(await post(`stream-ended?callId=${call.callId}`, {})).toEqual(hangUp)
    expect(await world.until(call.outcome)).toMatchObject({
      reason: 'transferred',
      transfer: { ended: 'answered', durationMs: 7000 },
    })
  })

  test('nothing is told of a transfer: the end of the call is asked for', async () => {
    await using world = await startWorld({ network: { behaviour: { statusCallbackLoss: 'all' } } })
    world.network.phone(to, { hangUp: { afterAnswerMs: 100_000 } })
    world.network.phone(operator)
    const outcome = await world.until(transferred(world).call.outcome)
    expect(outcome).toMatchObject({ reason: 'callee-hung-up', transfer: { ended: 'cancelled' } })
    expect(world.network.calls.every(({ status }) => status === 'completed')).toBe(true)
  })

  test('Twilio never asks what a transfer is to be: the call is ended, and nobody was dialled', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const { call, result } = transferred(world)
    call.watch(({ type }) => {
      if (type === 'transferring') world.network.behaviour.webhookSignature = 'wrong'
    })
    expect(await world.until(call.outcome)).toMatchObject({ transfer: { durationMs: 0 }, status: 'heard' })
    await result
    await world.until(phone.ended)
    expect(world.network.calls).toHaveLength(1)
  })
})

test('a server that stops leaves those alone who were connected', async () => {
  await using world = await startWorld({ settings: { DRAIN_TIMEOUT_MS: '1000' } })
  world.network.phone(to)
  const other = world.network.phone(operator)
  const { call } = transferred(world)
  await world.until(new Promise((resolve) => other.on(({ type }) => type === 'answered' && resolve(undefined))))
  await world.until(world.app.drain())
  expect(await world.until(call.outcome)).toMatchObject({ reason: 'server-stopped', status: 'heard', transfer: null })
  await world.clock.advance(10_000)
  expect(world.network.calls.map(({ status }) => status)).toEqual(['in-progress', 'in-progress'])
})
