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

  test('what waits behind an utterance that is cancelled amid its audio is spoken whole, and in order', async () => {
    const speaking = session()
    const texts = ['Nobody hears this one to its end.', 'Then this.', 'And this last.']
    const log: string[] = []
    const all = texts.map((text, index) => speak(speaking, [text], { log, name: String(index) }))
    for (const one of all) one.input.end()
    await run(all[0]?.begun ?? Promise.resolve())
    await pass(lateMs / 10)
    all[0]?.input.cancel()
    const ends = await run(Promise.all(all.map((one) => one.ended)))
    expect(ends.map((end) => end.kind).slice(1)).toEqual(['done', 'done'])
    for (const [index, text] of texts.entries())
      if (index > 0) expect(all[index]?.audio().equals(await alone(text))).toBe(true)
    const order = log.filter((entry, index) => entry !== log[index - 1]).slice(-4)
    expect(order).toEqual(['1 audio', '1 done', '2 audio', '2 done'])
  })

  test('an utterance cancelled while another is spoken is never heard, and those around it are whole', async () => {
    const speaking = session()
    const texts = ['Before it comes this.', 'Nobody hears it.', 'After it comes this.']
    const [before, between, after] = texts.map((text) => speak(speaking, [text]))
    for (const one of [before, between, after]) one?.input.end()
    await run(before?.begun ?? Promise.resolve())
    await pass(lateMs / 10)
    const heardBefore = between?.chunks
    between?.input.cancel()
    expect(await run(before?.ended ?? Promise.reject(new Error('none')))).toMatchObject({ kind: 'done' })
    expect(await run(after?.ended ?? Promise.reject(new Error('none')))).toMatchObject({ kind: 'done' })
    expect(between?.chunks).toBe(heardBefore)
    expect(before?.audio().equals(await alone(texts[0] ?? ''))).toBe(true)
    expect(after?.audio().equals(await alone(texts[2] ?? ''))).toBe(true)
  })

  test('utterances that are cancelled one after the other let no audio pass between', async () => {
    const speaking = session()
    const all = ['One of the two.', 'Two of the two.'].map((text) => speak(speaking, [text]))
    for (const one of all) one.input.end()
    await run(all[0]?.begun ?? Promise.resolve())
    await pass(lateMs / 10)
    const heard = all.map((one) => one.chunks)
    for (const one of all) one.input.cancel()
    expect(all.map((one) => one.chunks)).toEqual(heard)
    expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
    await pass(lateMs)
    expect(all.map((one) => one.chunks)).toEqual(heard)
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
