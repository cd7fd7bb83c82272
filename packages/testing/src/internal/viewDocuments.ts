/** Documents for the suite of the view store port. */
import type { ViewStore } from "@kanau/views"

export const encoder = new TextEncoder()

export const document = (
  view: string,
  id: string,
  version: bigint,
  rest: Partial<ViewStore.ViewDocument> = {}
): ViewStore.ViewDocument => ({
  view,
  id,
  version,
  revision: Number(version % 1000n),
  derivedAt: 1_700_000_000_123,
  etag: `"${id.length}-${version}"`,
  bytes: encoder.encode(JSON.stringify({ id, version: String(version) })),
  fields: { title: `title of ${version}`, rank: 1.5, nsfw: false, none: null, tags: ["a", "b"], scores: [1, 2] },
  deleted: false,
  ...rest
})

export const tombstone = (view: string, id: string, version: bigint): ViewStore.ViewDocument =>
  document(view, id, version, { deleted: true, bytes: new Uint8Array(), fields: {} })
