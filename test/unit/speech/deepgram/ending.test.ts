import { expect, test } from 'vitest'
import { endingIfSilent, type Habit, isConfirmed, type Progress } from '../../../../src/speech/deepgram/ending.ts'

const asked: Progress = {
  expectedMs: 1000,
  audioBytes: 0,
  audioAt: undefined,
  askedAt: 100,
  flushedAt: undefined,
  ignoredAt: undefined,
}
const whole = { audioBytes: 8000, audioAt: 2000 }
const half = { audioBytes: 7999, audioAt: 2000 }

const cases: Record<string, [Partial<Progress>, Habit, object | undefined]> = {
  'text may still follow': [{ askedAt: undefined, ...half }, 'unknown', undefined],
  'no audio for 10 s has stalled': [{}, 'last', { atMs: 10_100, kind: 'stalled' }],
  'silence of 5 s amid the text has stalled': [half, 'last', { atMs: 7000, kind: 'stalled' }],
  'the Flush came after all the audio so far': [{ ...half, askedAt: 3000 }, 'last', { atMs: 8000, kind: 'stalled' }],
  'enough audio without Flushed is done after 3 s': [whole, 'last', { atMs: 5000, kind: 'done' }],
  'nothing that could be heard is done after 3 s': [{ expectedMs: 0 }, 'last', { atMs: 3100, kind: 'done' }],
  'Flushed after enough audio is done at once where it is the last': [
    { ...whole, flushedAt: 2100 },
    'last',
    { atMs: 2100, kind: 'done' },
  ],
  'after 0.3 s while that is not known': [{ ...whole, flushedAt: 2100 }, 'unknown', { atMs: 2400, kind: 'done' }],
  'after 1.5 s where audio followed it before': [{ ...whole, flushedAt: 2100 }, 'early', { atMs: 3600, kind: 'done' }],
  'audio after Flushed puts the end off': [
    { ...whole, flushedAt: 2100, audioAt: 2600 },
    'early',
    { atMs: 4100, kind: 'done' },
  ],
  'Flushed after too little audio is done after 3 s': [
    { ...half, flushedAt: 2100 },
    'last',
    { atMs: 5100, kind: 'done' },
  ],
  'Flushed without audio has stalled after 3 s': [{ flushedAt: 2100 }, 'last', { atMs: 5100, kind: 'stalled' }],
  'a Flush that is ignored is waited for 10 s': [
    { askedAt: undefined, ignoredAt: 200 },
    'last',
    { atMs: 10_200, kind: 'never-flushed' },
  ],
  'unless there is enough audio': [
    { ...whole, askedAt: undefined, ignoredAt: 200 },
    'last',
    { atMs: 5000, kind: 'done' },
  ],
  'but not later than without it': [{ flushedAt: 9000 }, 'last', { atMs: 10_100, kind: 'stalled' }],
}

test.each(Object.entries(cases))('%s', (_name, [progress, habit, expected]) => {
  expect(endingIfSilent({ ...asked, ...progress }, habit)).toEqual(expected)
})

test.each<[string, Partial<Progress>, Habit, boolean]>([
  ['Flushed after enough audio', { ...whole, flushedAt: 2100 }, 'last', true],
  ['also where that is not known to be the last', { ...whole, flushedAt: 2100 }, 'unknown', true],
  ['not where audio followed it before', { ...whole, flushedAt: 2100 }, 'early', false],
  ['not after too little audio', { ...half, flushedAt: 2100 }, 'last', false],
  ['not without Flushed', whole, 'last', false],
])('the end is confirmed: %s', (_name, progress, habit, expected) => {
  expect(isConfirmed({ ...asked, ...progress }, habit)).toBe(expected)
})
