// The same for word filters of npm: `words.cjs FOLDER`.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROUNDS = 7;
const folder = process.argv[2];
const lines = (name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean);
const ours = (module) => module.default || module;

function measure(name, find, messages) {
  let best = Infinity;
  let found = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = process.hrtime.bigint();
    found = messages.reduce((sum, message) => sum + find(message), 0);
    best = Math.min(best, Number(process.hrtime.bigint() - began) / messages.length / 1000);
  }
  console.log(`${name}\t${best.toFixed(3)}\t${found}`);
}

const phrases = lines('phrases.txt');
const messages = lines('messages.txt');

const FastScanner = ours(require('fastscan'));
const scanner = new FastScanner(phrases);
measure('fastscan', (text) => scanner.search(text).length, messages);

const Mint = ours(require('mint-filter'));
const mint = new Mint(phrases);
measure('mint-filter', (text) => mint.filter(text).words.length, messages);

const SensitiveWordTool = ours(require('sensitive-word-tool'));
const tool = new SensitiveWordTool({ wordList: phrases });
measure('sensitive-word-tool', (text) => tool.match(text).length, messages);
