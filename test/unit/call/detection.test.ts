import { expect, test } from 'vitest'
import { createDetection } from '../../../src/call/detection.ts'
import { createTimeline } from '../../../src/call/events.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

function stage(asked: { awaitVerdict: boolean; awaitBeep?: boolean }) {
  const clock = createSteppedClock()
  const timeline = createTimeline(() => clock.now())
  const detection = createDetection(clock, timeline, asked)
  detection.answered(clock.now())
  return { clock, detection, types: () => timeline.events.map(({ type }) => type) }
}

test.each([
  ['human', 'person'],
  ['machine_start', 'machine'],
  ['machine_end_beep', 'machine'],
  ['machine_end_silence', 'machine'],
  ['machine_end_other', 'machine'],
  ['fax', 'fax'],
  ['unknown', null],
] as const)('%s answered', async (verdict, answerer) => {
  const { detection, types } = stage({ awaitVerdict: true })
  const told = detection.answerer()
  detection.says(verdict)
  expect(await told).toBe(answerer)
  expect(types()).toEqual(answerer === 'machine' ? ['voicemail'] : [])
})

test('the first verdict counts, however many come', async () => {
  const { detection, types } = stage({ awaitVerdict: true })
  detection.says('machine_end_beep')
  detection.says('human')
  detection.says('machine_end_other')
  expect([detection.answeredBy(), await detection.answerer()]).toEqual(['machine_end_beep', 'machine'])
  expect(types()).toEqual(['voicemail'])
})

test.each([
  [false, 10_000],
  [true, 55_000],
])('a verdict is waited for so long, from the answer on (at the end of a greeting: %s)', async (awaitBeep, dueMs) => {
  const { clock, detection } = stage({ awaitVerdict: true, awaitBeep })
  let told: unknown = 'nothing'
  void detection.answerer().then((who) => (told = who))
  await clock.advance(dueMs - 1)
  expect(told).toBe('nothing')
  await clock.advance(1)
  expect(told).toBeNull()
})

test('what was not asked for is not waited for', async () => {
  const { detection } = stage({ awaitVerdict: false })
  expect(await detection.answerer()).toBeNull()
})
