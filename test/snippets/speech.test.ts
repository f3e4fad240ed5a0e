import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { digits, escapeText, pause, phonemes } from '../../src/speech/markup.ts'
import { startWorld } from '../world.ts'

test('docs/speech.md: data in a text with markup', async () => {
  const flow: Flow = async (call) => {
    const { name = '', code = '' } = call.parameters
    await call.say(`Hello ${escapeText(name)}. <break time='400ms'/> It is <digits>${escapeText(code)}</digits>.`)
  }

  await using world = await startWorld()
  world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const parameters = { name: "<break time='10s'/>Bob", code: '</digits>42' }
  const call = world.dial('+15551234567', 'a greeting with a code', { parameters }, flow)
  const outcome = await world.until(call.outcome)
  expect(outcome.status).toBe('heard')
  const transcripts = world.async.spoken
    .map((spoken) => spoken.transcript)
    .join(' ')
    .replaceAll(/\s+/g, ' ')
  expect(transcripts).toContain("Hello break time='10s'/Bob.")
  expect(transcripts).toContain("<break time='400ms'/> It is <digits>/digits42</digits>.")
  expect(world.async.faults).toEqual([])
})

test('docs/speech.md: tags that are made', async () => {
  const reminder: Flow = async (call) => {
    const { code = '' } = call.parameters
    await call.say(`This is ${phonemes('ˈeɪ.sɪŋk')}. ${pause(300)} Your code is ${digits(code)}.`)
  }

  await using world = await startWorld()
  world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const dial = (code: string) => world.dial('+15551234567', 'a code', { parameters: { code } }, reminder)
  expect(await world.until(dial('12-34').outcome)).toMatchObject({ status: 'heard' })
  expect(world.async.spoken.map((spoken) => spoken.transcript).join('')).toContain('<digits>12-34</digits>')
  expect(await world.until(dial('<b>').outcome)).toMatchObject({ error: { code: 'markup.invalid' } })
  expect(world.async.faults).toEqual([])
})

test('docs/speech.md: a bare < goes, and the words beside it stay', async () => {
  await using world = await startWorld()
  world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const outcome = await world.until(world.dial('+15551234567', 'It holds that 2 < 3.').outcome)
  expect(outcome.status).toBe('heard')
  expect(world.async.spoken.map((spoken) => spoken.transcript.replaceAll(/\s+/g, ' ').trim())).toEqual([
    'It holds that 2 3.',
  ])
})
