//! `send`.

use std::sync::Arc;

use super::{Describe, Part};
use crate::model::stage::{Stage, staged};
use crate::model::{OperationId, Service, Text, Tree};

staged! {
    /// Puts a message into the outbox.
    pub struct Send {
        /// Such as `email`.
        pub channel: Text<S>,
        /// Which message it is.
        pub name: Text<S>,
        /// The recipient.
        pub to: Text<S>,
        /// What it carries.
        pub data: Tree<S>,
        /// What can be followed.
        pub links: Vec<Link<S>>,
        /// The HTTP request that it is, if it is one.
        pub request: Option<Delivery<S>>,
    }
}

staged! {
    /// A link in a message.
    pub struct Link {
        /// Its name.
        pub name: Arc<str>,
        /// What runs when somebody GETs it.
        pub operation: OperationId,
        /// With which parameters.
        pub parameters: Vec<(Arc<str>, Tree<S>)>,
    }
}

staged! {
    /// The HTTP request that a message is.
    pub struct Delivery {
        /// Its method.
        pub method: Arc<str>,
        /// Its headers, by their names.
        pub headers: Vec<(Arc<str>, Text<S>)>,
        /// Its body.
        pub text: Option<Text<S>>,
        /// After which durations it is tried again.
        pub retry: Arc<[Arc<str>]>,
    }
}

impl<S: Stage> Describe<S> for Send<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let given = self.links.iter().flat_map(|link| &link.parameters);
        let given = given.map(|(_, tree)| tree);
        std::iter::once(&self.data).chain(given).map(Part::Tree).collect()
    }

    fn change(&self, _: &Service) -> Option<String> {
        let mut words = vec!["send"];
        words.extend(
            [&self.channel, &self.name]
                .into_iter()
                .filter_map(|text| text.constant())
                .map(|text| &**text),
        );
        Some(words.join(" "))
    }
}
