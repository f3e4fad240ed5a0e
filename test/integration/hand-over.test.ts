import { expect, test } from 'vitest'
import { BridgeError } from '../../src/errors.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'
/** Lets the connection of the call be made before the service goes away. */
function refuseFromNowOn(world: World): void {
  world.async.behaviour.handshake = 'refuse'
}

test('no speech provider is left: Twilio says the rest, from the first sentence that was not heard whole', async () => {
  await using world = await startWorld({
    async: { behaviour: { incidents: [{ at: 'audio', nth: 12, connection: 1, what: { kind: 'drop' } }] } },
  })
  const phone = world.network.phone(to)
  const call = world.dial(to, text)
  void call.streaming.then(() => refuseFromNowOn(world))
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  expect(outcome).toMatchObject({ status: 'heard', reason: 'said-by-twilio', heardText: text })
  expect(phone.said.join(' ')).toBe('This is the second sentence. And this is the third one.')
  expect(world.network.faults.filter((fault) => fault.level !== 'warning')).toEqual([])
  expect(world.app.calls()).toEqual([])
})

test('a callee who hangs up while Twilio says the rest: that is the reason, and the outcome claims nothing that was not proven', async () => {
  await using world = await startWorld({
    async: { behaviour: { incidents: [{ at: 'transcript', what: { kind: 'stall' } }] } },
  })
  const phone = world.network.phone(to)
  phone.on((event) => {
    if (event.type === 'said') phone.hangUp()
  })
  const outcome = await world.until(world.dial(to, text).outcome)
  expect(outcome).toMatchObject({ status: 'unheard', reason: 'callee-hung-up', heardText: '', heardMs: 0 })
  expect(outcome.spokenBy.map((voice) => voice.provider)).toEqual(['async', 'twilio'])
})

test.each(['the status callback comes', 'no callback comes'] as const)(
  'Twilio is not let in to ask what to say, and %s: the call ends as failed, and is over at Twilio',
  async (which) => {
    await using world = await startWorld({
      async: { behaviour: { incidents: [{ at: 'transcript', what: { kind: 'stall' } }] } },
    })
    const phone = world.network.phone(to)
    const call = world.dial(to, text)
    call.watch((event) => {
      if (event.type !== 'failover') return
      world.network.behaviour.webhookSignature = 'wrong'
      if (which === 'the status callback comes')
        phone.on((happened) => {
          if (happened.type === 'said') world.network.behaviour.webhookSignature = 'correct'
        })
    })
    const outcome = await world.until(call.outcome)
    expect(outcome).toMatchObject({ status: 'unheard', reason: 'speech-failed', heardText: '' })
    expect(world.network.calls[0]?.status).toBe('completed')
    // Twilio's own sentence for a document it could not fetch.
    expect(phone.said).toEqual(['We are sorry, an application error has occurred. Goodbye.'])
  },
)

test('a flow that fails for want of a voice with nothing left to say lets Twilio say that something went wrong', async () => {
  await using world = await startWorld({ settings: { APOLOGY_SENTENCE: 'Something went wrong.' } })
  const phone = world.network.phone(to)
  const outcome = await world.until(
    world.dial(to, text, {}, async (line) => {
      await line.say('One sentence.')
      throw new BridgeError('speech.unavailable', 'No voice for what comes next.')
    }).outcome,
  )
  await world.until(phone.ended)
  expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'said-by-twilio', heardText: 'One sentence.' })
  expect(phone.said).toEqual(['Something went wrong.'])
})

test('a text longer than one document of Twilio may be is said in several', async () => {
  await using world = await startWorld({
    async: { behaviour: { incidents: [{ at: 'transcript', what: { kind: 'stall' } }] } },
    settings: { MAX_CALL_MS: '36000000' },
  })
  const long = 'This sentence is one of very many & none of them <is> spoken. '.repeat(400)
  const phone = world.network.phone(to)
  const outcome = await world.until(world.dial(to, long).outcome)
  expect(outcome).toMatchObject({ status: 'heard', reason: 'said-by-twilio' })
  expect(phone.said).toHaveLength(400)
  expect(world.network.faults.filter((fault) => fault.level !== 'warning')).toEqual([])
})
