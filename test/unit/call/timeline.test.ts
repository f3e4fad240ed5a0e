import { expect, test } from 'vitest'
import { createTimeline } from '../../../src/call/events.ts'
import { tellRendering } from '../../../src/call/rendering-events.ts'
import { timelineOf } from '../../../src/call/timeline-entry.ts'

test('of what the cache found only the latest count is kept, however many sentences a call has', () => {
  const timeline = createTimeline(() => 0)
  const tell = tellRendering(timeline)
  const live: unknown[] = []
  timeline.watch((event) => void (event.type === 'cache' && live.push([event.hits, event.shared, event.misses])))
  timeline.report({ type: 'dialling' })
  for (let sentence = 0; sentence < 300; sentence++) tell({ type: 'cache', provider: 'async', result: 'miss' })
  tell({ type: 'prepared', provider: 'async', audioMs: 1200 })
  tell({ type: 'cache', provider: 'async', result: 'hit' })
  tell({ type: 'connected', provider: 'async' })
  timeline.report({ type: 'ended', reason: 'completed' })
  tell({ type: 'cache', provider: 'async', result: 'shared' })
  expect(live).toHaveLength(301)
  expect(timelineOf(timeline.events)).toEqual([
    { sequence: 1, at: '1970-01-01T00:00:00.000Z', type: 'dialling' },
    { sequence: 302, at: '1970-01-01T00:00:00.000Z', type: 'prepared', audioMs: 1200 },
    { sequence: 303, at: '1970-01-01T00:00:00.000Z', type: 'cache', hits: 1, shared: 0, misses: 300 },
    { sequence: 304, at: '1970-01-01T00:00:00.000Z', type: 'ended', reason: 'completed' },
  ])
})

test('of the progress of playback only the latest is kept, whatever was heard meanwhile', () => {
  const timeline = createTimeline(() => 0)
  timeline.report({ type: 'streaming' })
  for (const heardMs of [250, 500, 750]) {
    timeline.report({ type: 'progress', heardMs, sentMs: 1000, complete: true })
    timeline.report({ type: 'heard', heardMs })
  }
  expect(timeline.events.map(({ type, sequence }) => `${sequence} ${type}`)).toEqual([
    '1 streaming',
    '3 heard',
    '5 heard',
    '6 progress',
    '7 heard',
  ])
  expect(timeline.events[3]).toEqual({
    type: 'progress',
    atMs: 0,
    sequence: 6,
    heardMs: 750,
    sentMs: 1000,
    complete: true,
  })
})
