import { expect, test } from 'vitest'
import { BridgeError } from '../../../../src/errors.ts'
import { connectionLost, handshakeError, unreachable } from '../../../../src/speech/async/errors.ts'
import { audioMs, lose, speakTo, stage } from './line-fake.ts'

const gone = connectionLost({ closeCode: 1006 })

test('ready waits a moment for a refusal, or for the first word of the service', async () => {
  const silent = await stage()
  let ready = false
  void silent.session.ready.then(() => {
    ready = true
  })
  await silent.clock.advance(149)
  expect(ready).toBe(false)
  await silent.clock.advance(1)
  expect(ready).toBe(true)

  const polite = await stage()
  polite.line().say({ event: 'init_ack', context_id: 'server' })
  expect(await polite.session.ready).toBeUndefined()
})

test('a failed connection is tried again after 250 ms, doubling to 4 s, and given up after 15 s', async () => {
  const { clock, lines, line, session } = await stage({ open: false })
  const began = clock.now()
  const attempts: number[] = []
  let last = 0
  for (let ms = 0; ms <= 30_000; ms += 50) {
    if (lines.length > last) {
      last = lines.length
      attempts.push(clock.now() - began)
      lose(line(), unreachable('ECONNREFUSED'))
    }
    await clock.advance(50)
  }
  expect(attempts).toEqual([0, 250, 750, 1750, 3750, 7750, 11_750])
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.unavailable', retryable: true })
})

test('what was given up is tried anew for the next utterance', async () => {
  const { clock, lines, line, session } = await stage({ open: false })
  const first = speakTo(session, ['One.'])
  for (let i = 0; i < 7; i++) {
    lose(line(), unreachable('ECONNREFUSED'))
    await clock.advance(4000)
  }
  expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.unavailable' } }])
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.unavailable' })
  const count = lines.length
  const second = speakTo(session, ['Two.'])
  expect(lines).toHaveLength(count + 1)
  line().events.opened()
  line().say({ context_id: line().contexts()[0], audio: audioMs(400), final: false })
  expect(second.bytes).toBe(3200)
})

/** Refuses each connection as it is tried, for so long. */
async function refuse({ clock, lines, line }: Awaited<ReturnType<typeof stage>>, ms: number, from: number) {
  let seen = from
  for (let passed = 0; passed < ms; passed += 50) {
    if (lines.length > seen) lose(line(), unreachable('ECONNREFUSED'))
    seen = lines.length
    await clock.advance(50)
  }
  return seen
}

test('a service that refuses every connection is waited for 3 s, one that was reached before for 10 s', async () => {
  const refusing = await stage({ open: false })
  const unheard = speakTo(refusing.session, ['One.'])
  const seen = await refuse(refusing, 2950, 0)
  expect(unheard.ends).toEqual([])
  await refuse(refusing, 100, seen)
  expect(unheard.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.unavailable' } }])

  const reached = await stage()
  await reached.clock.advance(200)
  lose(reached.line(), gone)
  const waiting = speakTo(reached.session, ['One.'])
  const before = await refuse(reached, 9950, 1)
  expect(waiting.ends).toEqual([])
  await refuse(reached, 100, before)
  expect(waiting.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.unavailable' } }])
})

test('a service that is reached within those 3 s speaks', async () => {
  const starting = await stage({ open: false })
  const heard = speakTo(starting.session, ['One.'])
  await refuse(starting, 1700, 0)
  await starting.clock.advance(100)
  starting.line().events.opened()
  expect(starting.line().texts()).toEqual(['One. '])
  await starting.clock.advance(5000)
  expect(heard.ends).toEqual([])
})

test('an utterance without a connection fails after 10 s, with the reason why there is none', async () => {
  const { clock, line, session } = await stage({ open: false })
  const heard = speakTo(session, ['One.'])
  lose(line(), unreachable('ECONNREFUSED'))
  await clock.advance(9999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toMatchObject([{ error: { code: 'speech.unavailable', details: { cause: 'ECONNREFUSED' } } }])
})

test('a refusal rejects ready at once, fails all utterances and lets nothing be tried again', async () => {
  const { clock, lines, line, session } = await stage({ open: false })
  const heard = [speakTo(session, ['One.']), speakTo(session, ['Two.'])]
  lose(line(), handshakeError(401))
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.refused', retryable: false })
  const later = speakTo(session, ['Three.'])
  expect(later.ends).toEqual([])
  await clock.advance(60_000)
  for (const one of [...heard, later])
    expect(one.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.refused' } }])
  expect(lines).toHaveLength(1)
})

test('an orderly close without a word right after the handshake is taken for a refusal', async () => {
  const { line, session } = await stage()
  lose(line(), connectionLost({ closeCode: 1000 }), 1000, true)
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.refused', message: /key or the plan/ })
})

test.each([1001, 1006, 1011, 1012, 1013])(
  'a close with %i says nothing of the key and is tried again',
  async (closeCode) => {
    const { clock, lines, line, session } = await stage()
    lose(line(), connectionLost({ closeCode }), closeCode, true)
    await clock.advance(250)
    expect(lines).toHaveLength(2)
    line().events.opened()
    await clock.advance(150)
    expect(await session.ready).toBeUndefined()
  },
)

test('a key that worked is not taken for refused when a later connection closes at once', async () => {
  const { clock, lines, line } = await stage()
  line().say({ event: 'init_ack', context_id: 'server' })
  await clock.advance(10_000)
  lose(line(), gone, 1006)
  await clock.advance(0)
  line().events.opened()
  lose(line(), connectionLost({ closeCode: 1000 }), 1000, true)
  await clock.advance(250)
  expect(lines).toHaveLength(3)
})

test('a connection lost while nothing is said is made again at once', async () => {
  const { clock, lines, line, session } = await stage()
  await clock.advance(20_000)
  lose(line(), gone, 1006)
  await clock.advance(0)
  expect(lines).toHaveLength(2)
  line().events.opened()
  const heard = speakTo(session, ['One.'])
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  expect(heard.bytes).toBe(160)
})

test('connections that never last are not tried for ever in a loop', async () => {
  const { clock, lines, line, session } = await stage({ open: false })
  for (let i = 0; i < 40; i++) {
    if (!line().closed) {
      line().events.opened()
      lose(line(), gone, 1006)
    }
    await clock.advance(500)
  }
  expect(lines.length).toBeLessThan(10)
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.lost' })
})

test('text whose connection is lost before any audio is said again on the next, once, in a new context', async () => {
  const { clock, lines, line, speak } = await stage()
  const heard = speak('One.', 'Two.')
  heard.input.end()
  await clock.advance(6000)
  lose(line(), gone, 1006)
  await clock.advance(0)
  line().events.opened()
  expect(line().sent).toMatchObject([{ transcript: 'One. ' }, { transcript: 'Two. ' }, { transcript: '' }])
  expect(line().contexts()).not.toEqual(lines[0]?.contexts())
  await clock.advance(6000)
  expect(heard.ends).toEqual([])
  lose(line(), gone, 1006)
  expect(heard.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.lost' } }])
})

test('an utterance whose connection is lost amid its audio fails, and the next is spoken elsewhere', async () => {
  const { clock, line, speak } = await stage()
  const first = speak('One two three four.')
  const second = speak('Two.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  lose(line(), gone, 1006)
  expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.lost', retryable: true } }])
  expect(second.ends).toEqual([])
  await clock.advance(250)
  line().events.opened()
  expect(line().texts()).toEqual(['Two. '])
})

test('a connection that ends after final, or in order after all of the text, is no loss', async () => {
  const one = await stage()
  const heard = one.speak('One.')
  heard.input.end()
  one.line().say({ context_id: one.line().contexts()[0], audio: audioMs(400), final: true })
  lose(one.line(), gone, 1006)
  expect(heard.ends).toEqual([{ kind: 'done' }])

  const two = await stage()
  const quiet = two.speak('One.')
  quiet.input.end()
  two.line().say({ context_id: two.line().contexts()[0], audio: audioMs(400), final: false })
  lose(two.line(), connectionLost({ closeCode: 1000 }), 1000)
  expect(quiet.ends).toEqual([{ kind: 'done', unconfirmed: true }])
})

test('no connection is made after close', async () => {
  const { clock, lines, line, session } = await stage()
  await clock.advance(6000)
  lose(line(), gone, 1006)
  await session.close()
  await clock.advance(60_000)
  expect(lines).toHaveLength(1)
})

test('the error of a failed utterance is one of the bridge', async () => {
  const { line, speak } = await stage()
  const heard = speak('One.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  lose(line(), gone, 1006)
  expect(heard.ends.map((end) => end.kind === 'failed' && end.error instanceof BridgeError)).toEqual([true])
})

test('a connection that gave audio is replaced at once, however short its life', async () => {
  const { clock, lines, line, speak } = await stage({ open: false })
  lose(line(), unreachable(undefined))
  await clock.advance(250)
  line().events.opened()
  speak('One two three four.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  lose(line(), gone, 1006)
  await clock.advance(0)
  expect(lines).toHaveLength(3)
})

test('an orderly close is a loss while a later text was not spoken', async () => {
  const { line, speak } = await stage()
  const heard = speak('One.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(9000), final: false })
  heard.input.push('Two.')
  heard.input.end()
  lose(line(), connectionLost({ closeCode: 1000 }), 1000)
  expect(heard.ends).toMatchObject([{ error: { code: 'speech.lost' } }])
})

test('a session that its sink closes on a lost connection makes no other', async () => {
  const { clock, lines, line, session } = await stage()
  const input = session.speak({ audio: () => {}, ended: () => void session.close() })
  input.push('One two three four.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  lose(line(), gone, 1006)
  await clock.advance(60_000)
  expect(lines).toHaveLength(1)
})
