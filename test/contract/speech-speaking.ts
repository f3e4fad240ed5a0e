import { expect, test } from 'vitest'
import { lateMs, type SpeechBench } from './speech-bench.ts'

/** How text becomes audio, and in which order. */
export function speakingRules(bench: SpeechBench): void {
  const { session, speak, say, alone, run, pass } = bench

  test('ready resolves, whether or not anything is said', async () => {
    expect(await run(session().ready)).toBeUndefined()
  })

  test('an utterance comes back as audio and ends as done', async () => {
    const audio = await alone('Your order has shipped.')
    expect(audio.length).toBeGreaterThan(8 * 300)
  })

  test('speaking need not wait for ready, and text may come before the connection does', async () => {
    const speaking = session()
    const recording = speak(speaking, ['Hello there.'])
    recording.input.end()
    expect(await run(recording.ended)).toMatchObject({ kind: 'done' })
    await run(speaking.ready)
  })

  test('utterances are spoken in the order of speak, each with its own audio only', async () => {
    const texts = ['One is the first.', 'Two.', 'And three comes last of all.']
    const log: string[] = []
    const speaking = session()
    const spoken = texts.map((text, index) => speak(speaking, [text], { log, name: String(index) }))
    for (const one of spoken.toReversed()) one.input.end()
    for (const one of spoken) expect(await run(one.ended)).toMatchObject({ kind: 'done' })
    expect(log.filter((entry, index) => entry !== log[index - 1])).toEqual(
      texts.flatMap((_, index) => [`${index} audio`, `${index} done`]),
    )
    for (const [index, text] of texts.entries())
      expect(spoken[index]?.audio().equals(await alone(text)), `the audio of utterance ${index}`).toBe(true)
  })

  test('sentences may be pushed with long pauses between them', async () => {
    const speaking = session()
    const recording = speak(speaking, ['First comes one sentence.'])
    await run(recording.begun)
    await pass(lateMs)
    expect(recording.ends).toEqual([])
    const before = recording.audio().length
    recording.input.push('Then comes another one.')
    recording.input.end()
    expect(await run(recording.ended)).toMatchObject({ kind: 'done' })
    expect(recording.audio().length).toBeGreaterThan(before)
  })

  test('an utterance ends once, whatever is called after its end', async () => {
    const speaking = session()
    const recording = speak(speaking, ['Once and no more.'])
    recording.input.end()
    await run(recording.ended)
    recording.input.push('More.')
    recording.input.end()
    recording.input.cancel()
    await pass(lateMs)
    expect(recording.ends).toMatchObject([{ kind: 'done' }])
  })

  test('what is pushed after end is not spoken', async () => {
    const speaking = session()
    const recording = speak(speaking, ['This is all.'])
    recording.input.end()
    recording.input.push('This is too much.')
    recording.input.end()
    await run(recording.ended)
    expect(recording.audio().equals(await alone('This is all.'))).toBe(true)
  })

  test('an utterance without text ends as done without audio, in its turn', async () => {
    const log: string[] = []
    const speaking = session()
    const first = speak(speaking, ['Before.'], { log, name: 'first' })
    const empty = speak(speaking, ['', '  '], { log, name: 'empty' })
    empty.input.end()
    await run(first.begun)
    first.input.end()
    expect(await run(empty.ended)).toMatchObject({ kind: 'done' })
    expect(empty.chunks).toBe(0)
    expect(log.slice(-2)).toEqual(['first done', 'empty done'])
    await say(speaking, 'After.')
  })

  test('an utterance without text that has its turn ends as done, but not inside its own end', async () => {
    const speaking = session()
    const empty = speak(speaking, [])
    empty.input.end()
    expect(await run(empty.ended)).toMatchObject({ kind: 'done' })
    expect(empty.chunks).toBe(0)
  })
}
