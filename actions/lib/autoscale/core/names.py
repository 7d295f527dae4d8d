"""Names: of groups, of the hosts in them, and of the things that belong to a group."""
from __future__ import annotations

import hashlib
import re
from typing import Iterator

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")

_TRAITS = (
    "able agile amber ample apt azure bold brave brief bright brisk broad calm candid clear clever "
    "cool coral crisp daring deep deft dry eager early easy exact fair fast fine firm fleet fond "
    "frank free fresh full gentle glad golden good grand great green happy hardy high honest ideal "
    "jolly keen kind large late lean light lively loyal lucid lucky merry mild neat new nimble "
    "noble open pale plain polite prime prompt proud pure quick quiet rapid rare ready rich ripe "
    "robust round royal safe sharp shiny silent silver simple sleek smart smooth snug solid sound "
    "spry stable steady still stout strong sunny sure sweet swift tall tender tidy tough trim true "
    "trusty vast vivid warm wide wise witty young zesty"
).split()
_BEASTS = (
    "adder albatross ant antelope badger bat bear beaver bee beetle bison boar bobcat bream buck "
    "buffalo bunting camel carp cat cheetah chough cobra cod condor coot crab crane cricket crow "
    "curlew deer dingo dolphin dove dragonfly duck dunlin eagle eel egret eland elk falcon ferret "
    "finch firefly fox frog gannet gazelle gecko gibbon goat goose grebe grouse gull hare hawk "
    "heron hippo hornet horse hound ibex ibis iguana jackal jaguar jay kestrel kite koala lark "
    "lemur leopard lion lizard llama lobster loon lynx macaw magpie mallard marmot marten mink "
    "mole moose moth mouse mule newt ocelot octopus orca oriole osprey otter owl ox panda panther "
    "parrot pelican perch pigeon pike plover puffin puma python quail rabbit raven ray robin rook "
    "salmon seal shark sheep shrew shrike skink skylark snail snipe sparrow spider squid stag "
    "starling stoat stork swallow swan swift tapir teal tern thrush tiger toad trout turtle viper "
    "vole walrus warbler wasp weasel whale wigeon wolf wombat wren yak zebra"
).split()


def is_label(text: str) -> bool:
    """Whether the text is one DNS label in lower case: what a group or a host may be called."""
    return _LABEL.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Whether the text is a domain name of two labels or more, in lower case."""
    return len(text) <= 200 and _DOMAIN.fullmatch(text) is not None


def host_names(seed: int) -> Iterator[str]:
    """An endless stream of two-word host names, always the same for one seed.

    It steps through all pairs of words once, then through all pairs with a number behind.
    """
    count = len(_TRAITS) * len(_BEASTS)
    stride = next(n for n in range(7919, 7919 + count) if _coprime(n, count))
    turn = 0
    while True:
        place = (seed + turn * stride) % count
        name = f"{_TRAITS[place % len(_TRAITS)]}-{_BEASTS[place // len(_TRAITS)]}"
        yield name if turn < count else f"{name}-{turn // count + 1}"
        turn += 1


def _coprime(a: int, b: int) -> bool:
    while b:
        a, b = b, a % b
    return a == 1


def load_balancer_name(group: str, association: str = "") -> str:
    """What a load balancer of the group's own is called; the main one has no association."""
    return f"asg_{group}_{association}_lb" if association else f"asg_{group}_lb"


def association_of(group: str, load_balancer: str) -> str | None:
    """For which association the group made a load balancer of this name; None: it is none of its
    own. The main one has none: ''."""
    if load_balancer == load_balancer_name(group):
        return ""
    begin, end = f"asg_{group}_", "_lb"
    own = load_balancer.startswith(begin) and load_balancer.endswith(end)
    return load_balancer[len(begin):-len(end)] if own else None


def zone_name(group: str, domain: str) -> str:
    return f"{group}.{domain}"


def key_pair_prefix(group: str) -> str:
    """What the group's own key pairs' names start with; no other group's do (labels have no _)."""
    return f"asg_{group}_"


def key_pair_name(group: str, public_key: str) -> str:
    """The name of the group's key pair for this public key: another key is another name."""
    digest = hashlib.sha256(public_key.strip().encode()).hexdigest()
    return key_pair_prefix(group) + digest[:12]
