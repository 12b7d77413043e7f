"""Reads the requests of a test, answers each, writes the answers. What every script of this folder does."""

import json
import sys


class Refused(Exception):
    """The implementation refuses, which is an answer."""


def answer_each(answer):
    """Calls `answer` with each request; it returns a dictionary or raises Refused. Anything else raised is a defect of the
    script and ends it with a traceback."""
    answers = []
    for request in json.load(sys.stdin):
        try:
            answers.append(answer(request))
        except Refused as refused:
            answers.append({"refused": str(refused)})
    json.dump(answers, sys.stdout)
