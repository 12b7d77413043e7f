// Two servers: the vault operator's, with the field and its headers as `headers.json` has them, and the merchant's, with
// the policy that the field's README recommends to it. They are of two sites, so the browser keeps them in two processes.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const SOURCES = new URL("../../../vault/client/browser/", import.meta.url);
export const readSource = (name) => readFileSync(new URL(name, SOURCES), "utf8");
export const headers = JSON.parse(readSource("headers.json"));
export const integrity = JSON.parse(readSource("integrity.json"));

/** `state.keys` and `state.answers` may be changed at any time; `requests` are those that came in. */
export async function serveField() {
  const state = { keys: [], merchants: "'none'", answers: {}, requests: [] };
  const server = await serve("127.0.0.1", (request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    const name = new URL(request.url, "http://field").pathname.slice(1);
    if (state.answers[name]) return state.answers[name](response);
    const own = headers.files[name];
    if (own === undefined) return response.writeHead(404).end();
    for (const [header, value] of Object.entries({ ...headers.every, ...own })) {
      response.setHeader(header, value.replace("{merchants}", state.merchants));
    }
    response.end(name === "keys.json" ? JSON.stringify({ keys: state.keys }) : readSource(name));
  });
  return { ...server, state };
}

/** A page with something to focus before and after the field, and `shop` to drive it. */
export async function serveMerchant(field, host = "localhost") {
  const requests = [];
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${field.origin}`,
    `frame-src ${field.origin}`,
    "style-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
  const pages = {
    "/": ["text/html; charset=utf-8", page(field)],
    "/shop.js": ["text/javascript; charset=utf-8", shop(field)],
    "/shop.css": ["text/css; charset=utf-8", SHOP_STYLE],
    "/empty": ["text/html; charset=utf-8", "<!doctype html><title>Empty</title>"],
  };
  const server = await serve(host, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const [type, text] = pages[request.url.split("?")[0]] ?? [];
    if (type === undefined) return response.writeHead(204).end();
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy }).end(text);
  });
  return { ...server, requests };
}

const page = (field) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Shop</title>
  <link rel="stylesheet" href="/shop.css">
  <link rel="modulepreload" href="${field.origin}/strongroom.js" integrity="${integrity["strongroom.js"]}" crossorigin>
  <script type="module" src="/shop.js"></script>
</head>
<body>
  <main>
    <h1>Pay 42.00</h1>
    <label>E-mail <input id="before" autocomplete="email"></label>
    <div id="card"></div>
    <button id="pay">Pay</button>
  </main>
</body>
</html>`;

const shop = (field) => `
import { mountCardField } from "${field.origin}/strongroom.js";

const shop = { states: [], entered: 0, answers: [], mountCardField };
shop.mount = async (options) => {
  const onChange = (state) => shop.states.push(state);
  const onEnter = () => { shop.entered += 1; };
  const fieldUrl = "${field.origin}/field.html";
  shop.field = mountCardField(document.getElementById("card"), { fieldUrl, onChange, onEnter, ...options });
  await shop.field.ready;
};
shop.submit = async () => {
  try {
    shop.answers.push(await shop.field.submit());
  } catch (error) {
    shop.answers.push({ refused: error.code ?? String(error), errors: error.errors, name: error.name });
  }
  return shop.answers.at(-1);
};
document.getElementById("pay").addEventListener("click", shop.submit);
window.shop = shop;
`;

const SHOP_STYLE = `
body { margin: 0; background: #f3f5f8; color: #16202e; font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
main { box-sizing: border-box; max-width: 26rem; margin: 2rem auto; padding: 1.75rem; border-radius: 14px; background: #fff;
  box-shadow: 0 1px 2px #16202e1a, 0 12px 32px #16202e14; }
h1 { margin: 0 0 1rem; font-size: 1.375rem; }
label { display: block; margin: 0 4px 1rem; font-size: .875rem; font-weight: 500; }
label input { display: block; box-sizing: border-box; width: 100%; height: 46px; margin-top: .375rem; padding: 0 .875rem;
  border: 1px solid #8490a0; border-radius: 8px; font: inherit; }
button { width: calc(100% - 8px); height: 48px; margin: 1rem 4px 0; border: 0; border-radius: 8px; background: #1f5fbf; color: #fff;
  font: inherit; font-weight: 600; }
`;

async function serve(host, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://${host}:${server.address().port}`, close };
}
