// One JSON value from the standard input, one to the standard output.

export async function answer(respond) {
  let text = "";
  for await (const piece of process.stdin) text += piece;
  process.stdout.write(JSON.stringify(await respond(JSON.parse(text))));
}
