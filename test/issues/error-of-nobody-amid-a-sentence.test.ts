import { expect, test } from 'vitest'
import type { Incident } from '../../src/simulator/async/incidents.ts'
import { toneVoice } from '../../src/simulator/tone-voice.ts'
import { startWorld } from '../world.ts'

const sentences = ['First of all hello.', 'The second one is here.', 'A third one follows it.']

/**
 * A busy service breaks a sentence off behind as much sound as its text must make at least, and says so with an error
 * that names no context. It was taken for one of the sentences made ahead, the silence behind it for the end of this one.
 */
const happenings: readonly (readonly [string, Incident['what']])[] = [
  ['and the rest never comes', { kind: 'error', code: 'RATE_LIMIT_EXCEEDED' }],
  ['and the service closes in order', { kind: 'error', code: 'RATE_LIMIT_EXCEEDED', afterwards: 'close' }],
]
const text = sentences.join(' ')

test.each(happenings)(
  'a sentence amid which an error came that names none, %s, is not counted as heard whole',
  async (_name, what) => {
    const incidents: Incident[] = [{ at: 'audio', nth: 3, connection: 1, what }]
    await using world = await startWorld({ async: { behaviour: { deliveryRate: 1, incidents } } })
    const phone = world.network.phone('+15551230001')
    const outcome = await world.until(world.dial('+15551230001', text).outcome)
    await world.until(phone.ended)
    expect(Buffer.from(phone.heard).includes(await soundOf(sentences[0] ?? ''))).toBe(false)
    expect(outcome).toMatchObject({ reason: 'said-by-twilio', error: { code: 'speech.busy' } })
    for (const sentence of sentences) expect(phone.said.join(' ')).toContain(sentence)
  },
)

test('a sentence that the service says it has finished after such an error is heard once', async () => {
  const what = { kind: 'error', code: 'RATE_LIMIT_EXCEEDED', afterwards: 'go-on' } as const
  const incidents: Incident[] = [{ at: 'audio', nth: 3, connection: 1, what }]
  await using world = await startWorld({ async: { behaviour: { deliveryRate: 1, incidents } } })
  const phone = world.network.phone('+15551230001')
  const outcome = await world.until(world.dial('+15551230001', text).outcome)
  await world.until(phone.ended)
  expect(outcome).toMatchObject({ reason: 'completed', heardText: text, error: null })
  expect(phone.said).toEqual([])
  expect(Buffer.from(phone.heard).includes(await soundOf(sentences[0] ?? ''))).toBe(true)
})

async function soundOf(sentence: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of toneVoice(sentence, { signal: new AbortController().signal })) parts.push(part)
  return Buffer.concat(parts)
}
