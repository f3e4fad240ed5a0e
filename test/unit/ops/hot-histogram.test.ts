import { describe, expect, test } from 'vitest'
import { createHotHistogram } from '../../../src/ops/hot-histogram.ts'

const make = () => createHotHistogram({ name: 'h_seconds', help: 'Help.', boundsMs: [0, 10, 1000] })

describe('a histogram', () => {
  test('is told in seconds, in Prometheus’ text format, a bound belonging to its bucket', () => {
    const histogram = make()
    for (const ms of [0, 5, 10, 10.5, 1000, 1001]) histogram.observe(ms)
    expect(histogram.text()).toBe(
      [
        '# HELP h_seconds Help.',
        '# TYPE h_seconds histogram',
        'h_seconds_bucket{le="0"} 1',
        'h_seconds_bucket{le="0.01"} 3',
        'h_seconds_bucket{le="1"} 5',
        'h_seconds_bucket{le="+Inf"} 6',
        'h_seconds_sum 2.0265',
        'h_seconds_count 6',
        '',
      ].join('\n'),
    )
  })

  test('leaves out what is no duration', () => {
    const histogram = make()
    for (const ms of [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) histogram.observe(ms)
    expect(histogram.text()).toContain('h_seconds_sum 0\nh_seconds_count 0')
  })
})
