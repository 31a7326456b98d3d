"""Compares formulas: a calculator for what learners type, and the points at which two formulas are tried.

Tightest first: numbers, names, calls and parentheses; `^` or `**` from the right; `||`, parallel resistors; `*` and
`/`; `+` and `-`. Values are complex, as pairs of real and imaginary part. What cannot be read is wrong.
"""

import math

LONGEST = 10000
DEEPEST = 64
ROUNDING = 1e-10
MASK = (1 << 64) - 1
NAN = (math.nan, math.nan)
ZERO, ONE, UNIT = (0.0, 0.0), (1.0, 0.0), (0.0, 1.0)


class Unreadable(Exception):
    """The formula does not follow the grammar, or names what nobody knows."""


# Tokens


def is_digit(text, at):
    return at < len(text) and "0" <= text[at] <= "9"


def digits(text, at):
    while is_digit(text, at):
        at += 1
    return at


def number_end(text, at):
    end = digits(text, at)
    count = end - at
    if text[end : end + 1] == ".":
        after = digits(text, end + 1)
        count += after - end - 1
        end = after
    if count == 0:
        raise Unreadable()
    if text[end : end + 1] in ("e", "E"):
        exponent = end + 2 if text[end + 1 : end + 2] in ("+", "-") else end + 1
        if is_digit(text, exponent):
            end = digits(text, exponent)
    return end


def name_end(text, at):
    while at < len(text) and (text[at].isalnum() or text[at] == "_"):
        at += 1
    while text[at : at + 1] == "'":
        at += 1
    return at


def tokens(text):
    """Pairs of kind and value; an operator is its own kind."""
    if len(text) > LONGEST:
        raise Unreadable()
    found, at = [], 0
    while at < len(text):
        sign = text[at]
        if sign.isspace() and sign not in "\x1c\x1d\x1e\x1f":
            at += 1
        elif text[at : at + 2] in ("**", "||"):
            found.append(("^" if sign == "*" else "||", None))
            at += 2
        elif sign in "+-*/^()\u2212":
            found.append(("-" if sign == "\u2212" else sign, None))
            at += 1
        elif sign == "." or "0" <= sign <= "9":
            end = number_end(text, at)
            value = float(text[at:end])
            percent = text[end : end + 1] == "%"
            found.append(("number", value / 100.0 if percent else value))
            at = end + percent
        elif sign.isalpha() or sign == "_":
            end = name_end(text, at)
            found.append(("name", text[at:end]))
            at = end
        else:
            raise Unreadable()
    return found


# Arithmetic; nothing raises, what has no value is not finite


def divided(a, b):
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def tried(function, *values):
    try:
        return function(*values)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def log(x):
    return -math.inf if x == 0.0 else tried(math.log, x)


def sinh(x):
    value = tried(math.sinh, x)
    return math.copysign(value, x) if math.isinf(value) else value


def whole(x):
    return math.isfinite(x) and x == math.floor(x)


def finite(z):
    return math.isfinite(z[0]) and math.isfinite(z[1])


def modulus(z):
    return math.hypot(z[0], z[1])


def add(a, b):
    return (a[0] + b[0], a[1] + b[1])


def subtract(a, b):
    return (a[0] - b[0], a[1] - b[1])


def negative(z):
    # a negative zero would turn the branch of a root
    return (-z[0], 0.0 if z[1] == 0.0 else -z[1])


def scale(z, by):
    return (z[0] * by, z[1] * by)


def multiply(a, b):
    if b[1] == 0.0:
        return scale(a, b[0])
    if a[1] == 0.0:
        return scale(b, a[0])
    return (a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0])


def divide(a, b):
    if b[1] == 0.0:
        return (divided(a[0], b[0]), 0.0 if a[1] == 0.0 else divided(a[1], b[0]))
    if abs(b[0]) >= abs(b[1]):
        ratio = divided(b[1], b[0])
        size = b[0] + b[1] * ratio
        return (divided(a[0] + a[1] * ratio, size), divided(a[1] - a[0] * ratio, size))
    ratio = divided(b[0], b[1])
    size = b[0] * ratio + b[1]
    return (divided(a[0] * ratio + a[1], size), divided(a[1] * ratio - a[0], size))


def reciprocal(z):
    return divide(ONE, z)


def square_root(z):
    if z[1] == 0.0:
        return (tried(math.sqrt, z[0]), 0.0) if not z[0] < 0.0 else (0.0, math.sqrt(-z[0]))
    size = modulus(z)
    side = math.copysign(tried(math.sqrt, max((size - z[0]) / 2.0, 0.0)), z[1])
    return (tried(math.sqrt, max((size + z[0]) / 2.0, 0.0)), side)


def exponential(z):
    size = tried(math.exp, z[0])
    if z[1] == 0.0:
        return (size, 0.0)
    return (size * tried(math.cos, z[1]), size * tried(math.sin, z[1]))


def logarithm(z):
    return (log(modulus(z)), math.atan2(0.0 if z[1] == 0.0 else z[1], z[0]))


def power(base, exponent):
    if exponent == ZERO:
        return ONE
    if base == ZERO:
        return ZERO if exponent[0] > 0.0 else NAN
    if exponent[1] == 0.0 and base[1] == 0.0 and (base[0] > 0.0 or whole(exponent[0])):
        value = tried(math.pow, base[0], exponent[0])
        odd = base[0] < 0.0 and exponent[0] % 2.0 == 1.0
        return (-abs(value) if odd and math.isinf(value) else value, 0.0)
    if exponent[1] == 0.0 and whole(exponent[0]) and abs(exponent[0]) <= 64.0:
        result = ONE
        for _ in range(int(abs(exponent[0]))):
            result = multiply(result, base)
        return reciprocal(result) if exponent[0] < 0.0 else result
    return exponential(multiply(logarithm(base), exponent))


# Functions


def sine(z):
    if z[1] == 0.0:
        return (tried(math.sin, z[0]), 0.0)
    return (
        tried(math.sin, z[0]) * tried(math.cosh, z[1]),
        tried(math.cos, z[0]) * sinh(z[1]),
    )


def cosine(z):
    if z[1] == 0.0:
        return (tried(math.cos, z[0]), 0.0)
    return (
        tried(math.cos, z[0]) * tried(math.cosh, z[1]),
        -tried(math.sin, z[0]) * sinh(z[1]),
    )


def hyperbolic_sine(z):
    if z[1] == 0.0:
        return (sinh(z[0]), 0.0)
    return (sinh(z[0]) * tried(math.cos, z[1]), tried(math.cosh, z[0]) * tried(math.sin, z[1]))


def hyperbolic_cosine(z):
    if z[1] == 0.0:
        return (tried(math.cosh, z[0]), 0.0)
    return (tried(math.cosh, z[0]) * tried(math.cos, z[1]), sinh(z[0]) * tried(math.sin, z[1]))


def arc_sine(z):
    if z[1] == 0.0 and abs(z[0]) <= 1.0:
        return (math.asin(z[0]), 0.0)
    if z[1] == 0.0:
        return (math.copysign(math.pi / 2.0, z[0]), tried(math.acosh, abs(z[0])))
    return multiply(negative(UNIT), hyperbolic_arc_sine(multiply(UNIT, z)))


def arc_cosine(z):
    if z[1] == 0.0 and abs(z[0]) <= 1.0:
        return (math.acos(z[0]), 0.0)
    return subtract((math.pi / 2.0, 0.0), arc_sine(z))


def arc_tangent(z):
    if z[1] == 0.0:
        return (math.atan(z[0]), 0.0)
    return multiply(negative(UNIT), hyperbolic_arc_tangent(multiply(UNIT, z)))


def hyperbolic_arc_sine(z):
    if z[1] == 0.0:
        return (tried(math.asinh, z[0]), 0.0)
    return logarithm(add(z, square_root(add(multiply(z, z), ONE))))


def hyperbolic_arc_cosine(z):
    if z[1] == 0.0 and z[0] >= 1.0:
        return (tried(math.acosh, z[0]), 0.0)
    return logarithm(add(z, multiply(square_root(add(z, ONE)), square_root(subtract(z, ONE)))))


def hyperbolic_arc_tangent(z):
    if z[1] == 0.0 and abs(z[0]) < 1.0:
        return (math.atanh(z[0]), 0.0)
    if z[1] == 0.0:
        return ((log(abs(1.0 + z[0])) - log(abs(1.0 - z[0]))) / 2.0, math.pi / 2.0)
    return scale(subtract(logarithm(add(ONE, z)), logarithm(subtract(ONE, z))), 0.5)


def factorial(z):
    if z[1] != 0.0 or not whole(z[0]) or not 0.0 <= z[0] <= 170.0:
        return NAN
    return (float(math.factorial(int(z[0]))), 0.0)


FUNCTIONS = {
    "sqrt": square_root,
    "exp": exponential,
    "ln": logarithm,
    "log": logarithm,
    "log2": lambda z: scale(logarithm(z), 1.0 / math.log(2.0)),
    "log10": lambda z: scale(logarithm(z), 1.0 / math.log(10.0)),
    "abs": lambda z: (modulus(z), 0.0),
    "re": lambda z: (z[0], 0.0),
    "im": lambda z: (z[1], 0.0),
    "conj": lambda z: (z[0], -z[1]),
    "fact": factorial,
    "factorial": factorial,
}


def add_trigonometry(ending, sin, cos, arcs):
    """The six functions of a kind, and their inverses as `arc...` and `a...`."""
    sin_arc, cos_arc, tan_arc = arcs
    FUNCTIONS["sin" + ending] = sin
    FUNCTIONS["cos" + ending] = cos
    FUNCTIONS["tan" + ending] = lambda z: divide(sin(z), cos(z))
    FUNCTIONS["sec" + ending] = lambda z: reciprocal(cos(z))
    FUNCTIONS["csc" + ending] = lambda z: reciprocal(sin(z))
    FUNCTIONS["cot" + ending] = lambda z: divide(cos(z), sin(z))
    for start in ("arc", "a"):
        FUNCTIONS[start + "sin" + ending] = sin_arc
        FUNCTIONS[start + "cos" + ending] = cos_arc
        FUNCTIONS[start + "tan" + ending] = tan_arc
        FUNCTIONS[start + "sec" + ending] = lambda z: cos_arc(reciprocal(z))
        FUNCTIONS[start + "csc" + ending] = lambda z: sin_arc(reciprocal(z))
        FUNCTIONS[start + "cot" + ending] = lambda z: tan_arc(reciprocal(z))


add_trigonometry("", sine, cosine, (arc_sine, arc_cosine, arc_tangent))
add_trigonometry(
    "h",
    hyperbolic_sine,
    hyperbolic_cosine,
    (hyperbolic_arc_sine, hyperbolic_arc_cosine, hyperbolic_arc_tangent),
)
CONSTANTS = {"e": (math.e, 0.0), "pi": (math.pi, 0.0), "i": UNIT, "j": UNIT}


# Reading: every method returns a function from variables to a value


class Parser:
    def __init__(self, text):
        self.tokens, self.at, self.depth = tokens(text), 0, 0

    def kind(self, ahead=0):
        at = self.at + ahead
        return self.tokens[at][0] if at < len(self.tokens) else None

    def take(self, kind):
        taken = self.kind() == kind
        self.at += taken
        return taken

    def deeper(self, inner, *values):
        if self.depth == DEEPEST:
            raise Unreadable()
        self.depth += 1
        result = inner(*values)
        self.depth -= 1
        return result

    def whole(self):
        root = self.sum()
        if self.at < len(self.tokens):
            raise Unreadable()
        return root

    def chain(self, part, operators, start):
        """Parts of one precedence, reckoned from the left."""
        parts = [(operators[0][1], part(False))]
        while True:
            for kind, reckon in operators:
                if self.take(kind):
                    parts.append((reckon, part(True)))
                    break
            else:
                break
        if len(parts) == 1:
            return parts[0][1]

        def value(known):
            result = start
            for reckon, one in parts:
                result = reckon(result, one(known))
            return result

        return value

    def sum(self):
        return self.chain(self.product, (("+", add), ("-", subtract)), ZERO)

    def product(self, inner):
        def factor(behind):
            return self.signed(inner or behind)

        return self.chain(factor, (("*", multiply), ("/", divide)), ONE)

    def sign(self):
        """Whether a sign stands here, and which."""
        if self.take("-"):
            return True
        return False if self.take("+") else None

    def refuse_doubt(self, tighter):
        """`3*-2^2` is read in two ways by different calculators: it needs parentheses."""
        if self.kind() == "number" and self.kind(1) in tighter:
            raise Unreadable()

    def turned(self, minus, node):
        return (lambda known: negative(node(known))) if minus else node

    def signed(self, inner):
        minus = self.sign()
        if minus is not None:
            if inner:
                self.refuse_doubt(("^", "||"))
            return self.turned(minus, self.deeper(self.signed, True))
        branches = [self.power()]
        while self.take("||"):
            branches.append(self.deeper(self.branch))
        if len(branches) == 1:
            return branches[0]

        def value(known):
            total = ZERO
            for branch in branches:
                one = branch(known)
                total = add(total, NAN if one == ZERO else reciprocal(one))
            return reciprocal(total)

        return value

    def branch(self):
        minus = self.sign()
        if minus is None:
            return self.power()
        self.refuse_doubt(("^",))
        return self.turned(minus, self.deeper(self.branch))

    def power(self):
        tower = [self.atom()]
        while self.take("^"):
            tower.append(self.deeper(self.exponent))
        if len(tower) == 1:
            return tower[0]

        def value(known):
            result = tower[-1](known)
            for level in reversed(tower[:-1]):
                result = power(level(known), result)
            return result

        return value

    def exponent(self):
        minus = self.sign()
        if minus is None:
            return self.atom()
        self.refuse_doubt(("^",))
        inner = self.deeper(self.exponent) if self.kind() in ("-", "+") else self.power()
        return self.turned(minus, inner)

    def atom(self):
        kind = self.kind()
        if kind == "(":
            return self.parenthesis()
        if kind not in ("number", "name"):
            raise Unreadable()
        given = self.tokens[self.at][1]
        self.at += 1
        if kind == "number":
            return lambda known: (given, 0.0)
        if self.kind() != "(":
            return lambda known: value_of(given, known)
        function = FUNCTIONS.get(given.lower())
        if function is None:
            raise Unreadable()
        inner = self.parenthesis()
        return lambda known: function(inner(known))

    def parenthesis(self):
        self.at += 1
        inner = self.deeper(self.sum)
        if not self.take(")"):
            raise Unreadable()
        return inner


def value_of(name, known):
    variables, case_sensitive = known
    folded = name if case_sensitive else name.lower()
    for variable, value in variables:
        if variable == folded:
            return (value, 0.0)
    if name.isascii() and name.lower() in CONSTANTS:
        return CONSTANTS[name.lower()]
    raise Unreadable()


# Comparing


def shares():
    """SplitMix64, from the same seed every time: numbers from 0 to 1, 1 not included."""
    state = 0x9E3779B97F4A7C15
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        bits = state
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
        bits ^= bits >> 31
        yield (bits >> 11) / (1 << 53)


def readable(text):
    """Whether a formula follows the grammar, whatever its names mean."""
    try:
        Parser(text).whole()
        return True
    except Unreadable:
        return False


def agrees(key, text):
    """Whether a formula has the value of the key's at every point, as near as the tolerance says."""
    try:
        answer = Parser(text).whole()
        right = Parser(key["answer"]).whole()
        by, drawn = float(key["tolerance"]["by"].strip()), shares()
        variables, cased = key["variables"], key["case_sensitive"]
        for _ in range(min(max(key["samples"], 1), 1000) if variables else 1):
            point = []
            for one in variables:
                name = one["name"] if cased else one["name"].lower()
                point.append((name, one["low"] + (one["high"] - one["low"]) * next(drawn)))
            expected, value = right((point, cased)), answer((point, cased))
            leeway = by / 100.0 * modulus(expected) if key["tolerance"]["tolerance"] == "percent" else by
            forgiven = ROUNDING * max(modulus(expected), modulus(value))
            if not finite(value) or not modulus(subtract(value, expected)) <= max(leeway, forgiven):
                return False
        return True
    except Unreadable:
        return False
