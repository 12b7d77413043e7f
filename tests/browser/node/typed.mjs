// Types each card in each turn, with the keys that are served in that turn; answers with the JWEs, turn by turn.

import { launch, openShop } from "./checkout.mjs";
import { answer } from "./questions.mjs";

await answer(async ({ turns, cards }) => {
  const browser = await launch();
  const shop = await openShop(browser);
  try {
    await shop.mount({ securityCode: true, holder: "required" });
    const answers = [];
    for (const keys of turns) {
      shop.field.state.keys = keys;
      const jwes = [];
      for (const card of cards) {
        await shop.typeCard(card);
        const { jwe, refused, errors } = await shop.submit();
        if (refused !== undefined) throw new Error(`${refused} ${JSON.stringify(errors)}`);
        jwes.push(jwe);
      }
      answers.push(jwes);
    }
    return answers;
  } finally {
    await shop.close();
    await browser.close();
  }
});
