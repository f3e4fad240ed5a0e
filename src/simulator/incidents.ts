/** Something that goes wrong at a known moment. */
export interface IncidentAt<At, What> {
  readonly at: At
  /** The how-manieth of them on its connection, from 1; without it every one. Requests are counted over all. */
  readonly nth?: number
  /** Number of the connection, or of the HTTP request, from 1; without it every one. */
  readonly connection?: number
  readonly what: What
}

/** What is to happen at the n-th `at` of a connection. */
export function incidentsAt<At, What>(
  incidents: readonly IncidentAt<At, What>[],
  at: At,
  nth: number,
  connection: number,
): readonly What[] {
  return incidents
    .filter((it) => it.at === at && (it.nth ?? nth) === nth && (it.connection ?? connection) === connection)
    .map((it) => it.what)
}
