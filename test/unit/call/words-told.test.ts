import { expect, test } from 'vitest'
import { audio, stage } from './speaker-stage.ts'

function watched() {
  const scene = stage()
  const told: string[] = []
  scene.words.watchWords(({ by, text }) => told.push(`${by}: ${text}`))
  const hear = (ms: number) => {
    scene.spoken[0]?.sink.audio(audio(ms), ms * 8)
    scene.speaker.echoed(scene.marks().at(-1) ?? '')
  }
  return { ...scene, told, hear }
}

test('a sentence is told when the callee begins to hear it, once', () => {
  const { speaker, spoken, told, hear } = watched()
  void speaker.say('One. Two. ')
  expect(told).toEqual([])
  spoken[0]?.sink.audio(audio(500), 4000)
  expect(told).toEqual([])
  hear(500)
  expect(told).toEqual(['us: One.'])
  hear(500)
  expect(told).toEqual(['us: One.'])
})

test('what is silenced before it began is not told', () => {
  const { speaker, told, hear } = watched()
  const utterance = speaker.say('One. ')
  void speaker.say('Two. ')
  hear(300)
  utterance.interrupt()
  hear(300)
  expect(told).toEqual(['us: One.'])
})

test('a listener that throws disturbs nobody, and one that left is told nothing', () => {
  const { words, told } = watched()
  words.watchWords(() => {
    throw new Error('no')
  })
  const others: string[] = []
  const leave = words.watchWords(({ text }) => others.push(text))
  words.tellWords('callee', ' hello ')
  words.tellWords('callee', ' ')
  leave()
  words.tellWords('twilio', 'Goodbye.')
  expect([told, others]).toEqual([['callee: hello', 'twilio: Goodbye.'], ['hello']])
})
