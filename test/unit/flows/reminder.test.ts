import { describe, expect, test } from 'vitest'
import { reminder } from '../../../src/flows/reminder.ts'
import { testCall } from '../../../src/simulator/test-call.ts'
import { startWorld } from '../../world.ts'

const parameters = { name: 'Ada', appointment: 'your check-up on Tuesday at ten', days: 'Thursday, Friday' }

describe('reminder', () => {
  test('confirmed with 1', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('Hello Ada. This is a reminder of your check-up on Tuesday at ten.')
    phone.press('1')
    await phone.hears('We look forward to seeing you. Goodbye.')
    expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '1' })
  })

  test('moved with 2 to one of the days offered, by its key', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('press 2')
    phone.press('2')
    await phone.hears('For Thursday, press 1. For Friday, press 2.')
    phone.press('2')
    await phone.hears('moved to Friday. Goodbye.')
    expect(await phone.outcome).toMatchObject({ keys: '22' })
  })

  test('moved by word of mouth, in the midst of the offers and with other words around it', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('press 2')
    phone.press('2')
    await phone.hears('For Thursday, press 1.')
    phone.says('well, thursday then')
    await phone.hears('moved to Thursday. Goodbye.')
    expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '2' })
  })

  test('words that are no day are asked after, and the day that is said then counts', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('press 2')
    phone.press('2')
    await phone.hears('Or say the day')
    phone.says('on sunday')
    await phone.hears('We did not understand that. For Thursday, press 1. For Friday, press 2.')
    phone.says('Friday')
    await phone.hears('moved to Friday. Goodbye.')
  })

  test('the day is kept by word of mouth', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('press 2')
    phone.press('2')
    await phone.hears('press 0')
    phone.says('keep it please')
    await phone.hears('stays as it is. Goodbye.')
  })

  test('without a recognizer only keys are offered, and they move it', async () => {
    await using world = await startWorld()
    const steps = [
      { afterAnswerMs: 9_000, press: '2' },
      { afterAnswerMs: 15_000, press: '1' },
    ]
    const to = '+15551230001'
    world.network.phone(to, { steps })
    const call = world.dial(to, '', { parameters }, reminder)
    const { heardText } = await world.until(call.outcome)
    expect(heardText).toContain('moved to Thursday.')
    expect(world.async.spoken.map(({ transcript }) => transcript).join(' ')).not.toContain('say the day')
    expect(call.events.map(({ type }) => type)).not.toContain('trouble')
  })

  test.each(['0', '55', ''])('the day is kept with 0, with keys that are no day, and with none (%s)', async (keys) => {
    await using phone = await testCall(reminder, { parameters, direction: 'inbound' })
    await phone.hears('press 2')
    phone.press('2')
    for (const key of keys) {
      await phone.hears(/press 0|understand that.*press 2/)
      phone.press(key)
    }
    await phone.hears('stays as it is. Goodbye.')
  })

  test('cancelled with 3', async () => {
    await using phone = await testCall(reminder)
    await phone.hears('Hello. This is a reminder of your appointment.')
    await phone.hears('press 3')
    phone.press('3')
    await phone.hears('cancelled. Goodbye.')
  })

  test('who says nothing is asked three times, and keeps the appointment', async () => {
    await using phone = await testCall(reminder, { parameters })
    for (let times = 0; times < 3; times++) await phone.hears('To cancel, press 3.')
    await phone.hears('We did not get an answer')
    expect(await phone.outcome).toMatchObject({ keys: '' })
  })
})
