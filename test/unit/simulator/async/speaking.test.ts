import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { ready, start } from './harness.ts'

test('a forced transcript is spoken, and its end gives the rest of the audio and then one final', async () => {
  const { clock, service, client, id } = await ready()
  client.say('Hello there. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a{4}F$/)
  expect(client.frames.every((frame) => frame.context_id === id)).toBe(true)
  expect(client.frames.slice(0, -1).every((frame) => frame.final === false)).toBe(true)
  expect(client.audio(id)).toHaveLength('Hello there.'.length * 480)
  expect(service.faults).toEqual([])
})

test('what was spoken and what was sent agree byte for byte, in order', async () => {
  const { clock, service, client, id } = await ready({ chunks: { kind: 'odd' } })
  client.say('One. ', id)
  client.say("Two <break time='400ms'/> and three. ", id)
  client.end(id)
  await clock.advance(10_000)
  expect(service.spoken.map((it) => it.transcript)).toEqual(['One. ', "Two <break time='400ms'/> and three. "])
  expect(service.spoken.every((it) => it.contextId === id && it.connection === 1)).toBe(true)
  expect(client.audio()).toEqual(Buffer.concat(service.spoken.map((it) => it.audio)))
  expect(client.audio()).toHaveLength(480 * ('One.'.length + 'Two'.length + 'and three.'.length) + 3200)
})

test('final does not come by itself after forced text', async () => {
  const { clock, client, id } = await ready({ idleTimeoutMs: Number.POSITIVE_INFINITY })
  client.say('Hello. ', id)
  await clock.advance(600_000)
  expect(client.shape()).toMatch(/^a+$/)
})

test('two contexts at once are served in order of arrival, each its own audio', async () => {
  const { clock, service, client, id } = await ready()
  const other = randomUUID()
  client.say('First of one. ', id)
  client.say('First of the other. ', other)
  client.say('Second of one. ', id)
  client.end(other)
  client.end(id)
  await clock.advance(10_000)
  expect(service.spoken.map((it) => it.contextId)).toEqual([id, other, id])
  const spokenBy = (contextId: string) =>
    Buffer.concat(service.spoken.filter((it) => it.contextId === contextId).map((it) => it.audio))
  expect(client.audio(id)).toEqual(spokenBy(id))
  expect(client.audio(other)).toEqual(spokenBy(other))
  const finals = client.frames.filter((frame) => frame.final).map((frame) => frame.context_id)
  expect(finals).toEqual([other, id])
})

test('a context that has ended can be opened again under its id', async () => {
  const { clock, client, id } = await ready()
  client.say('One. ', id)
  client.end(id)
  client.say('Two. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+Fa+F$/)
})

test('without force text is held until the threshold is reached', async () => {
  const { clock, service, client, id } = await ready({ holdCharacters: 20 })
  client.say('Twelve chars ', id, false)
  await clock.advance(5000)
  expect(client.frames).toEqual([])
  client.say('and more. ', id, false)
  await clock.advance(5000)
  expect(service.spoken.map((it) => it.transcript)).toEqual(['Twelve chars and more. '])
})

test('without force text is held until its context ends', async () => {
  const { clock, client, id } = await ready()
  client.say('Short. ', id, false)
  await clock.advance(5000)
  expect(client.frames).toEqual([])
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+F$/)
})

test('a forced message speaks its own transcript, not what was held', async () => {
  const { clock, service, client, id } = await ready()
  client.say('Held. ', id, false)
  client.say(' ', id)
  await clock.advance(5000)
  expect(client.shape()).toBe('e')
  expect(service.spoken).toEqual([])
})

test('as a switch, a forced message speaks what was held as well', async () => {
  const { clock, service, client, id } = await ready({ forceFlushesHeld: true })
  client.say('Held. ', id, false)
  client.say(' ', id)
  client.say('Held again. ', id, false)
  client.say('Forced. ', id)
  await clock.advance(5000)
  expect(service.spoken.map((it) => it.transcript)).toEqual(['Held. ', 'Held again. Forced. '])
})

test('a forced whitespace gives empty audio, or nothing', async () => {
  const { clock, service, client, id } = await ready()
  client.say(' ', id)
  await clock.advance(1000)
  expect(client.frames).toEqual([{ context_id: id, audio: '', final: false }])
  service.behaviour.forcedWhitespace = 'nothing'
  client.say(' ', id)
  await clock.advance(1000)
  expect(client.frames).toHaveLength(1)
})

test('a keepalive is answered by nothing and opens no context', async () => {
  const { clock, service, client, id } = await ready()
  client.send({ transcript: ' ' })
  client.send({ transcript: ' ', context_id: id })
  await clock.advance(1000)
  expect(client.frames).toEqual([])
  expect(service.faults).toEqual([])
})

test('markup is rendered: breaks are silence, digits are spoken one by one, no tag is read aloud', async () => {
  const said: string[] = []
  const { clock, client, id } = await ready(
    {},
    {
      voice: async function* (text) {
        said.push(text)
        yield new Uint8Array(80).fill(0x20)
      },
    },
  )
  client.say("Code <digits>(12) 3</digits> now. <break time='0.5s'/> <phonemes>ˈeɪ</phonemes>! ", id)
  client.end(id)
  await clock.advance(5000)
  expect(said).toEqual(['Code 1 2 3 now.', 'ˈeɪ!'])
  const speech = Buffer.alloc(80, 0x20)
  expect(client.audio()).toEqual(Buffer.concat([speech, Buffer.alloc(4000, 0xff), speech]))
})

test('the language of init reaches the voice', async () => {
  const languages: (string | undefined)[] = []
  const { clock, connect } = await start(
    {},
    {
      voice: async function* (_text, { language }) {
        languages.push(language)
        yield new Uint8Array(8)
      },
    },
  )
  for (const language of ['de', null]) {
    const client = connect()
    await clock.runUntil(client.opened)
    client.init({ language })
    client.say('Hallo. ', randomUUID())
    await clock.advance(1000)
  }
  expect(languages).toEqual(['de', undefined])
})

test('a voice that fails is an error frame, and the socket goes on', async () => {
  let broken = true
  const { clock, client, id } = await ready(
    {},
    {
      voice: async function* () {
        yield new Uint8Array(1600).fill(1)
        if (broken) throw new Error('out of breath')
      },
    },
  )
  client.say('Hello. ', id)
  client.say('Held. ', id, false)
  await clock.advance(5000)
  expect(client.errors()).toEqual(['INTERNAL_SERVER_ERROR'])
  broken = false
  client.say('Hello. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('XaF')
})
