//! Random expressions for the document of the table, which are XPath 1.0 by how they are made.

/// A generator that gives the same expressions for the same seed.
pub struct Random {
    state: u64,
}

const NAMES: [&str; 11] =
    ["d:a", "d:n", "d:b", "d:r", "p:a", "d:t", "d:x", "z", "p:*", "d:*", "d:nope"];

/// Those from nodes that are no attributes; what `libxml2` takes as before or behind an attribute
/// is not what section 2.2 says.
const AXES: [&str; 11] = [
    "child",
    "descendant",
    "descendant-or-self",
    "parent",
    "ancestor",
    "ancestor-or-self",
    "following",
    "following-sibling",
    "preceding",
    "preceding-sibling",
    "self",
];

const COMPARISONS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// `SplitMix64`.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % end
    }

    fn one_of(&mut self, of: &[&str]) -> String {
        of[self.below(of.len())].to_owned()
    }

    /// An expression that does not depend on where it starts.
    pub fn expression(&mut self) -> String {
        match self.below(4) {
            0 => self.nodes(3, false),
            1 => self.number(3, false),
            2 => self.text(3, false),
            _ => self.boolean(3, false),
        }
    }

    /// Any value; `inside` of a predicate there is a context node.
    fn value(&mut self, depth: usize, inside: bool) -> String {
        match self.below(6) {
            0 => self.number(depth, inside),
            1 => self.text(depth, inside),
            2 => self.boolean(depth, inside),
            _ => self.nodes(depth, inside),
        }
    }

    fn nodes(&mut self, depth: usize, inside: bool) -> String {
        if depth > 0 && self.below(6) == 0 {
            let (left, right) = (self.path(depth - 1, inside), self.path(depth - 1, inside));
            return match self.below(2) {
                0 => format!("{left} | {right}"),
                _ => format!("({left} | {right}){}", self.predicate(depth - 1)),
            };
        }
        self.path(depth, inside)
    }

    fn path(&mut self, depth: usize, inside: bool) -> String {
        let mut path = match self.below(if inside { 4 } else { 2 }) {
            0 => "/".to_owned(),
            1 => "//".to_owned(),
            2 => "./".to_owned(),
            _ => String::new(),
        };
        let steps = 1 + self.below(3);
        for step in 0..steps {
            if step > 0 {
                path += &self.one_of(&["/", "/", "//"]);
            }
            path += &self.step();
            if depth > 0 && self.below(3) == 0 {
                path += &self.predicate(depth - 1);
            }
        }
        if depth > 0 && self.below(5) == 0 {
            path = format!("({path}){}", self.predicate(depth - 1));
        }
        if self.below(6) == 0 {
            path +=
                &self.one_of(&["/@*", "/@id", "/@p:at", "/@xml:lang", "/@*/..", "/attribute::b"]);
        }
        path
    }

    fn step(&mut self) -> String {
        let axis = match self.below(2) {
            0 => String::new(),
            _ => self.one_of(&AXES) + "::",
        };
        let test = match self.below(8) {
            0 => "node()".to_owned(),
            1 => "text()".to_owned(),
            2 | 3 => "*".to_owned(),
            _ => self.one_of(&NAMES),
        };
        axis + &test
    }

    fn predicate(&mut self, depth: usize) -> String {
        let inner = match self.below(6) {
            0 => self.one_of(&["1", "2", "3", "last()", "last() - 1", "1.5", "0"]),
            1 => {
                let comparison = self.one_of(&COMPARISONS);
                format!("position() {comparison} {}", self.number(depth, true))
            }
            2 => self.number(depth, true),
            3 => self.nodes(depth, true),
            _ => self.boolean(depth, true),
        };
        format!("[{inner}]")
    }

    fn number(&mut self, depth: usize, inside: bool) -> String {
        if depth == 0 {
            return match self.below(if inside { 4 } else { 2 }) {
                2 => "position()".to_owned(),
                3 => "last()".to_owned(),
                _ => self.one_of(&["0", "1", "2", "3", "9", "10", "0.5", "-1", "(0 div 0)"]),
            };
        }
        let depth = depth - 1;
        match self.below(8) {
            0 => format!("count({})", self.nodes(depth, inside)),
            1 => format!("sum({})", self.nodes(depth, inside)),
            2 => format!("number({})", self.value(depth, inside)),
            3 => format!("string-length({})", self.text(depth, inside)),
            4 => {
                let function = self.one_of(&["floor", "ceiling", "round", "-"]);
                format!("{function}({})", self.number(depth, inside))
            }
            // By powers of two, so that a quotient has few digits, of which libxml2 writes 15.
            5 => format!("({} div 2)", self.number(depth, inside)),
            _ => {
                let operator = self.one_of(&["+", "-", "*", "mod"]);
                let left = self.number(depth, inside);
                format!("({left} {operator} {})", self.number(depth, inside))
            }
        }
    }

    fn text(&mut self, depth: usize, inside: bool) -> String {
        if depth == 0 {
            return self.one_of(&["''", "'a'", "'one'", "'10'", "' 8 '", "'en'", "\"tail\""]);
        }
        let depth = depth - 1;
        match self.below(9) {
            0 => format!("string({})", self.value(depth, inside)),
            1 => {
                let function = self.one_of(&["local-name", "namespace-uri", "name"]);
                format!("{function}({})", self.nodes(depth, inside))
            }
            2 => format!("normalize-space({})", self.text(depth, inside)),
            3 => {
                let function = self.one_of(&["substring-before", "substring-after"]);
                let text = self.text(depth, inside);
                format!("{function}({text}, {})", self.text(depth, inside))
            }
            4 => {
                let (text, start) = (self.text(depth, inside), self.number(depth, inside));
                format!("substring({text}, {start}, {})", self.number(depth, inside))
            }
            5 => format!("substring({}, {})", self.text(depth, inside), self.number(depth, inside)),
            6 => {
                let (text, from) = (self.text(depth, inside), self.text(depth, inside));
                format!("translate({text}, {from}, {})", self.text(depth, inside))
            }
            _ => {
                let text = self.text(depth, inside);
                format!("concat({text}, {})", self.value(depth, inside))
            }
        }
    }

    fn boolean(&mut self, depth: usize, inside: bool) -> String {
        if depth == 0 {
            return self.one_of(&["true()", "false()"]);
        }
        let depth = depth - 1;
        match self.below(8) {
            0 => format!("not({})", self.value(depth, inside)),
            1 => format!("boolean({})", self.value(depth, inside)),
            2 => {
                let function = self.one_of(&["contains", "starts-with"]);
                let text = self.text(depth, inside);
                format!("{function}({text}, {})", self.text(depth, inside))
            }
            3 => {
                let operator = self.one_of(&["and", "or"]);
                let left = self.boolean(depth, inside);
                format!("({left} {operator} {})", self.boolean(depth, inside))
            }
            4 if inside => format!("lang({})", self.text(depth, inside)),
            _ => {
                let comparison = self.one_of(&COMPARISONS);
                let left = self.value(depth, inside);
                format!("({left} {comparison} {})", self.value(depth, inside))
            }
        }
    }
}
