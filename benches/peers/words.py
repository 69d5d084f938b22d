"""What word filters of PyPI take to find the same phrases in the same messages: `words.py FOLDER`.

FOLDER has phrases.txt and messages.txt, a line each, as `cargo bench --bench perceive` writes them. Prints a line for
each filter: its name, microseconds a message (the best of several rounds), and how many places it found.
"""

import sys
import time
from pathlib import Path

import ahocorasick
import ahocorasick_rs
from flashtext import KeywordProcessor

ROUNDS = 7


def lines(name):
    return Path(sys.argv[1], name).read_text(encoding="utf-8").splitlines()


def measure(name, find, messages):
    best = None
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = sum(find(message) for message in messages)
        took = (time.perf_counter() - began) / len(messages) * 1e6
        best = took if best is None else min(best, took)
    print(f"{name}\t{best:.3f}\t{found}")


def main():
    phrases, messages = lines("phrases.txt"), lines("messages.txt")

    automaton = ahocorasick.Automaton()
    for phrase in phrases:
        automaton.add_word(phrase, phrase)
    automaton.make_automaton()
    measure("pyahocorasick", lambda text: sum(1 for _ in automaton.iter(text)), messages)

    rust = ahocorasick_rs.AhoCorasick(phrases)
    measure("ahocorasick-rs", lambda text: len(rust.find_matches_as_indexes(text, overlapping=True)), messages)

    # It knows where English words end; without that it finds words inside of a line, too.
    keywords = KeywordProcessor()
    keywords.non_word_boundaries = set()
    keywords.add_keywords_from_list(phrases)
    measure("flashtext", lambda text: len(keywords.extract_keywords(text)), messages)


main()
