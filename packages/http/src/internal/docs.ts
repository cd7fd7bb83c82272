/**
 * The reference page: Scalar, served by ourselves, so that it works without the internet. The script is the one Effect
 * carries; it is large, so it is loaded when the first person asks for it.
 */
import { createHash } from "node:crypto"

/** The script's text. */
export const script = async (): Promise<string> => {
  const [{ HttpApi, HttpApiScalar }, { HttpRouter, HttpServer }, { Layer }] = await Promise.all([
    import("effect/http-api"),
    import("effect/http"),
    import("effect")
  ])
  const { dispose, handler } = HttpRouter.toWebHandler(
    HttpApiScalar.layer(HttpApi.make("docs")).pipe(Layer.provide(HttpServer.layerServices)),
    { disableLogger: true }
  )
  try {
    const page = await (await handler(new Request("http://localhost/docs"))).text()
    const from = page.indexOf("<script>") + "<script>".length
    return page.slice(from, page.indexOf("</script>", from))
  } finally {
    await dispose()
  }
}

/** The page for an OpenAPI document at `/openapi.json`. Its own little script has a hash, as the policy wants. */
export const page = (title: string): { readonly html: string; readonly policy: string } => {
  const start = `Scalar.createApiReference("#reference",${
    JSON.stringify({ url: "/openapi.json", withDefaultFonts: false, telemetry: false, showDeveloperTools: "never" })
  })`
  return {
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${
      title.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`)
    }</title></head>
<body><div id="reference"></div><script src="/docs/reference.js"></script><script>${start}</script></body>
</html>
`,
    // Scalar styles its page from script and shows images from data; everything else stays with us.
    policy: `default-src 'self'; script-src 'self' 'sha256-${
      createHash("sha256").update(start).digest("base64")
    }'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`
  }
}
