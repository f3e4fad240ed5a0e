import { expect, test } from 'vitest'
import { lateMs, type SpeechBench } from './speech-bench.ts'

/** How utterances and sessions are broken off. */
export function endingRules(bench: SpeechBench): void {
  const { session, speak, say, alone, run, pass, now } = bench

  test('cancel before the first text ends the utterance, and the next one speaks', async () => {
    const speaking = session()
    const recording = speak(speaking, [])
    recording.input.cancel()
    recording.input.push('Never said.')
    recording.input.end()
    expect(await run(recording.ended)).toEqual({ kind: 'cancelled' })
    expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
    expect(recording.chunks).toBe(0)
  })

  test('no audio passes after cancel, however late, and the next utterance has its own audio only', async () => {
    const speaking = session()
    const recording = speak(speaking, ['This is a rather long sentence that nobody will hear to its end.'])
    await run(recording.begun)
    recording.input.cancel()
    recording.input.cancel()
    expect(await run(recording.ended)).toEqual({ kind: 'cancelled' })
    expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
    await pass(lateMs)
  })

  test('cancel before the first audio leaves nothing for the next utterance to hear', async () => {
    const speaking = session()
    await run(speaking.ready)
    const recording = speak(speaking, ['This was sent but it is not wanted any more.'])
    recording.input.end()
    recording.input.cancel()
    expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
    expect(await run(recording.ended)).toEqual({ kind: 'cancelled' })
    expect(recording.chunks).toBe(0)
  })

  test('a sink may cancel inside its own audio', async () => {
    const speaking = session()
    const recording = speak(speaking, ['This sentence is cut short by the one who hears it.'], {
      onAudio: ({ input }) => input.cancel(),
    })
    recording.input.end()
    expect(await run(recording.ended)).toEqual({ kind: 'cancelled' })
    await pass(lateMs)
    expect(recording.chunks).toBe(1)
  })

  test('an utterance that waits can be cancelled, and the others are spoken', async () => {
    const speaking = session()
    const [first, second, third] = ['One of them.', 'Two of them.', 'Three of them.'].map((text) =>
      speak(speaking, [text]),
    )
    for (const one of [first, second, third]) one?.input.end()
    second?.input.cancel()
    const ends = await run(Promise.all([first?.ended, second?.ended, third?.ended]))
    expect(ends.map((end) => end?.kind)).toEqual(['done', 'cancelled', 'done'])
    expect(second?.chunks).toBe(0)
    expect(third?.audio().equals(await alone('Three of them.'))).toBe(true)
  })

  test('close ends every utterance as cancelled within a second, is idempotent, and nothing follows', async () => {
    const speaking = session()
    const all = [speak(speaking, ['This one is being spoken just now.']), speak(speaking, ['This one waits.'])]
    await run(all[0]?.begun ?? Promise.resolve())
    const closedAt = now()
    const closing = speaking.close()
    await run(Promise.all([closing, speaking.close()]))
    expect(now() - closedAt).toBeLessThanOrEqual(1000)
    for (const one of all) expect(await run(one.ended)).toEqual({ kind: 'cancelled' })
    const late = speak(speaking, ['Too late.'])
    late.input.end()
    expect(await run(late.ended)).toEqual({ kind: 'cancelled' })
    await pass(lateMs)
    await run(speaking.close())
    expect(late.chunks).toBe(0)
  })

  test('the signal ends everything as close does', async () => {
    const controller = new AbortController()
    const speaking = session(controller.signal)
    const all = [speak(speaking, ['This one is being spoken just now.']), speak(speaking, ['This one waits.'])]
    await run(all[0]?.begun ?? Promise.resolve())
    controller.abort()
    for (const one of all) expect(await run(one.ended)).toEqual({ kind: 'cancelled' })
    await pass(lateMs)
  })

  test('a session opened with an aborted signal speaks nothing, and its ready does not hang', async () => {
    const speaking = session(AbortSignal.abort())
    const recording = speak(speaking, ['Never said.'])
    recording.input.end()
    expect(await run(recording.ended)).toEqual({ kind: 'cancelled' })
    await run(Promise.allSettled([speaking.ready]))
  })

  test('two sessions at once never mix, and closing one leaves the other speaking', async () => {
    const texts = ['Here speaks the first of the two.', 'The second one says something else.']
    const sessions = [session(), session()]
    const spoken = sessions.map((one, index) => speak(one, [texts[index] ?? '']))
    const third = session()
    const cut = speak(third, ['And a third one is closed while it speaks.'])
    await run(cut.begun)
    const closing = third.close()
    for (const one of spoken) one.input.end()
    for (const [index, one] of spoken.entries()) {
      expect(await run(one.ended)).toMatchObject({ kind: 'done' })
      expect(one.audio().equals(await alone(texts[index] ?? ''))).toBe(true)
    }
    await run(closing)
  })
}
