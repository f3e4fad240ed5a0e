import { describe, expect, test } from 'vitest'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from '../../../src/speech/provider.ts'
import { createTurns } from '../../../src/speech/turns.ts'

/** A session that does nothing but tell what reaches it. */
function listeningSession() {
  const reached: string[] = []
  const sinks: SpeechSink[] = []
  const session: Pick<SpeechSession, 'speak'> = {
    speak(sink): SpeechInput {
      sinks.push(sink)
      return {
        push: (text) => void reached.push(text),
        end: () => void reached.push('end'),
        cancel: () => void reached.push('cancel'),
      }
    },
  }
  return { session, reached, sinks }
}

function listeningSink() {
  const heard: string[] = []
  const ends: SpeechEnd[] = []
  const sink: SpeechSink = { audio: (payload) => void heard.push(payload), ended: (end) => void ends.push(end) }
  return { sink, heard, ends }
}

describe('a turn', () => {
  test('what was pushed before there is a session reaches it, once', () => {
    const { session, reached } = listeningSession()
    const turn = createTurns().add(listeningSink().sink)
    turn.push('One. ')
    turn.end()
    turn.speakIn(session)
    expect(reached).toEqual(['One. ', 'end'])
  })

  test('after its end nothing reaches the session any more', () => {
    const { session, reached, sinks } = listeningSession()
    const { sink, ends } = listeningSink()
    const turn = createTurns().add(sink)
    turn.speakIn(session)
    sinks[0]?.ended({ kind: 'done' })
    turn.push('Late. ')
    turn.end()
    turn.cancel()
    expect(ends).toEqual([{ kind: 'done' }])
    expect(reached).toEqual([])
  })

  test('an utterance that a session ends while it is asked to speak is over', () => {
    const { reached } = listeningSession()
    const { sink, ends } = listeningSink()
    const turn = createTurns().add(sink)
    turn.speakIn({
      speak(of) {
        of.ended({ kind: 'done' })
        return { push: (text) => void reached.push(text), end() {}, cancel: () => void reached.push('cancel') }
      },
    })
    turn.push('Late. ')
    turn.cancel()
    expect(ends).toEqual([{ kind: 'done' }])
    expect(reached).toEqual([])
  })

  test('what another session makes ahead is held back until those before it are over', () => {
    const turns = createTurns()
    const [one, other] = [listeningSession(), listeningSession()]
    const [first, second] = [listeningSink(), listeningSink()]
    turns.add(first.sink).speakIn(one.session)
    turns.add(second.sink).speakIn(other.session)
    other.sinks[0]?.audio('b', 1)
    other.sinks[0]?.ended({ kind: 'done' })
    one.sinks[0]?.audio('a', 1)
    expect([first.heard, second.heard]).toEqual([['a'], []])
    one.sinks[0]?.ended({ kind: 'done' })
    expect([second.heard, second.ends]).toEqual([['b'], [{ kind: 'done' }]])
  })

  test('a session that has all of them before it passes its audio straight on, another one does not', () => {
    const turns = createTurns()
    const [one, other] = [listeningSession(), listeningSession()]
    const sinks = Array.from({ length: 3 }, listeningSink)
    const sessions = [one.session, one.session, other.session]
    for (const [index, { sink }] of sinks.entries()) turns.add(sink).speakIn(sessions[index] ?? one.session)
    for (const sink of [...one.sinks, ...other.sinks]) sink.audio('sound', 1)
    expect(sinks.map(({ heard }) => heard)).toEqual([['sound'], ['sound'], []])
  })

  test('what is given to a session while another of its own is held back here waits behind that', () => {
    const turns = createTurns()
    const [one, other] = [listeningSession(), listeningSession()]
    const order: string[] = []
    const third: SpeechSink = { audio: (payload) => void order.push(payload), ended() {} }
    const first: SpeechSink = {
      audio() {},
      // As a text that is given its turn by the end of the one before, and is at hand.
      ended() {
        turns.add(third).speakIn(other.session)
        other.sinks[1]?.audio('third', 1)
      },
    }
    turns.add(first).speakIn(one.session)
    turns.add({ audio: (payload) => void order.push(payload), ended() {} }).speakIn(other.session)
    other.sinks[0]?.audio('second', 1)
    other.sinks[0]?.ended({ kind: 'done' })
    one.sinks[0]?.ended({ kind: 'done' })
    expect(order).toEqual(['second', 'third'])
  })

  test('the end of one that was held back comes before the audio of the next, also when nothing of it was heard', () => {
    const turns = createTurns()
    const [one, other] = [listeningSession(), listeningSession()]
    const order: string[] = []
    const third: SpeechSink = { audio: (payload) => void order.push(payload), ended() {} }
    const first: SpeechSink = {
      audio() {},
      ended() {
        turns.add(third).speakIn(other.session)
        other.sinks[1]?.audio('third', 1)
      },
    }
    turns.add(first).speakIn(one.session)
    turns.add({ audio() {}, ended: () => void order.push('second ended') }).speakIn(other.session)
    other.sinks[0]?.ended({ kind: 'done' })
    one.sinks[0]?.ended({ kind: 'done' })
    expect(order).toEqual(['second ended', 'third'])
  })

  test('what comes while that is passed on which was held back goes behind it', () => {
    const turns = createTurns()
    const [one, other] = [listeningSession(), listeningSession()]
    const heard: string[] = []
    const second: SpeechSink = {
      audio(payload) {
        heard.push(payload)
        if (payload === 'a') other.sinks[0]?.audio('c', 1)
      },
      ended() {},
    }
    turns.add(listeningSink().sink).speakIn(one.session)
    turns.add(second).speakIn(other.session)
    other.sinks[0]?.audio('a', 1)
    other.sinks[0]?.audio('b', 1)
    one.sinks[0]?.ended({ kind: 'done' })
    expect(heard).toEqual(['a', 'b', 'c'])
  })
})
