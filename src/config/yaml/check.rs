//! Readers that say, with the place, what a value had to be.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;

/// The code of messages such as `` `tags` must be a list of texts, found a number ``.
const CODE: &str = "wrong-type";

impl Yaml {
    /// A text; any other value is reported. Null is `None` without a word.
    pub fn text(&self, name: &str, bag: &Bag) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => self.mismatch(name, "a text", bag),
        }
    }

    /// A text, or a scalar that stands for one (`version: 1.0`), as Python would print it.
    pub fn scalar_text(&self, name: &str, bag: &Bag) -> Option<String> {
        match &self.data {
            Data::Null => None,
            Data::List(_) | Data::Map(_) => self.mismatch(name, "a text", bag),
            _ => Some(self.printed().into_owned()),
        }
    }

    /// True or false, also as a text (`"true"`, what a template leaves).
    pub fn flag(&self, name: &str, bag: &Bag) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            Data::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Data::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.mismatch(name, "true or false", bag),
        }
    }

    /// A whole number, also as a text of digits.
    pub fn int(&self, name: &str, bag: &Bag) -> Option<i64> {
        let found = match &self.data {
            Data::Int(value) => i64::try_from(*value).ok(),
            Data::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        found.or_else(|| self.mismatch(name, "a whole number", bag))
    }

    /// The items of a list; any other value is reported and gives none.
    pub fn list(&self, name: &str, bag: &Bag) -> &[Yaml] {
        match &self.data {
            Data::List(items) => items,
            _ => self.mismatch(name, "a list", bag).unwrap_or(&[]),
        }
    }

    /// The entries of a mapping; any other value is reported and gives none.
    pub fn map(&self, name: &str, bag: &Bag) -> &[(Yaml, Yaml)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => self.mismatch(name, "a mapping", bag).unwrap_or(&[]),
        }
    }

    /// A list of texts, or one text that counts as a list of one.
    pub fn texts(&self, name: &str, bag: &Bag) -> Vec<String> {
        const WANTED: &str = "a list of texts";
        match &self.data {
            Data::Text(text) => vec![text.clone()],
            Data::List(items) => items
                .iter()
                .filter_map(|item| match &item.data {
                    Data::Text(text) => Some(text.clone()),
                    Data::Null | Data::List(_) | Data::Map(_) => {
                        bag.add(item.wrong_type(name, WANTED));
                        None
                    }
                    _ => Some(item.printed().into_owned()),
                })
                .collect(),
            _ => self.mismatch(name, WANTED, bag).unwrap_or_default(),
        }
    }

    /// The message that this value, of the key `name`, had to be something else.
    pub fn wrong_type(&self, name: &str, wanted: &str) -> Diagnostic {
        Diagnostic::error(
            CODE,
            format!("`{name}` must be {wanted}, found {}", self.kind()),
        )
        .at(self.place())
    }

    fn mismatch<T>(&self, name: &str, wanted: &str, bag: &Bag) -> Option<T> {
        if !self.is_null() {
            bag.add(self.wrong_type(name, wanted));
        }
        None
    }
}
