//! Pages of the public catalogue kept in memory, each proven fresh before it is shown again.
//!
//! A page is kept with the version of the catalogue that it was made from. A look at the database says whether that is
//! still the version and what can be ordered now; what sold meanwhile, or is sold on other days only, is written into
//! the page. One look serves every request that arrived before it began, so it costs little under load, and nobody is
//! shown anything that was untrue when they asked: what is shown is what the database would have said.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::{OnceCell, Semaphore};

use super::store::{self, Seen};
use super::views::{Available, OfferItem, ShowcaseView};
use crate::kernel::http::{Page, Representation};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Actor, Db, Error, Result, Tx, VariantId};

/// Bytes of all pages together.
const BYTES_MAX: u64 = 24 << 20;
/// Pages expected; only a hint for the size of the index.
const PAGES_EXPECTED: usize = 3_000;
/// A page takes about this many times its text: rows beside the text, and the index.
const SIZE_FACTOR: u64 = 3;
/// Looks at once: the next one is on its way while the answer to the first comes back. More would serve fewer each.
const LOOKS_MAX: usize = 2;
/// Questions longer than this are answered from the database.
const KEY_BYTES_MAX: usize = 300;

/// What a page shows.
#[derive(Clone)]
pub enum Shown {
    List(Page<OfferItem>),
    Product(ShowcaseView),
}

impl Shown {
    fn variants(&self) -> Vec<VariantId> {
        match self {
            Shown::List(page) => page.data.iter().flat_map(OfferItem::variants).copied().collect(),
            Shown::Product(product) => product.variants().collect(),
        }
    }

    fn is_stocked_as(&self, available: &Available) -> bool {
        match self {
            Shown::List(page) => page.data.iter().all(|item| item.is_stocked_as(available)),
            Shown::Product(product) => product.is_stocked_as(available),
        }
    }

    fn restock(&mut self, available: &Available) {
        match self {
            Shown::List(page) => page.data.iter_mut().for_each(|item| item.restock(available)),
            Shown::Product(product) => product.restock(available),
        }
    }

    fn write(&self) -> Result<Representation> {
        match self {
            Shown::List(page) => Representation::new(page),
            Shown::Product(product) => Representation::new(product),
        }
    }
}

struct Kept {
    /// Of the catalogue, read before the page was made.
    version: i64,
    shown: Shown,
    text: Representation,
}

impl Kept {
    fn new(version: i64, shown: Shown) -> Result<Arc<Kept>> {
        let text = shown.write()?;
        Ok(Arc::new(Kept { version, shown, text }))
    }

    /// The same page with another stock.
    fn restocked(&self, available: &Available) -> Result<Arc<Kept>> {
        let mut shown = self.shown.clone();
        shown.restock(available);
        Kept::new(self.version, shown)
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Box<str>, Arc<Kept>> for ByBytes {
    fn weight(&self, key: &Box<str>, kept: &Arc<Kept>) -> u64 {
        let text = key.len().saturating_add(kept.text.size());
        u64::try_from(text).unwrap_or(BYTES_MAX).saturating_mul(SIZE_FACTOR)
    }
}

/// The pages that one process keeps.
pub struct Shelf {
    pages: Cache<Box<str>, Arc<Kept>, ByBytes>,
    looks: Looks,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf { pages: Cache::with_weighter(PAGES_EXPECTED, BYTES_MAX, ByBytes), looks: Looks::default() }
    }
}

impl Shelf {
    /// The page as the database would make it now; `None` when it must be made.
    pub async fn find(&self, db: &Db, key: &str) -> Result<Option<Representation>> {
        let Some(kept) = self.pages.get(key) else { return Ok(None) };
        let seen = self.looks.look(db, &kept).await?;
        if seen.version != kept.version {
            return Ok(None);
        }
        if kept.shown.is_stocked_as(&seen.available) {
            return Ok(Some(kept.text.clone()));
        }
        let restocked = kept.restocked(&seen.available)?;
        self.pages.insert(key.into(), Arc::clone(&restocked));
        Ok(Some(restocked.text.clone()))
    }

    /// Makes a page and keeps it.
    pub async fn make<F>(&self, db: &Db, actor: &Actor, key: &str, mut make: F) -> Result<Representation>
    where
        F: FnMut(&mut Tx<'_>) -> Result<Shown> + Send + 'static,
    {
        let (version, shown) = db
            .read(actor, move |tx| {
                let version = store::version(tx)?;
                Ok((version, make(tx)?))
            })
            .await?;
        let kept = Kept::new(version, shown)?;
        if key.len() <= KEY_BYTES_MAX {
            self.pages.insert(key.into(), Arc::clone(&kept));
        }
        Ok(kept.text.clone())
    }
}

/// A look for everybody who joins before it begins.
#[derive(Default)]
struct Look {
    pages: Mutex<Vec<Arc<Kept>>>,
    seen: OnceCell<Arc<Seen>>,
}

/// Few looks at a time; who comes while they run shares the next one.
struct Looks {
    next: Mutex<Arc<Look>>,
    turns: Semaphore,
}

impl Default for Looks {
    fn default() -> Looks {
        Looks { next: Mutex::default(), turns: Semaphore::new(LOOKS_MAX) }
    }
}

impl Looks {
    /// Sees the database as it is at some moment after the call.
    async fn look(&self, db: &Db, kept: &Arc<Kept>) -> Result<Arc<Seen>> {
        let look = self.join(kept);
        let seen = look.seen.get_or_try_init(|| async {
            let _turn = self.turns.acquire().await.map_err(Error::internal)?;
            let variants = self.begin(&look);
            let today = vietnam_day(db.clock.now());
            Ok(Arc::new(db.glance(move |conn| store::see(conn, &variants, today)).await?))
        });
        seen.await.map(Arc::clone)
    }

    fn join(&self, kept: &Arc<Kept>) -> Arc<Look> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pages = next.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.iter().any(|page| Arc::ptr_eq(page, kept)) {
            pages.push(Arc::clone(kept));
        }
        Arc::clone(&next)
    }

    /// From now on nobody joins this look. A look that failed may begin again, for those who wait for it.
    fn begin(&self, look: &Arc<Look>) -> Vec<VariantId> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&next, look) {
            *next = Arc::default();
        }
        let pages = look.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut variants: Vec<VariantId> = pages.iter().flat_map(|page| page.shown.variants()).collect();
        variants.sort_unstable();
        variants.dedup();
        variants
    }
}
