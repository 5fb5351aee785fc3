"""What single words and phrases of English say about a passage."""

from __future__ import annotations

import re


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


HOOKS = re.compile(
    r"""^(?:
    the\ (?:truth|secret|problem|reason|thing|biggest|most|best|worst|only)|
    here'?s|this\ is\ (?:why|how|what)|what\ if|why|how|imagine|never|always|stop|nobody|no\ one|
    everyone|everybody|most\ people|did\ you\ know|do\ you|have\ you|
    you\ (?:need|have|can|should|will|never|don'?t)|let\ me|listen|look|ask|if\ you|
    the\ day|one\ day|in\ (?:19|20)\d\d|i\ (?:never|was\ wrong|learned|realized|remember|have\ a)|
    we\ (?:choose|chose|need|must|have\ to|had|were)|
    there(?:'s|\ is|\ are)\ (?:one|two|three|only|no)
    )\b""",
    re.VERBOSE,
)
LOOSE_STARTS = word_set(
    """
    and but so or because then also it they he she that this those these them him her which who
    therefore however anyway though although yet nor
    """
)
EMPHASIS = word_set(
    """
    best worst most least never always ever every everything nothing only first last biggest
    greatest huge incredible amazing impossible important critical secret truth wrong right must
    need believe love hate fear dead death free power powerful new world you your yours instead
    against versus but than more less all none nobody everybody everyone zero million billion
    thousand hundred twice double percent why how
    """
)
NUMBER = re.compile(
    r"\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|hundred|"
    r"thousand|million|billion|half|twice)$"
)
STOP_WORDS = word_set(
    """
    a about above after again against all also am an and any are as ask at be because been
    before being below between both but by came can cannot come could did do does doing done
    down during each even every few first for from further gave get give go going gone good got
    had has have having he her here hers herself him himself his how however i if in into is it
    its itself just know last let like made make many may me might more most much must my myself
    never no nor not now of off often on once one only or other our ours out over own people
    really right said same say see shall she should since so some something still such take than
    that the their theirs them then there these they thing things think this those though three
    through time to today too two under until up upon us use very want was way we well went were
    what when where which while who whom why will with within without would year years yes yet
    you your yours
    """
)


def bare(word: str) -> str:
    """Lower case, without the punctuation around it."""
    return word.strip(".,;:!?…\"'“”‘’()[]«»-–—").lower().replace("’", "'")


def is_emphatic(word: str) -> bool:
    return word in EMPHASIS or bool(NUMBER.search(word))


def is_hook(text: str) -> bool:
    return bool(HOOKS.match(text.lower().lstrip("\"'“‘").replace("’", "'")))
