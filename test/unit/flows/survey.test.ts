import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { surveyInto } from '../../../src/flows/survey.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

function survey() {
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'new', 'survey.jsonl')
  const lines = (): unknown[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line): unknown => JSON.parse(line))
      : []
  return { flow: surveyInto(join(folder, 'new'), () => Date.UTC(2026, 0, 5, 12)), lines }
}

const parameters = { id: 'customer 7', questions: 'Was it warm? | Was it quick?' }
const warm = { question: 'Was it warm?', answer: 4 }

describe('survey', () => {
  test('each callee who answers is a line', async () => {
    const { flow, lines } = survey()
    for (const quick of [5, 1]) {
      await using phone = await testCall(flow, { parameters })
      await phone.hears('Was it warm?')
      phone.press('4')
      await phone.hears('Was it quick?')
      phone.press(String(quick))
      await phone.hears('Thank you. Goodbye.')
      await phone.outcome
    }
    const line = (quick: number) => ({
      at: '2026-01-05T12:00:00.000Z',
      id: 'customer 7',
      answers: [warm, { question: 'Was it quick?', answer: quick }],
      complete: true,
    })
    expect(lines()).toEqual([line(5), line(1)])
  })

  test('who hangs up in the middle leaves what was answered', async () => {
    const { flow, lines } = survey()
    await using phone = await testCall(flow, { parameters })
    await phone.hears('Was it warm?')
    phone.press('4')
    await phone.hears('Was it quick?')
    phone.hangsUp()
    await phone.outcome
    expect(lines()).toMatchObject([{ answers: [warm], complete: false }])
  })

  test('who answers nothing leaves no line', async () => {
    const { flow, lines } = survey()
    await using phone = await testCall(flow, { parameters: { questions: 'Was it warm?|' } })
    await phone.hears('Was it warm?')
    phone.press('9')
    await phone.hears('from 1 to 5. Was it warm?')
    await phone.hears('Thank you. Goodbye.')
    await phone.outcome
    expect(lines()).toEqual([])
  })

  test('without questions of its own it asks two', async () => {
    const { flow } = survey()
    await using phone = await testCall(flow)
    await phone.hears('How content were you')
    phone.press('3')
    await phone.hears('recommend us')
  })
})
