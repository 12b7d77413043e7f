// JWE by jose. The requests and answers are those of python/jwe.py.

const jose = require("jose");
const { Refused, answerEach } = require("./answers.cjs");

const verbs = {
  async pair({ kid }) {
    const { privateKey, publicKey } = await jose.generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
    return {
      private: { ...(await jose.exportJWK(privateKey)), kid },
      public: { ...(await jose.exportJWK(publicKey)), kid, use: "enc", alg: "ECDH-ES" },
    };
  },

  async thumbprint({ public: jwk }) {
    return { thumbprint: await jose.calculateJwkThumbprint(jwk) };
  },

  async seal({ public: jwk, header, plaintext }) {
    const { apu, apv, ...rest } = header;
    const sealing = new jose.CompactEncrypt(Buffer.from(plaintext, "hex")).setProtectedHeader(rest);
    const parties = {};
    if (apu !== undefined) parties.apu = Buffer.from(apu, "base64url");
    if (apv !== undefined) parties.apv = Buffer.from(apv, "base64url");
    sealing.setKeyManagementParameters(parties);
    return { jwe: await sealing.encrypt(await jose.importJWK(jwk, header.alg)) };
  },

  async open({ private: jwk, jwe }) {
    const only = { keyManagementAlgorithms: ["ECDH-ES"], contentEncryptionAlgorithms: ["A256GCM"] };
    try {
      const opened = await jose.compactDecrypt(jwe, await jose.importJWK(jwk, "ECDH-ES"), only);
      return { plaintext: Buffer.from(opened.plaintext).toString("hex") };
    } catch (error) {
      if (error instanceof jose.errors.JOSEError) throw new Refused(error.code);
      throw error;
    }
  },
};

answerEach((request) => verbs[request.do](request));
