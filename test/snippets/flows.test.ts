import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { reminder } from '../../src/flows/reminder.ts'
import { testCall } from '../../src/simulator/test-call.ts'
import myFlow from './flows/dentist.ts'
import hello from './flows/hello.ts'

test('docs/flows.md: the first form', async () => {
  await using phone = await testCall(hello, { parameters: { name: 'Ada' } })
  await phone.hears('Hello Ada. This is the dentist. Goodbye.')
  expect(await phone.outcome).toMatchObject({ status: 'heard' })
})

test('a visit is moved to Thursday', async () => {
  await using phone = await testCall(myFlow, { parameters: { name: 'Ada' } })
  await phone.hears(/to move it, press 2/i)
  phone.press('2')
  await phone.hears('On which day')
  phone.press('2')
  await phone.hears(/expected on Thursday.*Goodbye/)
  expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '22' })
})

test('a visit is moved by word of mouth, when the patient calls', async () => {
  await using phone = await testCall(myFlow, { direction: 'inbound' })
  await phone.hears('press 2')
  phone.press('2')
  await phone.hears('On which day')
  phone.says('on tuesday please')
  await phone.hears('You are expected on Tuesday.')
})

test('an appointment is moved to Friday', async () => {
  await using phone = await testCall(reminder, { parameters: { name: 'Ada', days: 'Monday,Friday' } })
  await phone.hears('Hello Ada')
  await phone.hears('press 2')
  phone.press('2')
  await phone.hears('For Friday, press 2.')
  phone.press('2')
  await phone.hears('moved to Friday. Goodbye.')
  expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '22' })
})

test('who presses nothing keeps the appointment, and who hangs up as well', async () => {
  await using silent = await testCall(myFlow)
  await silent.hears('See you tomorrow.')

  await using rude = await testCall(myFlow)
  await rude.hears('Hello')
  rude.hangsUp()
  expect(await rude.outcome).toMatchObject({ reason: 'callee-hung-up' })
})

test('docs/flows.md: a flow with something to tidy up', async () => {
  const lines: string[] = []
  const line = { book: (seat: string) => lines.push(seat), free: (seat: string) => lines.push(`not ${seat}`) }

  const booking: Flow = async (call) => {
    line.book('A1')
    let confirmed = false
    try {
      confirmed = (await call.gather({ say: 'Press 1 to book seat A 1.', choices: ['1'] })).digits === '1'
    } finally {
      if (!confirmed) line.free('A1')
    }
  }

  await using phone = await testCall(booking)
  await phone.hears('Press 1')
  phone.hangsUp()
  await phone.outcome
  expect(lines).toEqual(['A1', 'not A1'])
})

test('docs/flows.md: a flow that listens while it speaks', async () => {
  const patient: Flow = async (call) => {
    const words: string[] = []
    const leave = call.hears ? call.on('speech', (text) => words.push(text)) : () => {}
    await call.say('Tell me all about it. I have a long story of my own to tell meanwhile.')
    await call.pause(3_000)
    leave()
    await call.say(words.length > 0 ? `You said: ${words.join(' ')}.` : 'You said nothing.')
  }

  await using phone = await testCall(patient)
  await phone.hears('all about it')
  phone.says('my tooth aches')
  await phone.hears('You said: my tooth aches.')

  await using silent = await testCall(patient)
  await silent.hears('You said nothing.')
})
