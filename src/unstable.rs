//! What the programs, benches and tests of this project use of its inside. Nothing of it is promised
//! to anybody else: it changes without a word. Each name that they need stands here, so that the
//! compiler still tells what nobody uses; a new one is a line.
#![allow(missing_docs, reason = "each item says what it is where it is defined")]

pub mod check {
    pub use crate::check::{check_sources, load};
    pub mod scenario {
        pub use crate::check::scenario::{Options, check_source, load};
    }
}
pub mod cli {
    pub mod mock {
        pub use crate::cli::mock::run;
    }
    pub mod test {
        pub use crate::cli::test::run;
    }
}
pub mod control {
    pub use crate::control::Control;
}
pub mod exchange {
    pub use crate::exchange::{Answer, Handler, Request, TransportFailure};
}
pub mod expression {
    pub use crate::expression::parse;
}
pub mod harness {
    pub use crate::harness::mutation::mutations;
}
pub mod import {
    pub use crate::import::{Format, openapi, requests};
}
pub mod ledger {
    pub use crate::ledger::{Contents, OpenError, contents};
}
pub mod load {
    pub use crate::load::load_plans;
}
pub mod mock {
    pub use crate::mock::Mock;
    pub mod example {
        pub use crate::mock::example::run;
    }
    pub mod session {
        pub use crate::mock::session::Start;
    }
}
pub mod model {
    pub use crate::model::{
        Additional, Evidence, Failure, Place, Route, Schema, Segment, Service, Tree, Type, Verb,
        transitions,
    };
    pub mod keyword {
        pub use crate::model::keyword::{Context, Fixed};
    }
}
pub mod plan {
    pub use crate::plan::{Plan, compile};
}
pub mod random {
    pub use crate::random::Random;
}
pub mod report {
    pub use crate::report::RunReport;
    pub mod coverage {
        pub use crate::report::coverage::{Coverage, Group, ItemKind, coverage};
        pub mod terminal {
            pub use crate::report::coverage::terminal::text;
        }
    }
    pub mod github {
        pub use crate::report::github::github;
    }
    pub mod html {
        pub use crate::report::html::html;
    }
    pub mod json {
        pub use crate::report::json::json;
    }
    pub mod junit {
        pub use crate::report::junit::junit;
    }
    pub mod markdown {
        pub use crate::report::markdown::markdown;
    }
    pub mod snippet {
        pub use crate::report::snippet::render;
    }
    pub mod tap {
        pub use crate::report::tap::tap;
    }
    pub mod terminal {
        pub use crate::report::terminal::{failure_text, summary};
    }
}
pub mod run {
    pub use crate::run::{Budget, Options, Runner, Target};
    pub mod event {
        pub use crate::run::event::{
            Difference, Lack, Mismatch, MismatchKind, ReceivedResponse, SHOWN_BODY, SentRequest,
            Stage, StepKind, StepResult, Transitions, TrialResult, Verdict,
        };
    }
    pub mod mask {
        pub use crate::run::mask::Mask;
    }
    pub mod pair {
        pub use crate::run::pair::{
            Captured, IGNORED_HEADERS, Ignore, Known, Likeness, Observed, Pair, compare,
        };
    }
}
pub mod scenario {
    pub use crate::scenario::{
        Action, Call, CaptureFrom, Expected, ExpectedKind, Given, Matcher, OnTarget, RawBody,
        Scenario, Selector, Status, Step, Suite,
    };
}
pub mod selector {
    pub mod json_path {
        pub use crate::selector::json_path::compile;
    }
    pub mod xpath {
        pub use crate::selector::xpath::compile;
    }
}
pub mod serve {
    #[cfg(feature = "tls")]
    pub use crate::serve::ServerTls;
    pub use crate::serve::{ServeOptions, Server, runtime};
}
pub mod state {
    pub use crate::state::{
        Changes, CollectionLayout, Conflict, IndexLayout, Layout, MemoryStore, Store, View,
    };
}
pub mod syntax {
    pub use crate::syntax::{Node, Problems, parse};
}
pub mod value {
    pub use crate::value::{ArithmeticError, Decimal, Map, Number, Record, Shape, Value};
}
pub mod wire {
    pub use crate::wire::{DEEPEST, Decoded, Limits, Position, Wire};
    pub mod deep_object {
        pub use crate::wire::deep_object::DeepForm;
    }
    pub mod encoding {
        pub use crate::wire::encoding::Encoding;
    }
    pub mod form {
        pub use crate::wire::form::Form;
    }
    pub mod json {
        pub use crate::wire::json::Json;
    }
    pub mod multipart {
        pub use crate::wire::multipart::parts;
    }
    pub mod soap {
        pub use crate::wire::soap::open;
    }
    pub mod xml {
        pub use crate::wire::xml::{
            Declaration, Element, EmptyStyle, NilStyle, Node, Xml, decode_element,
        };
    }
}
