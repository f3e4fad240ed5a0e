import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { secrets, startWorld, type World } from '../world.ts'

const to = '+15551230001'

/** A webhook as Twilio would send it, signed. */
async function post(world: World, path: string, fields: Record<string, string>): Promise<Response> {
  const url = `${world.publicUrl}${path}`
  const signature = twilio.getExpectedTwilioSignature(secrets.authToken, url, fields)
  const body = new URLSearchParams(fields)
  return fetch(url, { method: 'POST', headers: { 'x-twilio-signature': signature }, body })
}

describe('what a call keeps', () => {
  test('keys are kept in order, those of another stream are not', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const call = world.dial(to, 'Press something while this is being said to you, please.')
    await world.clock.advance(3000)
    phone.press('12')
    const [stream] = world.network.calls[0]?.streams ?? []
    const foreign = `MZ${'f'.repeat(32)}`
    stream?.sendRaw(
      JSON.stringify({
        event: 'dtmf',
        sequenceNumber: '9',
        streamSid: foreign,
        dtmf: { track: 'inbound_track', digit: '9' },
      }),
    )
    phone.press('#')
    expect((await world.until(call.outcome)).keys).toBe('12#')
  })

  test('the time from answer to first audio is the service’s, not the ringing', async () => {
    await using world = await startWorld({ async: { behaviour: { firstAudioDelayMs: 700 } } })
    world.network.phone(to, { answer: { afterMs: 9000 } })
    const outcome = await world.until(world.dial(to, 'Hello.').outcome)
    expect(outcome.answeredToFirstAudioMs).toBeGreaterThanOrEqual(700)
    expect(outcome.answeredToFirstAudioMs).toBeLessThan(2000)
  })

  test('audio that comes as one chunk of a minute goes through whole', async () => {
    await using world = await startWorld({
      async: { behaviour: { chunks: { kind: 'whole' }, deliveryRate: Number.POSITIVE_INFINITY } },
    })
    const phone = world.network.phone(to)
    const text = 'A rather long sentence that never seems to end '.repeat(8).trim()
    const outcome = await world.until(world.dial(to, `${text}.`).outcome)
    await world.until(phone.ended)
    const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(outcome.status).toBe('heard')
    expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
  })
})

describe('flows', () => {
  test('one that throws ends the call and is told as failed, with its error', async () => {
    await using world = await startWorld()
    world.network.phone(to)
    const flow: Flow = async (call) => {
      await call.say('Hello.')
      throw new Error('the order system is down')
    }
    const outcome = await world.until(world.dial(to, 'Hello.', {}, flow).outcome)
    expect(outcome).toMatchObject({ status: 'heard', reason: 'flow-failed', error: { code: 'flow.failed' } })
    expect(outcome.error?.message).toContain('the order system is down')
  })

  test('one that interrupts is silent at once: Twilio’s buffer is cleared, and late marks prove nothing', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const flow: Flow = async (call) => {
      const saying = call.say('This is the first sentence of a rather long message. And here is the second one of it.')
      world.clock.after(1500, () => saying.interrupt())
      const heard = await saying
      expect(heard.end).toBe('interrupted')
      expect(heard.heardMs).toBeLessThan(heard.sentMs)
      await call.say('Stopped.')
    }
    const outcome = await world.until(world.dial(to, 'unused', {}, flow).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'completed', error: null })
    expect(outcome.heardText).toContain('Stopped.')
    expect(outcome.heardText).not.toContain('second')
    expect(phone.events.filter((event) => event.type === 'clear')).toHaveLength(1)
    expect(world.network.faults).toEqual([])
  })

  test('what is not awaited is heard before the hang-up all the same', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const flow: Flow = async (call) => {
      void call.say('One.')
      void call.say('Two.')
    }
    const outcome = await world.until(world.dial(to, 'unused', {}, flow).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'heard', heardText: 'One. Two.' })
    expect(phone.heardMs).toBe(outcome.heardMs)
  })
})

describe('signed webhooks', () => {
  const call = {
    CallSid: `CA${'c'.repeat(32)}`,
    AccountSid: secrets.accountSid,
    From: to,
    To: secrets.from,
    ApiVersion: '2010-04-01',
  }

  test('for an outbound call that nobody knows, the answer is to hang up, and no voice is opened', async () => {
    await using world = await startWorld({ real: true })
    const answer = await post(world, '/twilio/voice?callId=nobody', {
      ...call,
      CallStatus: 'in-progress',
      Direction: 'outbound-api',
    })
    expect(await answer.text()).toContain('<Response><Hangup/></Response>')
    expect(world.app.calls()).toEqual([])
    expect(world.async.opened).toBe(0)
  })

  test('of a form we do not know are refused with what was expected, and of more than 64 KiB unread', async () => {
    await using world = await startWorld({ real: true })
    const odd = await post(world, '/twilio/status', { ...call, CallStatus: 'dancing' })
    expect(odd.status).toBe(400)
    expect(await odd.text()).toContain('CallStatus')
    const huge = await post(world, '/twilio/status', { ...call, CallStatus: 'ringing', Padding: 'x'.repeat(70_000) })
    expect(huge.status).toBe(413)
  })

  test('of a stream that could not be opened end the call, in words', async () => {
    await using world = await startWorld({ network: { behaviour: { streamSignature: 'wrong' } } })
    world.network.phone(to)
    const outcome = await world.until(world.dial(to, 'Hello.').outcome)
    expect(outcome.error).toMatchObject({ code: 'stream.unreachable', details: { twilioCode: 31_920 } })
  })
})

describe('callers that the server cannot take', () => {
  test.each([
    { what: 'as many calls are under way as may be', settings: { MAX_CALLS: '1' }, loopDelayMs: 0 },
    { what: 'the event loop is late', settings: {}, loopDelayMs: 5000 },
  ])('find the line busy while $what; the running call is heard', async ({ settings, loopDelayMs }) => {
    let delayMs = 0
    await using world = await startWorld({ settings, loopDelayMs: () => delayMs })
    const phone = world.network.phone(to)
    const running = world.dial(to, 'This call goes on.')
    await world.clock.advance(1000)
    delayMs = loopDelayMs
    const voiceUrl = `${world.publicUrl}/twilio/voice`
    const caller = world.network.dialIn({ from: '+15551230009', to: secrets.from, voiceUrl })
    await world.until(caller.ended)
    expect(world.network.calls.find((call) => call.direction === 'inbound')?.status).toBe('busy')
    expect(world.app.refusals.counts.overloaded).toBe(1)
    expect(await world.until(running.outcome)).toMatchObject({ status: 'heard' })
    await world.until(phone.ended)
  })
})
