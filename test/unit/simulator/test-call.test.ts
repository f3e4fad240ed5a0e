import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Flow } from '../../../src/flows/flow.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

const greet: Flow = async (call) => {
  await call.say(`Hello ${call.parameters['name'] ?? 'you'}. This is the office.`)
  await call.say('Goodbye.')
}

describe('testCall', () => {
  test('a text is heard when its last sound was played, and the outcome is the call’s own', async () => {
    await using phone = await testCall(greet, { parameters: { name: 'Ada' } })
    await phone.hears(/hello ada/i)
    expect(phone.transcript).not.toContain('This is the office')
    await phone.hears('office. Goodbye')
    expect(await phone.outcome).toMatchObject({ status: 'heard', reason: 'completed', direction: 'outbound' })
    expect(phone.over).toBe(true)
    expect(phone.transcript).toMatchInlineSnapshot(`
      "  0:00.3  rings
        0:01.3  answers
        0:02.1  hears "Hello Ada."
        0:03.2  hears "This is the office."
        0:03.8  hears "Goodbye."
        0:03.8  is hung up"
    `)
  })

  test('the same flow is played inbound, with the parameters given', async () => {
    await using phone = await testCall(greet, { direction: 'inbound', parameters: { name: 'Ada' } })
    await phone.hears(/Ada/)
    expect(await phone.outcome).toMatchObject({ status: 'heard', direction: 'inbound' })
  })

  test('what is said once is matched once, and what stands behind a match is left for the next', async () => {
    const flow: Flow = async (call) => {
      await call.say('One, two, three.')
      await call.say('One more.')
    }
    await using phone = await testCall(flow)
    await phone.hears(/one/i)
    await phone.hears(/three/)
    await phone.hears(/one/i)
    await expect(phone.hears(/one/i)).rejects.toThrow(/without it/)
  })

  test('a pattern with a memory of its own is used as if it had none', async () => {
    await using phone = await testCall(greet)
    const global = /hello/gi
    global.lastIndex = 7
    await phone.hears(global)
  })

  test('a flow that does not say what is expected fails the test with the transcript', async () => {
    await using phone = await testCall(greet)
    const failure = await phone.hears(/press 1/).then(
      () => '',
      (error: Error) => error.message,
    )
    expect(failure).toMatch(
      /^Expected to hear \/press 1\/; the call is over \(completed\) without it\.\nThe call so far:/,
    )
    expect(failure).toContain('answers')
    expect(failure).toContain('hears "Goodbye."')
  })

  test('a flow that goes on without what is expected fails the test when the patience is over', async () => {
    const flow: Flow = async (call) => {
      for (;;) await call.say('Please hold the line.')
    }
    await using phone = await testCall(flow)
    await expect(phone.hears(/agent/, { withinMs: 30_000 })).rejects.toThrow(
      /Expected to hear \/agent\/; 30000 ms passed[\s\S]*hears "Please hold the line\."/,
    )
    phone.hangsUp()
    expect(await phone.outcome).toMatchObject({ reason: 'callee-hung-up' })
  })

  test('what a flow throws is told, with its file', async () => {
    const flow: Flow = async (call) => {
      await call.say('Hello.')
      throw new RangeError('no such day')
    }
    await using phone = await testCall(flow)
    await expect(phone.hears(/day/)).rejects.toThrow(
      /flow-failed; the flow threw RangeError: no such day[\s\S]*test-call\.test\.ts:\d+[\s\S]*hears "Hello\."/,
    )
  })

  test('a text that is cut off counts as not heard, and the transcript says that it began', async () => {
    const flow: Flow = async (call) => {
      await call.say('This is a sentence that takes a while to be said.')
    }
    await using phone = await testCall(flow)
    await phone.waits(1500)
    phone.hangsUp()
    await expect(phone.hears(/sentence/)).rejects.toThrow('callee-hung-up')
    expect(phone.transcript).toContain('hears the beginning of "This is a sentence')
    expect(await phone.outcome).toMatchObject({ status: 'partly-heard' })
  })

  test('a text that was interrupted and said again is heard when it was said again', async () => {
    const flow: Flow = async (call) => {
      const prompt = 'This is a sentence that takes a while to be said.'
      const said = call.say(prompt)
      setTimeout(() => {}, 0)
      await call.say('').catch(() => {})
      said.interrupt()
      await call.say(prompt)
    }
    await using phone = await testCall(flow)
    await phone.hears(/said\.$/)
    await expect(phone.hears(/said/)).rejects.toThrow('without it')
  })

  test('a key that is pressed when a text has been heard meets what the flow does next', async () => {
    const flow: Flow = async (call) => {
      await call.say('Hello.')
      const { digits } = await call.gather({ say: 'What now?' })
      await call.say(`You pressed ${digits}.`)
    }
    await using phone = await testCall(flow)
    await phone.hears('Hello.')
    phone.press('4')
    await phone.hears('You pressed 4.')
    expect(phone.transcript).not.toContain('What now?')
  })

  test('words are heard by a flow that listens, and by no other', async () => {
    const flow: Flow = async (call) => {
      await call.say('Wait.')
      const { speech } = await call.gather({ say: 'Which one?', speech: ['the first one', 'the second one'] })
      await call.say(`You want ${speech}.`)
    }
    await using phone = await testCall(flow)
    phone.says('the first one')
    await phone.hears('Which one?')
    phone.says('the  second one')
    await phone.hears('You want the second one.')
    expect(phone.transcript).toMatch(/says "the first one", and nobody listens\n[\s\S]*says "the {2}second one"\n/)
    expect(phone.faults).toEqual([])
    expect(() => phone.says(' ')).toThrow('Expected words')
    await phone.outcome
    expect(() => phone.says('hello')).toThrow('the call is over')
  })

  test('a prompt that a key silenced is told as begun, before what follows', async () => {
    const flow: Flow = async (call) => {
      await call.gather({ say: 'This is a rather long question, is it not?' })
      await call.say('Thank you.')
    }
    await using phone = await testCall(flow)
    await phone.waits(1500)
    phone.press('1')
    await phone.hears('Thank you.')
    expect(phone.transcript).toMatch(/presses 1\n.*the beginning of "This is a rather.*\n.*hears "Thank you\."/)
  })

  test('several may wait at once', async () => {
    await using phone = await testCall(greet)
    const [outcome] = await Promise.all([phone.outcome, phone.waits(100_000), phone.hears('office')])
    expect(outcome).toMatchObject({ status: 'heard' })
  })

  test('whoever acts when the call is over is told so', async () => {
    await using phone = await testCall(greet)
    await phone.outcome
    expect(() => phone.press('1')).toThrow(/to press 1; the call is over \(completed\)[\s\S]*Goodbye/)
    expect(() => phone.hangsUp()).toThrow('to hang up; the call is over')
    expect(() => phone.press('x')).toThrow('Expected keys')
  })

  test.each(['busy', 'no-answer', 'failed'] as const)(
    'a phone that does not answer (%s) has an outcome',
    async (answer) => {
      await using phone = await testCall(greet, { answer })
      expect((await phone.outcome).status).toBe(answer)
      await expect(phone.hears(/hello/i)).rejects.toThrow('without it')
    },
  )

  test('a flow that never does anything ends by the limits of the call, and hears() does not hang', async () => {
    const flow: Flow = () => new Promise(() => {})
    await using phone = await testCall(flow)
    await expect(phone.hears(/x/)).rejects.toThrow('the call is over (idle)')
    expect(await phone.outcome).toMatchObject({ reason: 'idle' })
  })

  test('time stands still while a flow writes a file, and the flow has returned when the outcome is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callbridge-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'lines')
    const flow: Flow = async (call) => {
      try {
        for (let line = 0; line < 20; line++) await appendFile(file, `${line}\n`)
        await sleep(40)
        await call.say('Written.')
        await call.say('Hang up now, please.')
      } finally {
        await appendFile(file, 'over\n')
      }
    }
    await using phone = await testCall(flow, { settings: { IDLE_TIMEOUT_MS: '1000' } })
    await phone.hears(/Written/)
    phone.hangsUp()
    expect(await phone.outcome).toMatchObject({ reason: 'callee-hung-up' })
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(22)
  })

  describe('the recognizer', () => {
    const asking: Flow = async (call) => {
      for (;;) {
        const { digits, speech, deaf } = await call.gather({
          say: 'Yes or no?',
          speech: ['yes', 'no'],
          digits: 1,
          choices: ['1'],
          timeoutMs: 20_000,
        })
        if (speech ?? digits) await call.say(`You said ${speech ?? digits}${deaf ? ', which I cannot hear' : ''}.`)
        if (digits) return
      }
    }

    test('hears two answers in a row, each when its last word was said', async () => {
      await using phone = await testCall(asking)
      await phone.hears('no?')
      phone.says('yes')
      await phone.hears('You said yes.')
      await phone.hears('no?')
      phone.says('no no no')
      await phone.hears('You said no.')
      phone.press('1')
      await phone.hears('You said 1.')
      expect(phone.transcript).not.toContain('nobody listens')
      expect(phone.faults).toEqual([])
    })

    test.each([{ HEARING_MODEL: 'flux-general-en' }, { HEARING_PROVIDER: 'async' }] satisfies Readonly<
      Record<string, string>
    >[])('is the one that the settings choose: %o', async (settings) => {
      await using phone = await testCall(asking, { settings })
      for (const word of ['yes', 'no']) {
        await phone.hears('Yes or no?')
        phone.says(`${word} please`)
        await phone.hears(`You said ${word}.`)
      }
      await phone.hears('no?')
      await phone.waits(1_000)
      phone.deafens()
      await phone.waits(7_000)
      phone.press('1')
      await phone.hears('You said 1, which I cannot hear.')
      expect(phone.transcript).not.toContain('nobody listens')
      expect(phone.faults).toEqual([])
    })

    test('hears all who listen: a question with phrases, and who listens besides', async () => {
      const flow: Flow = async (call) => {
        const words: string[] = []
        call.on('speech', (text) => words.push(text))
        const { speech } = await call.gather({ say: 'Yes or no?', speech: ['yes', 'no'] })
        await call.pause(1_000)
        await call.say(`You said ${speech}, or in full: ${words.join(', ')}.`)
      }
      await using phone = await testCall(flow)
      await phone.hears('no?')
      phone.says('yes of course')
      await phone.hears('You said yes, or in full: yes of course.')
    })

    test('that dies in the middle of a word leaves the keys', async () => {
      await using phone = await testCall(asking)
      await phone.hears('no?')
      phone.says('yes yes yes')
      await phone.waits(500)
      phone.deafens()
      // What was understood of it by then is an answer.
      await phone.hears('You said yes.')
      await phone.hears('no?')
      await phone.waits(7_000)
      phone.says('yes')
      await phone.waits(1_000)
      phone.press('1')
      await phone.hears('You said 1, which I cannot hear.')
      expect(phone.transcript).toMatch(/\(the recognizer dies\)[\s\S]*says "yes", and nobody listens/)
    })

    test('is not there where the settings say so', async () => {
      await using phone = await testCall(asking, { settings: { HEARING_PROVIDER: 'none' } })
      await phone.hears('no?')
      phone.says('yes')
      phone.press('1')
      await phone.hears('which I cannot hear')
    })

    test('is not connected to by a flow that never listens', async () => {
      await using phone = await testCall(greet)
      phone.says('hello')
      await phone.outcome
      expect(phone.transcript).toContain('says "hello", and nobody listens')
    })
  })

  test('who a call is transferred to answers as was asked for', async () => {
    const flow: Flow = async (call) => {
      await call.say('One moment.')
      await call.transfer('+15551230100', { otherwise: 'Nobody is there.' })
    }
    await using phone = await testCall(flow, { phones: { '+15551230100': 'busy' } })
    await phone.hears('Nobody is there.')
    expect(await phone.outcome).toMatchObject({ transfer: { ended: 'busy' } })
  })

  test('the same call gives the same transcript, a hundred times at once', async () => {
    const flow: Flow = async (call) => {
      await call.gather({ say: 'This is a question. Is it not?', speech: ['it is', 'no'], timeoutMs: 9_000 })
      await call.gather({ say: 'Press two keys, please.', digits: 2 })
      await call.pause(60_000)
      await call.say('Goodbye.')
    }
    const play = async () => {
      await using phone = await testCall(flow)
      await phone.hears('question')
      phone.says('well it is')
      await phone.hears('keys')
      await phone.waits(2_500)
      phone.press('12')
      await phone.outcome
      expect(phone.faults).toEqual([])
      return phone.transcript
    }
    const transcripts = await Promise.all(Array.from({ length: 100 }, play))
    expect(new Set(transcripts)).toEqual(new Set([await play()]))
    expect(transcripts[0]).toContain('presses 2')
  })
})
