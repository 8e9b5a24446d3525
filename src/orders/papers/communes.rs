use std::collections::BTreeMap;

use crate::kernel::{Error, Result, Tx};
use crate::places::{self, CommuneCode};

/// Names of communes, each asked for once.
#[derive(Default)]
pub struct Communes(BTreeMap<String, String>);

impl Communes {
    pub fn name(&mut self, tx: &mut Tx<'_>, code: &str) -> Result<String> {
        if let Some(name) = self.0.get(code) {
            return Ok(name.clone());
        }
        let commune = CommuneCode::parse(code).ok_or_else(|| Error::internal("a paper of nowhere"))?;
        let name = places::names(tx, &commune)?.name;
        self.0.insert(code.to_owned(), name.clone());
        Ok(name)
    }
}
