// Reads the requests of a test, answers each, writes the answers. What every script of this folder does.

class Refused extends Error {}

// Calls `answer` with each request; it resolves to an object or throws Refused. Anything else thrown is a defect of the
// script and ends it.
async function answerEach(answer) {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const answers = [];
  for (const request of JSON.parse(Buffer.concat(chunks).toString())) {
    try {
      answers.push(await answer(request));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answers.push({ refused: error.message });
    }
  }
  process.stdout.write(JSON.stringify(answers));
}

module.exports = { Refused, answerEach };
